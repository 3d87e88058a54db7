"""The plain application: routes, middleware, handlers of exceptions, a lifespan."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Concatenate

import anyio

from signette._frameworks import shared_class
from signette._http.paths import PERCENT
from signette._overrides import overrides
from signette._per_loop import PerLoop
from signette._scope_keys import LIMITS
from signette.datastructures.state import State
from signette.datastructures.url import URLPath
from signette.direct import DirectStack
from signette.limits import Limits, check_limits, max_body_size_of
from signette.middleware.body_limit import BodyLimit
from signette.middleware.decompression import BodyDecompression
from signette.middleware.errors import ServerErrorMiddleware
from signette.middleware.exceptions import ExceptionMiddleware
from signette.middleware.handlers import HandlerTable, remains
from signette.middleware.registry import Middleware, P, checked
from signette.middleware.request_limits import Rejections, RequestLimits, RequestLimitsMiddleware
from signette.paths import get_route_path
from signette.routing.base import Handler
from signette.routing.decorators import RouteDecorators
from signette.routing.events import EventFunction, EventLifespan, EventMethods, add_events
from signette.routing.lifespan import fail_startup
from signette.routing.routelist import RouteList
from signette.routing.router import Router
from signette.types import ASGIApp, ExceptionHandler, Lifespan, Receive, Scope, Send

# Anyio's own number of threads, for those who set no limits.
_WORKER_THREADS = 40


def _make_limiter(limits: Limits | None) -> anyio.CapacityLimiter:
    return anyio.CapacityLimiter(_WORKER_THREADS if limits is None else limits.worker_threads)


class Application(RouteDecorators, EventMethods):
    """An ASGI application of routes.

    `middleware` wraps them, the first outermost. `exception_handlers` are keyed by status or class of exception; those
    for 500 or `Exception` handle what no other handler did. `lifespan` is an async context manager of the application;
    a mapping that it yields is the state of all requests. `max_body_size` (bytes) limits the body of a request;
    `limits` limits that (`body_bytes`) and more, None nothing. `redirect_slashes`: a path that fits with a slash more
    or less at its end is redirected there.

    Attributes:
        debug: Show a traceback in place of a plain 500: for development only.
        exception_handlers: Exception handlers by status or class.
        limits: Limits of requests; None: of forms only.
        max_body_size: The limit of request bodies in bytes, instead of `limits.body_bytes`.
        state: A `State` for objects of the application.
        router: The `Router` with its routes.
        root_path: The path prefix that a proxy removes, if the server does not pass it. Of the class or of an
            instance.
        user_middleware: The list of middleware.
        middleware_stack: The whole middleware stack; None before the first request.
        reads_path_as_sent: Declares to a `Mount` around it that it accepts any path.
    """

    def __init__(
        self,
        debug: bool = False,
        routes: Sequence[Any] | None = None,
        middleware: Sequence[Middleware] | None = None,
        exception_handlers: Mapping[Any, ExceptionHandler] | None = None,
        lifespan: Lifespan[Any] | None = None,
        *,
        max_body_size: int | None = None,
        limits: Limits | None = None,
        redirect_slashes: bool = True,
        on_startup: Sequence[EventFunction] | None = None,
        on_shutdown: Sequence[EventFunction] | None = None,
    ) -> None:
        check_limits(limits)
        self.debug = debug
        self.state = State()
        self.router = Router(routes, redirect_slashes, lifespan=lifespan)
        add_events(self, on_startup, on_shutdown, stacklevel=2)
        self.exception_handlers: dict[Any, ExceptionHandler] = dict(exception_handlers or {})
        self.user_middleware: list[Middleware] = checked(middleware)
        self.max_body_size = max_body_size_of("the application", max_body_size)
        self.limits = limits
        self.middleware_stack = None
        self._limiters = PerLoop(_make_limiter)

    # To those who mount it: it reads a path as the routes around it do.
    reads_path_as_sent = True

    # Where clients find the application, if a proxy cuts that off and the server does not say so.
    root_path = ""

    @property
    def middleware_stack(self) -> ASGIApp | None:
        """The whole middleware stack; None before the first request."""
        return self._stack

    @middleware_stack.setter
    def middleware_stack(self, stack: ASGIApp | None) -> None:
        self._stack = stack
        self._direct = stack if type(stack) is DirectStack else None

    @property
    def routes(self) -> RouteList:
        """The routes, a live list: what is appended counts from the next request on."""
        return self.router.routes

    def _events(self) -> EventLifespan:
        return self.router._events()

    @property
    def limiter(self) -> anyio.CapacityLimiter:
        """Limits the worker threads of this application, in the running event loop."""
        return self._limiters.get(self.limits)

    def build_middleware_stack(self) -> ASGIApp:
        """The router wrapped in its middleware. Called once, before the first request; subclasses may override it."""
        self._before_first_request()
        handlers = dict(self.exception_handlers)
        # Of the two the later one counts.
        last = [handlers.pop(key) for key in list(handlers) if key in (500, Exception)][-1:]
        table = HandlerTable(handlers)
        limits, max_body_size = self.limits, max_body_size_of("the application", self.max_body_size)
        if limits is not None and max_body_size is None:
            max_body_size = limits.body_bytes
        elif limits is not None:
            limits = replace(limits, body_bytes=max_body_size)
        request_limits = RequestLimits(limits) if limits is not None else None

        is_plain = self.router.is_plain()
        # PERF: what is plain does nothing before its `app`.
        router: ASGIApp = self.router.dispatch if is_plain else self.router
        handled = ExceptionMiddleware(router if request_limits is None else Rejections(router), table)
        # A subclass, or a package for tracing, may wrap this stack, and must find the middleware.
        has_own_stack = overrides(self, Application, "build_middleware_stack")
        app: ASGIApp = handled if has_own_stack else handled._function
        errors_class = shared_class(ServerErrorMiddleware) if has_own_stack else ServerErrorMiddleware
        errors = errors_class(app, last[0] if last else None, self.debug)
        is_direct = not has_own_stack and not self.user_middleware and is_plain
        for cls, args, kwargs in reversed(self.user_middleware):
            # Exceptions of a middleware are handled right outside of it: those further out see a response, as from an
            # endpoint.
            handled = ExceptionMiddleware(cls(app, *args, **kwargs), table)
            app = handled if has_own_stack else handled._function
        if encodings := self.router._encodings():
            app = BodyDecompression(app, encodings)
        if max_body_size is not None or limits is not None:
            app = BodyLimit(app, max_body_size)
        if request_limits is not None:
            app = RequestLimitsMiddleware(app, request_limits)
        errors.app = app
        if not is_direct:
            return errors
        return DirectStack(errors, self.router, table, request_limits, max_body_size, encodings)

    def _before_first_request(self) -> None:
        """What waits until all routes are there; a subclass with routes that wait has something to do here."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: C901, PLR0912, PLR0915 - PERF
        scope["app"] = self
        if self.root_path:
            scope["root_path"] = self.root_path
        stack = await self._begin(scope, receive, send) if self._stack is None else self._stack
        direct = self._direct
        if direct is None or scope["type"] != "http":
            await stack(scope, receive, send)
            return
        # PERF: the direct stack in this frame; what it rejects, prepares or recovers from is left to it. One more
        # coroutine takes 5 % of the smallest request (130 of 2,600 ns), a function that finds the route 2 %.
        runner: Handler | None = None
        values: Sequence[str] = ()
        try:
            limits, path, raw, root_path = direct.limits, scope["path"], scope.get("raw_path"), scope.get("root_path")
            if limits is not None:
                if (query := scope.get("query_string")) and len(query) > limits.harmless_query:
                    limits.check_query(query)
                if len(raw or path) > limits.path_bytes:
                    limits.check_path(scope)
            routes = direct.router.live_routes
            hit, fits_path, index = None, None, routes.http or routes.index_http()
            if not root_path and not (raw and PERCENT in raw):
                # The most common results of `router.find`, which read no header.
                if (matches := index.exact.get(path)) is not None:
                    hit = matches.get(scope["method"])
                else:
                    parent, _, last = path.rpartition("/")
                    if last and (handlers := index.last.get(parent)) is not None and scope["method"] in handlers:
                        hit = handlers[scope["method"]], (last,)
                    elif index.only_walks:
                        _, hit, fits_path = index.walk(path, scope["method"])
            if hit is None:
                if limits is not None:
                    limits.check(scope)
                if root_path:
                    path = get_route_path(scope)
                if fits_path is None:
                    runner, values = direct.router.find(path, scope)
                else:  # what `find` does after `walk`
                    hit = index.wrong_method(path, []) if fits_path else None
                    runner, values = direct.router.missing(path, scope) if hit is None else hit
            else:
                if limits is not None and not hit[0].limits_headers:
                    size, headers = 0, scope.get("headers", ())
                    for name, value in headers:
                        size += len(name) + len(value)
                    too_large = size > limits.header_bytes or len(headers) > limits.header_fields
                    if too_large and not hit[0].does_limit_headers(scope):
                        limits.check(scope)
                runner, values = hit
            if not runner.enforces_limits or LIMITS in scope:
                receive, send = direct.prepare(runner, scope, receive, send)
            await runner.run(scope, receive, send, values)
            if runner.runs_directly and hit is not None and fits_path is None:  # found without a walk
                direct.note(scope, runner)
        except Exception as exc:
            remaining = await direct.recover(exc, scope, receive, send, runner, values)
            if remaining is not None and remains(exc, remaining):
                raise

    async def _begin(self, scope: Scope, receive: Receive, send: Send) -> ASGIApp:
        """The stack, built now, so that a server that starts gets its errors."""
        try:
            self.middleware_stack = stack = self.build_middleware_stack()
        except Exception:
            if scope["type"] == "lifespan":
                await fail_startup(receive, send)
            raise
        return stack

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """The path of the first route that has this name and takes exactly these parameters.

        Raises:
            NoMatchFound: no route has this name and these parameters.
        """
        return self.router.url_path_for(name, **path_params)

    def mount(self, path: str, app: ASGIApp, name: str | None = None, *, escaped_slashes: bool = False) -> None:
        """Add an application below a path. `escaped_slashes` is that of `Mount`."""
        self.router.mount(path, app=app, name=name, escaped_slashes=escaped_slashes)

    def host(self, host: str, app: ASGIApp, name: str | None = None, *, escaped_slashes: bool = False) -> None:
        """Add an application for a host. `escaped_slashes` is that of `Mount`."""
        self.router.host(host, app=app, name=name, escaped_slashes=escaped_slashes)

    def add_route(
        self,
        path: str,
        route: Callable[..., Any],
        methods: Collection[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
    ) -> None:
        """Add a route for an endpoint. The argument is named `route`, as in Starlette; `Router` names it `endpoint`."""
        self.router.add_route(path, route, methods, name, include_in_schema)

    def add_websocket_route(self, path: str, route: Callable[..., Any], name: str | None = None) -> None:
        """Add a route for an endpoint of WebSockets."""
        self.router.add_websocket_route(path, route, name)

    def add_middleware(
        self, middleware_class: Callable[Concatenate[Any, P], ASGIApp], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Put middleware around all that was added so far.

        Raises:
            RuntimeError: a request was handled already.
        """
        if self.middleware_stack is not None:
            raise RuntimeError("Cannot add middleware after an application has started")
        self.user_middleware.insert(0, Middleware(middleware_class, *args, **kwargs))

    def add_exception_handler(self, exc_class_or_status_code: int | type[Exception], handler: ExceptionHandler) -> None:
        """Register a handler. It has an effect before the first request only."""
        self.exception_handlers[exc_class_or_status_code] = handler

    def __getstate__(self) -> dict[str, Any]:
        # The stack holds functions, which another process builds again.
        return {**self.__dict__, "_stack": None, "_direct": None}


# What `DirectCalls` may leave out. A package for monitoring may replace it on the class.
USUAL_CALL = Application.__call__
