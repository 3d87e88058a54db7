"""Middleware, both ways: as any callable that gives an ASGI application, and as a function of a request."""

import time

from signette import Middleware, Request, Response
from signette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from signette.types import ASGIApp, Receive, Scope, Send


def start_time(app: ASGIApp) -> ASGIApp:
    """Writes down when a request came: `request.state.start_time`."""

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            scope.setdefault("state", {})["start_time"] = time.time()
        await app(scope, receive, send)

    return layer


async def custom_header(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Says in each answer who wrote the application."""
    response = await call_next(request)
    response.headers["X-Author"] = "John"
    return response


middleware = [Middleware(start_time), Middleware(BaseHTTPMiddleware, dispatch=custom_header)]
