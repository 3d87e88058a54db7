"""Middleware that compresses, and neither names `Accept-Encoding` in `Vary` nor changes the strong `ETag`."""

import gzip

from signette import App, Middleware, Tagged
from signette.types import ASGIApp, Message, Receive, Scope, Send

CHANGED = (b"content-length", b"content-encoding")


class Compressed:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {}

        async def compressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body = gzip.compress(message.get("body", b""), mtime=0)
            kept = [each for each in start["headers"] if each[0].lower() not in CHANGED]
            length = str(len(body)).encode()
            start["headers"] = [*kept, (b"content-length", length), (b"content-encoding", b"gzip")]
            await send(start)
            await send({**message, "body": body})

        headers = dict(scope.get("headers", ()))
        is_accepted = b"gzip" in headers.get(b"accept-encoding", b"") and b"if-none-match" not in headers
        await self.app(scope, receive, compressed if is_accepted else send)


app = App(middleware=[Middleware(Compressed)])


@app.get("/words")
async def words() -> Tagged[list[str]]:
    return Tagged(["tea", "milk"], etag="1")


REPORTED = {("content-encoding", "GET /words")}
