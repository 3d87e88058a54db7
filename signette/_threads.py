"""Worker threads without deadlocks, and the changes of context variables in them.

Theory of operation. Sync code runs in as many threads as a limiter has tokens. That alone can deadlock: all threads
wait for a connection of a pool, and the requests that hold the connections wait for a thread to release them. So a
request that holds a resource, such as an open sync generator, does not compete for threads with requests that hold
none:

* its calls have a separate limiter with the same number of tokens (`run_holding`);
* each callable has one reserved thread, which it uses when all tokens are taken. So a call that waits for a resource
  can block other calls of the same callable only, never the call that releases the resource. A call that may acquire a
  resource uses a thread of the limiter, or its reserved thread (`run_reserved`).

The maximum number of threads is twice that of the limiter, plus one for each callable. Unless callables wait for each
other in a circle, which is a deadlock with any number of threads, one of them can always proceed.

A thread runs in a copy of its caller's context, so that changes of context variables would be lost. `NotedCall` records
them, and repeats them in the context of the caller. `NotedCalls` are several calls in one thread.
"""

import functools
from collections import deque
from collections.abc import Callable, Hashable
from contextlib import suppress
from contextvars import Context, ContextVar, Token, copy_context
from math import inf
from typing import Any, Self, TypeVar
from weakref import WeakKeyDictionary

from anyio import CancelScope, CapacityLimiter, WouldBlock
from anyio.from_thread import check_cancelled
from anyio.to_thread import current_default_thread_limiter, run_sync

from signette._per_loop import PerLoop

T = TypeVar("T")

_MISSING: Any = object()


class _Tokens(CapacityLimiter):
    """A limiter from which a call takes a free token at once. A call that finds none waits in the limiter's queue.

    PERF: the limiters of anyio give other tasks a turn also when a token is free, and so does `run_sync` right before
    that. One turn of asyncio's loop is a tenth of the time of a call in a thread (`benchmarks.threads`). trio uses
    the last two methods, so nothing changes there.
    """

    __slots__ = ("_limiter",)

    def __new__(cls, limiter: CapacityLimiter) -> Self:  # noqa: ARG004 - the base class returns one of its backend
        return object.__new__(cls)

    def __init__(self, limiter: CapacityLimiter) -> None:
        self._limiter = limiter

    async def __aenter__(self) -> None:
        try:
            self._limiter.acquire_nowait()
        except WouldBlock:
            await self._limiter.acquire()

    async def __aexit__(self, *exc_info: object) -> None:
        self._limiter.release()

    async def acquire_on_behalf_of(self, borrower: object) -> None:
        await self._limiter.acquire_on_behalf_of(borrower)

    def release_on_behalf_of(self, borrower: object) -> None:
        self._limiter.release_on_behalf_of(borrower)


async def run_counted(limiter: CapacityLimiter | None, function: Callable[[], T]) -> T:
    """Call the function in a thread of the limiter; `None` is the default limiter of the event loop."""
    return await run_sync(function, limiter=_Tokens(limiter or current_default_thread_limiter()))


async def run_reserved(limiter: CapacityLimiter | None, key: Hashable, function: Callable[[], T]) -> T:
    """Call the function in a thread of the limiter, or in the thread that is reserved for the key.

    `None` is the default limiter of the event loop.
    """
    limiter = limiter or current_default_thread_limiter()
    return await _pools_of(limiter).own.run(limiter, key, function)


async def run_holding(limiter: CapacityLimiter | None, key: Hashable, function: Callable[[], T]) -> T:
    """Call the function in a thread for requests that hold a resource, never in one of the limiter itself."""
    pools = _pools_of(limiter or current_default_thread_limiter())
    return await pools.holding.run(pools.holding_limiter, key, function)


class _Waiter:
    """A call that waits for a token. The wait is cancelled when the call gets the reserved thread of its key."""

    __slots__ = ("has_reserve", "scope")

    def __init__(self) -> None:
        self.scope = CancelScope()
        self.has_reserve = False


class _Pool:
    """The threads of a limiter, and one reserved thread for each key."""

    def __init__(self) -> None:
        # The keys whose reserved thread is in use, with the calls that wait for it.
        self._reserves: dict[Hashable, deque[_Waiter]] = {}

    async def run(self, limiter: CapacityLimiter, key: Hashable, function: Callable[[], T]) -> T:
        borrower = object()
        reserved = await self._acquire(limiter, key, borrower)
        try:
            return await run_sync(function, limiter=_no_limits.get())
        finally:
            if reserved:
                self._pass_on(key)
            else:
                limiter.release_on_behalf_of(borrower)

    async def _acquire(self, limiter: CapacityLimiter, key: Hashable, borrower: object) -> bool:
        """Wait for a token or for the reserved thread. Returns whether it is the reserved thread."""
        try:
            limiter.acquire_on_behalf_of_nowait(borrower)
        except WouldBlock:
            pass
        else:
            return False
        waiting = self._reserves.get(key)
        if waiting is None:
            self._reserves[key] = deque()
            return True
        waiter = _Waiter()
        waiting.append(waiter)
        has_token = False
        try:
            with waiter.scope:
                await limiter.acquire_on_behalf_of(borrower)
                has_token = True
        except BaseException:
            if waiter.has_reserve:
                self._pass_on(key)
            raise
        finally:
            if not waiter.has_reserve:
                waiting.remove(waiter)
        if has_token and waiter.has_reserve:  # got both at the same time
            self._pass_on(key)
        return not has_token

    def _pass_on(self, key: Hashable) -> None:
        """Pass the reserved thread to the next call that waits for it, or mark it as free."""
        waiting = self._reserves[key]
        if waiting:
            waiter = waiting.popleft()
            waiter.has_reserve = True
            waiter.scope.cancel()
        else:
            del self._reserves[key]


