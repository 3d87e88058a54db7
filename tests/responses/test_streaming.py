import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from signette.background import BackgroundTask
from signette.exceptions import ClientDisconnect
from signette.middleware.body_limit import RequestBodyLimitMiddleware
from signette.responses import StreamingResponse, streaming
from signette.responses import read_ahead as ahead
from signette.responses.streaming import iterate_content
from tests.asgi import VERSIONS, exchange, scope_of
from tests.timeouts import SECONDS

PIECES = [b"one", b"two", b"three"]


class Watched:
    """Makes iterators of the same three pieces and notes how often they were closed, and in which thread."""

    def __init__(self) -> None:
        self.closed = 0
        self.closed_in: int | None = None

    def note(self) -> None:
        self.closed += 1
        self.closed_in = threading.get_ident()

    async def async_generator(self) -> AsyncIterator[bytes]:
        try:
            for piece in PIECES:
                await checkpoint()
                yield piece
        finally:
            self.note()

    def sync_generator(self) -> Iterator[bytes]:
        try:
            yield from PIECES
        finally:
            self.note()

    def async_iterator(self) -> "AsyncSteps":
        return AsyncSteps(self)

    def async_iterable(self) -> "AsyncMaker":
        return AsyncMaker(self)


class AsyncSteps:
    """An iterator with its own `aclose`."""

    def __init__(self, watched: Watched) -> None:
        self.rest = list(PIECES)
        self.watched = watched

    def __aiter__(self) -> "AsyncSteps":
        return self

    async def __anext__(self) -> bytes:
        await checkpoint()
        if not self.rest:
            raise StopAsyncIteration
        return self.rest.pop(0)

    async def aclose(self) -> None:
        await checkpoint()
        self.watched.note()


class AsyncMaker:
    """An iterable that creates an iterator, which only the loop over it knows."""

    def __init__(self, watched: Watched) -> None:
        self.watched = watched

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self.watched.async_generator()


KINDS: list[Callable[[Watched], Any]] = [
    Watched.async_generator,
    Watched.sync_generator,
    Watched.async_iterator,
    Watched.async_iterable,
]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
every_version = pytest.mark.parametrize("version", VERSIONS)


@every_version
@every_kind
async def test_each_chunk_is_a_message_and_an_empty_one_is_the_end(kind: Any, version: str) -> None:
    watched = Watched()
    response = StreamingResponse(kind(watched), 201, {"x-one": "1"}, "text/plain")
    result = await exchange(response, scope_of(version=version))
    assert result.messages == [
        {
            "type": "http.response.start",
            "status": 201,
            "headers": [(b"x-one", b"1"), (b"content-type", b"text/plain; charset=utf-8")],
        },
        *({"type": "http.response.body", "body": piece, "more_body": True} for piece in PIECES),
        {"type": "http.response.body", "body": b"", "more_body": False},
    ]
    assert watched.closed == 1


@every_version
@every_kind
@pytest.mark.parametrize("at", [1, 2, 3, 4])
async def test_a_disconnect_closes_the_iterator_once(kind: Any, version: str, at: int) -> None:
    watched = Watched()
    response = await exchange(StreamingResponse(kind(watched)), scope_of(version=version), leave_at=at)
    assert watched.closed == 1
    assert len(response.messages) == at + 1
    assert (type(response.error) if response.error else None) is (ClientDisconnect if version == "2.4" else None)


@every_version
@every_kind
@pytest.mark.parametrize("when", ["cancel_at", "cancel_after"])
@pytest.mark.parametrize("at", [1, 2, 3, 4])
async def test_a_cancellation_closes_the_iterator_once(kind: Any, version: str, when: str, at: int) -> None:
    watched = Watched()
    response = await exchange(StreamingResponse(kind(watched)), scope_of(version=version), **{when: at})  # type: ignore[arg-type]
    assert watched.closed == 1
    assert len(response.messages) <= 5
    assert response.error is None
    assert response.was_cancelled or at == 4
    assert not response.is_complete or at >= 3


@every_version
@pytest.mark.parametrize("kind", ["leave_at", "cancel_at", "cancel_after"])
async def test_an_iterator_that_was_never_started_is_closed_too(version: str, kind: str) -> None:
    watched = Watched()
    steps, sync, unstarted = watched.async_iterator(), watched.sync_generator(), watched.async_generator()
    for content in (steps, sync, unstarted):
        await exchange(StreamingResponse(content), scope_of(version=version), **{kind: 0})  # type: ignore[arg-type]
    assert watched.closed >= 1
    assert list(sync) == []
    assert [piece async for piece in unstarted] == []


@every_version
async def test_the_start_is_not_sent_again_nor_an_end_when_the_iterator_fails(version: str) -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield b"one"
        raise LookupError("half way")

    ran: list[int] = []
    response = StreamingResponse(failing(), background=BackgroundTask(ran.append, 1))
    result = await exchange(response, scope_of(version=version))
    assert isinstance(result.error, LookupError)
    assert [message.get("body") for message in result.messages] == [None, b"one"]
    assert not result.is_complete
    assert ran == []


