import asyncio
import functools
import threading
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from signette.concurrency import (
    is_async_callable,
    iterate_in_threadpool,
    run_alongside,
    run_in_threadpool,
    run_limited,
    run_until_first_complete,
)
from signette.exceptions import SignetteDeprecationWarning
from tests.timeouts import SECONDS

who: ContextVar[str] = ContextVar("who", default="nobody")


async def test_a_function_is_called_in_another_thread_with_all_its_arguments():
    def call(*args: Any, **kwargs: Any) -> Any:
        return threading.get_ident(), args, kwargs

    for thread, args, kwargs in (
        await run_in_threadpool(call, 1, 2, limiter=4),
        await run_limited(None, call, 1, 2, limiter=4, func=5),
    ):
        assert thread != threading.get_ident()
        assert args == (1, 2)
        assert kwargs["limiter"] == 4


async def test_context_variables_are_copied_to_the_thread():
    who.set("ada")

    def read_and_change() -> str:
        seen = who.get()
        who.set("bob")
        return seen

    assert await run_in_threadpool(read_and_change) == "ada"
    assert await run_limited(None, read_and_change) == "ada"
    assert who.get() == "ada"


async def test_an_exception_is_raised_unchanged():
    def fail() -> None:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        await run_in_threadpool(fail)


async def test_no_more_threads_work_at_once_than_the_limiter_allows():
    limiter = anyio.CapacityLimiter(2)
    gate, lock, working, most = threading.Event(), threading.Lock(), 0, 0

    def work(number: int) -> int:
        nonlocal working, most
        with lock:
            working += 1
            most = max(most, working)
            if working == 2:
                gate.set()
        gate.wait(SECONDS)
        with lock:
            working -= 1
        return number

    results: set[int] = set()

    async def one(number: int) -> None:
        results.add(await run_limited(limiter, work, number))

    async with anyio.create_task_group() as group:
        for number in range(6):
            group.start_soon(one, number)
    assert results == set(range(6))
    assert most == 2


@pytest.mark.parametrize("items", [[], [1], [None, StopIteration, 3]])
@pytest.mark.parametrize("make", [list, iter, tuple, lambda items: (item for item in items)])
async def test_all_items_are_in_order(items, make):
    assert [item async for item in iterate_in_threadpool(make(items))] == items


async def test_each_item_is_made_in_a_thread_and_an_iterable_is_opened_there_too():
    class Rows:
        def __iter__(self) -> Iterator[int]:
            opened = threading.get_ident()
            return iter([opened, opened])

    def made() -> Iterator[int]:
        yield threading.get_ident()

    threads = [item async for item in iterate_in_threadpool(Rows())]
    threads += [item async for item in iterate_in_threadpool(made())]
    assert len(threads) == 3
    assert threading.get_ident() not in threads


async def test_an_item_is_delivered_before_the_next_one_is_read():
    asked: list[int] = []

    def slowly() -> Iterator[int]:
        for number in range(3):
            asked.append(number)
            yield number

    async for number in iterate_in_threadpool(slowly()):
        assert asked == list(range(number + 1))
    assert asked == [0, 1, 2]


async def test_an_exception_in_the_iterator_is_raised_after_the_items_before_it():
    def fails() -> Iterator[int]:
        yield 1
        raise LookupError("gone")

    items = iterate_in_threadpool(fails())
    assert await anext(items) == 1
    with pytest.raises(LookupError, match="gone"):
        await anext(items)


async def test_an_unfinished_generator_is_closed_in_a_thread():
    closed_in: list[int] = []

    def held() -> Iterator[int]:
        try:
            yield 1
            yield 2
        finally:
            closed_in.append(threading.get_ident())

    items = iterate_in_threadpool(held())
    assert await anext(items) == 1
    await _close(items)
    assert len(closed_in) == 1
    assert closed_in[0] != threading.get_ident()


async def test_a_generator_is_closed_when_its_reader_is_cancelled():
    closed = threading.Event()

    def held() -> Iterator[int]:
        try:
            yield 1
            yield 2
        finally:
            closed.set()

    items = iterate_in_threadpool(held())
    with anyio.CancelScope() as scope:
        async for _ in items:
            scope.cancel()
            await anyio.lowlevel.checkpoint()
    with anyio.CancelScope() as scope:
        scope.cancel()
        await _close(items)
    assert closed.is_set()


