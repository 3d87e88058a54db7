"""Middleware that drops `Accept`, so that each response has the first format."""

from pydantic import BaseModel

from signette import App, Middleware
from signette.formats import CSV, JSON
from signette.types import ASGIApp, Receive, Scope, Send


class Row(BaseModel):
    number: int


class WithoutAccept:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "headers": [each for each in scope["headers"] if each[0] != b"accept"]}
        await self.app(scope, receive, send)


app = App(middleware=[Middleware(WithoutAccept)])


@app.get("/rows", renders=[JSON, CSV])
async def rows() -> list[Row]:
    return [Row(number=1)]


REPORTED = {("negotiation", "GET /rows")}
