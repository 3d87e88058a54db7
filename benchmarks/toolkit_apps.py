"""The applications of the toolkit rows, written once: a `Kit` is where their imports come from.

Each function makes the application of one row, so that no row pays for the routes of another.
"""

import importlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

APPLICATIONS = {"signette": "Application", "starlette": "Starlette"}

PIECES = 100
PIECE = b"x" * 100
TEXT = "".join(f"<li>{number}: what a page repeats, and what it does not: {number**7}</li>\n" for number in range(300))


class Kit:
    """The names that an application imports, from one of the two packages."""

    def __init__(self, package: str) -> None:
        def module(name: str) -> Any:
            return importlib.import_module(f"{package}.{name}")

        self.package = package
        self.Application = getattr(module("applications"), APPLICATIONS[package])
        self.Middleware = module("middleware").Middleware
        self.BaseHTTPMiddleware = module("middleware.base").BaseHTTPMiddleware
        self.GZipMiddleware = module("middleware.gzip").GZipMiddleware
        self.Route = module("routing").Route
        self.Mount = module("routing").Mount
        self.WebSocketRoute = module("routing").WebSocketRoute
        self.WebSocketDisconnect = module("websockets").WebSocketDisconnect
        self.StaticFiles = module("staticfiles").StaticFiles
        responses = module("responses")
        self.Response = responses.Response
        self.PlainTextResponse = responses.PlainTextResponse
        self.JSONResponse = responses.JSONResponse
        self.FileResponse = responses.FileResponse
        self.StreamingResponse = responses.StreamingResponse


class Files:
    """The files that are served: one of a KiB and one of 10 MiB."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.small = folder / "small.txt"
        self.large = folder / "large.bin"
        for path, size in ((self.small, 1024), (self.large, 10 * 1024 * 1024)):
            path.write_bytes(os.urandom(size))
            # Of an hour ago: a validator of the very last second is a weak one (RFC 9110 §8.8.2.2).
            os.utime(path, (path.stat().st_mtime - 3600,) * 2)


def one_route(kit: Kit, endpoint: Any, methods: list[str] | None = None, middleware: list[Any] | None = None) -> Any:
    return kit.Application(routes=[kit.Route("/", endpoint, methods=methods)], middleware=middleware)


def minimal(kit: Kit, files: Files) -> Any:
    async def endpoint(request: Any) -> Any:
        return kit.PlainTextResponse("Hello, world!")

    return one_route(kit, endpoint)


def prebuilt(kit: Kit, files: Files) -> Any:
    """One response object, an ASGI application, sent again and again."""
    return kit.PlainTextResponse("Hello, world!")


def prebuilt_json(kit: Kit, files: Files) -> Any:
    return kit.JSONResponse({"message": "Hello, world!"})


def constructed(kit: Kit, files: Files) -> Any:
    """A response made and sent, without a route."""
    response = kit.PlainTextResponse

    async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await response("Hello, world!")(scope, receive, send)

    return app


def constructed_json(kit: Kit, files: Files) -> Any:
    response = kit.JSONResponse

    async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await response({"message": "Hello, world!"})(scope, receive, send)

    return app


def bare_route(kit: Kit, files: Files) -> Any:
    """The application of a route, without what finds it."""

    async def endpoint(request: Any) -> Any:
        return kit.PlainTextResponse("Hello, world!")

    return kit.Route("/", endpoint).app


def json(kit: Kit, files: Files) -> Any:
    async def endpoint(request: Any) -> Any:
        return kit.JSONResponse(await request.json())

    return one_route(kit, endpoint, ["POST"])


def form(kit: Kit, files: Files) -> Any:
    async def endpoint(request: Any) -> Any:
        fields = await request.form()
        return kit.JSONResponse({"username": fields["username"], "remember": fields.get("remember")})

    return one_route(kit, endpoint, ["POST"])


def upload(kit: Kit, files: Files) -> Any:
    async def endpoint(request: Any) -> Any:
        async with request.form() as fields:
            file = fields["file"]
            content = await file.read()
            return kit.JSONResponse({"title": fields["title"], "name": file.filename, "size": len(content)})

    return one_route(kit, endpoint, ["POST"])


def small_file(kit: Kit, files: Files) -> Any:
    path = str(files.small)

    async def endpoint(request: Any) -> Any:
        return kit.FileResponse(path)

    return one_route(kit, endpoint)


def large_file(kit: Kit, files: Files) -> Any:
    path = str(files.large)

    async def endpoint(request: Any) -> Any:
        return kit.FileResponse(path)

    return one_route(kit, endpoint)


def async_stream(kit: Kit, files: Files) -> Any:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(PIECES):
            yield PIECE

    async def endpoint(request: Any) -> Any:
        return kit.StreamingResponse(pieces(), media_type="text/plain")

    return one_route(kit, endpoint)


def sync_stream(kit: Kit, files: Files) -> Any:
    def pieces() -> Iterator[bytes]:
        for _ in range(PIECES):
            yield PIECE

    async def endpoint(request: Any) -> Any:
        return kit.StreamingResponse(pieces(), media_type="text/plain")

    return one_route(kit, endpoint)


def routes(count: int) -> Callable[[Kit, Files], Any]:
    """An application of so many routes, `/part-0/{item}` and so on."""

    def build(kit: Kit, files: Files) -> Any:
        async def endpoint(request: Any) -> Any:
            return kit.PlainTextResponse(request.path_params["item"])

        return kit.Application(routes=[kit.Route(f"/part-{number}/{{item}}", endpoint) for number in range(count)])

    return build


class Layer:
    """A pure ASGI middleware that adds a header."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_more(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-layer", b"1"))
            await send(message)

        await self.app(scope, receive, send_more)


