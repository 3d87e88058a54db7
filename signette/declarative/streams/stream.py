"""`Stream`: the items of a request body, as they arrive."""

from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, Generic, TypeVar

from anyio import from_thread
from anyio.lowlevel import EventLoopToken, checkpoint, current_token

from signette.declarative.streams.received import Received
from signette.exceptions import ErrorEntry

__all__ = ["Batches", "Stream"]

T = TypeVar("T")


NextChunk = Callable[[], Coroutine[Any, Any, bytes]]


class Stream(Generic[T]):
    """The items of a request body, each validated when it has arrived: `rows: Stream[Reading]`.

    Iterate once, with `async for row in rows`, or with `for row in rows` in a `def` endpoint; `rows.batches(500)` has
    lists of items. Items that were iterated over are not kept. You may stop before the end of the body.

    Iterating raises:
        RequestValidationError: 422, an item is not valid. `Items(on_error=...)` has other policies.
        HTTPException: 400, the body is malformed.
        LimitExceeded: 413, the body or an item exceeds a limit.
        ClientDisconnect: the client disconnected before the end.
        RuntimeError: the request has ended, or the stream is iterated over in two tasks at once.
    """

    __slots__ = ("_next_chunk", "_ready", "_received", "_token", "media_type")

    def __init__(self, received: Received, next_chunk: NextChunk, media_type: str) -> None:
        self.media_type = media_type
        """The media type that the client has sent, without parameters."""
        self._received = received
        self._next_chunk = next_chunk
        self._ready: deque[T] = deque()
        self._token: EventLoopToken = current_token()

    @property
    def accepted(self) -> int:
        """The number of valid items so far."""
        return self._received.valid_count - len(self._ready)

    @property
    def skipped(self) -> int:
        """The number of items so far that were not valid."""
        return self._received.invalid_count

    @property
    def errors(self) -> list[ErrorEntry]:
        """The errors of these items, the first 100 of them. Pointers begin with the index of the item: `/2/name`."""
        return list(self._received.errors)

    def batches(self, size: int) -> "Batches[T]":
        """Iterate over lists of `size` items; the last one may be shorter.

        Raises:
            ValueError: `size` is less than 1.
        """
        if size < 1:
            raise ValueError(f"`batches({size!r})`: the size of a batch must be at least 1")
        return Batches(self, size)

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        if not self._ready and not await self._fill():
            raise StopAsyncIteration
        return self._ready.popleft()

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        if not self._ready and not self._fill_from_thread():
            raise StopIteration
        return self._ready.popleft()

    async def _fill(self) -> bool:
        """Wait for valid items. Returns whether there are some."""
        received = self._received
        while not self._extend():
            if received.is_over:
                return False
            chunk = await self._next_chunk()
            received.feed(chunk) if chunk else received.end()
        # A server may have had the whole chunk already: other tasks have their turn, too.
        await checkpoint()
        return True

    def _fill_from_thread(self) -> bool:
        received = self._received
        while not self._extend():
            if received.is_over:
                return False
            chunk = self._chunk_from_thread()
            received.feed(chunk) if chunk else received.end()
        return True

    def _extend(self) -> bool:
        self._ready.extend(self._received.take())
        return bool(self._ready)

    def _chunk_from_thread(self) -> bytes:
        try:
            current_token()
        except RuntimeError:
            pass
        else:
            raise RuntimeError("`for` would block the event loop; write `async for`, or a `def` endpoint")
        token: EventLoopToken | None = None
        try:
            # A worker thread of anyio passes on a cancellation of the request.
            from_thread.check_cancelled()
        except RuntimeError:
            token = self._token
        return from_thread.run(self._next_chunk, token=token)

    def __repr__(self) -> str:
        return f"<Stream of {self.media_type}: {self.accepted} accepted, {self.skipped} skipped>"


class Batches(Generic[T]):
    """Lists of items of a stream; see `Stream.batches`."""

    __slots__ = ("_size", "_stream")

    def __init__(self, stream: Stream[T], size: int) -> None:
        self._stream = stream
        self._size = size

    def __aiter__(self) -> AsyncIterator[list[T]]:
        return self

    async def __anext__(self) -> list[T]:
        batch: list[T] = []
        while self._extend(batch) and await self._stream._fill():
            pass
        if not batch:
            raise StopAsyncIteration
        return batch

    def __iter__(self) -> Iterator[list[T]]:
        return self

    def __next__(self) -> list[T]:
        batch: list[T] = []
        while self._extend(batch) and self._stream._fill_from_thread():
            pass
        if not batch:
            raise StopIteration
        return batch

    def _extend(self, batch: list[T]) -> bool:
        """Move items that are ready to the batch. Returns whether it needs more."""
        ready = self._stream._ready
        missing = self._size - len(batch)
        if len(ready) <= missing:
            batch += ready
            ready.clear()
        else:
            batch += [ready.popleft() for _ in range(missing)]
        return len(batch) < self._size
