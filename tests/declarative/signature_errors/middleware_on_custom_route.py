from signette import App, Router
from signette.middleware import Middleware
from signette.middleware.gzip import GZipMiddleware
from signette.routing import BaseRoute, Match
from signette.types import Receive, Scope, Send


class Everything(BaseRoute):
    def __init__(self, text: str) -> None:
        self.text = text

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return Match.FULL, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None: ...


def declare(app: App) -> None:
    app.include_router(Router([Everything("all of it")], middleware=[Middleware(GZipMiddleware)]))
