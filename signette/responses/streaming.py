"""Streaming responses.

Theory of operation. The chunks come from an iterator that may hold resources: a cursor, a file, a connection. So the
iterator is always closed, in the task that reads it, before the response returns. A stream can end in these ways:

* The iterator ends: only then is the last, empty message sent. If it raises, the response stays incomplete, so that the
  client notices.
* The iterator raises before its first chunk: if the start waits for that chunk, as in the response of a typed endpoint,
  nothing was sent, and the exception is handled like any other.
* The server cancels the task: the iterator is closed in a shielded scope, in which it can still await.
* The method is HEAD: the response ends with its start, and the iterator is closed. `send` raises `HeadIsSent`, which
  may be in an exception group if a subclass sends from a task group.
* The client disconnects. From ASGI 2.4 on, `send` raises OSError, which becomes `ClientDisconnect`. Before 2.4, only
  `receive` reports it, so a second task waits for it and cancels the first; nothing is raised.
"""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from functools import lru_cache
from time import monotonic
from types import AsyncGeneratorType
from typing import Any

from anyio import move_on_after
from anyio.lowlevel import checkpoint

from signette.background import BackgroundTask, run_after
from signette.body import discard_body, mark_body_lost
from signette.concurrency import run_alongside
from signette.exceptions import ClientDisconnect
from signette.responses.plain import Response
from signette.responses.read_ahead import ThreadedChunks
from signette.responses.wire import BODILESS, as_denial, encode_chunk
from signette.types import Message, Receive, Scope, Send

Content = str | bytes | memoryview
SyncContentStream = Iterable[Content]
AsyncContentStream = AsyncIterable[Content]
ContentStream = AsyncContentStream | SyncContentStream

# How long a stream runs before other tasks have their turn, and a cancellation or disconnect is noticed.
# PERF: a checkpoint costs as much as ten chunks. Reading the clock costs 0.1 µs a chunk, a server's `send` more than
# ten times that.
TURN_SECONDS = 0.002
# The timeout for closing an iterator after a cancellation, so that a server can shut down.
CLOSING_SECONDS = 10


