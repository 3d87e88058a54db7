"""Middleware that runs POST as GET, so that a method that is not declared works."""

from signette import App, Middleware
from signette.types import ASGIApp, Receive, Scope, Send


class EveryMethod:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in {"GET", "HEAD", "OPTIONS"}:
            scope = {**scope, "method": "GET"}
        await self.app(scope, receive, send)


app = App(middleware=[Middleware(EveryMethod)])


@app.get("/items")
async def items() -> list[int]:
    return [1]


REPORTED = {("method-not-allowed", "GET /items")}
