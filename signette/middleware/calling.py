"""Calling what users hand in and is not `async`."""

from collections.abc import Callable
from typing import Any

from signette.concurrency import run_limited
from signette.types import Scope


async def call_in_worker(scope: Scope, func: Callable[..., Any], *args: Any) -> Any:
    """What `func` gives, run in a worker thread, which sees the context variables.

    The threads are counted by the application's own limiter, so that they never wait for other users of threads.
    """
    return await run_limited(getattr(scope.get("app"), "limiter", None), func, *args)
