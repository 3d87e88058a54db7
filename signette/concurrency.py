"""Work that would block the event loop, done in worker threads. Runs on asyncio and trio.

An iterator is advanced by one item per visit to a thread. Taking several at once would be faster, but the second may
be long in coming, and the first must not wait for it: a stream of events would be late by one event for ever. To have
both takes two tasks (`responses/ahead`), which a plain iterator has not.
"""

import functools
import inspect
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator, Iterable, Iterator
from contextvars import Context, copy_context
from types import coroutine
from typing import Any, ParamSpec, TypeVar

from anyio import CancelScope, CapacityLimiter, create_task_group
from anyio.to_thread import run_sync

from signette._thread_owned import ThreadOwned
from signette._threads import key_of_iterable, run_holding, run_reserved
from signette.types import SignetteDeprecationWarning

P = ParamSpec("P")
T = TypeVar("T")

_END: Any = object()


def is_async_callable(func: Any) -> bool:
    """Whether a call gives a coroutine: `async def`, an object whose `__call__` is one, or a partial of either."""
    while isinstance(func, functools.partial):
        func = func.func
    # The class is asked, as Python does for a call: the `__call__` that a class has is its instances'.
    call = getattr(type(func), "__call__", None)  # noqa: B004 - not whether it is there, but of which kind
    return inspect.iscoroutinefunction(func) or inspect.iscoroutinefunction(call)


async def run_in_threadpool(func: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the function returns, called in a worker thread. It sees the caller's context variables.

    A cancellation waits until the function has returned: a thread cannot be stopped.
    """
    return await run_sync(functools.partial(func, *args, **kwargs))


async def run_limited(limiter: CapacityLimiter | None, func: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """The same, in at most as many threads as the limiter has tokens; `None` is the event loop's own limiter."""
    return await run_sync(functools.partial(func, *args, **kwargs), limiter=limiter)


async def iterate_in_threadpool(iterator: Iterable[T]) -> AsyncIterator[T]:
    """The items of a blocking iterable, each taken in a worker thread. A generator is closed in any case.

    It runs in one context from its first item to its end.
    """
    owned = ThreadOwned()
    source: Iterator[T] | None = None
    context: Context | None = None
    key = key_of_iterable(iterator)

    def take() -> T:
        nonlocal source, context
        context = context or copy_context()
        if source is None:
            source = context.run(iter, iterator)  # an iterable's `__iter__` may be a query, or open a file
        return context.run(next, source, _END)

    def close() -> None:
        if isinstance(source, Generator) and context is not None:
            context.run(source.close)

    use = functools.partial(owned.use, take)
    try:
        item: Any = await run_reserved(None, key, use)
        while item is not _END:
            yield item
            # What has begun may hold what others wait for.
            item = await run_holding(None, key, use)
    except BaseException:
        # Shielded: a generator's `finally` blocks give back what they hold, also when the client has left.
        with CancelScope(shield=True):
            await run_holding(None, ("close", key), functools.partial(owned.leave, close))
        raise


async def run_beside(work: Callable[[], Awaitable[None]], *companions: Callable[[], Awaitable[None]]) -> None:
    """Runs the work until it ends, or until one of its companions ends, which cancels it.

    The companions start when the work first waits for something; before that nobody else could run. The first error of
    any of them is raised as it is, not in a group.
    """
    failures: list[Exception] = []

    async def accompany(companion: Callable[[], Awaitable[None]]) -> None:
        try:
            await companion()
        except Exception as error:  # noqa: BLE001 - raised below, outside the group
            failures.append(error)
        group.cancel_scope.cancel()

    async def working() -> None:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - raised below, outside the group
            failures.append(error)

    async with create_task_group() as group:
        steps = working()
        try:
            # PERF: starting and cancelling a task costs as much as sending a hundred pieces.
            waits_for = steps.send(None)
        except StopIteration:
            pass  # it never waited
        else:
            for companion in companions:
                group.start_soon(accompany, companion)
            await _go_on(steps, waits_for)
            group.cancel_scope.cancel()
    if failures:
        try:
            raise failures[0]
        finally:
            failures.clear()  # or the error's traceback and this frame would keep each other alive


@coroutine
def _go_on(steps: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    """The rest of a coroutine that was begun by hand, and waits."""
    try:
        while True:
            try:
                given = yield waits_for
            except BaseException as thrown:  # noqa: BLE001 - a cancellation, as a rule: it is the coroutine's
                waits_for = steps.throw(thrown)
            else:
                waits_for = steps.send(given)
    except StopIteration:
        return


async def run_until_first_complete(*args: tuple[Callable[..., Awaitable[Any]], dict[str, Any]]) -> None:
    """Call each function with its keyword arguments, together, and cancel the others when one is done.

    Deprecated: use a task group of anyio.
    """
    warnings.warn(
        "run_until_first_complete is deprecated and will be removed in a future version.",
        SignetteDeprecationWarning,
        stacklevel=2,
    )
    async with create_task_group() as group:

        async def run(func: Callable[..., Awaitable[Any]], kwargs: dict[str, Any]) -> None:
            await func(**kwargs)
            group.cancel_scope.cancel()

        for func, kwargs in args:
            group.start_soon(run, func, kwargs)
