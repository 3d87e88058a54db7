"""What is sent may be of any size, either way: the memory that it takes does not grow with it."""

import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import anyio
import pytest

from signette import App, File, Limits, Parts, Request, StreamingResponse, To, Upload, UploadFile
from signette.applications import Application
from signette.middleware.base import BaseHTTPMiddleware
from signette.responses import FileResponse, PlainTextResponse, Response
from signette.routing import Mount, Route
from signette.staticfiles import StaticFiles
from signette.uploads import FilePart
from tests.interop.serving import served
from tests.promises.cases import MULTIPART

pytestmark = pytest.mark.thorough

MIB = 1024 * 1024
CHUNK = b"a" * 64 * 1024
HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
# A line break of a form in every other byte: as much work as a file can make.
HOSTILE = b"\r\n--\r" * (len(CHUNK) // 5)
MOST = 16 * MIB

# The largest on one event loop: the other one takes its bytes by the same code.
sizes = pytest.mark.parametrize(
    ("mebibytes", "anyio_backend"),
    [(64, "asyncio"), (64, "trio"), pytest.param(1024, "asyncio", marks=pytest.mark.slow)],
    indirect=["anyio_backend"],
)


@dataclass
class Peak:
    """How much more memory there was than at the beginning, in bytes."""

    size: int = 0


@contextmanager
def peak_of_memory() -> Iterator[Peak]:
    peak = Peak()
    was_tracing = tracemalloc.is_tracing()
    if not was_tracing:
        tracemalloc.start()
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    try:
        yield peak
    finally:
        _, most = tracemalloc.get_traced_memory()
        peak.size = most - before
        if not was_tracing:
            tracemalloc.stop()


class Passing(BaseHTTPMiddleware):
    """Hands everything on, by way of a queue."""

    async def dispatch(self, request: Request, call_next: Any) -> Any:
        return await call_next(request)


async def by_stream(request: Request) -> Response:
    return PlainTextResponse(str(sum([len(piece) async for piece in request.stream()])))


async def by_form(request: Request) -> Response:
    async with request.form() as form:
        return PlainTextResponse(str(form["file"].size))


async def count(request: Request) -> Response:
    async with request.form() as form:
        return PlainTextResponse(str(len(form.getlist("file"))))


async def by_parts(request: Request) -> Response:
    sizes = [sum([len(piece) async for piece in part]) async for part in request.parts()]
    return PlainTextResponse(str(sizes[0]))


async def by_parts_left_unread(request: Request) -> Response:
    names = [part.name async for part in request.parts()]
    return PlainTextResponse(names[0])


def count_bytes_in_thread(part: FilePart) -> int:
    return sum(len(chunk) for chunk in part)


async def pieces_of(mebibytes: int) -> AsyncIterator[bytes]:
    for _ in range(mebibytes * 16):
        yield CHUNK[:-1] + b"b"  # a new object, as in practice


def pieces_by_thread(mebibytes: int) -> Iterator[bytes]:
    for _ in range(mebibytes * 16):
        yield CHUNK[:-1] + b"b"


def application(mebibytes: int, file: Path) -> Application:
    async def streamed(request: Request) -> Response:
        return StreamingResponse(pieces_of(mebibytes))

    async def streamed_by_thread(request: Request) -> Response:
        return StreamingResponse(pieces_by_thread(mebibytes))

    async def whole_file(request: Request) -> Response:
        return FileResponse(file)

    return Application(
        routes=[
            *(Route(f"/{each.__name__}", each, methods=["POST"]) for each in (by_stream, by_form, by_parts, count)),
            Route("/by_parts_left_unread", by_parts_left_unread, methods=["POST"]),
            Route("/streamed", streamed),
            Route("/streamed_by_thread", streamed_by_thread),
            Route("/file", whole_file),
            Mount("/static", StaticFiles(directory=file.parent, check_dir=False)),
        ]
    )


def typed(mebibytes: int, file: Path) -> App:
    app = App(limits=Limits(body_bytes=None))

    @app.post("/file")
    async def upload(file: Annotated[UploadFile, File(max_bytes=2 * mebibytes * MIB)]) -> str:
        return str(file.size)

    @app.post("/to_directory")
    def to_directory(file: Annotated[Upload, File(max_bytes=2 * mebibytes * MIB), To(file.parent)]) -> str:
        assert file.path is not None
        assert file.path.stat().st_size == file.size
        file.path.unlink()
        return str(file.size)

    @app.post("/to_sync_function")
    async def to_sync_function(file: Annotated[Upload, To(count_bytes_in_thread)]) -> str:
        return str(file.result)

    @app.post("/typed_parts")
    async def typed_parts(parts: Parts) -> str:
        return str(sum([len(chunk) async for chunk in await anext(parts)]))

    app.post("/by_stream")(by_stream)
    app.post("/by_parts")(by_parts)
    app.post("/count")(count)

    @app.post("/count_typed")
    async def count_typed(file: list[UploadFile]) -> str:
        return str(len(file))

    @app.get("/streamed")
    async def streamed() -> AsyncIterator[bytes]:
        async for piece in pieces_of(mebibytes):
            yield piece

    @app.get("/streamed_by_thread")
    def streamed_by_thread() -> Iterator[bytes]:
        return pieces_by_thread(mebibytes)

    @app.get("/file")
    async def whole_file() -> Path:
        return file

    return app


class Server:
    """Sends a body piece by piece as it is asked for, and counts what comes back."""

    def __init__(self, head: bytes = b"", count: int = 0, chunk: bytes = CHUNK, tail: bytes = b"") -> None:
        self._pieces = self._all(head, count, chunk, tail)
        self.size = 0
        self.last = b""
        self.done = anyio.Event()

    def _all(self, head: bytes, count: int, chunk: bytes, tail: bytes) -> Iterator[dict[str, Any]]:
        yield {"type": "http.request", "body": head, "more_body": True}
        for _ in range(count):
            yield {"type": "http.request", "body": bytes(bytearray(chunk)), "more_body": True}
        yield {"type": "http.request", "body": tail, "more_body": False}

    async def receive(self) -> dict[str, Any]:
        await anyio.lowlevel.checkpoint()
        message = next(self._pieces, None)
        if message is None:
            await self.done.wait()
            return {"type": "http.disconnect"}
        return message

    async def send(self, message: dict[str, Any]) -> None:
        await anyio.lowlevel.checkpoint()
        if message["type"] == "http.response.body":
            self.last = bytes(message.get("body", b""))[:20] or self.last
            self.size += len(message.get("body", b""))
            if not message.get("more_body", False):
                self.done.set()

    async def serve(self, app: Any, method: str, path: str, *headers: tuple[bytes, bytes]) -> int:
        """One request; how much more memory it took than there was."""
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": list(headers),
        }
        with peak_of_memory() as peak:
            await app(scope, self.receive, self.send)
        return peak.size


