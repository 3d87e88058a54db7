"""Middleware that changes the body, and keeps the old `Content-Length`."""

from signette import App, Middleware
from signette.types import ASGIApp, Message, Receive, Scope, Send


class Signed:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def signed(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body"):
                message["body"] += b" "
            await send(message)

        await self.app(scope, receive, signed)


app = App(middleware=[Middleware(Signed)])


@app.get("/items")
async def items() -> list[int]:
    return [1]


REPORTED = {("content-length", "GET /items")}
