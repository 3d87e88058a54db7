"""Middleware as a callable that returns an ASGI application, and as a function of a request."""

import time

from signette import Middleware, Request, Response
from signette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from signette.types import ASGIApp, Receive, Scope, Send


def start_time(app: ASGIApp) -> ASGIApp:
    """Sets `request.state.start_time` to the time of the request."""

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            scope.setdefault("state", {})["start_time"] = time.time()
        await app(scope, receive, send)

    return layer


async def custom_header(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Adds the author of the application to each response."""
    response = await call_next(request)
    response.headers["X-Author"] = "John"
    return response


middleware = [Middleware(start_time), Middleware(BaseHTTPMiddleware, dispatch=custom_header)]
