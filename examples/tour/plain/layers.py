"""Middleware, both ways: as an ASGI application around another, and as a function of a request."""

import time

from signette.middleware import Middleware
from signette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from signette.requests import Request
from signette.responses import Response
from signette.types import ASGIApp, Receive, Scope, Send


class StartTime:
    """Writes down when a request came: `request.state.start_time`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The lifespan comes through here, too
        if scope["type"] in {"http", "websocket"}:
            scope.setdefault("state", {})["start_time"] = time.time()
        await self.app(scope, receive, send)


class CustomHeader(BaseHTTPMiddleware):
    """Says in each answer who wrote the application."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        # Here something may be done before the next layer
        response = await call_next(request)
        # And here, after it
        response.headers["X-Author"] = "John"
        return response


middleware = [Middleware(StartTime), Middleware(CustomHeader)]
