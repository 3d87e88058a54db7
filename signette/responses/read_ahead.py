"""Reading a blocking iterable in worker threads, some pieces ahead of whoever sends them.

Theory of operation. A hop to a worker thread costs more than most pieces, so one hop takes several of them. But the
next piece may be long in coming, and the one that is there must not wait for it: each piece is handed over as soon as
it is made, while the thread goes on. So two are at work: the sender, who takes what is ready, and `_read_ahead`, which
runs beside it and makes the hops, each when the sender has run out of pieces. Outside of `read_beside`
a hop takes one piece.

Who waits is woken without the thread waiting for it. The sender says that it waits and then looks once more; the
thread puts the piece down and then looks whether somebody waits: in whatever order that happens, one of them sees the
other.

A generator that has begun may hold what others wait for, as a connection of a pool. So all hops but the first are made
in threads that are kept for such. They run in one context: a variable that was set for one piece is set for the next.
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
from signette.concurrency import run_beside

# PERF: a hop costs as much as some twenty pieces. What each answer holds in memory is bounded by both.
CHUNKS_AHEAD = 64
BYTES_AHEAD = 256 * 1024

_SIZED = (bytes, str, memoryview, bytearray)
_ROUGH_SIZE = 1024  # of what is turned into bytes only when it is sent
_END: Any = object()


class ThreadedChunks(ThreadOwned, AsyncIterator[Any]):
    """The items of a blocking iterable. `aclose` closes it, if it is a generator; `is_over` once there is no need."""

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
        self._wanted: Event | None = None
        self._wake: Callable[[Callable[[], Any]], Any]

    @property
    def has_begun(self) -> bool:
        """Whether a thread has asked for a piece."""
        return self._context is not None

    async def read_beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Run the work, which takes the pieces, and read ahead of it until it ends."""
        self._wanted = Event()
        token: Any = current_token().native_token
        self._wake = getattr(token, "call_soon_threadsafe", None) or token.run_sync_soon

        async def working() -> None:
            try:
                await work
            finally:
                self._stopped = True  # a thread that makes a piece makes no other

        await run_beside(working, self._read_ahead)

    async def _read_ahead(self) -> None:
        """Make the hops, each when all pieces were taken. Never returns."""
        while not self.is_over:
            assert self._wanted is not None
            await self._wanted.wait()
            self._wanted = Event()
            await run_in_threadpool(self._take, CHUNKS_AHEAD)
            if self._waiting:
                self._waiting = False
                self._arrived.set()
        await sleep_forever()

    async def __anext__(self) -> Any:
        ready = self._ready
        while True:
            was_over = self.is_over  # asked first: the last piece may come between these lines
            if ready:
                return ready.popleft()
            if was_over:
                break
            if self._wanted is None:
                await run_in_threadpool(self._take, 1)
                continue
            arrived = self._arrived = Event()
            self._waiting = True
            if ready or self.is_over:
                self._waiting = False
            else:
                self._wanted.set()
                await arrived.wait()
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Close the generator, once, in a thread: its `finally` may block."""
        self._stopped = True
        if self.is_over:
            return
        unfinished = self._content if self._source is None else self._source
        if isinstance(unfinished, Generator):
            with CancelScope(shield=True):
                await run_in_threadpool(self._close, unfinished)
        self.is_over = True
        self._ready.clear()

    def _take(self, most: int) -> None:
        """Make so many pieces, or fewer large ones. Blocks."""
        self.use(self._take_in_context, most)

    def _take_in_context(self, most: int) -> None:
        if self._context is None:
            self._context = copy_context()
        self._context.run(self._make, most)

    def _make(self, most: int) -> None:
        size = 0
        try:
            if self._source is None:
                self._source = iter(self._content)  # an iterable's `__iter__` may be a query, or open a file
            for _ in range(most):
                if self._stopped:
                    return
                piece = next(self._source, _END)
                if piece is _END:
                    self.is_over = True
                    return
                self._ready.append(piece)
                if self._waiting:
                    self._waiting = False
                    self._wake(self._arrived.set)
                size += len(piece) if isinstance(piece, _SIZED) else _ROUGH_SIZE
                if size >= BYTES_AHEAD:
                    return
        except BaseException as failure:  # noqa: BLE001 - raised where the pieces before it have been taken
            self._failure = failure
            self.is_over = True

    def _close(self, generator: Generator[Any, Any, Any]) -> None:
        """Close the generator when no thread is in it. Blocks."""
        self.leave(self._close_in_context, generator)

    def _close_in_context(self, generator: Generator[Any, Any, Any]) -> None:
        if self._context is None:
            generator.close()
        else:
            self._context.run(generator.close)


async def run_in_threadpool(hop: Any, *args: Any) -> None:
    """Make a hop: call a method of a `ThreadedChunks` in a thread."""
    pieces: ThreadedChunks = hop.__self__
    if pieces.has_begun:
        await run_holding(None, (hop.__name__, pieces.key), partial(hop, *args))
    else:
        await run_reserved(None, pieces.key, partial(hop, *args))
