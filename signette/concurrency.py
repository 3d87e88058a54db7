"""Blocking code in worker threads, on asyncio and trio.

Each item of an iterator takes one call of a worker thread. Several items per call would be faster, but the first would
wait for the second: a stream of events would always be late by one event. Sending and reading at the same time needs
two tasks (`responses.read_ahead`), which an iterator does not have.
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
from signette._threads import key_of_iterable, run_counted, run_holding, run_reserved
from signette.types import Scope, SignetteDeprecationWarning

P = ParamSpec("P")
T = TypeVar("T")

_END: Any = object()


def is_async_callable(func: Any) -> bool:
    """Whether a call returns a coroutine: `async def`, an object with an async `__call__`, or a partial of either."""
    while isinstance(func, functools.partial):
        func = func.func
    # Of the type, as in a call: the attribute `__call__` of a class is for its instances.
    call = getattr(type(func), "__call__", None)  # noqa: B004 - checks its kind, not its existence
    return inspect.iscoroutinefunction(func) or inspect.iscoroutinefunction(call)


async def run_in_threadpool(func: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call the function in a worker thread, in a copy of the current context.

    A cancellation waits until the function returns: a thread cannot be stopped.
    """
    return await run_sync(functools.partial(func, *args, **kwargs))


async def run_limited(limiter: CapacityLimiter | None, func: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """The same, in at most as many threads as the limiter has tokens; `None` is the default limiter."""
    return await run_counted(limiter, functools.partial(func, *args, **kwargs))


async def call_in_worker(scope: Scope, func: Callable[..., Any], *args: Any) -> Any:
    """The same for a function of users that is not `async`, in the threads of the application of this scope.

    Its own limiter counts them, so that they never wait for other users of threads.
    """
    return await run_limited(getattr(scope.get("app"), "limiter", None), func, *args)


async def iterate_in_threadpool(iterator: Iterable[T]) -> AsyncIterator[T]:
    """Iterate over a blocking iterable in worker threads, and always close a generator.

    The iterable runs in one context from its first item to its end.
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
            # An iterator that has started may hold a resource.
            item = await run_holding(None, key, use)
    except BaseException:
        # Shielded: the `finally` blocks of a generator must run after a disconnect, too.
        with CancelScope(shield=True):
            await run_holding(None, ("close", key), functools.partial(owned.release, close))
        raise


async def run_alongside(work: Callable[[], Awaitable[None]], *companions: Callable[[], Awaitable[None]]) -> None:
    """Run the work until it ends, or until one of its companions ends, which cancels the work.

    The companions start when the work first waits. Raises the first error of any of them, not wrapped in a group.
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
            # PERF: starting and cancelling a task costs as much as sending a hundred chunks.
            waits_for = steps.send(None)
        except StopIteration:
            pass  # the work never waited
        else:
            for companion in companions:
                group.start_soon(accompany, companion)
            await _resume(steps, waits_for)
            group.cancel_scope.cancel()
    if failures:
        try:
            raise failures[0]
        finally:
            failures.clear()  # breaks the reference cycle of the traceback and this frame


@coroutine
def _resume(steps: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    """Await the rest of a coroutine that was started with `send`."""
    try:
        while True:
            try:
                value = yield waits_for
            except BaseException as exc:  # noqa: BLE001 - usually a cancellation, which the coroutine handles
                waits_for = steps.throw(exc)
            else:
                waits_for = steps.send(value)
    except StopIteration:
        return


async def run_until_first_complete(*args: tuple[Callable[..., Awaitable[Any]], dict[str, Any]]) -> None:
    """Call all functions with their keyword arguments concurrently, and cancel the others when one has finished.

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