@every_version
async def test_a_sync_iterator_that_raises_leaves_the_response_incomplete(version: str) -> None:
    def failing() -> Iterator[bytes]:
        yield b"one"
        raise LookupError("half way")

    response = await exchange(StreamingResponse(failing()), scope_of(version=version))
    assert isinstance(response.error, LookupError)
    assert not response.is_complete


@every_version
async def test_an_oserror_of_the_iterator_is_its_own(version: str) -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield b"one"
        raise FileNotFoundError("mine")

    response = await exchange(StreamingResponse(failing()), scope_of(version=version))
    assert isinstance(response.error, FileNotFoundError)


async def test_a_disconnect_keeps_the_error_of_the_server_as_its_cause() -> None:
    response = await exchange(StreamingResponse(Watched().async_generator()), leave_at=1)
    assert isinstance(response.error, ClientDisconnect)
    assert isinstance(response.error.__cause__, OSError)


async def test_before_2_4_a_disconnect_is_noticed_while_the_iterator_waits() -> None:
    closed = []

    async def waits() -> AsyncIterator[bytes]:
        try:
            yield b"one"
            await anyio.sleep_forever()
        finally:
            closed.append(1)

    ran: list[int] = []
    response = StreamingResponse(waits(), background=BackgroundTask(ran.append, 1))
    result = await exchange(response, scope_of(version="2.3"), leave_at=1)
    assert (result.error, closed, ran) == (None, [1], [1])


async def test_messages_of_the_request_are_no_disconnect() -> None:
    rest = [{"type": "http.request", "body": b"x", "more_body": False}]
    response = await exchange(StreamingResponse(PIECES), scope_of(version="2.3"), *rest)
    assert response.body == b"onetwothree"


TOO_MUCH = [{"type": "http.request", "body": b"too much", "more_body": more} for more in (True, True, False)]


@pytest.mark.parametrize("headers", [{}, {"content_length": "24"}])
async def test_an_unread_body_over_its_limit_does_not_interrupt_the_response(headers: dict[str, str]) -> None:
    response = StreamingResponse(Watched().async_generator())
    scope = scope_of(method="POST", version="2.3", headers=headers)
    result = await exchange(RequestBodyLimitMiddleware(response, 10), scope, *TOO_MUCH)
    assert result.error is None
    assert result.body == b"".join(PIECES)
    assert result.is_complete


@pytest.mark.parametrize("headers", [{}, {"content_length": "24"}])
async def test_a_disconnect_is_noticed_after_a_body_over_its_limit(headers: dict[str, str]) -> None:
    watched = Watched()

    async def endless() -> AsyncIterator[bytes]:
        try:
            yield b"one"
            await anyio.sleep_forever()
        finally:
            watched.note()

    scope = scope_of(method="POST", version="2.3", headers=headers)
    app = RequestBodyLimitMiddleware(StreamingResponse(endless()), 10)
    response = await exchange(app, scope, *TOO_MUCH, leave_at=1)
    assert (response.error, watched.closed) == (None, 1)


async def test_an_error_of_receive_is_raised_unchanged() -> None:
    async def receive() -> Any:
        raise LookupError("receive")

    async def send(message: Any) -> None:
        await anyio.sleep_forever()

    with anyio.fail_after(SECONDS), pytest.raises(LookupError, match="receive"):
        await StreamingResponse(PIECES)(scope_of(version="2.3"), receive, send)


@every_version
async def test_a_cleanup_that_awaits_is_completed(version: str) -> None:
    ended = []

    async def holds() -> AsyncIterator[bytes]:
        try:
            yield b"one"
        finally:
            await checkpoint()
            ended.append(1)

    for how in ("leave_at", "cancel_at"):
        ended.clear()
        await exchange(StreamingResponse(holds()), scope_of(version=version), **{how: 1})  # type: ignore[arg-type]
        assert ended == [1]


async def test_a_cleanup_that_hangs_is_cancelled_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "CLOSING_SECONDS", 0.01)
    ended = []

    async def hangs() -> AsyncIterator[bytes]:
        try:
            yield b"one"
        finally:
            try:
                await anyio.sleep_forever()
            finally:
                ended.append(1)

    response = await exchange(StreamingResponse(hangs()), cancel_at=1)
    assert (response.was_cancelled, ended) == (True, [1])


async def test_a_sync_generator_is_closed_in_a_thread_that_may_block() -> None:
    watched = Watched()
    await exchange(StreamingResponse(watched.sync_generator()), leave_at=1)
    assert watched.closed_in not in {None, threading.get_ident()}


@pytest.mark.parametrize("content", [PIECES, tuple(PIECES), "onetwothree", b"onetwothree", memoryview(b"onetwothree")])
async def test_lists_and_text_need_no_worker_thread(content: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "run_in_threadpool", None)
    assert (await exchange(StreamingResponse(content))).body == b"onetwothree"


async def test_text_and_memory_are_chunks_too() -> None:
    response = await exchange(StreamingResponse(iter(["é", memoryview(b"abcd")[::2], bytearray(b"x")])))
    assert [message["body"] for message in response.messages[1:]] == ["é".encode(), b"ac", b"x", b""]


