"""Streams whose items are always ready: other tasks have their turn, and the stream can be cancelled."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint
from pydantic import BaseModel

from signette import App
from signette.applications import Application
from signette.requests import Request
from signette.responses import EventSourceResponse, ServerSentEvent, StreamingResponse, streaming
from tests.asgi import VERSIONS, scope_of

# More than are sent in some turns, few enough for a test that fails.
MANY = 100_000


class Row(BaseModel):
    n: int


class Source:
    """Yields an item until others had their turns."""

    def __init__(self) -> None:
        self.turns = 0
        self.sent = 0

    def items(self, item: Any) -> Iterator[Any]:
        while self.sent < MANY:
            self.sent += 1
            yield item

    async def async_items(self, item: Any) -> AsyncIterator[Any]:
        for each in self.items(item):
            yield each

    async def count_turns(self) -> None:
        while True:
            await checkpoint()
            self.turns += 1


def typed(source: Source, annotation: Any, item: Any) -> App:
    app = App()

    async def endpoint() -> AsyncIterator[Any]:
        for each in source.items(item):
            yield each

    endpoint.__annotations__["return"] = AsyncIterator[annotation]
    app.get("/")(endpoint)
    return app


def typed_in_thread(source: Source, annotation: Any, item: Any) -> App:
    app = App()

    def endpoint() -> Iterator[Any]:
        yield from source.items(item)

    endpoint.__annotations__["return"] = Iterator[annotation]
    app.get("/")(endpoint)
    return app


def toolkit(make: Callable[[Source], Any]) -> Callable[[Source], Any]:
    def application(source: Source) -> Application:
        app = Application()

        async def endpoint(request: Request) -> Any:
            return make(source)

        app.add_route("/", endpoint)
        return app

    return application


STREAMS: dict[str, Callable[[Source], Any]] = {
    "JSON Lines": lambda source: typed(source, Row, Row(n=1)),
    "text": lambda source: typed(source, str, "a"),
    "bytes": lambda source: typed(source, bytes, b"a"),
    "events": lambda source: typed(source, ServerSentEvent, ServerSentEvent(data="a")),
    "JSON Lines in a thread": lambda source: typed_in_thread(source, Row, Row(n=1)),
    "events in a thread": lambda source: typed_in_thread(source, ServerSentEvent, ServerSentEvent(data="a")),
    "toolkit": toolkit(lambda source: StreamingResponse(source.async_items(b"a"))),
    "toolkit, text": toolkit(lambda source: StreamingResponse(source.async_items("a"))),
    "toolkit, thread": toolkit(lambda source: StreamingResponse(source.items(b"a"))),
    "toolkit, list": toolkit(lambda source: StreamingResponse([b"a"] * MANY)),
    "toolkit, events": toolkit(lambda source: EventSourceResponse(source.async_items("a"))),
    "toolkit, events without pings": toolkit(
        lambda source: EventSourceResponse(source.async_items("a"), ping_seconds=None)
    ),
}
each_stream = pytest.mark.parametrize("stream", STREAMS)
each_version = pytest.mark.parametrize("version", VERSIONS)


async def stays() -> Any:
    await anyio.sleep_forever()


@each_stream
@each_version
async def test_other_tasks_have_their_turn(stream: str, version: str) -> None:
    source, sent = Source(), 0
    app = STREAMS[stream](source)

    async def send(message: Any) -> None:
        nonlocal sent
        sent += 1
        if source.turns > 5:
            raise OSError  # enough is known

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(source.count_turns)
        with anyio.CancelScope():
            await app_until_disconnect(app, version, send)
        tasks.cancel_scope.cancel()
    assert source.turns > 5
    assert sent < MANY


async def app_until_disconnect(app: Any, version: str, send: Callable[[Any], Awaitable[None]]) -> None:
    try:
        await app(scope_of(version=version), stays, send)
    except Exception as error:
        if not isinstance(error.__cause__ or error, OSError):
            raise


@each_stream
@each_version
@pytest.mark.either_loop
async def test_a_stream_can_be_cancelled(stream: str, version: str) -> None:
    source, sent = Source(), 0
    app = STREAMS[stream](source)

    async def send(message: Any) -> None:
        nonlocal sent
        sent += 1
        if sent == 3:
            server.cancel()

    with anyio.CancelScope() as server:
        await app(scope_of(version=version), stays, send)
    assert server.cancelled_caught
    assert sent < MANY


@each_stream
async def test_a_client_that_leaves_is_noticed(stream: str) -> None:
    """Before ASGI 2.4 only `receive` reports it, in another task."""
    source, sent, left = Source(), 0, anyio.Event()
    app = STREAMS[stream](source)

    async def send(message: Any) -> None:
        nonlocal sent
        sent += 1
        if sent == 3:
            left.set()

    async def receive() -> Any:
        await left.wait()
        return {"type": "http.disconnect"}

    await app(scope_of(version="2.3"), receive, send)
    assert sent < MANY


async def test_a_short_stream_never_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "TURN_SECONDS", 60)

    async def items() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"

    async def send(message: Any) -> None: ...

    steps = StreamingResponse(items())(scope_of(), stays, send)
    with pytest.raises(StopIteration):
        steps.send(None)
