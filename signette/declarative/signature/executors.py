"""Where sync functions run that take a lot of processor time: in dedicated threads, processes or interpreters.

    reports = Thread(limit=4)

    @app.get("/report", executor=reports)
    def report(year: int) -> bytes: ...

An object is a limit: the operations and dependencies that share it share its threads or processes. Pickling keeps the
number only.
"""

import functools
import sys
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, ClassVar

from anyio import CapacityLimiter

from signette._dataclasses import dataclass
from signette._per_loop import PerLoop
from signette._threads import NotedCall, run_reserved
from signette.concurrency import run_limited
from signette.declarative.signature.arguments import unexpected_argument

HAS_INTERPRETERS = sys.version_info >= (3, 14)


class Executor:
    """The base of `Thread`, `Process` and `Interpreter`."""

    place: ClassVar[str]
    """For `explain`: where calls run."""
    sends_values: ClassVar[bool] = False
    """Whether the function is imported by its name somewhere else, where values are sent."""

    limit: int
    _limiters: Any

    if TYPE_CHECKING:

        def __init__(self, limit: int) -> None: ...

    else:

        def __init__(self, limit=None, **unexpected):
            if unexpected:
                raise unexpected_argument(type(self), unexpected, ("limit",))
            if limit is None:
                raise TypeError(f"`{type(self).__name__}()` needs a limit; write `{type(self).__name__}(limit=2)`")
            if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
                raise ValueError(f"`limit={limit!r}` must be a number, at least 1")
            self.limit = limit
            self._limiters = PerLoop(CapacityLimiter)

    def limiter(self) -> CapacityLimiter:
        """The limiter of the running event loop."""
        limiter: CapacityLimiter = self._limiters.get(self.limit)
        return limiter

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
    sends_values = True

    async def run(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call the function in a process."""
        from signette._process_call import call_in_process  # noqa: PLC0415 - it imports `subprocess`

        return await call_in_process(self.limiter(), function, args, kwargs)

    async def run_held(self, key: Hashable, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        """The same as `run`: a function in another process waits for nothing that is held in this one."""
        return await self.run(function, *args, **kwargs)


class Interpreter(Executor):
    """Run sync endpoints and dependencies in at most `limit` interpreters: `executor=Interpreter(limit=2)`.

    They are in this process, and compute at the same time, each with its own lock. The function must be at the top
    level of a module that other interpreters can import: without pydantic, orjson, and names of signette that need
    them. Arguments, results and exceptions are pickled. A call that is cancelled runs to its end.

    Raises:
        RuntimeError: Python is older than 3.14.
        ValueError: the limit is not a positive number.
    """

    place = "in an interpreter of"
    sends_values = True

    def __init__(self, limit: int) -> None:
        if not HAS_INTERPRETERS:
            version = ".".join(map(str, sys.version_info[:2]))
            raise RuntimeError(
                f"`Interpreter(limit={limit!r})` requires Python 3.14, and this is {version}. "
                f"Use `Process(limit={limit!r})`."
            )
        super().__init__(limit)

    def import_problem(self, module: str) -> str | None:
        """Why an interpreter cannot import a module; None if it can."""
        from signette import _interpreter_call  # noqa: PLC0415 - it needs Python 3.14

        return _interpreter_call.import_problem(module)

    async def run(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call the function in an interpreter."""
        from signette._interpreter_call import call_in_interpreter  # noqa: PLC0415 - it needs Python 3.14

        return await call_in_interpreter(self.limiter(), function, args, kwargs)

    async def run_held(self, key: Hashable, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        """The same as `run`: a function in another interpreter waits for nothing that is held in this one."""
        return await self.run(function, *args, **kwargs)


@dataclass(frozen=True, slots=True)
class SharedExecutor:
    """The executor of an application, a router or an `include_router` call."""

    executor: Executor
    owner: str
    """The place: "application", "router /items"."""

    def __repr__(self) -> str:
        return repr(self.executor)
