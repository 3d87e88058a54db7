"""`Deadline`: a request must be done after so many seconds.

Theory of operation. At the deadline the endpoint is cancelled. If only coroutines run, a cancel scope does that, and
the response follows. A worker thread cannot be interrupted, and dependencies with `yield` are closed in peace, so
where a plan has these a second task sends the response at the deadline, while the rest ends.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from typing import ClassVar

import anyio
from anyio.lowlevel import checkpoint

from signette.declarative.policies.base import Around, CannotApply, Documentation, Operation, Policy
from signette.declarative.policies.exchange import CallNext, Exchange, PolicyValue
from signette.declarative.signature.model import Kind
from signette.problems import Problem
from signette.types import Message, Receive, Send

_log = logging.getLogger("signette.policies")
_THREADS = frozenset({Kind.SYNC, Kind.SYNC_GENERATOR, Kind.ASYNC_GENERATOR})


class EndTime:
    """When the request of this context must be done."""

    __slots__ = ("at",)

    def __init__(self, at: float) -> None:
        self.at = at
        """The time of `time.monotonic`. Infinite once the response is sent: background tasks have no deadline."""


_end: ContextVar[EndTime | None] = ContextVar("signette_deadline", default=None)


class DeadlineExceeded(Problem, status=504):
    """The request was not done in time."""


class ServiceTimeout(Problem, status=503):
    """The request was not done in time. Try again later."""


class ResponseBrokenOff(RuntimeError):
    """The deadline came after the response had started. The server closes the connection, so that clients see it."""


class DeadlineState(PolicyValue):
    """The deadline of a request: a parameter of handlers, `deadline: DeadlineState`."""

    __slots__ = ("ends_at",)
    is_same_for_all: ClassVar[bool] = True

    def __init__(self, ends_at: float) -> None:
        self.ends_at = ends_at
        """The time of `time.monotonic()`."""

    @property
    def remaining(self) -> float:
        """The seconds that are left; 0 if the deadline is over."""
        return max(self.ends_at - time.monotonic(), 0.0)

    def __repr__(self) -> str:
        return f"DeadlineState(remaining={self.remaining:.3f})"


def remaining_time() -> float | None:
    """The seconds that are left of the deadline of this request; None without a deadline.

    For clients that the handler calls: `client.get(url, timeout=remaining_time())`.
    """
    end = _end.get()
    return None if end is None or end.at == inf else max(end.at - time.monotonic(), 0.0)


class Deadline(Policy):
    """A request must be done after `seconds`: `Deadline(2)`. Otherwise it is cancelled.

    The client gets the problem `DeadlineExceeded` (504), or with `status=503` `ServiceTimeout`. A response that has
    started is broken off: the connection is closed before its end. Dependencies are closed as after any cancellation.
    Sync code runs on in its thread, while the client has its response at the deadline. Background tasks have no
    deadline.

    The time begins with the request, so it includes the upload of the body. Of two deadlines, as of a mount and a route
    in it, the earlier one counts. Handlers take `DeadlineState`, and `remaining_time()` is for clients that they call.

    A deadline of a router or an application does not apply to streams, which may last longer.

    Raises:
        ValueError: an argument is invalid.
    """

    order: ClassVar[int] = 10
    provides: ClassVar[type[PolicyValue] | None] = DeadlineState

    def __init__(self, seconds: float, *, status: int = 504) -> None:
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < inf:
            raise ValueError(f"`seconds={seconds!r}` must be a positive number")
        if status not in (503, 504):
            raise ValueError(f"invalid `status={status!r}`: use 503 or 504")
        self.seconds = seconds
        self.status = status
        self.problem: type[Problem] = DeadlineExceeded if status == 504 else ServiceTimeout

    def check(self, operation: Operation) -> CannotApply | None:
        """A shared deadline is not for streams."""
        if operation.streams:
            hint = "declare it on the operation itself, to break the stream off"
            return CannotApply("the response is a stream, which may last longer", hint, only_if_shared=True)
        return None

    def document(self, operation: Operation) -> Documentation:  # noqa: ARG002
        """The 504 or 503."""
        return Documentation(problems=(self.problem,))

    def around_for(self, operation: Operation) -> Around:
        """With a second task, if something cannot be cancelled at once."""
        calls = operation.plan.calls
        waits = operation.is_forwarded or any(call.kind in _THREADS for call in calls)
        return self._around_in_parallel if waits else self.around

    async def around(self, exchange: Exchange, receive: Receive, send: Send, call_next: CallNext) -> None:
        """Cancel the request at the deadline."""
        with _deadline(exchange, self.seconds) as end:
            if end is None:
                await call_next(receive, send)
                return
            with anyio.move_on_after(self.seconds) as cancellable:
                response = TimedResponse(send, cancellable, end)
                await call_next(receive, response.send)
        if cancellable.cancelled_caught:
            if response.started:
                raise ResponseBrokenOff
            raise self.problem

    async def _around_in_parallel(self, exchange: Exchange, receive: Receive, send: Send, call_next: CallNext) -> None:
        """Send the response at the deadline, while the request ends."""
        failure: Exception | None = None
        with _deadline(exchange, self.seconds) as end:
            if end is None:
                await call_next(receive, send)
                return
            async with anyio.create_task_group() as tasks:
                with anyio.CancelScope() as cancellable:
                    response = TimedResponse(send, cancellable, end)
                    tasks.start_soon(self._watch, exchange, receive, response)
                    try:
                        await call_next(receive, response.send)
                    except Exception as exc:  # noqa: BLE001 - raised below, outside of the task group
                        failure = exc
                response.ended.set()
        if not response.is_over:
            if failure is not None:
                raise failure
            return
        if failure is not None:
            _log.error("request failed after its deadline", exc_info=failure)
        if response.failure is not None:
            raise response.failure
        if response.started:
            raise ResponseBrokenOff

    async def _watch(self, exchange: Exchange, receive: Receive, response: "TimedResponse") -> None:
        """Wait for the deadline, then cancel the request, and respond if there is no response yet."""
        with anyio.move_on_after(self.seconds):
            await response.ended.wait()  # PERF: not cancelled, which takes several times as long
            return
        if response.is_complete:
            return
        response.is_over = True
        response.cancellable.cancel()
        if not response.started:
            try:
                await exchange.respond(self.problem(), receive, response.inner)
            except Exception as exc:  # noqa: BLE001 - raised outside of the task group
                response.failure = exc


class TimedResponse:
    """The `send` of a request with a deadline. A response that is complete has none: what follows is not cancelled."""

    def __init__(self, send: Send, cancellable: anyio.CancelScope, end: EndTime) -> None:
        self.inner = send
        self.cancellable = cancellable
        self._end = end
        self.started = False
        self.is_complete = False
        self.is_over = False
        """The deadline has come, and another task responds."""
        self.ended = anyio.Event()
        self.failure: Exception | None = None
        """What that task has raised."""

    async def send(self, message: Message) -> None:
        if self.is_over:
            await checkpoint()  # it is cancelled
        self.started = True
        await self.inner(message)
        if message["type"] in _BODIES and not message.get("more_body", False):
            self.is_complete = True
            self.cancellable.deadline = self._end.at = inf


_BODIES = frozenset({"http.response.body", "http.response.zerocopysend", "http.response.pathsend"})


@contextmanager
def _deadline(exchange: Exchange, seconds: float) -> Iterator[EndTime | None]:
    """A block with a deadline, for handlers and `remaining_time`. None: one further out is earlier, and cancels."""
    outer, own = _end.get(), time.monotonic() + seconds
    if outer is not None and outer.at <= own:
        exchange.set(DeadlineState(outer.at))
        yield None
        return
    exchange.set(DeadlineState(own))
    token = _end.set(end := EndTime(own))
    try:
        yield end
    finally:
        _end.reset(token)
