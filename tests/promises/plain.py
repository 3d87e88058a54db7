"""A plain application whose endpoints hold resources, for each way of the toolkit to read and to respond."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import anyio

from signette.applications import Application
from signette.background import BackgroundTask, BackgroundTasks
from signette.endpoints import HTTPEndpoint
from signette.requests import Request
from signette.responses import EventSourceResponse, FileResponse, PlainTextResponse, Response, StreamingResponse
from signette.routing import Mount, Route, WebSocketRoute
from signette.staticfiles import StaticFiles
from signette.websockets import WebSocket
from tests.promises.leaving import Ledger


def plain_app(ledger: Ledger, file: Path) -> Application:  # noqa: C901 - a list of endpoints
    """An application without plans. Each generator is kept, so that none is closed by being forgotten."""

    async def form(request: Request) -> Response:
        found = await request.form()
        ledger.keep(*found.getlist("files"))
        return PlainTextResponse("done")

    async def entered_form(request: Request) -> Response:
        async with request.form() as found:
            ledger.keep(*found.getlist("files"))
            for upload in found.getlist("files"):
                await upload.read(10)
        return PlainTextResponse("done")

    async def parts(request: Request) -> Response:
        with ledger.holding("parts"):
            sizes = [len(await part.read()) async for part in request.parts()]
        return PlainTextResponse(str(sizes))

    def whole_file(request: Request) -> Response:
        return FileResponse(file)

    async def asynchronous() -> AsyncIterator[bytes]:
        with ledger.holding("async generator"):
            for _ in range(3):
                await anyio.lowlevel.checkpoint()
                yield b"piece"

    def synchronous() -> Iterator[bytes]:
        with ledger.holding("sync generator"):
            yield from [b"piece"] * 3

    async def streamed(request: Request) -> Response:
        return StreamingResponse(ledger.hold(asynchronous()))

    async def streamed_by_thread(request: Request) -> Response:
        return StreamingResponse(ledger.hold(synchronous()), background=BackgroundTask(work))

    async def events(request: Request) -> Response:
        return EventSourceResponse(ledger.hold(asynchronous()))

    async def work() -> None:
        with ledger.holding("background task"):
            await anyio.lowlevel.checkpoint()

    def work_by_thread() -> None:
        with ledger.holding("background thread"):
            pass

    async def background(request: Request) -> Response:
        tasks = BackgroundTasks()
        tasks.add_task(work)
        tasks.add_task(work_by_thread)
        return PlainTextResponse("done", background=tasks)

    class Endpoint(HTTPEndpoint):
        async def post(self, request: Request) -> Response:
            ledger.keep(*(await request.form()).getlist("files"))
            return StreamingResponse(ledger.hold(asynchronous()))

    async def socket(websocket: WebSocket) -> None:
        with ledger.holding("socket"):
            await websocket.accept()
            async for message in websocket.iter_text():
                await websocket.send_text(message)

    routes: list[Any] = [
        Route("/form", form, methods=["POST"]),
        Route("/form/entered", entered_form, methods=["POST"]),
        Route("/parts", parts, methods=["POST"]),
        Route("/file", whole_file),
        Route("/streamed", streamed),
        Route("/streamed/thread", streamed_by_thread),
        Route("/events", events),
        Route("/background", background),
        Route("/class", Endpoint),
        WebSocketRoute("/socket", socket),
        Mount("/static", StaticFiles(directory=file.parent, check_dir=False)),
    ]
    return Application(routes=routes)
