"""Middleware that calls every body JSON, so that other media types are accepted."""

from pydantic import BaseModel

from signette import App, Middleware
from signette.types import ASGIApp, Receive, Scope, Send


class Tea(BaseModel):
    name: str


class AlwaysJSON:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            kept = [each for each in scope["headers"] if each[0] != b"content-type"]
            scope = {**scope, "headers": [*kept, (b"content-type", b"application/json")]}
        await self.app(scope, receive, send)


app = App(middleware=[Middleware(AlwaysJSON)])


@app.post("/teas")
async def add_tea(tea: Tea) -> Tea:
    return tea


REPORTED = {("request-media-type", "POST /teas")}
