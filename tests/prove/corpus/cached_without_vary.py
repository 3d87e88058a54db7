"""A cached response in the language of a context variable, of which the cache knows nothing."""

from contextvars import ContextVar

from signette import App, Middleware
from signette.policies import Cached
from signette.types import ASGIApp, Receive, Scope, Send

language: ContextVar[str] = ContextVar("language", default="en")


class Language:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            accepted = dict(scope["headers"]).get(b"accept-language", b"en").decode("latin-1")
            language.set("de" if accepted.startswith("de") else "en")
        await self.app(scope, receive, send)


app = App(middleware=[Middleware(Language)])


@app.get("/greeting", policies=[Cached(60)])
async def greeting() -> str:
    return "Guten Tag" if language.get() == "de" else "Good day"


REPORTED = {("vary", "GET /greeting")}
