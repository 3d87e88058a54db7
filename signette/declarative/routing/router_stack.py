"""The middleware and exception handlers that a router has, or an `include_router` call. `applied_stacks` runs them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import Parameter, isfunction, signature, unwrap
from typing import Any, Concatenate
from weakref import WeakKeyDictionary

from signette.concurrency import is_async_callable
from signette.declarative.errors import routers as errors
from signette.declarative.signature.callables import caller_location, location_of
from signette.declarative.signature.model import SourceLocation
from signette.middleware.registry import Middleware, P
from signette.types import ASGIApp, ExceptionHandler, ExceptionHandlers


class RouterStack:
    """The middleware and exception handlers of a router, or of an `include_router` call. Empty for most."""

    def __init__(
        self,
        owner: str,
        middleware: Sequence[Middleware] | None = None,
        exception_handlers: ExceptionHandlers | None = None,
    ) -> None:
        self.owner = owner
        self.middleware: list[Middleware] = checked(middleware)
        self.exception_handlers: dict[Any, ExceptionHandler] = {}
        self.responses: dict[int | str, Any] = {}
        """The responses of handlers that are documented in the operations."""
        self._has_started = False
        self.instances: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
        """The middleware of each application, around what calls the route of a request."""
        for key, handler in (exception_handlers or {}).items():
            self.add_exception_handler(key, handler)

    @property
    def is_empty(self) -> bool:
        return not self.middleware and not self.exception_handlers

    def start(self) -> None:
        """Note that a request is handled: later changes are errors, as they are for an application."""
        self._has_started = True

    def add_middleware(self, cls: Callable[Concatenate[Any, P], ASGIApp], *args: P.args, **kwargs: P.kwargs) -> None:
        """Put middleware around all that was added so far. Raises RuntimeError after the first request."""
        self._check_not_started("middleware")
        self.middleware.insert(0, Middleware(cls, *args, **kwargs))

    def add_exception_handler(
        self, key: int | type[Exception], handler: ExceptionHandler, responses: Mapping[Any, Any] | None = None
    ) -> None:
        """Register a handler. Raises RuntimeError after the first request, and SignatureError for an invalid one."""
        self._check_not_started("an exception handler")
        check_handler(key, handler)
        self.exception_handlers[key] = handler
        self.responses.update(responses or {})

    def _check_not_started(self, what: str) -> None:
        if self._has_started:
            raise RuntimeError(f"cannot add {what} to a router after an application with it has started")

    def check_included(self) -> None:
        """Reject middleware that has no effect around matched routes only. Raises SignatureError."""
        for each in self.middleware:
            check_included(each.cls)

    def reject_use(self, location: SourceLocation) -> None:
        """Reject a route that cannot have middleware. Raises SignatureError, unless the stack is empty."""
        if not self.is_empty:
            raise errors.middleware_on_custom_route(location, self.owner)

    def lines(self) -> list[str]:
        """For `explain`: what is around the route, the outermost first."""
        handlers = [f"  handler  {_key_text(key)}: {name_of(each)}" for key, each in self.exception_handlers.items()]
        around = [f"  around   {middleware_text(each)}" for each in self.middleware]
        return [f"{line} of the {self.owner}" for line in (*handlers, *around)]

    def described(self) -> dict[str, Any]:
        """The same as JSON."""
        handlers = self.exception_handlers.items()
        return {
            "owner": self.owner,
            "middleware": [middleware_text(each) for each in self.middleware],
            "exception_handlers": [{"key": _key_text(key), "handler": name_of(each)} for key, each in handlers],
        }

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "instances": None, "_has_started": False}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.instances = WeakKeyDictionary()


# -- checks ------------------------------------------------------------------------------------------------------------


def checked(middleware: Any) -> list[Middleware]:
    """The list that was passed as `middleware=`. Raises SignatureError if it is not one of `Middleware`."""
    if middleware is None:
        return []
    if not isinstance(middleware, list | tuple):
        raise errors.not_middleware(caller_location(), middleware)
    for each in middleware:
        if not isinstance(each, Iterable) or isinstance(each, str):  # others' `Middleware` unpacks like ours
            raise errors.not_middleware(caller_location(), each)
    return [each if isinstance(each, Middleware) else _own(each) for each in middleware]


def _own(middleware: Iterable[Any]) -> Middleware:
    cls, args, kwargs = middleware
    return Middleware(cls, *args, **kwargs)


def check_included(cls: Any) -> None:
    """Reject a middleware class that has no effect around matched routes only. Raises SignatureError."""
    from signette.middleware.cors import CORSMiddleware  # noqa: PLC0415 - only with middleware

    if isinstance(cls, type) and issubclass(cls, CORSMiddleware):
        raise errors.cors_of_router(caller_location(), cls.__name__)


def check_handler(key: Any, handler: Any) -> None:
    """Reject a key that is no status or exception class, and a handler that cannot be called. Raises SignatureError."""
    location = location_of(handler) if callable(handler) else caller_location()
    is_status = isinstance(key, int) and not isinstance(key, bool) and 100 <= key <= 599
    if not is_status and not (isinstance(key, type) and issubclass(key, Exception)):
        raise errors.invalid_handler_key(location, key)
    if not callable(handler):
        raise errors.invalid_handler(location, handler, "")
    text = _misfit(handler)
    if text is not None:
        raise errors.invalid_handler(location, handler, text)


def check_middleware_function(function: Any) -> None:
    """Reject a function of `@app.middleware("http")` that cannot be called, or is a `def`. Raises SignatureError."""
    text = _misfit(function)
    if text is not None:
        raise errors.invalid_middleware_function(location_of(function), function, text)
    # A lambda and other callables may return what is awaited.
    if isfunction(function) and function.__name__ != "<lambda>" and not is_async_callable(unwrap(function)):
        raise errors.middleware_not_async(location_of(function), function.__name__)


def _misfit(function: Any) -> str | None:
    """The parameters of a function that cannot be called with two arguments."""
    try:
        parameters = signature(function)
    except (TypeError, ValueError):  # of a builtin
        return None
    try:
        parameters.bind(None, None)
    except TypeError:
        return ", ".join(_text(each) for each in parameters.parameters.values())
    return None


def _text(parameter: Parameter) -> str:
    return str(parameter.replace(annotation=Parameter.empty, default=Parameter.empty))


def _key_text(key: Any) -> str:
    return key.__name__ if isinstance(key, type) else str(key)


def name_of(handler: Any) -> str:
    """The name of a function or class; of another object that of its class."""
    return getattr(handler, "__qualname__", None) or type(handler).__name__


def middleware_text(middleware: Middleware) -> str:
    """The call that makes it: `GZipMiddleware(minimum_size=20)`."""
    from signette.declarative.inspection.explain import value_text  # noqa: PLC0415 - few ask for it

    options = (f"{name}={value_text(value)}" for name, value in middleware.kwargs.items())
    return f"{name_of(middleware.cls)}({', '.join([*map(value_text, middleware.args), *options])})"
