"""Where coroutines of asyncio run: in the running event loop, or for trio in another thread.

The client library of an engine may need asyncio. On trio, its coroutines run in an event loop of asyncio that has its
own thread, and the trio task waits for the result. So there is one client, and no second code path for its timeouts.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from threading import Thread
from typing import Any, Protocol, TypeVar

from anyio import Event
from anyio.lowlevel import current_token

T = TypeVar("T")


class AsyncioRunner(Protocol):
    """Runs coroutine functions in an event loop of asyncio."""

    async def run(self, function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
        """Call the function there, and return its result."""
        ...

    async def aclose(self) -> None:
        """End what runs the event loop, if it was started for this runner."""


class OwnLoop:
    """The running event loop is one of asyncio."""

    async def run(self, function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
        """Call the function."""
        return await function(*args)

    async def aclose(self) -> None:
        """The event loop belongs to the caller."""


class ThreadLoop:
    """An event loop of asyncio in a thread. It starts at the first call, and again after `aclose`."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None

    async def run(self, function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
        """Call the function in the thread. If the caller is cancelled, so is the call, and its end is waited for."""
        if self._loop is None:
            self._start()
        assert self._loop is not None
        call: Future[T] = asyncio.run_coroutine_threadsafe(function(*args), self._loop)
        return await _result_of(call)

    async def aclose(self) -> None:
        """End the thread, and what still runs in its event loop."""
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        if loop is not None and thread is not None:
            await _result_of(asyncio.run_coroutine_threadsafe(_cancel_others(), loop))
            loop.call_soon_threadsafe(loop.stop)

    def _start(self) -> None:
        loop = self._loop = asyncio.new_event_loop()
        # A daemon: an application without a lifespan never closes it.
        self._thread = Thread(target=_run, args=(loop,), name="signette-state", daemon=True)
        self._thread.start()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    from sniffio import thread_local  # noqa: PLC0415 - trio brings it

    # Coroutines inherit the context of their caller, in which `anyio.run` has put the name of trio.
    thread_local.name = "asyncio"
    try:
        loop.run_forever()
    finally:
        loop.close()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _result_of(call: "Future[T]") -> T:
    done = Event()
    token: Any = current_token().native_token

    def wake(_: object) -> None:
        token.run_sync_soon(done.set)

    call.add_done_callback(wake)
    try:
        await done.wait()
    except BaseException:
        call.cancel()  # cancels the task in the thread
        raise
    return call.result()


def runner_here() -> AsyncioRunner:
    """A runner for the running event loop."""
    return OwnLoop() if isinstance(current_token().native_token, asyncio.AbstractEventLoop) else ThreadLoop()
