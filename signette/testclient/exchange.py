"""The server side of an HTTP request and its response.

The application is at most one chunk of the body ahead of the client: `send` waits until the client has taken the chunk,
also if it is empty or part of the body of a HEAD request, which the client never sees. In the same way, a chunk of the
request body is read when the application calls `receive`. So streams of any size work in both directions, also at the
same time.
"""

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread

from signette._app_tasks.task import AppTask, ClientDisconnectedError
from signette.testclient._httpx import httpx
from signette.testclient.target import Target
from signette.types import Message

# Bodies of known length up to this size are one message; longer ones are sent in chunks of at least this size.
CHUNK_BYTES = 64 * 1024

HeaderPairs = list[tuple[bytes, bytes]]


class ThreadedChunks:
    """Reads the chunks of a blocking body in worker threads."""

    __slots__ = ("_chunk_bytes", "_iterator")

    def __init__(self, iterator: Iterator[bytes], chunk_bytes: int) -> None:
        self._iterator = iterator
        self._chunk_bytes = chunk_bytes

    def __aiter__(self) -> "ThreadedChunks":
        return self

    async def __anext__(self) -> bytes:
        chunk = await anyio.to_thread.run_sync(_next_chunk, self._iterator, self._chunk_bytes, abandon_on_cancel=True)
        if not chunk:
            raise StopAsyncIteration
        return chunk


def _next_chunk(iterator: Iterator[bytes], chunk_bytes: int) -> bytes:
    parts = []
    missing = chunk_bytes
    for part in iterator:
        parts.append(part)
        missing -= len(part)
        if missing <= 0:
            break
    return b"".join(parts)


def declared_length(request: httpx.Request) -> int | None:
    value = request.headers.get("content-length", "")
    return int(value) if value.isdecimal() else None


def body_of(request: httpx.Request) -> bytes | AsyncIterator[bytes]:
    """The body of a request of the synchronous client."""
    stream = request.stream
    assert isinstance(stream, httpx.SyncByteStream)  # httpx rejects asynchronous bodies
    length = declared_length(request)
    if isinstance(stream, httpx.ByteStream) or (length is not None and length <= CHUNK_BYTES):
        return b"".join(stream)
    return ThreadedChunks(iter(stream), CHUNK_BYTES if length is not None else 1)


async def async_body_of(request: httpx.Request) -> bytes | AsyncIterator[bytes]:
    """The body of a request of the asynchronous client."""
    stream = request.stream
    assert isinstance(stream, httpx.AsyncByteStream)  # httpx rejects synchronous bodies
    length = declared_length(request)
    if isinstance(stream, httpx.ByteStream) or (length is not None and length <= CHUNK_BYTES):
        return b"".join([part async for part in stream])
    return aiter(stream)


