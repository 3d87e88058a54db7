"""Middleware that removes query parameters that it does not know, so that a typing error of a client is not seen."""

from urllib.parse import parse_qsl, urlencode

from signette import App, Middleware
from signette.types import ASGIApp, Receive, Scope, Send

KNOWN = {"limit", "city"}


class KnownParameters:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            kept = [pair for pair in parse_qsl(scope["query_string"].decode()) if pair[0] in KNOWN]
            scope = {**scope, "query_string": urlencode(kept).encode()}
        await self.app(scope, receive, send)


app = App(middleware=[Middleware(KnownParameters)])


@app.get("/shops", unknown_query_params="forbid")
async def shops(limit: int = 20, city: str | None = None) -> list[str]:
    return ["tea"][:limit]


REPORTED = {("unknown-parameters", "GET /shops")}
