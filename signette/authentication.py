"""Who a client is and what it may do, as `AuthenticationMiddleware` finds out and endpoints ask."""

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
    """Raised by a backend: the client says who it is, and that is wrong. The text is told to the client."""


class AuthCredentials:
    """What a client may do: the names of its `scopes`."""

    def __init__(self, scopes: Sequence[str] | None = None) -> None:
        self.scopes = [] if scopes is None else list(scopes)


class BaseUser:
    """Who a client is. For subclasses to write."""

    @property
    def is_authenticated(self) -> bool:
        """Whether it is known who this is."""
        raise NotImplementedError

    @property
    def display_name(self) -> str:
        """A name for people."""
        raise NotImplementedError

    @property
    def identity(self) -> str:
        """What tells this user from others."""
        raise NotImplementedError


class SimpleUser(BaseUser):
    """A user who has a name and nothing else."""

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
    """A client of which nothing is known."""

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
    """Finds out who a client is. For subclasses to write."""

    async def authenticate(self, conn: HTTPConnection[Any]) -> tuple[AuthCredentials, BaseUser] | None:
        """What the client may do, and who it is; None if it says nothing about that.

        Raises:
            AuthenticationError: what it says is wrong.
        """
        raise NotImplementedError


def has_required_scope(conn: HTTPConnection[Any], scopes: Sequence[str]) -> bool:
    """Whether the client has all of the scopes."""
    granted = conn.auth.scopes
    return all(scope in granted for scope in scopes)


def requires(
    scopes: str | Sequence[str], status_code: int = 403, redirect: str | None = None
) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Lets an endpoint, sync or async, answer only those clients that have all of the scopes.

    Others get `status_code`, or are sent to the route called `redirect`, which finds the URL that was asked for in its
    query parameter `next`. A WebSocket is closed. The endpoint has a parameter `request` or `websocket`.

    Raises:
        TypeError: it has none.
    """
    wanted = [scopes] if isinstance(scopes, str) else list(scopes)

    def decorate(func: Callable[P, Any]) -> Callable[P, Any]:
        name, place = _connection_parameter(func)

        def is_allowed(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
            return has_required_scope(kwargs[name] if name in kwargs else args[place], wanted)

        def refusal(args: tuple[Any, ...], kwargs: dict[str, Any]) -> RedirectResponse:
            if redirect is None:
                raise HTTPException(status_code)
            request: HTTPConnection[Any] = kwargs[name] if name in kwargs else args[place]
            asked = urlencode({"next": str(request.url)})
            return RedirectResponse(f"{request.url_for(redirect)}?{asked}", status_code=303)

        if name == "websocket":

            @functools.wraps(func)
            async def websocket_endpoint(*args: P.args, **kwargs: P.kwargs) -> None:
                if is_allowed(args, kwargs):
                    await func(*args, **kwargs)
                else:
                    websocket: Any = kwargs[name] if name in kwargs else args[place]
                    await websocket.close()

            return websocket_endpoint

        if is_async_callable(func):

            @functools.wraps(func)
            async def async_endpoint(*args: P.args, **kwargs: P.kwargs) -> Any:
                return await func(*args, **kwargs) if is_allowed(args, kwargs) else refusal(args, kwargs)

            return async_endpoint

        @functools.wraps(func)
        def endpoint(*args: P.args, **kwargs: P.kwargs) -> Any:
            return func(*args, **kwargs) if is_allowed(args, kwargs) else refusal(args, kwargs)

        return endpoint

    return decorate


def _connection_parameter(func: Callable[..., Any]) -> tuple[str, int]:
    """Name and place of the parameter that takes the connection."""
    for place, name in enumerate(inspect.signature(func).parameters):
        if name in {"request", "websocket"}:
            return name, place
    raise TypeError(f'No "request" or "websocket" argument on function "{func}"')
