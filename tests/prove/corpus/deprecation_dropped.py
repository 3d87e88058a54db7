"""Middleware that drops the header `Deprecation` of a deprecated operation."""

from datetime import date

from signette import App, Middleware
from signette.types import ASGIApp, Message, Receive, Scope, Send


class WithoutDeprecation:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def filtered(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [each for each in message["headers"] if each[0].lower() != b"deprecation"]
            await send(message)

        await self.app(scope, receive, filtered)


app = App(middleware=[Middleware(WithoutDeprecation)])


@app.get("/v1/items", deprecated=date(2026, 1, 1))
async def items() -> list[int]:
    return [1]


REPORTED = {("deprecation", "GET /v1/items")}
