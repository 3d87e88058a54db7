"""Reserved threads: how many calls run at once, in which order, and that a cancellation loses nothing."""

import threading
from collections import Counter
from contextvars import ContextVar, Token, copy_context
from random import Random
from typing import Any

import anyio
import pytest

from signette._threads import NotedCall, key_of, key_of_iterable, run_counted, run_holding, run_reserved
from signette.concurrency import iterate_in_threadpool
from tests.timeouts import SECONDS

BOTH = pytest.mark.parametrize("run", [run_reserved, run_holding])


class Gate:
    """Calls that stay in their threads until the gate opens."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.inside: Counter[str] = Counter()
        self.order: list[str] = []
        self._counting = threading.Condition()

    def stay(self, name: str) -> Any:
        def staying() -> str:
            with self._counting:
                self.inside[name] += 1
                self.order.append(name)
                self._counting.notify_all()
            assert self.opened.wait(SECONDS)
            with self._counting:
                self.inside[name] -= 1
            return name

        return staying

    async def until(self, count: int) -> None:
        def wait() -> None:
            with self._counting:
                assert self._counting.wait_for(lambda: self.inside.total() >= count, SECONDS)

        await anyio.to_thread.run_sync(wait, limiter=anyio.CapacityLimiter(1))
        await anyio.wait_all_tasks_blocked()


@BOTH
async def test_each_key_has_one_reserved_thread(run: Any) -> None:
    limiter, gate = anyio.CapacityLimiter(2), Gate()
    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(run, limiter, "a", gate.stay("a"))
        await gate.until(3)
        assert gate.inside == {"a": 3}
        for name in ("b", "b", "c"):
            group.start_soon(run, limiter, name, gate.stay(name))
        await gate.until(5)
        assert gate.inside == {"a": 3, "b": 1, "c": 1}
        gate.opened.set()
    assert Counter(gate.order) == {"a": 4, "b": 2, "c": 1}


async def test_calls_that_hold_a_resource_do_not_wait_for_other_calls() -> None:
    limiter, gate = anyio.CapacityLimiter(2), Gate()
    async with anyio.create_task_group() as group:
        for _ in range(9):
            group.start_soon(run_reserved, limiter, "a", gate.stay("a"))
        await gate.until(3)
        assert await run_holding(limiter, "a", lambda: "got on") == "got on"
        gate.opened.set()


@BOTH
async def test_results_and_exceptions_are_passed_on(run: Any) -> None:
    def fail() -> None:
        raise LookupError("no")

    assert await run(None, "a", lambda: 3) == 3
    for _ in range(3):
        with pytest.raises(LookupError, match="no"):
            await run(anyio.CapacityLimiter(1), "a", fail)


@BOTH
@pytest.mark.parametrize("seed", range(20))
async def test_cancellations_lose_no_thread_and_no_reserve(run: Any, seed: int) -> None:
    """Calls begin, end and are cancelled in any order; afterwards as many can run as before."""
    random, limiter, names = Random(seed), anyio.CapacityLimiter(2), "abc"
    done: Counter[str] = Counter()

    async def one(name: str, patience: int) -> None:
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(cancel_after, scope, patience)
                await run(limiter, name, lambda: None)
                done[name] += 1
                group.cancel_scope.cancel()

    async def cancel_after(scope: anyio.CancelScope, patience: int) -> None:
        for _ in range(patience):
            await anyio.lowlevel.checkpoint()
        scope.cancel()

    async with anyio.create_task_group() as group:
        for _ in range(60):
            group.start_soon(one, random.choice(names), random.randrange(40))
    assert limiter.borrowed_tokens == 0
    gate = Gate()
    async with anyio.create_task_group() as group:
        for name in names * 3:
            group.start_soon(run, limiter, name, gate.stay(name))
        await gate.until(5)
        assert gate.inside.total() == 2 + len(names)
        gate.opened.set()


def test_functions_that_are_created_again_have_the_key_of_their_code() -> None:
    from functools import partial

    def make(number: int) -> Any:
        return lambda: number

    class Callable:
        def __call__(self) -> None: ...

        def method(self) -> None: ...

    assert key_of(make(1)) == key_of(make(2)) == key_of(partial(partial(make(3))))
    assert key_of(Callable()) == key_of(Callable()) != key_of(make(1))
    assert key_of(Callable().method) == key_of(Callable().method) != key_of(Callable())
    assert key_of_iterable(x for x in "a") != key_of_iterable(x for x in "b") != key_of_iterable(iter([]))


variable: ContextVar[str] = ContextVar("variable")


def test_only_changed_context_variables_are_set_again() -> None:
    other: ContextVar[object] = ContextVar("other")

    class Unequal:
        def __eq__(self, other: object) -> bool:
            raise AssertionError("values are compared by identity")

        __hash__ = None  # type: ignore[assignment]

    call = NotedCall(lambda: variable.set("set"))

    def caller() -> None:
        other.set(Unequal())
        copy_context().run(call)
        other.set("changed meanwhile")
        call.repeat_changes()
        assert (variable.get(), other.get()) == ("set", "changed meanwhile")

    copy_context().run(caller)


def test_calls_of_one_context_can_reset_variables_of_each_other() -> None:
    kept: list[Token[str]] = []
    tokens: dict[Any, Any] = {}

    def caller() -> None:
        shared = copy_context()
        first = NotedCall(lambda: kept.append(variable.set("first")), shared)
        copy_context().run(first)
        first.repeat_changes(tokens)
        assert variable.get() == "first"
        variable.set("second")
        last = NotedCall(lambda: seen.append(variable.get()) or variable.reset(kept.pop()), shared)
        copy_context().run(last)
        last.repeat_changes(tokens)
        assert variable.get("unset") == "unset"

    seen: list[str] = []
    copy_context().run(caller)
    assert seen == ["second"]


async def test_an_iterable_has_one_context() -> None:
    def items() -> Any:
        token = variable.set("inside")
        try:
            for _ in range(3):
                yield variable.get()
        finally:
            variable.reset(token)

    assert [item async for item in iterate_in_threadpool(items())] == ["inside"] * 3
    left_early = iterate_in_threadpool(items())
    assert await anext(left_early) == "inside"
    await left_early.aclose()
    assert variable.get("unset") == "unset"


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_free_token_costs_no_turn_of_the_loop() -> None:
    class Noted(anyio.CapacityLimiter):
        """Whether a call took the way of a limiter that has no free token."""

        waited = 0

        def __new__(cls, limiter: anyio.CapacityLimiter) -> Any:
            return object.__new__(cls)

        def __init__(self, limiter: anyio.CapacityLimiter) -> None:
            self.limiter = limiter

        def acquire_nowait(self) -> None:
            self.limiter.acquire_nowait()

        async def acquire(self) -> None:
            self.waited += 1
            await self.limiter.acquire()

        def release(self) -> None:
            self.limiter.release()

    limiter = Noted(anyio.CapacityLimiter(1))
    gate = Gate()
    async with anyio.create_task_group() as group:
        group.start_soon(run_counted, limiter, gate.stay("first"))
        await gate.until(1)
        assert limiter.waited == 0
        group.start_soon(run_counted, limiter, gate.stay("second"))
        await anyio.wait_all_tasks_blocked()
        assert limiter.waited == 1
        gate.opened.set()
    assert gate.order == ["first", "second"]


async def test_counted_calls_have_the_tokens_of_the_limiter() -> None:
    limiter, gate = anyio.CapacityLimiter(2), Gate()
    async with anyio.create_task_group() as group:
        for name in "abc":
            group.start_soon(run_counted, limiter, gate.stay(name))
        await gate.until(2)
        await anyio.wait_all_tasks_blocked()
        found = limiter.statistics()
        assert (found.borrowed_tokens, found.tasks_waiting, gate.inside.total()) == (2, 1, 2)
        gate.opened.set()
    assert limiter.borrowed_tokens == 0


async def test_a_counted_call_that_is_cancelled_in_the_queue_takes_no_token() -> None:
    limiter, gate, called = anyio.CapacityLimiter(1), Gate(), []
    async with anyio.create_task_group() as group:
        group.start_soon(run_counted, limiter, gate.stay("first"))
        await gate.until(1)
        async with anyio.create_task_group() as waiting:
            waiting.start_soon(run_counted, limiter, lambda: called.append(1))
            await anyio.wait_all_tasks_blocked()
            waiting.cancel_scope.cancel()
        assert limiter.statistics().tasks_waiting == 0
        gate.opened.set()
    assert (limiter.borrowed_tokens, called) == (0, [])


async def test_a_counted_call_that_raises_gives_its_token_back() -> None:
    limiter = anyio.CapacityLimiter(1)
    with pytest.raises(ZeroDivisionError):
        await run_counted(limiter, lambda: 1 // 0)
    assert limiter.borrowed_tokens == 0


async def test_a_counted_call_can_call_back_into_the_loop() -> None:
    limiter = anyio.CapacityLimiter(1)

    async def back() -> int:
        await anyio.lowlevel.checkpoint()
        return limiter.statistics().borrowed_tokens

    assert await run_counted(limiter, lambda: anyio.from_thread.run(back)) == 1
