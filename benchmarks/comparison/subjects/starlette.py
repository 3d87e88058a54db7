"""Starlette, which has no typed handlers: parameters and bodies are read by hand."""

import threading
from collections.abc import AsyncIterator
from typing import Any

import anyio
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, StreamingResponse
from starlette.routing import Mount, Route

DOCUMENT, DOCS = "/schema", "/docs"
BY_HAND = (
    "errors echo unknown_field body_limit structs invalid_as filtered unfit socket messages"
    " document limits documented_errors statuses bearer docs_page compressed items_of_body file_limit patch"
    " negotiated conditional cursor socket_document"
)
MISSING = dict.fromkeys(BY_HAND.split(), "by hand") | dict.fromkeys(
    ("shared", "cleanup", "override"), "no dependencies"
)
MISSING |= {"errors_at_start": "no typed signatures", "events": "no", "wsgi": "ASGI only"}
NOTES = {"group": "`Mount(middleware=[...])`", "resource": "`HTTPEndpoint`"}
MISSING |= {
    "client": "by hand",
    "generated_requests": "by hand",
    "breaking_changes": "by hand",
    "tools": "`mcp`, by hand",
}
FAILS: dict[str, str] = {}
INCLUDED = {"sessions": "starlette.middleware.sessions", "CORS": "starlette.middleware.cors"}


def upload() -> Any:
    async def upload(request: Request) -> JSONResponse:
        async for chunk in request.stream():
            return JSONResponse(len(chunk))
        return JSONResponse(0)

    return Starlette(routes=[Route("/upload", upload, methods=["POST"])])


def plain() -> Any:
    async def read(request: Request) -> JSONResponse:
        return JSONResponse({"hello": "world"})

    async def write(request: Request) -> JSONResponse:
        return JSONResponse({"hello": "world"})

    return Starlette(routes=[Route("/plain", read), Route("/plain", write, methods=["POST"])])


def crash() -> Any:
    async def crash(request: Request) -> JSONResponse:
        raise ValueError("a secret")

    return Starlette(routes=[Route("/crash", crash)])


def file() -> Any:
    async def file(request: Request) -> FileResponse:
        return FileResponse(__file__)

    return Starlette(routes=[Route("/file", file)])


def sync() -> Any:
    def sync(request: Request) -> JSONResponse:
        return JSONResponse({"is_main_thread": threading.current_thread() is threading.main_thread()})

    return Starlette(routes=[Route("/sync", sync)])


def endless() -> tuple[Any, threading.Event]:
    closed = threading.Event()

    async def chunks() -> AsyncIterator[bytes]:
        try:
            for _ in range(3):
                yield b"chunk"
            await anyio.sleep_forever()
        finally:
            closed.set()

    async def endless(request: Request) -> StreamingResponse:
        return StreamingResponse(chunks())

    return Starlette(routes=[Route("/endless", endless)]), closed


class Thing(HTTPEndpoint):
    value = "shared"

    async def get(self, request: Request) -> JSONResponse:
        return JSONResponse(self.value)

    async def delete(self, request: Request) -> JSONResponse:
        return JSONResponse(self.value)


def resource() -> Any:
    return Starlette(routes=[Route("/resource", Thing)])


def marked(app: Any) -> Any:
    async def mark(scope: Any, receive: Any, send: Any) -> None:
        async def send_marked(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"x-group", b"1")]}
            await send(message)

        await app(scope, receive, send_marked)

    return mark


def group() -> Any:
    async def item(request: Request) -> JSONResponse:
        return JSONResponse("item")

    routes = [Route("/item", item)]
    mounts = [Mount("/group", routes=routes, middleware=[Middleware(marked)]), Mount("/other", routes=routes)]
    return Starlette(routes=mounts)