def asgi_layers(kit: Kit, files: Files) -> Any:
    async def endpoint(request: Any) -> Any:
        return kit.PlainTextResponse("Hello, world!")

    return one_route(kit, endpoint, middleware=[kit.Middleware(Layer) for _ in range(5)])


def dispatching(count: int) -> Callable[[Kit, Files], Any]:
    """An application with so many middleware of `dispatch`."""

    def build(kit: Kit, files: Files) -> Any:
        async def dispatch(request: Any, call_next: Any) -> Any:
            response = await call_next(request)
            response.headers["x-layer"] = "1"
            return response

        async def endpoint(request: Any) -> Any:
            return kit.PlainTextResponse("Hello, world!")

        layers = [kit.Middleware(kit.BaseHTTPMiddleware, dispatch=dispatch) for _ in range(count)]
        return one_route(kit, endpoint, middleware=layers)

    return build


def gzip(kit: Kit, files: Files) -> Any:
    async def endpoint(request: Any) -> Any:
        return kit.PlainTextResponse(TEXT)

    # The level is named: the two have different ones by default.
    return one_route(kit, endpoint, middleware=[kit.Middleware(kit.GZipMiddleware, compresslevel=6)])


def echo(kit: Kit, files: Files) -> Any:
    async def endpoint(websocket: Any) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text(text)

    return kit.Application(routes=[kit.WebSocketRoute("/", endpoint)])


def echo_text(kit: Kit, files: Files) -> Any:
    async def endpoint(websocket: Any) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.send_text(await websocket.receive_text())
        except kit.WebSocketDisconnect:
            pass

    return kit.Application(routes=[kit.WebSocketRoute("/", endpoint)])


def echo_bytes(kit: Kit, files: Files) -> Any:
    async def endpoint(websocket: Any) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.send_bytes(await websocket.receive_bytes())
        except kit.WebSocketDisconnect:
            pass

    return kit.Application(routes=[kit.WebSocketRoute("/", endpoint)])


def echo_json(kit: Kit, files: Files) -> Any:
    async def endpoint(websocket: Any) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.send_json(await websocket.receive_json())
        except kit.WebSocketDisconnect:
            pass

    return kit.Application(routes=[kit.WebSocketRoute("/", endpoint)])


def static(kit: Kit, files: Files) -> Any:
    return kit.Application(routes=[kit.Mount("/static", kit.StaticFiles(directory=files.folder))])


def attributes(kit: Kit, files: Files) -> Any:
    async def endpoint(request: Any) -> Any:
        return kit.JSONResponse(
            {
                "agent": request.headers["user-agent"],
                "language": request.headers.get("accept-language"),
                "trace": request.headers.get("x-trace"),
                "page": request.query_params["page"],
                "sort": request.query_params.get("sort"),
                "session": request.cookies["session"],
                "url": str(request.url),
                "path": request.url.path,
                "client": request.client.host,
            }
        )

    return one_route(kit, endpoint)


def cookies(kit: Kit, files: Files) -> Any:
    async def endpoint(request: Any) -> Any:
        response = kit.PlainTextResponse("Hello, world!")
        response.set_cookie("session", "a1b2c3d4", max_age=3600, httponly=True, secure=True)
        response.set_cookie("theme", "dark")
        return response

    return one_route(kit, endpoint)


def headers(kit: Kit, files: Files) -> Any:
    async def endpoint(request: Any) -> Any:
        response = kit.PlainTextResponse("Hello, world!", headers={"x-request-id": "7f3a", "cache-control": "no-store"})
        response.headers["x-frame-options"] = "DENY"
        response.headers["cache-control"] = "private"
        response.headers.append("link", "</style.css>; rel=preload")
        response.headers.setdefault("x-request-id", "none")
        response.headers.add_vary_header("Accept-Encoding")
        response.headers.add_vary_header("Cookie")
        return response

    return one_route(kit, endpoint)
