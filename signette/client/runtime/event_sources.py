"""The results of operations that send events: iterators that connect again when a connection is lost.

`events.EventState` says what comes next, and these two do it.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import TracebackType
from typing import Generic, Self

import anyio

from signette.client.runtime.events import EventState, EventT
from signette.client.runtime.transport import BlockingReceived, Received, close_chunks


class AsyncEventSource(Generic[EventT]):
    """Typed events, as they arrive: `async for notice in client.stream_notices()`.

    The request is sent when the iteration begins. If you stop before the end, write
    `async with client.stream_notices() as notices`, which closes the connection. When the connection is lost, another
    one resumes after the last event (`Last-Event-ID`).

    `open_response` opens a connection after an id; it returns None where the server has no more events (204).
    `is_temporary` says of an exception whether another connection may succeed.
    """

    def __init__(
        self,
        open_response: Callable[[str], Awaitable[Received | None]],
        state: EventState[EventT],
        is_temporary: Callable[[Exception], bool],
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._open = open_response
        self._state = state
        self._is_temporary = is_temporary
        self._sleep = sleep
        self._body: Received | None = None
        self._chunks: AsyncIterator[bytes] | None = None

    @property
    def last_event_id(self) -> str:
        """The id of the last event, "" without one. Keep it to resume in another process."""
        return self._state.last_id

    async def __aenter__(self) -> Self:
        if self._chunks is None and not self._state.is_over:
            await self._connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connection, and end the iteration."""
        self._state.is_over = True
        await self._disconnect()

    def __aiter__(self) -> AsyncIterator[EventT]:
        return self

    async def __anext__(self) -> EventT:
        while not self._state.has_ready:
            if self._state.is_over:
                raise StopAsyncIteration
            if self._chunks is None:
                await self._connect()
            else:
                await self._read(self._chunks)
        return self._state.take()

    async def _connect(self) -> None:
        body = await self._open(self._state.resume_id)
        if body is None:
            self._state.is_over = True
            return
        self._body, self._chunks = body, body.aiter_bytes()
        self._state.begin()

    async def _read(self, chunks: AsyncIterator[bytes]) -> None:
        try:
            self._state.feed(await anext(chunks))
        except StopAsyncIteration:
            seconds = self._state.end()
            await self._disconnect()
        except Exception as exc:
            await self._disconnect()
            seconds = self._seconds_after(exc)
            if seconds is None:
                raise
        else:
            return
        # The events that have arrived come before the wait.
        while seconds is not None and not self._state.is_over:
            await self._sleep(seconds)
            seconds = await self._connect_again()

    async def _connect_again(self) -> float | None:
        try:
            await self._connect()
        except Exception as exc:
            seconds = self._seconds_after(exc)
            if seconds is None:
                raise
            return seconds
        return None

    def _seconds_after(self, exc: Exception) -> float | None:
        if self._is_temporary(exc):
            return self._state.lose()
        self._state.is_over = True
        return None

    async def _disconnect(self) -> None:
        body, chunks, self._body, self._chunks = self._body, self._chunks, None, None
        if body is not None:
            with anyio.CancelScope(shield=True):
                await close_chunks(chunks)
                await body.aclose()


class BlockingEventSource(Generic[EventT]):
    """The same, for a client without `async`: `for notice in client.stream_notices()`."""

    def __init__(
        self,
        open_response: Callable[[str], BlockingReceived | None],
        state: EventState[EventT],
        is_temporary: Callable[[Exception], bool],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._open = open_response
        self._state = state
        self._is_temporary = is_temporary
        self._sleep = sleep
        self._body: BlockingReceived | None = None
        self._chunks: Iterator[bytes] | None = None

    @property
    def last_event_id(self) -> str:
        """The id of the last event, "" without one. Keep it to resume in another process."""
        return self._state.last_id

    def __enter__(self) -> Self:
        if self._chunks is None and not self._state.is_over:
            self._connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection, and end the iteration."""
        self._state.is_over = True
        self._disconnect()

    def __iter__(self) -> Iterator[EventT]:
        return self

    def __next__(self) -> EventT:
        while not self._state.has_ready:
            if self._state.is_over:
                raise StopIteration
            if self._chunks is None:
                self._connect()
            else:
                self._read(self._chunks)
        return self._state.take()

    def _connect(self) -> None:
        body = self._open(self._state.resume_id)
        if body is None:
            self._state.is_over = True
            return
        self._body, self._chunks = body, body.iter_bytes()
        self._state.begin()

    def _read(self, chunks: Iterator[bytes]) -> None:
        try:
            self._state.feed(next(chunks))
        except StopIteration:
            seconds = self._state.end()
            self._disconnect()
        except Exception as exc:
            self._disconnect()
            seconds = self._seconds_after(exc)
            if seconds is None:
                raise
        else:
            return
        while seconds is not None and not self._state.is_over:
            self._sleep(seconds)
            seconds = self._connect_again()

    def _connect_again(self) -> float | None:
        try:
            self._connect()
        except Exception as exc:
            seconds = self._seconds_after(exc)
            if seconds is None:
                raise
            return seconds
        return None

    def _seconds_after(self, exc: Exception) -> float | None:
        if self._is_temporary(exc):
            return self._state.lose()
        self._state.is_over = True
        return None

    def _disconnect(self) -> None:
        body, self._body, self._chunks = self._body, None, None
        if body is not None:
            body.close()
