"""Signette's routes in an application of Starlette or FastAPI, and names of their routes in signette's.

Theory of operation. Those applications call `matches` and `handle` of a route, or a whole router, and expect their own
classes: they compare the match by identity, look up exception handlers by class, and pass over a route whose
`url_path_for` raises their `NoMatchFound`. So a route returns and raises these classes if the application in the scope
is not signette's. Requests to an application of signette never pass here, unless they raise.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from signette._frameworks import has_own_app, loaded_class
from signette.exceptions import HTTPException, WebSocketException
from signette.routing.matching import Match, NoMatchFound
from signette.types import Scope


def match_for(scope: Scope, match: Match) -> Any:
    """The match as the application in the scope expects it: a member of the enum of its framework."""
    if has_own_app(scope):
        return match
    theirs = loaded_class("starlette.routing", "Match")
    return match if theirs is None else theirs[match.name]


def exception_for(scope: Scope, exc: Exception) -> Exception:
    """The exception, or the equivalent of the application in the scope, so that its handlers respond."""
    if not isinstance(exc, HTTPException | WebSocketException) or has_own_app(scope):
        return exc
    handlers = getattr(scope.get("app"), "exception_handlers", None)
    if isinstance(handlers, Mapping) and any(cls in handlers for cls in type(exc).__mro__ if cls is not Exception):
        return exc  # the application has a handler for signette's class
    theirs: Any = loaded_class("starlette.exceptions", _base_of(exc).__name__)
    if theirs is None:
        return exc
    if isinstance(exc, HTTPException):
        converted: Exception = theirs(exc.status_code, exc.detail, exc.headers)
    else:
        converted = theirs(exc.code, exc.reason)
    converted.__cause__ = exc
    return converted


def _base_of(exc: HTTPException | WebSocketException) -> type[Exception]:
    return HTTPException if isinstance(exc, HTTPException) else WebSocketException


def no_match_found(name: str, path_params: Mapping[str, Any]) -> NoMatchFound:
    """`NoMatchFound`, which is also that of Starlette if it is loaded."""
    theirs = loaded_class("starlette.routing", "NoMatchFound")
    return NoMatchFound(name, path_params) if theirs is None else _shared_class(theirs)(name, path_params)


@lru_cache(maxsize=4)
def _shared_class(theirs: type[Exception]) -> type[NoMatchFound]:
    """A subclass of both exceptions."""

    class SharedNoMatchFound(NoMatchFound, theirs):  # type: ignore[misc, valid-type]  # a class of another package
        def __reduce__(self) -> tuple[Any, ...]:
            return no_match_found, (self.name, dict(self.path_params))

    SharedNoMatchFound.__name__ = SharedNoMatchFound.__qualname__ = NoMatchFound.__name__
    SharedNoMatchFound.__module__ = NoMatchFound.__module__
    return SharedNoMatchFound
