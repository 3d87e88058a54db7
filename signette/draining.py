"""Draining: how a server process ends without breaking connections.

Theory of operation. A process that gets SIGTERM goes through three phases. A server knows the last one only.

1. *Draining*: it serves all requests, but `/readyz` responds 503, so that load balancers send no more of them. This
   takes `delay` seconds: the time in which load balancers notice.
2. *Stopping*: event streams end with an event `draining`, so that clients reconnect to another process. The server
   stops accepting connections, closes WebSockets, and waits for requests.
3. *Shutdown*: the server ends the lifespan, which closes dependencies with `scope="app"`.

`drain_on_signals` puts a handler in front of the one that the server has set for the signal. It is set when the
application has started, when the server's own handler is there, and calls that one after the first phase.
"""

import logging
import os
import signal
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType
from typing import Any

from anyio import CancelScope, Event, create_task_group, move_on_after
from anyio.lowlevel import current_token

from signette._dataclasses import dataclass
from signette._per_loop import PerLoop

__all__ = ["Draining", "current_draining", "drain_on_signals"]

logger = logging.getLogger("signette.draining")

# Whether a signal has a delay: SIGINT is that of Ctrl-C, where no load balancer has to notice anything.
_SIGNALS = {signal.SIGTERM: True, signal.SIGINT: False}
_EXIT_STATUS = 1


class Draining:
    """The state of a process that ends, in one event loop. `current_draining` returns it."""

    def __init__(self) -> None:
        self.has_begun = False
        """Whether load balancers should send no more requests: `/readyz` responds 503."""
        self._stopping = Event()
        self._scopes: set[CancelScope] = set()

    @property
    def is_stopping(self) -> bool:
        """Whether event streams end."""
        return self._stopping.is_set()

    def begin(self) -> None:
        """Begin to drain: `/readyz` responds 503. Requests and streams go on."""
        self.has_begun = True

    def stop(self) -> None:
        """End the event streams, and return from all calls of `wait`."""
        self.begin()
        self._stopping.set()
        for scope in tuple(self._scopes):
            scope.cancel()

    @contextmanager
    def until_stopping(self) -> Generator[CancelScope, None, None]:
        """A block that is cancelled when streams should end; at once, if they should end already."""
        with CancelScope() as scope:
            if self.is_stopping:
                scope.cancel()
            self._scopes.add(scope)
            try:
                yield scope
            finally:
                self._scopes.discard(scope)

    async def wait(self) -> None:
        """Wait until streams should end. For streams and WebSockets that would otherwise run until the timeout."""
        await self._stopping.wait()


_of_loops = PerLoop(Draining)


def current_draining() -> Draining:
    """The state of the running event loop."""
    return _of_loops.get()


@dataclass(frozen=True, slots=True)
class _Settings:
    delay: float
    timeout: float | None
    without_handler: bool


_settings: _Settings | None = None


def drain_on_signals(delay: float = 0, *, timeout: float | None = None, without_handler: bool = False) -> None:
    """Drain this process when it gets SIGTERM or SIGINT. Call it before the server starts; the last call counts.

    `signette run` calls it with its own options after the application was imported.

    `delay`: seconds from SIGTERM until the server stops accepting connections; `/readyz` responds 503 meanwhile. A
    second signal ends the delay. `timeout`: seconds after which the process exits, even if requests or dependencies
    have not ended. `without_handler`: also catch signals that would end the process at once, if the server stops by
    other means, as workers of hypercorn do.

    Raises:
        ValueError: `delay` is negative, or `timeout` is not longer than it.
    """
    global _settings  # noqa: PLW0603 - a setting of the process, as signals are
    if not delay >= 0:
        raise ValueError(f"`delay` must be zero or more seconds, not {delay!r}")
    if timeout is not None and not timeout > delay:
        raise ValueError(f"`timeout` must be longer than `delay`, {delay!r} seconds, not {timeout!r}")
    _settings = _Settings(delay, timeout, without_handler)


@asynccontextmanager
async def draining_on_signals() -> AsyncGenerator[None]:
    """Handle the signals during the block, if `drain_on_signals` was called and this is the main thread."""
    settings = _settings
    if settings is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    async with create_task_group() as group:
        handler = _SignalHandler(settings, current_draining())
        group.start_soon(handler.run)
        handler.install()
        try:
            yield
        finally:
            handler.remove()
            group.cancel_scope.cancel()


class _SignalHandler:
    """Handles the signals of a process, before the handlers that were there."""

    def __init__(self, settings: _Settings, draining: Draining) -> None:
        self._settings = settings
        self._draining = draining
        self._previous: dict[int, Any] = {}
        self._received: list[tuple[int, FrameType | None]] = []
        self._is_asked, self._is_urgent = Event(), Event()
        loop: Any = current_token().native_token
        # Of asyncio or trio: wakes the loop, and may be called in a signal handler.
        self._call_in_loop: Callable[..., Any] = getattr(loop, "call_soon_threadsafe", None) or loop.run_sync_soon

    def install(self) -> None:
        """Set the handler for each signal that has one."""
        for number in _SIGNALS:
            previous = signal.getsignal(number)
            if callable(previous) or (previous is signal.SIG_DFL and self._settings.without_handler):
                self._previous[number] = previous
                signal.signal(number, self._handle)

    def remove(self) -> None:
        """Set the previous handlers again, unless others were set in the meantime.

        Without a previous one, a process that ends ignores the signal from now on: hypercorn sends it again to the
        workers that are still closing their dependencies when the first one has exited, which would kill them.
        """
        for number, previous in self._previous.items():
            if signal.getsignal(number) == self._handle:
                ends = previous is signal.SIG_DFL and self._draining.has_begun
                signal.signal(number, signal.SIG_IGN if ends else previous)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        # Between any two instructions of the main thread: only the loop may touch its events.
        self._call_in_loop(self._receive, number, frame)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self._draining.is_stopping:
            self._pass_on(number, frame)  # a second Ctrl-C: the server gives up waiting
            return
        self._received.append((number, frame))
        if self._is_asked.is_set() or not _SIGNALS[signal.Signals(number)]:
            self._is_urgent.set()
        self._is_asked.set()

    async def run(self) -> None:
        """Wait for a signal, and drain."""
        await self._is_asked.wait()
        self._draining.begin()
        settings = self._settings
        if settings.timeout is not None:
            timer = threading.Timer(settings.timeout, _exit, [settings.timeout])
            timer.daemon = True
            timer.start()
        logger.info("the process ends: not ready for %s seconds, then it stops", settings.delay)
        with move_on_after(settings.delay):
            await self._is_urgent.wait()
        self._draining.stop()
        for number, frame in self._received:
            self._pass_on(number, frame)

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        previous = self._previous[number]
        if callable(previous):
            previous(number, frame)


def _exit(seconds: float) -> None:
    logger.error("the process exits: it has not stopped within %s seconds after the signal", seconds)
    logging.shutdown()
    os._exit(_EXIT_STATUS)
