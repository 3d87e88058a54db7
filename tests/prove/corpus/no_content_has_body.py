"""Middleware that adds a body to a 204."""

from signette import App, Middleware
from signette.types import ASGIApp, Message, Receive, Scope, Send


class Newline:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = 0

        async def with_newline(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif status == 204:
                message["body"] = b"\n"
            await send(message)

        await self.app(scope, receive, with_newline)


app = App(middleware=[Middleware(Newline)])


@app.delete("/items/{item_id}")
async def delete_item(item_id: int) -> None: ...


REPORTED = {("no-content", "DELETE /items/{item_id}")}
