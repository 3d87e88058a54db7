"""`Concurrency`: at most so many requests at once; the others wait in a queue, or are rejected."""

from collections import deque
from typing import ClassVar

from anyio import Event, move_on_after

from signette._per_loop import PerLoop
from signette.declarative.policies.base import Documentation, Operation, Policy, PolicyContext
from signette.declarative.policies.exchange import CallNext, Exchange
from signette.problems import Problem
from signette.types import Receive, Send


class Overloaded(Problem, status=503):
    """The server handles as many of these requests as it can. Try again after the time in `Retry-After`."""


class Concurrency(Policy):
    """At most `limit` requests at once: `Concurrency(10, queue=20, timeout=2)`.

    `queue` more wait for their turn, for `timeout` seconds at most; None waits without end. All others end as the
    problem `Overloaded` (503) with `Retry-After: retry_after`, before anything is read. A request counts until its
    response is sent and its background tasks are done, a WebSocket until it is closed.

    An operation counts on its own; a limit of a router or an application counts all its operations together. The count
    is that of one process and one event loop: with four workers, four times as many requests run.

    Raises:
        ValueError: an argument is invalid.
    """

    order: ClassVar[int] = 20
    applies_to_websockets: ClassVar[bool] = True

    def __init__(self, limit: int, *, queue: int = 0, timeout: float | None = None, retry_after: int = 1) -> None:
        for name, value, least in (("limit", limit, 1), ("queue", queue, 0), ("retry_after", retry_after, 0)):
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ValueError(f"`{name}={value!r}` must be an integer of at least {least}")
        if timeout is not None and not timeout > 0:
            raise ValueError(f"`timeout={timeout!r}` must be a positive number of seconds")
        if timeout is not None and not queue:
            raise ValueError("`timeout=` has no effect without `queue=`: no request waits")
        self.limit = limit
        self.queue = queue
        self.timeout = timeout
        self.retry_after = retry_after

    def document(self, operation: Operation) -> Documentation:  # noqa: ARG002
        """The 503."""
        return Documentation(problems=(Overloaded,), headers={503: {"Retry-After": "Seconds to wait."}})

    def open(self, context: PolicyContext) -> "PerLoop[Places]":  # noqa: ARG002
        """The places of each event loop."""
        return PerLoop(self._places)

    def _places(self) -> "Places":
        return Places(self.limit)

    async def around(self, exchange: Exchange, receive: Receive, send: Send, call_next: CallNext) -> None:
        """Run the request in one of the places."""
        places: Places = exchange.opened(self).get()
        if not await places.take(self.queue, self.timeout):
            exchange.add_header("Retry-After", str(self.retry_after))
            raise Overloaded
        try:
            await call_next(receive, send)
        finally:
            places.give_back()


class Places:
    """A number of places, and the requests that wait for one, the first of them first."""

    def __init__(self, number: int) -> None:
        self.free = number
        self._waiting: deque[Event] = deque()

    async def take(self, queue: int, seconds: float | None) -> bool:
        """Take a place. False: `queue` requests wait already, or none was free in time."""
        if self.free:
            self.free -= 1
            return True
        if len(self._waiting) >= queue:
            return False
        turn = Event()
        self._waiting.append(turn)
        try:
            with move_on_after(seconds):
                await turn.wait()
        except BaseException:
            if turn.is_set():  # cancelled just after the place was passed on
                self.give_back()
            else:
                self._waiting.remove(turn)
            raise
        if turn.is_set():
            return True
        self._waiting.remove(turn)
        return False

    def give_back(self) -> None:
        """Give the place to the request that waits the longest time, or free it."""
        if self._waiting:
            self._waiting.popleft().set()
        else:
            self.free += 1
