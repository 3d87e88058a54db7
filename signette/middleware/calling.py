"""Calling what users hand in, be it `async` or not."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import anyio.to_thread

from signette.types import Scope


def is_async_callable(obj: Any) -> bool:
    """Whether calling it gives something to await: a coroutine function, or an object with `async def __call__`."""
    while isinstance(obj, functools.partial):
        obj = obj.func
    return inspect.iscoroutinefunction(obj) or (
        callable(obj) and inspect.iscoroutinefunction(getattr(obj, "__call__", None))  # noqa: B004 - its kind is asked
    )


async def call_in_worker(scope: Scope, func: Callable[..., Any], *args: Any) -> Any:
    """What `func` gives, run in a worker thread, which sees the context variables.

    The threads are counted by the application's own limiter, so that they never wait for other users of threads.
    """
    limiter = getattr(scope.get("app"), "limiter", None)
    return await anyio.to_thread.run_sync(func, *args, limiter=limiter)
