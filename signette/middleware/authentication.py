"""Middleware that authenticates clients."""

from collections.abc import Awaitable, Callable
from typing import Any

from signette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, UnauthenticatedUser
from signette.concurrency import call_in_worker, is_async_callable
from signette.connection import HTTPConnection
from signette.middleware.responding import send_error
from signette.responses.plain import Response
from signette.types import ASGIApp, Receive, Scope, Send

OnError = Callable[[HTTPConnection[Any], AuthenticationError], Response | Awaitable[Response]]


class AuthenticationMiddleware:
    """Asks the backend who the client is, for `request.user`, and what it may do, for `request.auth`.

    `on_error` makes the response when the backend raises AuthenticationError; the default is a 400 with the text of
    the error. A WebSocket is closed.

    Attributes:
        app: The inner application.
        backend: The backend.
        on_error: A function of the connection and the error, async or not, that makes the response.
    """

    def __init__(self, app: ASGIApp, backend: AuthenticationBackend, on_error: OnError | None = None) -> None:
        self.app = app
        self.backend = backend
        self.on_error = on_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        conn: HTTPConnection[Any] = HTTPConnection(scope)
        try:
            found = await self.backend.authenticate(conn)
        except AuthenticationError as exc:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1000, "reason": ""})
            elif self.on_error is None:
                await send_error(400, str(exc), scope, receive, send)
            else:
                response = await _error_response(self.on_error, conn, exc)
                await response(scope, receive, send)
            return
        scope["auth"], scope["user"] = (AuthCredentials(), UnauthenticatedUser()) if found is None else found
        await self.app(scope, receive, send)


async def _error_response(on_error: Any, conn: HTTPConnection[Any], exc: AuthenticationError) -> Response:
    response: Response
    if is_async_callable(on_error):
        response = await on_error(conn, exc)
    else:
        response = await call_in_worker(conn.scope, on_error, conn, exc)
    return response
