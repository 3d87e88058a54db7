"""Custom middleware: an id for each request, and headers for each response."""

from signette.datastructures import MutableHeaders
from signette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from signette.requests import Request
from signette.responses import Response
from signette.types import ASGIApp, Message, Receive, Scope, Send


class RequestMark:
    """Sets the id of each request, from a proxy or a new number, and adds it to the response."""

    def __init__(self, app: ASGIApp, header: str = "X-Request-Mark") -> None:
        self.app = app
        self.header = header
        self.count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.count += 1
        mark = Request(scope).headers.get(self.header, str(self.count))
        scope.setdefault("state", {})["mark"] = mark

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[self.header] = mark
            await send(message)

        await self.app(scope, receive, send_marked)


class Careful(BaseHTTPMiddleware):
    """Pages of members are not cached, and no page is shown in a frame."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.headers["X-Frame-Options"] = "DENY"
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response
