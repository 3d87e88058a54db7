"""Middleware that drops `Link`, so that clients that follow it see the first page only."""

from signette import App, Middleware, Page
from signette.types import ASGIApp, Message, Receive, Scope, Send


class WithoutLink:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def filtered(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [each for each in message["headers"] if each[0].lower() != b"link"]
            await send(message)

        await self.app(scope, receive, filtered)


app = App(middleware=[Middleware(WithoutLink)])


@app.get("/numbers")
async def numbers(page: Page.Offset) -> Page[int]:
    return page.of(range(page.offset, min(page.offset + page.fetch, 30)))


REPORTED = {("pages", "GET /numbers")}
