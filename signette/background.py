"""Work to be done after the answer has been sent.

What was accepted is not lost: a task that fails is logged, with its traceback and the request that it came from, and
the next one runs. Nothing is raised: the answer is gone, and there is nobody left to tell but the log.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from functools import partial
from typing import Any, ParamSpec

from signette._threads import key_of, run_holding
from signette.concurrency import is_async_callable
from signette.types import Scope

P = ParamSpec("P")

logger = logging.getLogger("signette.background")

_request: ContextVar[Scope | None] = ContextVar("signette.background.request", default=None)


class BackgroundTask:
    """A function to call after the answer has been sent, with its arguments; a sync one in a worker thread."""

    def __init__(self, func: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> None:
        self.func = func
        self.args = args
        self.kwargs = kwargs
        self.is_async = is_async_callable(func)

    async def __call__(self) -> None:
        try:
            if self.is_async:
                await self.func(*self.args, **self.kwargs)
            else:
                # What the request has open stays open meanwhile, and others may wait for it.
                await run_holding(None, key_of(self.func), partial(self.func, *self.args, **self.kwargs))
        except Exception:
            logger.exception("the background task `%s` failed%s", _name_of(self.func), _place())


class BackgroundTasks(BackgroundTask):
    """Several tasks, run one after the other in the order they were added, whether or not one fails."""

    def __init__(self, tasks: Sequence[BackgroundTask] | None = None) -> None:
        self.tasks = list(tasks) if tasks else []

    def add_task(self, func: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> None:
        """Call this too, after those that are there."""
        self.tasks.append(BackgroundTask(func, *args, **kwargs))

    async def __call__(self) -> None:
        for task in self.tasks:
            try:
                await task()
            except Exception:  # a task class of the user's own may raise
                logger.exception("the background task `%s` failed%s", _name_of(task), _place())


async def run_after(background: Callable[[], Awaitable[Any]], scope: Scope) -> None:
    """Run the work of a response whose request this is, so that the log names it. Raises nothing either."""
    token = _request.set(scope)
    try:
        await background()
    except Exception:  # a callable or a task class of the user's own
        logger.exception("the background task `%s` failed%s", _name_of(background), _place())
    finally:
        _request.reset(token)


def _name_of(func: Any) -> str:
    func = getattr(func, "func", func)  # a partial, or a task
    return getattr(func, "__qualname__", None) or type(func).__qualname__


def _place() -> str:
    scope = _request.get()
    if scope is None:
        return ""
    # `%r`-like: a path may hold line ends, and a log is read line by line.
    return f" after {scope.get('method', scope.get('type', ''))} {scope.get('path', '')!r}"
