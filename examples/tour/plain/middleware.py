"""Middleware as an ASGI application around another, and as a function of a request."""

import time

from signette.middleware import Middleware
from signette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from signette.requests import Request
from signette.responses import Response
from signette.types import ASGIApp, Receive, Scope, Send


class StartTime:
    """Sets `request.state.start_time` to the time of the request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The lifespan comes through here, too
        if scope["type"] in {"http", "websocket"}:
            scope.setdefault("state", {})["start_time"] = time.time()
        await self.app(scope, receive, send)


class CustomHeader(BaseHTTPMiddleware):
    """Adds the author of the application to each response."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        # Before the request is handled
        response = await call_next(request)
        # After the response was made
        response.headers["X-Author"] = "John"
        return response


middleware = [Middleware(StartTime), Middleware(CustomHeader)]
