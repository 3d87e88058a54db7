"""A cache of one's own that looks at the path alone, while responses have `Vary: Accept-Language`."""

from typing import Annotated, Any

from signette import App, Header, Middleware, Response
from signette.types import ASGIApp, Message, Receive, Scope, Send


class PathCache:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.stored: dict[str, list[dict[str, Any]]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or b"no-cache" in dict(scope["headers"]).values():
            await self.app(scope, receive, send)
            return
        if scope["path"] in self.stored:
            for message in self.stored[scope["path"]]:
                await send(message)
            return
        messages: list[dict[str, Any]] = []

        async def storing(message: Message) -> None:
            messages.append(dict(message))
            await send(message)

        await self.app(scope, receive, storing)
        self.stored[scope["path"]] = messages


app = App(middleware=[Middleware(PathCache)])


@app.get("/greeting")
async def greeting(response: Response, accept_language: Annotated[str, Header()] = "en") -> str:
    response.headers["Vary"] = "Accept-Language"
    response.headers["Cache-Control"] = "max-age=60"
    return "Guten Tag" if accept_language.startswith("de") else "Good day"


REPORTED = {("vary", "GET /greeting")}
