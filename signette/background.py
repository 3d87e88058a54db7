"""Background tasks, which run after the response was sent.

An error in a task is logged, with its traceback and the request, and the next task runs. Nothing is raised, as the
response was sent already.
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
    """A function to call after the response was sent, with its arguments. Sync functions run in a worker thread."""

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
                # The request keeps its resources open meanwhile, and other requests may wait for them.
                await run_holding(None, key_of(self.func), partial(self.func, *self.args, **self.kwargs))
        except Exception:
            logger.exception("the background task `%s` failed%s", _name_of(self.func), _request_suffix())


class BackgroundTasks(BackgroundTask):
    """Several tasks, which run one after the other in order. If one fails, the others still run."""

    def __init__(self, tasks: Sequence[BackgroundTask] | None = None) -> None:
        self.tasks = list(tasks) if tasks else []

    def add_task(self, func: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> None:
        """Add a function to call, with its arguments."""
        self.tasks.append(BackgroundTask(func, *args, **kwargs))

    async def __call__(self) -> None:
        for task in self.tasks:
            try:
                await task()
            except Exception:  # a custom task class may raise
                logger.exception("the background task `%s` failed%s", _name_of(task), _request_suffix())


async def run_after(background: Callable[[], Awaitable[Any]], scope: Scope) -> None:
    """Run the background task of a response. The log names the request of this scope. Raises nothing."""
    token = _request.set(scope)
    try:
        await background()
    except Exception:  # a custom callable or task class
        logger.exception("the background task `%s` failed%s", _name_of(background), _request_suffix())
    finally:
        _request.reset(token)


def _name_of(func: Any) -> str:
    func = getattr(func, "func", func)  # a partial, or a task
    return getattr(func, "__qualname__", None) or type(func).__qualname__


def _request_suffix() -> str:
    scope = _request.get()
    if scope is None:
        return ""
    # Quoted, as a path may contain line ends.
    return f" after {scope.get('method', scope.get('type', ''))} {scope.get('path', '')!r}"
