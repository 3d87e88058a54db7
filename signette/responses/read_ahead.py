"""Reads a blocking iterable in worker threads, some chunks ahead of the task that sends them.

Theory of operation. A call of a worker thread costs more than most chunks, so one call reads several of them. But a
chunk must not wait for the next one, which may take long: the thread passes each chunk on at once, and continues. So
there are two tasks: the sender, which takes the chunks that are ready, and `_read_ahead`, which calls a worker thread
when the sender has taken all chunks. Outside of `read_alongside`, a call reads one chunk.

The thread wakes the sender without waiting for it. The sender first sets `_waiting`, then checks for chunks; the thread
first adds a chunk, then checks `_waiting`. In any order, one of them notices the other.

A generator that has started may hold a resource that other requests wait for, such as a connection of a pool. So all
calls except the first use threads that are reserved for this. They run in one context, so that context variables keep
their values between chunks.
"""

from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterable, Iterator
from contextvars import Context, copy_context
from functools import partial
from typing import Any

from anyio import CancelScope, Event, sleep_forever
from anyio.lowlevel import current_token

from signette._thread_owned import ThreadOwned
from signette._threads import key_of_iterable, run_holding, run_reserved
from signette.concurrency import run_alongside

# PERF: a call of a worker thread costs as much as some twenty chunks. Both limit the memory of a response.
CHUNKS_AHEAD = 64
BYTES_AHEAD = 256 * 1024

_SIZED = (bytes, str, memoryview, bytearray)
_ESTIMATED_SIZE = 1024  # of objects that are encoded when they are sent
_END: Any = object()


class ThreadedChunks(ThreadOwned, AsyncIterator[Any]):
    """Iterates over the chunks of a blocking iterable. `aclose` closes a generator, unless `is_over`."""

    def __init__(self, content: Iterable[Any]) -> None:
        super().__init__()
        self.is_over = False
        self.key = key_of_iterable(content)
        self._content = content
        self._source: Iterator[Any] | None = None
        self._ready: deque[Any] = deque()
        self._failure: BaseException | None = None
        self._context: Context | None = None
        self._stopped = False
        self._waiting = False
        self._arrived: Event
        self._requested: Event | None = None
        self._wake: Callable[[Callable[[], Any]], Any]

    @property
    def has_started(self) -> bool:
        """Whether a thread has started to iterate."""
        return self._context is not None

    async def read_alongside(self, work: Coroutine[Any, Any, None]) -> None:
        """Run the work, which iterates over the chunks, and read ahead until it ends."""
        self._requested = Event()
        token: Any = current_token().native_token
        self._wake = getattr(token, "call_soon_threadsafe", None) or token.run_sync_soon

        async def working() -> None:
            try:
                await work
            finally:
                self._stopped = True  # a running thread stops after its chunk

        await run_alongside(working, self._read_ahead)

    async def _read_ahead(self) -> None:
        """Call a worker thread whenever all chunks were taken. Never returns."""
        while not self.is_over:
            assert self._requested is not None
            await self._requested.wait()
            self._requested = Event()
            await run_in_threadpool(self._take, CHUNKS_AHEAD)
            if self._waiting:
                self._waiting = False
                self._arrived.set()
        await sleep_forever()

    async def __anext__(self) -> Any:
        ready = self._ready
        while True:
            was_over = self.is_over  # first, as the last chunk may arrive between these lines
            if ready:
                return ready.popleft()
            if was_over:
                break
            if self._requested is None:
                await run_in_threadpool(self._take, 1)
                continue
            arrived = self._arrived = Event()
            self._waiting = True
            if ready or self.is_over:
                self._waiting = False
            else:
                self._requested.set()
                await arrived.wait()
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Close the generator in a worker thread, as its `finally` blocks may block."""
        self._stopped = True
        if self.is_over:
            return
        unfinished = self._content if self._source is None else self._source
        if isinstance(unfinished, Generator):
            with CancelScope(shield=True):
                await run_in_threadpool(self._close, unfinished)
        self.is_over = True
        self._ready.clear()

    def _take(self, max_chunks: int) -> None:
        """Read up to `max_chunks` chunks, fewer if they are large. Blocks."""
        self.use(self._take_in_context, max_chunks)

    def _take_in_context(self, max_chunks: int) -> None:
        if self._context is None:
            self._context = copy_context()
        self._context.run(self._read, max_chunks)

    def _read(self, max_chunks: int) -> None:
        size = 0
        try:
            if self._source is None:
                self._source = iter(self._content)  # an iterable's `__iter__` may be a query, or open a file
            for _ in range(max_chunks):
                if self._stopped:
                    return
                chunk = next(self._source, _END)
                if chunk is _END:
                    self.is_over = True
                    return
                self._ready.append(chunk)
                if self._waiting:
                    self._waiting = False
                    self._wake(self._arrived.set)
                size += len(chunk) if isinstance(chunk, _SIZED) else _ESTIMATED_SIZE
                if size >= BYTES_AHEAD:
                    return
        except BaseException as failure:  # noqa: BLE001 - raised by `__anext__` after the chunks before it
            self._failure = failure
            self.is_over = True

    def _close(self, generator: Generator[Any, Any, Any]) -> None:
        """Close the generator when no thread runs it. Blocks."""
        self.release(self._close_in_context, generator)

    def _close_in_context(self, generator: Generator[Any, Any, Any]) -> None:
        if self._context is None:
            generator.close()
        else:
            self._context.run(generator.close)


async def run_in_threadpool(method: Any, *args: Any) -> None:
    """Call a method of a `ThreadedChunks` in a worker thread."""
    chunks: ThreadedChunks = method.__self__
    if chunks.has_started:
        await run_holding(None, (method.__name__, chunks.key), partial(method, *args))
    else:
        await run_reserved(None, chunks.key, partial(method, *args))
