"""Middleware that drops `ETag`, which the result of the operation has."""

from signette import App, Middleware, Tagged
from signette.types import ASGIApp, Message, Receive, Scope, Send


class WithoutETag:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def filtered(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [each for each in message["headers"] if each[0].lower() != b"etag"]
            await send(message)

        await self.app(scope, receive, filtered)


app = App(middleware=[Middleware(WithoutETag)])


@app.get("/settings")
async def settings() -> Tagged[dict[str, int]]:
    return Tagged({"size": 3}, etag=7)


REPORTED = {("entity-tag", "GET /settings")}
