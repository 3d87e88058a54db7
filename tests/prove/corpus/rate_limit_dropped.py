"""Middleware that drops the headers of rate limits."""

from signette import App, Middleware
from signette.policies import RateLimit
from signette.types import ASGIApp, Message, Receive, Scope, Send


class WithoutRateLimit:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def filtered(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [each for each in message["headers"] if not each[0].lower().startswith(b"ratelimit")]
                message["headers"] = kept
            await send(message)

        await self.app(scope, receive, filtered)


app = App(middleware=[Middleware(WithoutRateLimit)])


@app.get("/quotes", policies=[RateLimit("1000/minute")])
async def quotes() -> list[str]:
    return ["tea"]


REPORTED = {("rate-limit", "GET /quotes")}
