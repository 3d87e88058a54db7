"""Background tasks, which run after the response was sent.

An error in a task is logged, with its traceback and the request, and the next task runs. When all have run, the first
error is raised: it goes to the application's handler of `Exception` and to the server. The response was sent already.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from functools import partial
from typing import Any, ParamSpec, Protocol

from signette._scope_keys import EXCHANGE
from signette._threads import key_of, run_holding
from signette.concurrency import is_async_callable
from signette.types import Scope

P = ParamSpec("P")

logger = logging.getLogger("signette.background")


class Delivery(Protocol):
    """How far middleware with `dispatch` is with the response of the application inside of it."""

    async def until_sent(self) -> None:
        """Wait until the response was sent."""


delivery: ContextVar[Delivery | None] = ContextVar("signette.background.delivery", default=None)
"""That of the middleware around the current task. In the task of `dispatch`, which may run background tasks as well, it
is that of the next middleware further out."""

_request: ContextVar[tuple[str, str] | None] = ContextVar("signette.background.request", default=None)
"""Its method and path, for the log. Not the scope, as a task that a background task starts would keep it."""


class BackgroundTask:
    """A function to call after the response was sent, with its arguments. Sync functions run in a worker thread.

    Attributes:
        func: The function.
        args: Its positional arguments.
        kwargs: Its keyword arguments.
        is_async: `func` is called on the event loop; otherwise in a worker thread.
    """

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
        except Exception as exc:
            _log_failure(self.func, exc)
            raise


class BackgroundTasks(BackgroundTask):
    """Several tasks, which run one after the other in order. If one fails, the others still run.

    Raises what the first failed task has raised, after the last one.

    Attributes:
        tasks: The list of tasks.
    """

    def __init__(self, tasks: Sequence[BackgroundTask] | None = None) -> None:
        self.tasks = list(tasks) if tasks else []

    def add_task(self, func: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> None:
        """Add a function to call, with its arguments."""
        self.tasks.append(BackgroundTask(func, *args, **kwargs))

    async def __call__(self) -> None:
        failure: Exception | None = None
        for task in self.tasks:
            try:
                await _run_logged(task)
            except Exception as exc:  # noqa: BLE001 - raised below
                failure = failure or exc
        if failure is not None:
            try:
                raise failure
            finally:
                del failure  # its traceback holds this frame


async def run_after(background: Callable[[], Awaitable[Any]], scope: Scope) -> None:
    """Run the background task of a response. The log names the request of this scope. Raises what the task raises.

    Middleware with `dispatch` holds responses: the task waits until the response was sent.
    """
    # Not the middleware around an endpoint that sends a request to another application in its own process.
    if EXCHANGE in scope and (around := delivery.get()) is not None:
        await around.until_sent()
    token = _request.set((scope.get("method", scope.get("type", "")), scope.get("path", "")))
    try:
        await _run_logged(background)
    finally:
        _request.reset(token)


def is_background_failure(exc: Exception) -> bool:
    """Whether a background task has raised the exception, so that the response was sent before."""
    # PERF: asked when something has failed; noting that a response is complete would cost each of them.
    trace = exc.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code is run_after.__code__:
            return True
        trace = trace.tb_next
    return False


async def _run_logged(background: Callable[[], Awaitable[Any]]) -> None:
    try:
        await background()
    except Exception as exc:
        if type(background).__call__ not in _LOGGING:  # a custom callable or task class
            _log_failure(background, exc)
        raise


# They log what they raise.
_LOGGING = (BackgroundTask.__call__, BackgroundTasks.__call__)


def _log_failure(func: Any, exc: Exception) -> None:
    logger.error("the background task `%s` failed%s", _name_of(func), _request_suffix(), exc_info=exc)


def _name_of(func: Any) -> str:
    func = getattr(func, "func", func)  # a partial, or a task
    return getattr(func, "__qualname__", None) or type(func).__qualname__


def _request_suffix() -> str:
    request = _request.get()
    if request is None:
        return ""
    method, path = request
    return f" after {method} {path!r}"  # quoted, as a path may contain line ends
