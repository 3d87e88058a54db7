"""The middleware and exception handlers of routers, around the routes that applications include.

Theory of operation. Each router has a `RouterStack`, and so has an `include_router` call with such arguments. A route
that is included carries the stacks of the routers around it, the outermost first. They may change until the first
request. Then the binder of the route is compiled, with one level for each stack that has something in it.

The middleware of a stack is made once for each application, however often its router is included. The application
inside of it does not know its route: it finds what to call in the scope, under the stack. At each level the scope has a
table of handlers: those of the router, those of the routers around it, and those of the application. It is used inside
of each middleware, so that all middleware sees responses, as that of an application does.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from signette._scope_keys import ERRORS, HANDLERS, ROUTED
from signette.declarative.binding.wrappers import handlers_of_app, with_error_responses
from signette.declarative.problems.format import ErrorFormatter, Rejection
from signette.declarative.routing.router_stack import RouterStack
from signette.exceptions import RequestValidationError
from signette.middleware.errors import ServerErrorMiddleware
from signette.middleware.handlers import HandlerTable, ScopedHandlers, as_signette_exception, uses_request
from signette.types import ASGIApp, ExceptionHandler, Receive, Scope, Send

Binder = Callable[[Scope, Receive, Send, Sequence[str]], Awaitable[None]]

# Handlers for these respond to errors that no other handler handles, outside of the middleware.
_SERVER_ERRORS = (500, Exception)


class _NoApplication:
    """The key for the stack of a route that is called without an application."""


class NestedHandlers(HandlerTable):
    """Several tables of handlers as one. The first that has a handler for an exception is used."""

    __slots__ = ("tables",)

    def __init__(self, tables: Sequence[HandlerTable]) -> None:
        super().__init__({})
        self.tables = tuple(tables)

    def find(self, exc: Exception) -> ExceptionHandler | None:
        """The handler of the first table that has one."""
        found = (table.find(exc) for table in self.tables)
        return next((handler for handler in found if handler is not None), None)

    def _as_signette_exception(self, exc: Exception) -> Exception:
        own = as_signette_exception(exc)
        if own is exc:
            return exc
        for table in self.tables:
            if getattr(own, "status_code", None) in table.by_status:
                return own
            if any(cls in table.by_class for cls in type(exc).__mro__ if cls is not Exception):
                return exc
        return own


class AppliedStacks:
    """The stacks of a route that have something in them, for one application."""

    def __init__(self, stacks: Sequence[RouterStack], app: Any, error_format: Any) -> None:
        self._stacks = stacks
        self._app = app
        chosen = error_format or getattr(app, "errors", None)
        adapt = (lambda handler: handler) if chosen is None else chosen.adapted
        self._tables: list[NestedHandlers] = []
        tables: list[HandlerTable] = [handlers_of_app(app, error_format)]
        for stack in stacks:
            tables.insert(0, _table_of(stack, adapt))
            self._tables.append(NestedHandlers(tables))

    @property
    def handlers(self) -> NestedHandlers:
        """The handlers of exceptions that the route raises."""
        return self._tables[-1]

    def rejection_handler(self) -> Rejection | None:
        """The response to validation errors, if its handler does not need the request."""
        handler = self.handlers.find(RequestValidationError([]))
        return handler.rejection() if isinstance(handler, ErrorFormatter) else None

    def handlers_read_body(self) -> bool:
        """Whether a handler of a router may read the body."""
        return any(uses_request(each) for stack in self._stacks for each in stack.exception_handlers.values())

    def around(self, binder: Binder, populate_scope: Callable[[Scope, Sequence[str]], None] | None) -> Binder:
        """The binder with the stacks around it. `populate_scope` sets the keys of the route, for the middleware."""
        run = binder
        for stack, table in reversed(list(zip(self._stacks, self._tables, strict=True))):
            stack.start()
            if stack.middleware or any(key in _SERVER_ERRORS for key in stack.exception_handlers):
                run = _level(_built(stack, self._app), table, run)
            elif table is self.handlers:  # else the table of a level further in has its handlers
                run = _with_handlers(run, table)

        async def surrounded(scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> None:
            if populate_scope is not None:
                populate_scope(scope, values)
            outer = {key: scope.get(key) for key in (HANDLERS, ROUTED)}
            try:
                await run(scope, receive, send, values)
            finally:
                _restore(scope, outer)

        return surrounded


def applied_stacks(stacks: Sequence[RouterStack], app: Any, error_format: Any) -> AppliedStacks | None:
    """The stacks that have something in them, if there are any."""
    used = [each for each in stacks if not each.is_empty]
    return AppliedStacks(used, app, error_format) if used else None


def _table_of(stack: RouterStack, adapt: Callable[[Any], Any]) -> HandlerTable:
    table = HandlerTable({})
    table.by_class.clear()  # the defaults are those of the application
    for key, handler in stack.exception_handlers.items():
        if key not in _SERVER_ERRORS:
            table.add(key, adapt(handler))
    return table


def _level(built: "_BuiltStack", table: HandlerTable, inner: Binder) -> Binder:
    async def level(scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> None:
        scope[HANDLERS] = table
        scope[ROUTED] = {**(scope.get(ROUTED) or {}), built: (inner, values)}
        await built.app(scope, receive, send)

    return level


def _with_handlers(binder: Binder, table: HandlerTable) -> Binder:
    handling = with_error_responses(binder, table.handle)

    async def level(scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> None:
        scope[HANDLERS] = table
        await handling(scope, receive, send, values)

    return level


def _built(stack: RouterStack, app: Any) -> "_BuiltStack":
    key = _NoApplication if app is None else app
    built: _BuiltStack | None = stack.instances.get(key)
    if built is None:
        built = stack.instances[key] = _BuiltStack(stack, app)
    return built


class _BuiltStack:
    """The instances of the middleware of a stack. They are around an application that calls the route in the scope."""

    def __init__(self, stack: RouterStack, app: Any) -> None:
        self.app = _with_stack(self._call_route, stack, app)

    async def _call_route(self, scope: Scope, receive: Receive, send: Send) -> None:
        inner, values = scope[ROUTED][self]
        await inner(scope, receive, send, values)


class MountedStack:
    """A stack around a router that handles requests itself."""

    reads_path_as_sent = True

    def __init__(self, stack: RouterStack, app: ASGIApp) -> None:
        self._stack = stack
        self._router = app
        self._built: WeakKeyDictionary[Any, tuple[HandlerTable, ASGIApp]] = WeakKeyDictionary()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_built": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._built = WeakKeyDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = scope.get("app")
        key = _NoApplication if app is None else app
        if key not in self._built:
            chosen = getattr(app, "errors", None)
            table = _table_of(self._stack, (lambda each: each) if chosen is None else chosen.adapted)
            self._built[key] = table, _with_stack(self._router, self._stack, app)
        table, stack = self._built[key]
        if scope["type"] == "lifespan":
            await stack(scope, receive, send)
            return
        outer: HandlerTable | None = scope.get(HANDLERS)
        scope[HANDLERS] = NestedHandlers([table] if outer is None else [table, outer])
        try:
            await stack(scope, receive, send)
        finally:
            _restore(scope, {HANDLERS: outer})


def _with_stack(app: ASGIApp, stack: RouterStack, application: Any) -> ASGIApp:
    app = ScopedHandlers(app)
    for cls, args, kwargs in reversed(stack.middleware):
        # Exceptions of a middleware are handled right outside of it, as in an application.
        app = ScopedHandlers(cls(app, *args, **kwargs))
    last = [handler for key, handler in stack.exception_handlers.items() if key in _SERVER_ERRORS][-1:]
    if not last or getattr(application, "debug", False):
        return app
    errors = getattr(application, "errors", None)
    return _RouterErrors(app, last[0] if errors is None else errors.adapted(last[0]))


class _RouterErrors(ServerErrorMiddleware):
    """Responds to errors without another handler, and raises them again: the server logs them."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        outer = scope.get(ERRORS)
        try:
            await super().__call__(scope, receive, send)
        finally:
            _restore(scope, {ERRORS: outer})


def _restore(scope: Scope, outer: Mapping[str, Any]) -> None:
    for key, value in outer.items():
        if value is None:
            scope.pop(key, None)
        else:
            scope[key] = value
