"""Where sync functions run that take a lot of processor time: in dedicated threads or processes.

    reports = Thread(limit=4)

    @app.get("/report", executor=reports)
    def report(year: int) -> bytes: ...

An object is a limit: the operations and dependencies that share it share its threads or processes. Pickling keeps the
number only.
"""

import functools
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, ClassVar

from anyio import CapacityLimiter

from signette._per_loop import PerLoop
from signette._threads import NotedCall, run_reserved
from signette.concurrency import run_limited


class Executor:
    """The base of `Thread` and `Process`."""

    place: ClassVar[str]
    """For `explain`: where calls run."""

    def __init__(self, limit: int) -> None:
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
            raise ValueError(f"`limit={limit!r}` must be a number, at least 1")
        self.limit = limit
        self._limiters = PerLoop(CapacityLimiter)

    def limiter(self) -> CapacityLimiter:
        """The limiter of the running event loop."""
        return self._limiters.get(self.limit)

    async def run(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call the function, once there is a place."""
        raise NotImplementedError

    async def run_held(self, key: Hashable, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """The same for a request that holds something that the calls in all places may wait for."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}(limit={self.limit})"


class Thread(Executor):
    """Run sync endpoints and dependencies in at most `limit` dedicated threads: `executor=Thread(limit=4)`.

    They do not take the threads of `App.limiter`, which other sync code uses. A request that has an open sync generator
    may use one more thread for each function, so that it cannot wait for requests that wait for it.

    Raises:
        ValueError: the limit is not a positive number.
    """

    place = "in a thread of"

    async def run(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call the function in a thread."""
        call = NotedCall(functools.partial(function, *args, **kwargs))
        try:
            return await run_limited(self.limiter(), call)
        finally:
            call.repeat_changes()

    async def run_held(self, key: Hashable, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call the function in a thread, or in the one that is reserved for the key."""
        call = NotedCall(functools.partial(function, *args, **kwargs))
        try:
            return await run_reserved(self.limiter(), key, call)
        finally:
            call.repeat_changes()


class Process(Executor):
    """Run sync endpoints and dependencies in at most `limit` worker processes: `executor=Process(limit=2)`.

    The function must be at the top level of a module. Arguments, results and exceptions are pickled. A call that is
    cancelled, by a deadline or a client disconnect, ends its process.

    Raises:
        ValueError: the limit is not a positive number.
    """

    place = "in a worker process of"

    async def run(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call the function in a process."""
        from signette._process_call import call_in_process  # noqa: PLC0415 - it imports `subprocess`

        return await call_in_process(self.limiter(), function, args, kwargs)

    async def run_held(self, key: Hashable, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        """The same as `run`: a function in another process waits for nothing that is held in this one."""
        return await self.run(function, *args, **kwargs)


@dataclass(frozen=True, slots=True)
class SharedExecutor:
    """The executor of an application, a router or an `include_router` call."""

    executor: Executor
    owner: str
    """The place: "application", "router /items"."""

    def __repr__(self) -> str:
        return repr(self.executor)
