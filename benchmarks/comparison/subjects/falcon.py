"""Falcon, which has no typed handlers: parameters and bodies are read by hand."""

import threading
from collections.abc import AsyncIterator
from typing import Any

import anyio
import falcon
import falcon.asgi
from falcon.asgi import Request, Response

DOCUMENT, DOCS = "", ""
BY_HAND = (
    "errors echo unknown_field structs invalid_as filtered unfit socket messages items_of_body patch cursor conditional"
)
NO_DOCUMENT = "document limits documented_errors statuses bearer docs_page socket_document"
MISSING = dict.fromkeys(BY_HAND.split(), "by hand") | dict.fromkeys(NO_DOCUMENT.split(), "no document")
MISSING |= dict.fromkeys(("shared", "cleanup", "override"), "no dependencies") | {
    "errors_at_start": "no typed signatures",
    "sync": "must be `async def`; `falcon.App` for WSGI is sync",
}
MISSING |= {
    "client": "no document",
    "generated_requests": "no document",
    "breaking_changes": "no document",
    "tools": "`mcp`, by hand",
}
FAILS = {"trio": "no"}
NOTES = {
    "group": "hooks of a resource, `@falcon.after(...)`",
    "negotiated": "in the endpoint, with `req.client_prefers(...)`",
    "file_limit": "of each part, `MultipartParseOptions`",
    "resource": "always",
}
INCLUDED = {"CORS": "falcon.middleware"}


def app_of(path: str, resource: object) -> Any:
    app = falcon.asgi.App()
    app.add_route(path, resource)
    return app


def values() -> Any:
    class Values:
        async def on_post(self, req: Request, resp: Response) -> None:
            resp.media = len(await req.get_media())

    return app_of("/values", Values())


def upload() -> Any:
    class Upload:
        async def on_post(self, req: Request, resp: Response) -> None:
            resp.media = len(await req.stream.read(1024))

    return app_of("/upload", Upload())


def limited() -> Any:
    class Limited:
        async def on_post(self, req: Request, resp: Response) -> None:
            sizes = [len(await part.get_data()) async for part in await req.get_media()]
            resp.media = sizes

    app = app_of("/limited", Limited())
    handler = falcon.media.MultipartFormHandler()
    handler.parse_options.max_body_part_buffer_size = 1000
    app.req_options.media_handlers[falcon.MEDIA_MULTIPART] = handler
    return app


def negotiated() -> Any:
    class Chosen:
        async def on_get(self, req: Request, resp: Response) -> None:
            resp.content_type = req.client_prefers(["application/json", "text/csv"])
            if resp.content_type is None:
                raise falcon.HTTPNotAcceptable
            if resp.content_type == "text/csv":
                resp.text = "n\r\n1\r\n"
            else:
                resp.media = [{"n": 1}]

    return app_of("/chosen", Chosen())


class Thing:
    def __init__(self, value: str) -> None:
        self.value = value

    async def on_get(self, req: Request, resp: Response) -> None:
        resp.media = self.value

    async def on_delete(self, req: Request, resp: Response) -> None:
        resp.media = self.value


def resource() -> Any:
    return app_of("/resource", Thing("shared"))


class Plain:
    async def on_get(self, req: Request, resp: Response) -> None:
        resp.media = {"hello": "world"}

    async def on_post(self, req: Request, resp: Response) -> None:
        resp.media = {"hello": "world"}


def plain() -> Any:
    return app_of("/plain", Plain())


def crash() -> Any:
    class Crash:
        async def on_get(self, req: Request, resp: Response) -> None:
            raise ValueError("a secret")

    return app_of("/crash", Crash())


def events() -> Any:
    async def items() -> AsyncIterator[falcon.asgi.SSEvent]:
        yield falcon.asgi.SSEvent(text="first")

    class Events:
        async def on_get(self, req: Request, resp: Response) -> None:
            resp.sse = items()

    return app_of("/events", Events())


def file() -> Any:
    app = falcon.asgi.App()
    app.add_static_route("/", __file__.rpartition("/")[0], fallback_filename="falcon.py")
    return app


def endless() -> tuple[Any, threading.Event]:
    closed = threading.Event()

    async def chunks() -> AsyncIterator[bytes]:
        try:
            for _ in range(3):
                yield b"chunk"
            await anyio.sleep_forever()
        finally:
            closed.set()

    class Endless:
        async def on_get(self, req: Request, resp: Response) -> None:
            resp.stream = chunks()

    return app_of("/endless", Endless()), closed


def wsgi() -> Any:
    class Hello:
        def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
            resp.media = {"hello": "world"}

    app = falcon.App()
    app.add_route("/plain", Hello())
    return app


def group() -> Any:
    async def mark(request: Any, response: Any, resource: Any) -> None:
        response.set_header("x-group", "1")

    class Item:
        async def on_get(self, request: Any, response: Any) -> None:
            response.text = "item"

    class Marked(Item): ...

    app = app_of("/other/item", Item())
    app.add_route("/group/item", falcon.after(mark)(Marked)())
    return app