async def test_a_chunk_that_is_neither_text_nor_bytes_is_rejected() -> None:
    response = await exchange(StreamingResponse([1]))  # type: ignore[list-item]  # the error under test
    assert isinstance(response.error, TypeError)


@pytest.mark.parametrize(("status", "length"), [(204, None), (205, "0"), (304, "11")])
async def test_a_status_without_content_never_reads_a_chunk(status: int, length: str | None) -> None:
    watched = Watched()
    response = StreamingResponse(watched.async_iterator(), status, {"content-length": "11"})
    result = await exchange(response)
    assert (result.body, len(result.messages), watched.closed) == (b"", 2, 1)
    assert len(response.body_iterator.rest) == 3  # type: ignore[attr-defined]  # AsyncSteps
    assert result.headers == ({"content-length": length} if length else {})


@pytest.mark.parametrize("is_async", [True, False])
@every_version
async def test_head_gets_only_the_start_and_never_reads_a_chunk(is_async: bool, version: str) -> None:
    log: list[str] = []

    async def pieces() -> AsyncIterator[bytes]:
        log.append("asked")
        yield b"one"

    def sync_pieces() -> Iterator[bytes]:
        log.append("asked")
        yield b"one"

    made = pieces() if is_async else sync_pieces()
    response = StreamingResponse(made, headers={"x-a": "b"}, background=BackgroundTask(log.append, "background"))
    result = await exchange(response, scope_of(method="HEAD", version=version))
    assert (result.error, result.headers, result.body, result.is_complete) == (None, {"x-a": "b"}, b"", True)
    assert log == ["background"]
    assert [piece async for piece in iterate_content(made)] == []  # it was closed


@every_version
async def test_head_closes_an_unstarted_iterator_once(version: str) -> None:
    watched = Watched()
    await exchange(StreamingResponse(watched.async_iterator()), scope_of(method="HEAD", version=version))
    assert watched.closed == 1


async def test_a_disconnect_before_the_start_of_head_is_noticed() -> None:
    response = await exchange(StreamingResponse(Watched().async_generator()), scope_of(method="HEAD"), leave_at=0)
    assert isinstance(response.error, ClientDisconnect)


async def test_a_websocket_is_rejected_by_a_streaming_response() -> None:
    response = await exchange(StreamingResponse(PIECES, 403), {"type": "websocket", "headers": []})
    assert {message["type"] for message in response.messages} == {
        "websocket.http.response.start",
        "websocket.http.response.body",
    }
    assert response.body == b"onetwothree"


async def test_an_iterator_put_around_ours_is_read_and_both_are_closed() -> None:
    watched, outer_closed = Watched(), []
    response = StreamingResponse(watched.async_iterator())

    async def louder(inner: Any) -> AsyncIterator[bytes]:
        try:
            async for piece in inner:
                yield piece.upper()
        finally:
            outer_closed.append(watched.closed)

    response.body_iterator = louder(response.body_iterator)
    result = await exchange(response, leave_at=2)
    assert result.body == b"ONETWO"
    assert (outer_closed, watched.closed) == ([0], 1)


async def test_an_iterator_that_fails_to_close_does_not_keep_the_other_open() -> None:
    watched = Watched()
    response = StreamingResponse(watched.async_iterator())

    async def careless(inner: Any) -> AsyncIterator[bytes]:
        try:
            async for piece in inner:
                yield piece
        finally:
            raise LookupError("in finally")

    response.body_iterator = careless(response.body_iterator)
    result = await exchange(response, leave_at=1)
    assert isinstance(result.error, LookupError)
    assert watched.closed == 1


async def test_a_subclass_may_override_listening_and_streaming() -> None:
    class Own(StreamingResponse):
        async def listen_for_disconnect(self, receive: Any) -> None:
            heard.append((await receive())["type"])

        async def stream_response(self, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await anyio.sleep_forever()

    heard: list[str] = []
    response = await exchange(Own([]), scope_of(version="2.3"), leave_at=0)
    assert (response.error, heard) == (None, ["http.disconnect"])


async def test_background_work_runs_after_the_last_message() -> None:
    order: list[str] = []
    for version in VERSIONS:
        order.clear()
        response = StreamingResponse([b"x"], background=BackgroundTask(order.append, "work"))
        await exchange(response, scope_of(version=version), on_send=lambda message: order.append(message["type"]))
        assert order == ["http.response.start", "http.response.body", "http.response.body", "work"]


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@every_version
async def test_a_native_cancellation_while_a_thread_reads_closes_the_generator_when_it_is_done(version: str) -> None:
    entered, go_on = threading.Event(), threading.Event()
    closed: list[int] = []

    def slow() -> Iterator[bytes]:
        try:
            entered.set()
            go_on.wait(SECONDS)
            yield b"late"
        finally:
            closed.append(1)

    running = asyncio.create_task(exchange(StreamingResponse(slow()), scope_of(version=version)))
    while not entered.is_set():
        await checkpoint()
    running.cancel()
    for _ in range(10):
        await checkpoint()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert closed == [1]
