"""Middleware that cuts bodies at the limit, so that longer ones are accepted."""

from typing import Annotated

from signette import App, Body, Middleware
from signette.types import ASGIApp, Message, Receive, Scope, Send

LIMIT = 64


class Cut:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def cut() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                return {**message, "body": message["body"][:LIMIT], "more_body": False}
            return message

        kept = [each for each in scope.get("headers", ()) if each[0] != b"content-length"]
        await self.app({**scope, "headers": kept} if scope["type"] == "http" else scope, cut, send)


app = App(middleware=[Middleware(Cut)])


@app.put("/blob", max_body_size=LIMIT)
async def store_blob(body: Annotated[bytes, Body()]) -> int:
    return len(body)


REPORTED = {("body-limit", "PUT /blob")}
