"""The shapes of ASGI and of the callables that users hand in. The ground floor: imports nothing of signette.

Also the one warning of ours, as the ground floor gives it too; users find it in `signette.exceptions`.
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

AppType = TypeVar("AppType")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]

Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

StatelessLifespan = Callable[[AppType], AbstractAsyncContextManager[None]]
StatefulLifespan = Callable[[AppType], AbstractAsyncContextManager[Mapping[str, Any]]]
Lifespan = StatelessLifespan[AppType] | StatefulLifespan[AppType]

# Any: the ground floor knows neither connections nor responses (they are two floors up).
# And any exception: the key under which a handler is registered says which it is given.
HTTPExceptionHandler = Callable[[Any, Any], Any]
WebSocketExceptionHandler = Callable[[Any, Any], Awaitable[None]]
ExceptionHandler = HTTPExceptionHandler | WebSocketExceptionHandler
ExceptionHandlers = Mapping[int | type[Exception], ExceptionHandler]


class SignetteDeprecationWarning(UserWarning):
    """Something still works and has a better successor. A `UserWarning`, so that it is seen by default."""
