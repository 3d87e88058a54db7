"""Errors in the middleware and the exception handlers of routers."""

from typing import Any

from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.model import SourceLocation


def not_middleware(location: SourceLocation | str, value: Any) -> SignatureError:
    name = value.__name__ if hasattr(value, "__name__") else type(value).__name__
    return SignatureError(
        location,
        f"`middleware=` takes a list of `Middleware(...)`, not {value!r}",
        f"write `middleware=[Middleware({name}, ...)]`, with the arguments of the class",
    )


def invalid_handler_key(location: SourceLocation | str, key: Any) -> SignatureError:
    word = key.__name__ if isinstance(key, type) else repr(key)
    return SignatureError(
        location,
        f"an exception handler cannot be registered for `{word}`",
        "use a status code such as `404`, or a subclass of `Exception`",
    )


def invalid_handler(location: SourceLocation | str, handler: Any, parameters: str) -> SignatureError:
    name = getattr(handler, "__name__", None) or repr(handler)
    return SignatureError(
        location,
        f"the exception handler `{name}` takes `({parameters})`, but is called with the request and the exception",
        f"write `async def {name}(request: Request, exc: Exception) -> Response`; handlers have no dependencies",
    )


def invalid_middleware_function(location: SourceLocation | str, function: Any, parameters: str) -> SignatureError:
    name = getattr(function, "__name__", None) or repr(function)
    return SignatureError(
        location,
        f"the middleware `{name}` takes `({parameters})`, but is called with the request and the next application",
        f"write `async def {name}(request: Request, call_next) -> Response`; middleware has no dependencies",
    )


def middleware_not_async(location: SourceLocation | str, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"the middleware `{name}` is a `def`, and what it returns is awaited",
        f"write `async def {name}(request: Request, call_next) -> Response`, with `await call_next(request)`",
    )


def cors_of_router(location: SourceLocation | str, name: str) -> SignatureError:
    return SignatureError(
        location,
        f"`{name}` of an included router never runs for preflight requests, because no route matches `OPTIONS`",
        f"add it to the application: `App(middleware=[Middleware({name}, ...)])`, or mount the router",
    )


def middleware_on_custom_route(location: SourceLocation | str, owner: str) -> SignatureError:
    return SignatureError(
        location,
        f"the middleware and exception handlers of the {owner} cannot be applied to a custom route class",
        "use a `Route` or a `Mount`, or mount the router",
    )
