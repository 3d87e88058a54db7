"""Middleware that declares responses as compressed, and does not compress them."""

from signette import App, Middleware
from signette.types import ASGIApp, Message, Receive, Scope, Send


class NotCompressed:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def declared(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"content-encoding", b"gzip"),
                    (b"vary", b"accept-encoding"),
                ]
            await send(message)

        is_accepted = scope["type"] == "http" and b"gzip" in dict(scope["headers"]).get(b"accept-encoding", b"")
        await self.app(scope, receive, declared if is_accepted else send)


app = App(middleware=[Middleware(NotCompressed)])


@app.get("/words")
async def words() -> list[str]:
    return ["tea", "milk"]


REPORTED = {("content-encoding", "GET /words")}
