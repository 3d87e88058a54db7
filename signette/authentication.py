"""Authentication backends, users and scopes for `AuthenticationMiddleware`, and `requires` for endpoints."""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec
from urllib.parse import urlencode

from signette.concurrency import is_async_callable
from signette.connection import HTTPConnection
from signette.exceptions import HTTPException
from signette.responses.redirect import RedirectResponse

P = ParamSpec("P")


class AuthenticationError(Exception):
    """Raised by a backend: the credentials of the client are invalid. The message is sent to the client."""


class AuthCredentials:
    """The scopes of a client.

    Attributes:
        scopes: What the client may do: a list of names.
    """

    def __init__(self, scopes: Sequence[str] | None = None) -> None:
        self.scopes = [] if scopes is None else list(scopes)


class BaseUser:
    """Base class of users. Subclasses implement its properties."""

    @property
    def is_authenticated(self) -> bool:
        """Whether the user is authenticated."""
        raise NotImplementedError

    @property
    def display_name(self) -> str:
        """The name to display."""
        raise NotImplementedError

    @property
    def identity(self) -> str:
        """The unique identifier of the user."""
        raise NotImplementedError


class SimpleUser(BaseUser):
    """An authenticated user with a name.

    Attributes:
        username: The name; also its `display_name` and `identity`.
    """

    def __init__(self, username: str) -> None:
        self.username = username

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def display_name(self) -> str:
        return self.username

    @property
    def identity(self) -> str:
        return self.username


class UnauthenticatedUser(BaseUser):
    """An anonymous user."""

    @property
    def is_authenticated(self) -> bool:
        return False

    @property
    def display_name(self) -> str:
        return ""

    @property
    def identity(self) -> str:
        return ""


class AuthenticationBackend:
    """Base class of authentication backends. Subclasses implement `authenticate`."""

    async def authenticate(self, conn: HTTPConnection[Any]) -> tuple[AuthCredentials, BaseUser] | None:
        """The credentials and the user of a connection; None if the client sends no credentials.

        Raises:
            AuthenticationError: the credentials are invalid.
        """
        raise NotImplementedError


def has_required_scope(conn: HTTPConnection[Any], scopes: Sequence[str]) -> bool:
    """Whether the client has all these scopes."""
    granted = conn.auth.scopes
    return all(scope in granted for scope in scopes)


def requires(
    scopes: str | Sequence[str], status_code: int = 403, redirect: str | None = None
) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Decorate an endpoint, sync or async, to require all these scopes.

    Clients without them get `status_code`, or a redirect to the route named `redirect`, with the current URL in the
    query parameter `next`. A WebSocket is closed. The endpoint needs a parameter `request` or `websocket`.

    Raises:
        TypeError: the endpoint has no such parameter.
    """
    required = [scopes] if isinstance(scopes, str) else list(scopes)

    def decorate(func: Callable[P, Any]) -> Callable[P, Any]:
        name, position = _connection_parameter(func)

        def is_allowed(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
            return has_required_scope(kwargs[name] if name in kwargs else args[position], required)

        def reject(args: tuple[Any, ...], kwargs: dict[str, Any]) -> RedirectResponse:
            if redirect is None:
                raise HTTPException(status_code)
            request: HTTPConnection[Any] = kwargs[name] if name in kwargs else args[position]
            query = urlencode({"next": str(request.url)})
            return RedirectResponse(f"{request.url_for(redirect)}?{query}", status_code=303)

        if name == "websocket":

            @functools.wraps(func)
            async def websocket_endpoint(*args: P.args, **kwargs: P.kwargs) -> None:
                if is_allowed(args, kwargs):
                    await func(*args, **kwargs)
                else:
                    websocket: Any = kwargs[name] if name in kwargs else args[position]
                    await websocket.close()

            return websocket_endpoint

        if is_async_callable(func):

            @functools.wraps(func)
            async def async_endpoint(*args: P.args, **kwargs: P.kwargs) -> Any:
                return await func(*args, **kwargs) if is_allowed(args, kwargs) else reject(args, kwargs)

            return async_endpoint

        @functools.wraps(func)
        def endpoint(*args: P.args, **kwargs: P.kwargs) -> Any:
            return func(*args, **kwargs) if is_allowed(args, kwargs) else reject(args, kwargs)

        return endpoint

    return decorate


def _connection_parameter(func: Callable[..., Any]) -> tuple[str, int]:
    """Name and position of the parameter `request` or `websocket`."""
    for position, name in enumerate(inspect.signature(func).parameters):
        if name in {"request", "websocket"}:
            return name, position
    raise TypeError(f'No "request" or "websocket" argument on function "{func}"')
