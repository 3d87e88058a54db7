"""Bodies that are sent while they are made, such as forms with files: in chunks, for either kind of transport."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Protocol

import anyio

from signette.client.runtime.transport import Pairs, Received, Sent, close_chunks


class StreamedBody(Protocol):
    """A body that a transport reads in chunks, in either way."""

    @property
    def size(self) -> int | None:
        """The number of bytes, if it is known. It may block."""
        ...

    @property
    def is_repeatable(self) -> bool:
        """Whether it can be sent again."""
        ...

    @property
    def is_in_memory(self) -> bool:
        """Whether making it does not block."""
        ...

    def chunks(self) -> Iterator[bytes]: ...
    def chunks_async(self) -> AsyncIterator[bytes]: ...


class AsyncChunks:
    """Chunks that can be iterated over again, if the body can be sent again.

    `failure` is the exception of making a chunk. An application in the same process may have caught it.
    """

    def __init__(self, make: Callable[[], AsyncIterator[bytes]]) -> None:
        self.failure: Exception | None = None
        self._make = make
        self._open: list[AsyncIterator[bytes]] = []

    def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = self._recorded()
        self._open.append(chunks)
        return chunks

    async def _recorded(self) -> AsyncIterator[bytes]:
        chunks = self._make()
        try:
            async for chunk in chunks:
                yield chunk
        except Exception as exc:
            self.failure = exc
            raise
        finally:
            await close_chunks(chunks)

    def check(self) -> None:
        """Raise the exception of making a chunk."""
        if self.failure is not None:
            raise self.failure

    async def aclose(self) -> None:
        """Close what was not read to its end: an application may respond before."""
        with anyio.CancelScope(shield=True):
            while self._open:
                await close_chunks(self._open.pop())


class ReceivedBeforeBodyEnds:
    """A response that arrives while the body of the request is sent. Its end is also that of the body."""

    def __init__(self, received: Received, body: AsyncChunks) -> None:
        self._received = received
        self._body = body

    @property
    def status(self) -> int:
        return self._received.status

    @property
    def headers(self) -> Pairs:
        return self._received.headers

    async def aread(self) -> bytes:
        body = await self._received.aread()
        self._body.check()
        return body

    async def aiter_bytes(self) -> AsyncIterator[bytes]:
        chunks = self._received.aiter_bytes()
        try:
            async for chunk in chunks:
                yield chunk
        except Exception:
            self._body.check()
            raise
        finally:
            await close_chunks(chunks)
        self._body.check()

    async def aclose(self) -> None:
        await self._received.aclose()
        await self._body.aclose()


class BlockingChunks:
    """The same, without `async`."""

    def __init__(self, make: Callable[[], Iterator[bytes]]) -> None:
        self.failure: Exception | None = None
        self._make = make

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._make()
        except Exception as exc:
            self.failure = exc
            raise

    def check(self) -> None:
        """Raise the exception of making a chunk."""
        if self.failure is not None:
            raise self.failure


def is_repeatable_body(body: Any) -> bool:
    """Whether a body can be sent again."""
    if body is None or isinstance(body, bytes):
        return True
    return bool(getattr(body, "is_repeatable", False))


def is_streamed_body(body: Any) -> bool:
    """Whether a body is a `StreamedBody`."""
    return hasattr(body, "chunks_async")


async def with_async_body(sent: Sent) -> Sent:
    """The request with a body that an async transport reads."""
    body: Any = sent.body
    if not is_streamed_body(body):
        return sent
    size = body.size if body.is_in_memory else await anyio.to_thread.run_sync(lambda: body.size)
    return _with_body(sent, AsyncChunks(body.chunks_async), size)


def with_blocking_body(sent: Sent) -> Sent:
    """The request with a body that a transport without `async` reads."""
    body: Any = sent.body
    return _with_body(sent, BlockingChunks(body.chunks), body.size) if is_streamed_body(body) else sent


def _with_body(sent: Sent, chunks: Any, size: int | None) -> Sent:
    headers = sent.headers if size is None else [*sent.headers, ("content-length", str(size))]
    return Sent(sent.method, sent.url, headers, chunks, sent.streams, sent.timeout)