class StreamingResponse(Response):
    """Streams the body: sends each chunk of an iterable at once.

    Sync iterables other than lists and tuples are read in worker threads. Generators, and iterators with an `aclose`
    method, are always closed at the end of the stream. Other resources are not closed.

    Attributes:
        body_iterator: The chunks. Middleware may replace it.
        always_listens: Of the class: a second task waits for the disconnect, even if `send` of the server reports
            it.
    """

    body_iterator: AsyncIterable[Any]
    always_listens = False
    _waits_for_first_chunk = False
    """Whether the start is sent with the first chunk, as in the response of a typed endpoint, or at once."""
    _is_started = False
    """Whether the start was sent, or is being sent: status and headers can no longer change."""
    _before_start: Callable[[], None] | None = None
    """Called before the start is sent. May change status and headers."""

    def __init__(
        self,
        content: ContentStream,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        self.status_code = status_code
        if media_type is not None:
            self.media_type = media_type
        self.background = background
        self._content = content
        self._iterator = self.body_iterator = iterate_content(content)
        self.init_headers(headers)

    def render_chunk(self, chunk: Any) -> bytes | memoryview:
        """Encode a chunk. Subclasses may override it."""
        return chunk if type(chunk) is bytes else encode_chunk(chunk, self.charset)

    async def listen_for_disconnect(self, receive: Receive) -> None:
        """Wait until the client disconnects."""
        await until_disconnect(receive)

    async def stream_response(self, send: Send) -> None:
        """Send the response, and close the iterator."""
        start = (
            send
            if isinstance(send, DeferredStart)
            else DeferredStart(self, send, at_once=not self._waits_for_first_chunk)
        )
        iterator: AsyncIterator[Any] | None = None
        try:
            if start.at_once or self.status_code in BODILESS:
                await start.send_start()
            if start.has_body or not start.is_sent:
                iterator = aiter(self.body_iterator)
                if isinstance(iterator, ThreadedChunks):
                    await iterator.read_alongside(self._send_chunks(iterator, start))
                else:
                    await self._send_chunks(iterator, start)
                if not start.is_sent:  # the iterator was empty
                    await start.send_start()
            await start({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await self._close(iterator)

    async def _send_chunks(self, chunks: AsyncIterable[Any], start: "DeferredStart") -> None:
        render, send = self.render_chunk, start.send
        is_sending = False
        turn_ends = monotonic() + TURN_SECONDS
        try:
            async for chunk in chunks:
                body = render(chunk)
                if not start.has_body:
                    if not start.is_sent:
                        await start.send_start()
                    if not start.has_body:
                        return  # the iterator has set a status without a body
                # PERF: a flag shows whether `send` raised the OSError; wrapping `send` costs a call for each chunk.
                is_sending = True
                await send({"type": "http.response.body", "body": body, "more_body": True})
                is_sending = False
                # Neither the iterator nor `send` may have waited: a server buffers what is sent.
                if monotonic() >= turn_ends:
                    await checkpoint()
                    turn_ends = monotonic() + TURN_SECONDS
        except OSError as error:
            if is_sending:
                raise ClientDisconnect from error
            raise

    async def _close(self, iterator: AsyncIterator[Any] | None) -> None:
        original = self._iterator
        if iterator is original and _is_over(iterator):
            return  # PERF: it has ended, which is the usual case
        # Middleware may have wrapped the iterator, and closing the outer one does not close the inner one.
        with move_on_after(CLOSING_SECONDS, shield=True):
            async with AsyncExitStack() as closing:
                inner_first = {id(each): each for each in (original, self.body_iterator, iterator)}
                for each in inner_first.values():
                    if (aclose := getattr(each, "aclose", None)) is not None:
                        closing.push_async_callback(aclose)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self.stream_response(as_denial(send))
        elif scope.get("method") == "HEAD":
            with until_head_is_sent():
                await self.stream_response(DeferredStart(self, _send_only_start(send), at_once=True))
        elif send_raises_on_disconnect(scope) and not self.always_listens:
            await self.stream_response(send)
        else:
            start = DeferredStart(self, send, at_once=not self._waits_for_first_chunk)
            try:
                await run_alongside(
                    lambda: self.stream_response(start),
                    lambda: self.listen_for_disconnect(discard_body(scope, receive)),
                )
            except Exception:
                mark_body_lost(scope)
                raise
            if not start.is_sent:  # disconnected before the first chunk; middleware still gets the start
                await start.send_start()
        if self.background is not None:
            await run_after(self.background, scope)


class DeferredStart:
    """A `send` that delays the start of a streaming response until its first chunk, unless `at_once`.

    Before its first chunk, the iterator may raise an exception, which is handled as usual, and may change status and
    headers.
    """

    __slots__ = ("at_once", "has_body", "is_sent", "response", "send")

    def __init__(self, response: StreamingResponse, send: Send, at_once: bool = False) -> None:
        self.response = response
        self.send = send
        self.at_once = at_once
        self.is_sent = False
        self.has_body = False
        """Whether the start is sent, and the response has a body."""

    async def __call__(self, message: Message) -> None:
        try:
            await self.send(message)
        except OSError as error:
            raise ClientDisconnect from error

    async def send_start(self) -> None:
        """Send the start with the current status and headers."""
        self.is_sent = True
        response = self.response
        response._is_started = True
        if response._before_start is not None:
            response._before_start()
        # Before sending: a task that waits for the lock of `send` needs it.
        self.has_body = response.status_code not in BODILESS
        headers = [*response._fields] if self.has_body else response._bodiless_headers()
        try:
            await self.send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        except OSError as error:
            raise ClientDisconnect from error


class HeadIsSent(BaseException):
    """Raised by `send` when the response to HEAD is complete, to end the stream, which might be endless.

    Not an `Exception`, so that code that logs the errors of a stream does not log it.
    """


@contextmanager
def until_head_is_sent() -> Iterator[None]:
    """Suppress `HeadIsSent` from a block and from its task groups."""
    try:
        yield
    except HeadIsSent:
        return
    except BaseExceptionGroup as group:
        _, rest = group.split(HeadIsSent)
        if rest is group:
            raise
        if rest is not None:
            raise rest from None


def _send_only_start(send: Send) -> Send:
    """`send` for HEAD: ends the response after the start, then raises `HeadIsSent`."""
    is_sent = False

    async def send_head(message: Message) -> None:
        nonlocal is_sent
        if not is_sent:
            await send(message)
            if message["type"] != "http.response.start":
                return
            is_sent = True
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        raise HeadIsSent

    return send_head


def iterate_content(content: ContentStream) -> AsyncIterable[Any]:
    """The chunks of the content as an async iterable."""
    if isinstance(content, AsyncIterable):
        return content
    if isinstance(content, str | bytes | memoryview):
        return _iterate((content,))  # one chunk, not one for each character
    if isinstance(content, list | tuple):
        return _iterate(content)  # PERF: iterating over a list never blocks, so it needs no thread
    return ThreadedChunks(content)


async def _iterate(chunks: Iterable[Content]) -> AsyncIterator[Content]:
    for chunk in chunks:
        yield chunk


def _is_over(iterator: AsyncIterable[Any]) -> bool:
    """Whether the iterator is known to have ended, so that it need not be closed."""
    if isinstance(iterator, AsyncGeneratorType):
        return iterator.ag_frame is None
    return isinstance(iterator, ThreadedChunks) and iterator.is_over


async def until_disconnect(receive: Receive) -> None:
    """Wait until the client disconnects. Drops the rest of the request body."""
    while (await receive())["type"] != "http.disconnect":
        pass


def send_raises_on_disconnect(scope: Scope) -> bool:
    """Whether `send` raises OSError after a disconnect (ASGI 2.4). Before 2.4, only `receive` reports it."""
    return _is_at_least_2_4(scope.get("asgi", {}).get("spec_version", "2.0"))


@lru_cache(maxsize=16)
def _is_at_least_2_4(spec_version: str) -> bool:
    return tuple(map(int, spec_version.split("."))) >= (2, 4)


def raising_client_disconnect(send: Send) -> Send:
    """`send`, raising `ClientDisconnect` for its OSError. An OSError of the body stays unchanged."""

    async def send_or_disconnect(message: Message) -> None:
        try:
            await send(message)
        except OSError as error:
            raise ClientDisconnect from error

    return send_or_disconnect
