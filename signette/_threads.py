"""Worker threads for calls that others wait for, and what context variables such calls have set.

Theory of operation. Sync code runs in as many threads as a limiter has tokens. That alone can come to a standstill:
all of them wait for a connection of a pool, and those who hold the connections wait for a thread to give them back. So
a request that holds something, as an open sync generator, does not wait for the threads of those that hold nothing:

* its calls have a limiter of their own, with as many tokens (`run_holding`);
* each callable has one thread more, its reserve, for when all tokens are taken. So whoever waits for a resource keeps
  away other calls of the same callable only, never the call that would give the resource back. What is entered while
  something is held, and may wait for more, takes a thread of all, or its reserve (`run_reserved`).

The number of threads is bounded by twice that of the limiter, and one for each callable. As long as callables do not
wait for each other in a circle, which is a deadlock with any number of threads, one of them can always go on.

A thread sees a copy of its caller's context. What a call sets there would be lost with the copy: `NotedCall` notes it,
and sets it again where the caller is.
"""

import functools
from collections import deque
from collections.abc import Callable, Hashable
from contextlib import suppress
from contextvars import Context, ContextVar, Token, copy_context
from math import inf
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from anyio import CancelScope, CapacityLimiter, WouldBlock
from anyio.to_thread import current_default_thread_limiter, run_sync

from signette._per_loop import PerLoop

T = TypeVar("T")

_MISSING: Any = object()


async def run_reserved(limiter: CapacityLimiter | None, key: Hashable, function: Callable[[], T]) -> T:
    """What the function returns, called in a thread of the limiter, or in the one that is reserved for this key.

    `None` is the event loop's own limiter.
    """
    limiter = limiter or current_default_thread_limiter()
    return await _pools_of(limiter).own.run(limiter, key, function)


async def run_holding(limiter: CapacityLimiter | None, key: Hashable, function: Callable[[], T]) -> T:
    """The same, in a thread that is kept for who holds something: never one of the limiter itself."""
    pools = _pools_of(limiter or current_default_thread_limiter())
    return await pools.holding.run(pools.holding_limiter, key, function)


class _Waiter:
    """A call that waits for a token, and is cancelled there when the reserve of its key is handed to it."""

    __slots__ = ("has_reserve", "scope")

    def __init__(self) -> None:
        self.scope = CancelScope()
        self.has_reserve = False


class _Pool:
    """The threads of a limiter, and one more for each key."""

    def __init__(self) -> None:
        # The keys whose reserve is in use, each with those that wait for it.
        self._reserves: dict[Hashable, deque[_Waiter]] = {}

    async def run(self, limiter: CapacityLimiter, key: Hashable, function: Callable[[], T]) -> T:
        borrower = object()
        reserved = await self._acquire(limiter, key, borrower)
        try:
            return await run_sync(function, limiter=_no_limits.get())
        finally:
            if reserved:
                self._hand_on(key)
            else:
                limiter.release_on_behalf_of(borrower)

    async def _acquire(self, limiter: CapacityLimiter, key: Hashable, borrower: object) -> bool:
        """Wait for a token, or for the reserve; returns whether it is the reserve."""
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
                self._hand_on(key)
            raise
        finally:
            if not waiter.has_reserve:
                waiting.remove(waiter)
        if has_token and waiter.has_reserve:  # both at once
            self._hand_on(key)
        return not has_token

    def _hand_on(self, key: Hashable) -> None:
        """Hand the reserve to the next call that waits for it, or put it back."""
        waiting = self._reserves[key]
        if waiting:
            waiter = waiting.popleft()
            waiter.has_reserve = True
            waiter.scope.cancel()
        else:
            del self._reserves[key]


class _Pools:
    """The threads of a limiter, and as many for those that hold something."""

    # Not the limiter itself: these are forgotten with it.
    def __init__(self, limiter: CapacityLimiter) -> None:
        self.own = _Pool()
        self.holding = _Pool()
        self.holding_limiter = CapacityLimiter(limiter.total_tokens)


_pools: PerLoop[WeakKeyDictionary[CapacityLimiter, _Pools]] = PerLoop(WeakKeyDictionary)
# For calls that have been counted.
_no_limits = PerLoop(functools.partial(CapacityLimiter, inf))


def _pools_of(limiter: CapacityLimiter) -> _Pools:
    known = _pools.get()
    pools = known.get(limiter)
    if pools is None:
        pools = known[limiter] = _Pools(limiter)
    return pools


def key_of(function: Any) -> Hashable:
    """What a function that may be made for one call only is known by: its code. There are as many as in the source."""
    while isinstance(function, functools.partial):
        function = function.func
    return getattr(function, "__code__", None) or id(type(function))


def key_of_iterable(iterable: Any) -> Hashable:
    """What an iterable is known by: the code of a generator, else its class."""
    return getattr(iterable, "gi_code", None) or id(type(iterable))


# -- context variables -------------------------------------------------------------------------------------------------


class NotedCall:
    """A call whose changes to context variables can be repeated by `repeat_changes`, in the context of its caller.

    With `context` it runs in that one, which is brought up to date first: several calls can share it, so that one may
    reset what another has set.
    """

    __slots__ = ("_changed", "_context", "_function", "_removed")

    def __init__(self, function: Callable[[], Any], context: Context | None = None) -> None:
        self._function = function
        self._context = context
        self._changed: list[tuple[ContextVar[Any], Any]] = []
        self._removed: list[ContextVar[Any]] = []

    def __call__(self) -> Any:
        before = copy_context()
        context = self._context
        if context is None:
            try:
                return self._function()
            finally:
                self._note(before, copy_context())
        for variable, value in before.items():
            if context.get(variable, _MISSING) is not value:
                context.run(variable.set, value)
        before = context.copy()
        try:
            return context.run(self._function)
        finally:
            self._note(before, context)

    def _note(self, before: Context, after: Context) -> None:
        self._changed = [(each, value) for each, value in after.items() if before.get(each, _MISSING) is not value]
        if len(after) < len(before) + len(self._changed):
            self._removed = [each for each in before if each not in after]

    def repeat_changes(self, tokens: dict[ContextVar[Any], Token[Any]] | None = None) -> None:
        """Set the variables that the call has set. `tokens` are kept there, for variables that a later call resets."""
        for variable, value in self._changed:
            token = variable.set(value)
            if tokens is not None:
                tokens.setdefault(variable, token)
        for variable in self._removed if tokens else ():
            if (first := (tokens or {}).pop(variable, None)) is not None:
                with suppress(ValueError):  # it was set in another task
                    variable.reset(first)