class _Pools:
    """The threads of a limiter, and as many for requests that hold a resource."""

    # Without a reference to the limiter, which is the weak key of this object.
    def __init__(self, limiter: CapacityLimiter) -> None:
        self.own = _Pool()
        self.holding = _Pool()
        self.holding_limiter = CapacityLimiter(limiter.total_tokens)


_pools: PerLoop[WeakKeyDictionary[CapacityLimiter, _Pools]] = PerLoop(WeakKeyDictionary)
# For calls that `_Pool` has counted.
_no_limits = PerLoop(lambda: _Tokens(CapacityLimiter(inf)))


def _pools_of(limiter: CapacityLimiter) -> _Pools:
    known = _pools.get()
    pools = known.get(limiter)
    if pools is None:
        pools = known[limiter] = _Pools(limiter)
    return pools


def key_of(function: Any) -> Hashable:
    """The key of a function: its code object, as a function may be created for each call."""
    while isinstance(function, functools.partial):
        function = function.func
    return getattr(function, "__code__", None) or id(type(function))


def key_of_iterable(iterable: Any) -> Hashable:
    """The key of an iterable: the code object of a generator, else its class."""
    return getattr(iterable, "gi_code", None) or id(type(iterable))


# -- context variables -------------------------------------------------------------------------------------------------


class _Noted:
    """Records changes of context variables, for `repeat_changes` in the context of the caller."""

    __slots__ = ("_changed", "_removed")

    def __init__(self) -> None:
        self._changed: list[tuple[ContextVar[Any], Any]] = []
        self._removed: list[ContextVar[Any]] = []

    def _record(self, before: Context, after: Context) -> None:
        self._changed = [(each, value) for each, value in after.items() if before.get(each, _MISSING) is not value]
        if len(after) < len(before) + len(self._changed):
            self._removed = [each for each in before if each not in after]

    def repeat_changes(self, tokens: dict[ContextVar[Any], Token[Any]] | None = None) -> None:
        """Set the variables that the call has set. Stores their tokens, for variables that a later call resets."""
        for variable, value in self._changed:
            token = variable.set(value)
            if tokens is not None:
                tokens.setdefault(variable, token)
        for variable in self._removed if tokens else ():
            if (first := (tokens or {}).pop(variable, None)) is not None:
                with suppress(ValueError):  # set in another task
                    variable.reset(first)


class NotedCall(_Noted):
    """A call that records its changes of context variables.

    With `context`, it runs in that context, which is first updated from the caller's. Several calls can share a
    context, so that one can reset a variable that another has set.
    """

    __slots__ = ("_context", "_function")

    def __init__(self, function: Callable[[], Any], context: Context | None = None) -> None:
        super().__init__()
        self._function = function
        self._context = context

    def __call__(self) -> Any:
        before = copy_context()
        context = self._context
        if context is None:
            try:
                return self._function()
            finally:
                self._record(before, copy_context())
        for variable, value in before.items():
            if context.get(variable, _MISSING) is not value:
                context.run(variable.set, value)
        before = context.copy()
        try:
            return context.run(self._function)
        finally:
            self._record(before, context)


Run = Callable[..., Any]
"""Calls a function with these arguments."""


class NotedCalls(_Noted):
    """Several calls in one thread, which `calls` makes with the function that it gets.

    They are what calls in several threads are: each has its own copy of the context, with what those before have set,
    and none begins after the task was cancelled.
    """

    __slots__ = ("_calls", "_is_abandoned", "_last")

    def __init__(self, calls: Callable[[Run], Any]) -> None:
        super().__init__()
        self._calls = calls
        self._last: Context | None = None
        self._is_abandoned = False

    def __call__(self) -> Any:
        before = copy_context()
        try:
            return self._calls(self._run)
        finally:
            self._record(before, self._last or before)

    def _run(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        if self._last is None:
            self._last = copy_context()
        else:
            if self._is_abandoned:
                raise _Abandoned
            check_cancelled()
            self._last = self._last.copy()
        return self._last.run(function, *args, **kwargs)

    def abandon(self) -> None:
        """Begin no further call. A task that asyncio has cancelled (`task.cancel()`) does not wait for its thread."""
        self._is_abandoned = True


class _Abandoned(Exception):
    """Ends a thread that no task waits for."""
