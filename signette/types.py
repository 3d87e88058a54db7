"""Types of ASGI and of the callables that users pass in. Imports nothing of signette.

Also defines `SignetteDeprecationWarning`, as all modules may raise it; users import it from `signette.exceptions`.
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

AppType = TypeVar("AppType")
DecoratedCallable = TypeVar("DecoratedCallable", bound=Callable[..., Any])
"""The function of a decorator that returns it: `Callable[[DecoratedCallable], DecoratedCallable]`."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]

Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

StatelessLifespan = Callable[[AppType], AbstractAsyncContextManager[None]]
StatefulLifespan = Callable[[AppType], AbstractAsyncContextManager[Mapping[str, Any]]]
Lifespan = StatelessLifespan[AppType] | StatefulLifespan[AppType]

# `Any`, as this module cannot import connections and responses, and as a handler takes the exception class that it is
# registered for.
HTTPExceptionHandler = Callable[[Any, Any], Any]
WebSocketExceptionHandler = Callable[[Any, Any], Awaitable[None]]
ExceptionHandler = HTTPExceptionHandler | WebSocketExceptionHandler
ExceptionHandlers = Mapping[int | type[Exception], ExceptionHandler]


class SignetteDeprecationWarning(UserWarning):
    """A feature is deprecated. A subclass of `UserWarning`, which Python shows by default."""