class Exchange(AppTask):
    """Runs the application for a request. `status` is None until the response has started."""

    __slots__ = (
        "_body",
        "_body_ended",
        "_bytes_remaining",
        "_chunks",
        "_is_head",
        "_pulling",
        "_request_ended",
        "body_error",
        "complete",
        "debug",
        "disconnected",
        "headers",
        "status",
        "trailers",
        "trailers_announced",
    )

    def __init__(self, target: Target, request: httpx.Request, body: bytes | AsyncIterator[bytes]) -> None:
        super().__init__(target.app, target.http_scope(request))
        self.status: int | None = None
        self.headers: HeaderPairs = []
        self.trailers_announced = False
        self.trailers: HeaderPairs | None = None
        self.debug: dict[str, Any] | None = None
        self.complete = False
        self.disconnected = False
        self.body_error: BaseException | None = None
        self._body = body
        self._bytes_remaining = declared_length(request)
        self._pulling = False
        self._request_ended = False
        self._is_head = request.method == "HEAD"
        self._chunks: deque[bytes] = deque()
        self._body_ended = False

    async def run(self) -> None:
        try:
            await super().run()
        finally:
            if isinstance(self._body, AsyncGenerator):
                with anyio.CancelScope(shield=True):
                    await self._body.aclose()

    async def receive(self) -> Message:
        if isinstance(self._body, bytes):
            if not self._request_ended:
                self._request_ended = True
                return {"type": "http.request", "body": self._body, "more_body": False}
        else:
            await self.until(lambda: not self._pulling)
            if not self._request_ended and not self.disconnected:
                self._pulling = True
                try:
                    return await self._pull(self._body)
                finally:
                    self._pulling = False
                    self.changed()
        await self.until(lambda: self.complete or self.disconnected)
        return {"type": "http.disconnect"}

    async def _pull(self, body: AsyncIterator[bytes]) -> Message:
        try:
            chunk = await anext(body, None)
        except Exception as exc:  # noqa: BLE001 - an error of the test, which is raised there
            self.body_error = exc
            self.disconnected = self._request_ended = True
            return {"type": "http.disconnect"}
        if chunk is not None and self._bytes_remaining is not None:
            self._bytes_remaining -= len(chunk)
        self._request_ended = chunk is None or self._bytes_remaining == 0
        return {"type": "http.request", "body": chunk or b"", "more_body": not self._request_ended}

    async def send(self, message: Message) -> None:
        if self.disconnected:
            raise ClientDisconnectedError("The client has disconnected.")
        match message["type"]:
            case "http.response.start":
                self._start(message)
            case "http.response.body":
                await self._send_body(message)
            case "http.response.trailers":
                self._take_trailers(message)
            case "http.response.debug":
                self.debug = message["info"]
            case _:
                pass  # messages of extensions that are not part of a response: push promises, early hints

    def _start(self, message: Message) -> None:
        assert self.status is None, 'Received multiple "http.response.start" messages.'
        headers = [(bytes(name), bytes(value)) for name, value in message.get("headers", ())]
        self.status, self.headers = message["status"], headers
        self.trailers_announced = message.get("trailers", False)
        self.changed()

    async def _send_body(self, message: Message) -> None:
        assert self.status is not None, 'Received "http.response.body" without "http.response.start".'
        assert not self.complete, 'Received "http.response.body" after response completed.'
        assert not self._body_ended, 'Received "http.response.body" after the end of the body.'
        chunk = bytes(message.get("body", b""))
        self._chunks.append(b"" if self._is_head else chunk)
        if not message.get("more_body", False):
            self._body_ended = True
            self.complete = not self.trailers_announced
            self.changed()
            return
        self.changed()
        await self.until(lambda: not self._chunks or self.disconnected)
        if self.disconnected:
            raise ClientDisconnectedError("The client has disconnected.")

    def _take_trailers(self, message: Message) -> None:
        assert self.trailers_announced, 'Received "http.response.trailers" without declaring trailers.'
        assert self._body_ended, 'Received "http.response.trailers" before the end of the body.'
        assert not self.complete, 'Received "http.response.trailers" after response completed.'
        self.trailers = [*(self.trailers or ()), *message.get("headers", ())]
        self.complete = not message.get("more_trailers", False)
        self.changed()

    async def until_started(self) -> None:
        """Wait until the response starts, or the application ends."""
        await self.until(lambda: self.status is not None or self.done or self.disconnected)

    async def next_chunk(self) -> bytes | None:
        """The next chunk of the response body that is not empty; None at its end."""
        while True:
            await self.until(lambda: self._chunks or self.complete or self.done)
            chunk = self.take_chunk()
            if chunk is not None or self.complete or self.done:
                return chunk

    def take_chunk(self) -> bytes | None:
        """The next available chunk that is not empty, or None."""
        while self._chunks:
            chunk = self._chunks.popleft()
            self.changed()
            if chunk:
                return chunk
        return None

    async def finish(self) -> None:
        """Wait until the application ends, including background tasks. Disconnects if the response is incomplete."""
        if self.complete or self.done:
            await self.until_done()
        else:
            await self.leave()

    async def leave(self) -> None:
        """Disconnect, and wait until the application ends. Cancels it, and its background tasks, after a timeout."""
        self.disconnected = True
        self.changed()
        await self.end_after_disconnect()
