"""An application whose endpoints hold things open, and a client that leaves while they do."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition
from typing import Annotated, Any

import anyio
from pydantic import BaseModel

from signette import App, BackgroundTasks, Body, Depends, Form, Request, StreamingResponse, UploadFile, WebSocket
from signette.responses import ServerSentEvent
from tests.timeouts import SECONDS


class Ledger:
    """What was opened and what was closed, each by its name."""

    def __init__(self) -> None:
        self.opened: Counter[str] = Counter()
        self.closed: Counter[str] = Counter()
        self.changed = Condition()
        self.files: list[UploadFile] = []
        self.generators: list[Any] = []

    @contextmanager
    def holding(self, name: str) -> Iterator[None]:
        """From its opening to its closing, however that comes about."""
        self.opened[name] += 1
        try:
            yield
        finally:
            with self.changed:
                self.closed[name] += 1
                self.changed.notify_all()

    def keep(self, *files: UploadFile) -> None:
        """Remember files of a form."""
        self.files += files

    def hold(self, generator: Any) -> Any:
        """Keep a reference to a generator, which Python would close otherwise."""
        self.generators.append(generator)
        return generator

    def wait_closed(self) -> None:
        """Wait for threads that close something."""
        with self.changed:
            self.changed.wait_for(lambda: self.opened == self.closed, timeout=SECONDS)

    def check_closed(self) -> None:
        """Assert that all that was opened is closed, and once; then forget it."""
        assert self.opened == self.closed, (self.opened, self.closed)
        assert [file for file in self.files if not file.file.closed] == []
        self.forget()

    def forget(self) -> None:
        """Begin a new account."""
        for account in (self.opened, self.closed, self.files, self.generators):
            account.clear()


class Order(BaseModel):
    name: str


def leaving_app(ledger: Ledger, file: Path) -> App:  # noqa: C901 - a list of endpoints
    """An application with an endpoint for each way to read and to respond, all with two dependencies."""

    async def by_request() -> AsyncIterator[None]:
        with ledger.holding("async dependency"):
            yield

    def in_thread() -> Iterator[None]:
        with ledger.holding("sync dependency"):
            yield

    async def by_function() -> AsyncIterator[None]:
        with ledger.holding("function dependency"):
            yield

    app = App(
        dependencies=[Depends(by_request), Depends(in_thread), Depends(by_function, scope="function")], docs_url=None
    )

    @app.post("/json")
    async def json(order: Order) -> Order:
        return order

    @app.post("/raw")
    async def raw(body: Annotated[bytes, Body()]) -> int:
        return len(body)

    @app.post("/form")
    async def form(name: Annotated[str, Form()]) -> str:
        return name

    @app.post("/files")
    async def files(files: list[UploadFile]) -> list[int | None]:
        ledger.keep(*files)
        return [each.size for each in files]

    @app.post("/request/files")
    async def request_files(request: Request) -> str:
        form = await request.form()
        ledger.keep(*form.getlist("files"))
        return "done"

    @app.post("/request/stream")
    async def request_stream(request: Request) -> int:
        with ledger.holding("reader"):
            return sum([len(chunk) async for chunk in request.stream()])

    @app.post("/sync")
    def sync(order: Order, tasks: BackgroundTasks) -> str:
        return order.name

    @app.post("/wrong")
    async def wrong(order: int) -> int:
        return order

    @app.get("/lines")
    async def lines() -> AsyncIterator[int]:
        with ledger.holding("async generator"):
            for number in range(3):
                yield number

    @app.get("/text")
    def text() -> Iterator[str]:
        with ledger.holding("sync generator"):
            for number in range(3):
                yield str(number)

    @app.get("/events")
    async def events() -> AsyncIterator[ServerSentEvent]:
        with ledger.holding("events"):
            for number in range(3):
                yield ServerSentEvent(number)

    @app.get("/response")
    async def response() -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            with ledger.holding("pieces"):
                for _ in range(3):
                    yield b"piece"

        return StreamingResponse(chunks())

    @app.get("/endless")
    async def endless() -> AsyncIterator[int]:
        with ledger.holding("endless generator"):
            yield 0
            await anyio.sleep_forever()

    @app.get("/file")
    async def whole_file() -> Path:
        return file

    @app.websocket("/socket")
    async def socket(websocket: WebSocket) -> None:
        with ledger.holding("socket"):
            await websocket.accept()
            async for message in websocket.iter_text():
                await websocket.send_text(message)

    @app.websocket("/wrong/{number}")
    async def wrong_socket(websocket: WebSocket, number: int) -> None:
        await websocket.accept()

    return app