Make = Callable[[int, Path], Any]
UPLOADS: list[tuple[Make, str]] = [
    (application, "/by_stream"),
    (application, "/by_form"),
    (application, "/by_parts"),
    (typed, "/file"),
    (typed, "/by_stream"),
    (typed, "/by_parts"),
    (typed, "/to_directory"),
    (typed, "/to_sync_function"),
    (typed, "/typed_parts"),
]
DOWNLOADS: list[tuple[Make, str]] = [
    (application, "/streamed"),
    (application, "/streamed_by_thread"),
    (application, "/file"),
    (application, "/static/file"),
    (typed, "/streamed"),
    (typed, "/streamed_by_thread"),
    (typed, "/file"),
]


@sizes
@pytest.mark.parametrize(("make", "path"), UPLOADS)
async def test_an_upload_of_any_size_needs_little_memory(make: Make, path: str, mebibytes: int, tmp_path: Path) -> None:
    if path.endswith("stream"):
        server = Server(count=mebibytes * 16)
    else:
        server = Server(HEAD, mebibytes * 16, CHUNK, b"\r\n--x--\r\n")
    assert await server.serve(make(mebibytes, tmp_path / "file"), "POST", path, MULTIPART) < MOST
    assert server.last.strip(b'"') == b"%d" % (mebibytes * MIB)


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/to_directory", "/typed_parts"])
def test_a_gibibyte_over_a_socket_needs_little_memory(path: str, tmp_path: Path) -> None:
    def body() -> Iterator[bytes]:
        yield HEAD
        for _ in range(16 * 1024):
            yield CHUNK
        yield b"\r\n--x--\r\n"

    headers = {name.decode(): value.decode() for name, value in [MULTIPART]}
    with served(typed(1024, tmp_path / "file")) as client, peak_of_memory() as peak:
        response = client.post(path, content=body(), headers=headers)
    assert (response.status_code, response.text) == (200, str(1024 * MIB))
    assert peak.size < MOST


@pytest.mark.parametrize("path", ["/by_form", "/by_parts", "/by_parts_left_unread"])
async def test_a_malicious_upload_needs_little_memory(path: str, tmp_path: Path) -> None:
    small, large = [
        await Server(HEAD, count, HOSTILE, b"\r\n--x--\r\n").serve(
            application(1, tmp_path / "file"), "POST", path, MULTIPART
        )
        for count in (32, 128)
    ]
    assert large < MOST
    # What a chunk of it takes is what there is, however many follow; a form keeps 512 KiB for the disk.
    assert large < 1.5 * small + MIB


@pytest.mark.parametrize(
    ("make", "path"), [(application, "/count"), (typed, "/count"), (typed, "/count_typed"), (application, "/by_parts")]
)
async def test_many_small_files_need_little_memory(make: Make, path: str, tmp_path: Path) -> None:
    one = b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n' + CHUNK * 15 + b"\r\n"
    server = Server(b"", 60, one, b"--x--\r\n")
    assert await server.serve(make(60, tmp_path / "file"), "POST", path, MULTIPART) < MOST
    assert server.last.strip(b'"') in {b"60", b"%d" % (len(CHUNK) * 15)}


@sizes
@pytest.mark.parametrize(("make", "path"), DOWNLOADS)
async def test_a_download_of_any_size_needs_little_memory(
    make: Make, path: str, mebibytes: int, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    with file.open("wb") as sparse:
        sparse.truncate(mebibytes * MIB)
    server = Server()
    assert await server.serve(make(mebibytes, file), "GET", path) < MOST
    assert server.size == mebibytes * MIB


@pytest.mark.parametrize("path", ["/streamed", "/streamed_by_thread", "/file"])
async def test_middleware_keeps_no_part_of_a_download(path: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    with file.open("wb") as sparse:
        sparse.truncate(64 * MIB)
    app = application(64, file)
    app.add_middleware(Passing)
    server = Server()
    assert await server.serve(app, "GET", path) < MOST
    assert server.size == 64 * MIB
    server = Server(HEAD, 64 * 16, CHUNK, b"\r\n--x--\r\n")
    assert await server.serve(app, "POST", "/by_parts", MULTIPART) < MOST
    assert server.last == b"%d" % (64 * MIB)
