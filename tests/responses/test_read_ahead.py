"""Sync iterables are read in worker threads, several chunks with a call, and no chunk waits for the next one."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any

import anyio
import pytest

from signette.responses import StreamingResponse
from signette.responses import read_ahead as ahead
from signette.responses.read_ahead import BYTES_AHEAD, CHUNKS_AHEAD, ThreadedChunks
from tests.asgi import VERSIONS, exchange, scope_of
from tests.timeouts import SECONDS

every_version = pytest.mark.parametrize("version", VERSIONS)


@pytest.fixture
def hops(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what was done in a thread."""
    made: list[str] = []
    original = ahead.run_in_threadpool

    async def noted(func: Callable[..., Any], *args: Any) -> Any:
        made.append(func.__name__)
        return await original(func, *args)

    monkeypatch.setattr(ahead, "run_in_threadpool", noted)
    return made


class Held:
    """Makes pieces, each at once, but those in `held` only when the one before them has been sent."""

    def __init__(self, count: int, held: set[int]) -> None:
        self.count = count
        self.held = held
        self.sent = threading.Semaphore(0)
        self.closed = 0

    def pieces(self) -> Iterator[bytes]:
        try:
            for number in range(self.count):
                if number in self.held:
                    for _ in range(number):
                        assert self.sent.acquire(timeout=SECONDS), f"piece {number - 1} waits for piece {number}"
                        # It stays sent: the next one that is held counts from the first again.
                    for _ in range(number):
                        self.sent.release()
                yield b"%d " % number
        finally:
            self.closed += 1

    def note(self, message: dict[str, Any]) -> None:
        if message.get("body"):
            self.sent.release()


@every_version
@pytest.mark.parametrize("held", [{1}, {2}, {50}, {1, 2, 3}, set(range(1, 9)), {CHUNKS_AHEAD - 1, CHUNKS_AHEAD}])
async def test_a_chunk_is_sent_before_the_next_one_is_read(held: set[int], version: str) -> None:
    source = Held(100, held)
    response = await exchange(StreamingResponse(source.pieces()), scope_of(version=version), on_send=source.note)
    assert (response.error, source.closed) == (None, 1)


@every_version
async def test_one_thread_call_reads_many_chunks(hops: list[str], version: str) -> None:
    response = await exchange(StreamingResponse(b"%d " % number for number in range(1000)), scope_of(version=version))
    assert response.body == b"".join(b"%d " % number for number in range(1000))
    assert len(response.messages) == 1002
    assert len(hops) <= 1000 // CHUNKS_AHEAD + 2


@pytest.mark.parametrize(
    ("size", "most"), [(1, CHUNKS_AHEAD), (BYTES_AHEAD // 4, 4), (BYTES_AHEAD, 1), (10 * BYTES_AHEAD, 1)]
)
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, bytes.decode])
async def test_a_client_that_does_not_read_limits_the_chunks_read_ahead(size: int, most: int, kind: Any) -> None:
    made = 0
    full = anyio.Event()

    def pieces() -> Iterator[Any]:
        nonlocal made
        while True:
            made += 1
            yield kind(b"x" * size)

    async def hold(message: dict[str, Any]) -> None:
        if message.get("body"):
            await anyio.wait_all_tasks_blocked()
            full.set()
            await anyio.sleep_forever()

    async with anyio.create_task_group() as group:
        group.start_soon(partial(exchange, StreamingResponse(pieces()), on_send=hold))
        with anyio.fail_after(SECONDS):
            await full.wait()
        limiter = anyio.to_thread.current_default_thread_limiter()
        with anyio.fail_after(SECONDS):
            while limiter.borrowed_tokens:  # no thread is kept for a client that does not read
                await anyio.lowlevel.checkpoint()
        assert made <= most
        group.cancel_scope.cancel()


@every_version
async def test_a_disconnect_stops_reading_at_once(version: str) -> None:
    entered, go_on = threading.Event(), threading.Event()
    left = anyio.Event()
    made: list[int] = []
    closed: list[int] = []

    def pieces() -> Iterator[bytes]:
        try:
            yield b"first"
            entered.set()
            go_on.wait(SECONDS)
            for number in range(10):
                made.append(number)
                yield b"more"
        finally:
            closed.append(threading.get_ident())

    async def take(message: dict[str, Any]) -> None:
        if message.get("body") == b"first":
            while not entered.is_set():
                await anyio.lowlevel.checkpoint()
            left.set()

    async def let_the_thread_go_on() -> None:
        await left.wait()
        await anyio.wait_all_tasks_blocked()
        go_on.set()

    with anyio.fail_after(SECONDS):
        async with anyio.create_task_group() as group:
            group.start_soon(let_the_thread_go_on)
            await exchange(StreamingResponse(pieces()), scope_of(version=version), cancel_at=1, on_send=take)
    assert len(made) == 1  # the one that was in the making
    assert len(closed) == 1
    assert closed[0] != threading.get_ident()


@every_version
async def test_chunks_before_an_error_are_sent_first(version: str) -> None:
    def pieces() -> Iterator[bytes]:
        for number in range(10):
            yield b"%d" % number
        raise LookupError("here")

    response = await exchange(StreamingResponse(pieces()), scope_of(version=version))
    assert response.body == b"0123456789"
    assert isinstance(response.error, LookupError)
    assert not response.is_complete


async def test_an_oserror_of_a_sync_iterator_is_its_own() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"one"
        raise FileNotFoundError("mine")

    response = await exchange(StreamingResponse(pieces()))
    assert isinstance(response.error, FileNotFoundError)


async def test_an_iterator_that_is_made_by_an_iterable_is_made_in_a_thread() -> None:
    threads: list[int] = []

    class Rows:
        def __iter__(self) -> Iterator[bytes]:
            threads.append(threading.get_ident())
            return iter([b"one", b"two"])

    assert (await exchange(StreamingResponse(Rows()))).body == b"onetwo"
    assert threads
    assert threads[0] != threading.get_ident()


async def test_iterating_without_read_alongside_takes_one_thread_call_per_chunk(hops: list[str]) -> None:
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(3):
            made.append(number)
            yield number

    pieces = ThreadedChunks(numbers())
    seen = [(piece, len(made)) async for piece in pieces]
    assert seen == [(0, 1), (1, 2), (2, 3)]
    assert hops == ["_take"] * 4
    await pieces.aclose()
    assert hops == ["_take"] * 4  # what has ended needs no closing


async def test_the_chunks_may_be_read_through_another_iterator() -> None:
    source = Held(100, {1, 50})
    response = StreamingResponse(source.pieces())

    async def around(inner: Any) -> AsyncIterator[bytes]:
        async for piece in inner:
            yield piece

    response.body_iterator = around(response.body_iterator)
    result = await exchange(response, on_send=source.note)
    assert (result.error, source.closed) == (None, 1)
