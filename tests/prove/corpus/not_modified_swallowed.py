"""Middleware that drops the preconditions of requests, so that nothing is ever a 304."""

from signette import App, Middleware
from signette.types import ASGIApp, Receive, Scope, Send


class WithoutPreconditions:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            kept = [each for each in scope["headers"] if each[0] != b"if-none-match"]
            scope = {**scope, "headers": kept}
        await self.app(scope, receive, send)


app = App(etag=True, middleware=[Middleware(WithoutPreconditions)])


@app.get("/words")
async def words() -> list[str]:
    return ["tea", "milk"]


REPORTED = {("not-modified", "GET /words")}