async def test_a_running_generator_is_closed_after_its_item_when_the_reader_is_cancelled():
    started, go_on, log = anyio.Event(), threading.Event(), list[str]()

    def held() -> Iterator[int]:
        try:
            anyio.from_thread.run_sync(started.set)
            go_on.wait(SECONDS)
            log.append("made")
            yield 1
            log.append("made too many")
            yield 2
        finally:
            log.append("closed")

    async def read() -> None:
        async for _ in iterate_in_threadpool(held()):
            log.append("delivered")

    async with anyio.create_task_group() as group:
        group.start_soon(read)
        await started.wait()
        group.cancel_scope.cancel()
        go_on.set()
    assert log == ["made", "delivered", "closed"]


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_running_generator_is_closed_after_its_item_when_asyncio_cancels():
    started, go_on, log = asyncio.Event(), threading.Event(), list[str]()
    loop = asyncio.get_running_loop()

    def held() -> Iterator[int]:
        try:
            loop.call_soon_threadsafe(started.set)
            go_on.wait(SECONDS)
            log.append("made")
            yield 1
        finally:
            log.append("closed")

    async def read() -> None:
        async for _ in iterate_in_threadpool(held()):
            log.append("delivered")

    reader = asyncio.create_task(read())
    await started.wait()
    reader.cancel()
    await asyncio.sleep(0)  # the reader now waits for the generator, to close it
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert log == ["made", "closed"]


async def test_a_file_that_is_read_by_lines_stays_its_owners(tmp_path):
    (tmp_path / "lines").write_text("a\nb\n")
    with (tmp_path / "lines").open() as lines:
        items = iterate_in_threadpool(lines)
        assert await anext(items) == "a\n"
        await _close(items)
        assert not lines.closed


async def _close(items: AsyncIterator[Any]) -> None:
    await items.aclose()  # type: ignore[attr-defined]  # it is a generator, which its type does not promise


async def test_the_first_to_complete_cancels_the_others():
    log: list[str] = []

    async def quick(name: str) -> None:
        log.append(name)

    async def endless() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            log.append("cancelled")

    with pytest.warns(SignetteDeprecationWarning, match="^run_until_first_complete is deprecated") as caught:
        await run_until_first_complete((endless, {}), (quick, {"name": "ada"}))
    assert log == ["ada", "cancelled"]
    assert caught[0].filename == __file__


@pytest.mark.parametrize("waits", [False, True])
async def test_a_companion_runs_only_while_the_work_waits(waits: bool) -> None:
    log: list[str] = []
    came = anyio.Event()

    async def work() -> None:
        if waits:
            await came.wait()
        log.append("worked")

    async def companion() -> None:
        log.append("came")
        came.set()
        try:
            await anyio.sleep_forever()
        finally:
            log.append("went")

    with anyio.fail_after(SECONDS):
        await run_alongside(work, companion)
    assert log == (["came", "worked", "went"] if waits else ["worked"])


@pytest.mark.parametrize("fails", [False, True])
async def test_a_companion_that_ends_cancels_the_work(fails: bool) -> None:
    log: list[str] = []

    async def work() -> None:
        with anyio.CancelScope():  # its own scope, entered before anything waits
            try:
                await anyio.sleep_forever()
            finally:
                with anyio.CancelScope(shield=True):
                    await anyio.lowlevel.checkpoint()
                log.append("cleaned")

    async def companion() -> None:
        await anyio.lowlevel.checkpoint()
        if fails:
            raise LookupError("its own")

    with anyio.fail_after(SECONDS):
        if fails:
            with pytest.raises(LookupError, match="its own"):
                await run_alongside(work, companion)
        else:
            await run_alongside(work, companion)
    assert log == ["cleaned"]


@pytest.mark.parametrize("waits", [False, True])
async def test_an_error_of_the_work_is_raised_as_it_is(waits: bool) -> None:
    async def work() -> None:
        if waits:
            await anyio.lowlevel.checkpoint()
        raise LookupError("its own")

    with anyio.fail_after(SECONDS), pytest.raises(LookupError, match="its own"):
        await run_alongside(work, anyio.sleep_forever)


async def test_a_cancellation_reaches_the_work_and_its_companions() -> None:
    log: list[str] = []

    async def wait(name: str) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            log.append(name)

    async with anyio.create_task_group() as group:
        group.start_soon(run_alongside, lambda: wait("work"), lambda: wait("companion"))
        await anyio.wait_all_tasks_blocked()
        group.cancel_scope.cancel()
    assert sorted(log) == ["companion", "work"]


async def _coroutine() -> None: ...


class _Caller:
    async def __call__(self) -> None: ...

    async def method(self) -> None: ...

    def plain(self) -> None: ...


@pytest.mark.parametrize(
    "func",
    [
        _coroutine,
        _Caller(),
        _Caller().method,
        functools.partial(_coroutine),
        functools.partial(functools.partial(_Caller())),
    ],
)
def test_these_give_a_coroutine_when_called(func):
    assert is_async_callable(func)


@pytest.mark.parametrize("func", [print, _Caller, _Caller().plain, lambda: _coroutine(), functools.partial(print), 3])
def test_these_do_not(func):
    assert not is_async_callable(func)
