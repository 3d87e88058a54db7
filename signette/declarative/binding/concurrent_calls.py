"""What binders call for dependencies that run at the same time.

Theory of operation. `together` runs each call in its own task. A task has a copy of the context variables, so the
changes of each are repeated in the task of the request, in the order of the plan.

A generator stays open after its task has ended. An async one may have a cancel scope or a lock around its `yield`,
which must be left by the task that has entered it. So it gets its own task, which enters it, waits, and leaves it. The
request ends it in the order of its exits, by a `GeneratorTask` that it has put there before. If a cancel scope of the
generator ends while it is open, the request is cancelled as it would be inside of the scope.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from contextvars import Context, ContextVar, copy_context
from types import TracebackType
from typing import Any, Self

import anyio
from anyio import CancelScope, create_task_group, get_cancelled_exc_class

_MISSING: Any = object()

Changes = list[tuple[ContextVar[Any], Any]]


async def together(*calls: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Make all calls at the same time, and return their results.

    If one fails, the others are cancelled. Raises the exception of the first call that failed, by their order.
    """
    runs = [_Run(call) for call in calls]
    async with create_task_group() as group:
        for run in runs:
            group.start_soon(run.start, group.cancel_scope)
    for run in runs:
        repeat(run.changes)
    failed = [run for run in runs if run.failure is not None]
    if failed:
        # What a call raises because it was cancelled is a consequence.
        causes = [run for run in failed if not _follows_cancellation(run.failure)]
        failure = (causes or failed)[0].failure
        try:
            assert failure is not None
            raise failure
        finally:
            del failure, failed, causes, runs  # their tracebacks hold this frame
    return [run.result for run in runs]


class _Run:
    """One call, and what has become of it."""

    __slots__ = ("call", "changes", "failure", "result")

    def __init__(self, call: Callable[[], Awaitable[Any]]) -> None:
        self.call = call
        self.result: Any = None
        self.failure: Exception | None = None
        self.changes: Changes = []

    async def start(self, siblings: CancelScope) -> None:
        before = copy_context()
        try:
            self.result = await self.call()
        except Exception as exc:  # noqa: BLE001 - raised outside of the task group
            self.failure = exc
            siblings.cancel()
        finally:
            self.changes = changes_since(before)


def _follows_cancellation(exc: BaseException | None) -> bool:
    """Whether an exception was raised while a cancellation was handled."""
    cancelled, seen = get_cancelled_exc_class(), set[int]()
    while exc is not None and id(exc) not in seen:
        seen.add(id(exc))
        exc = exc.__context__
        if isinstance(exc, cancelled):
            return True
    return False


def changes_since(before: Context) -> Changes:
    """The context variables that have another value than before."""
    return [(each, value) for each, value in copy_context().items() if before.get(each, _MISSING) is not value]


def repeat(changes: Changes) -> None:
    """Set the context variables in this task."""
    for variable, value in changes:
        variable.set(value)


def _is_cancellation(exc: BaseException) -> bool:
    """Whether it is a cancellation, which a task group may have wrapped."""
    cancelled = get_cancelled_exc_class()
    return isinstance(exc, cancelled) or (isinstance(exc, BaseExceptionGroup) and exc.split(cancelled)[1] is None)


Outcome = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


class GeneratorTask(AbstractAsyncContextManager["GeneratorTask"]):
    """The task of an async generator. `open` starts it, in any task; leaving this context manager ends it."""

    def __init__(self) -> None:
        self._tasks = create_task_group()
        self._request = CancelScope()
        """Around what the request does while the generator is open."""
        self._entry = CancelScope()
        """Around the generator, in its task. Cancelled if the group fails while it is entered."""
        self._around = CancelScope()
        """Inside of that one: shielded while the generator is closed."""
        self._is_open = False
        self._ready = anyio.Event()
        self._end = anyio.Event()
        self._ended = anyio.Event()
        self._value: Any = None
        self._entering: Changes = []
        """Context variables that the generator has set before its `yield`."""
        self._of_request: Changes = []
        """Context variables that the request has set since."""
        self._opened_in: Context | None = None
        self._outcome: Outcome = (None, None, None)
        self._failure: BaseException | None = None
        self._swallows = False

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._request.__enter__()
        return self

    async def open(self, manager: AbstractAsyncContextManager[Any]) -> Any:
        """Run the generator up to its `yield`, and return the value. Raises what it raises."""
        self._tasks.start_soon(self._keep, manager)
        try:
            await self._ready.wait()
        except BaseException as exc:
            self._outcome = type(exc), exc, exc.__traceback__
            if not self._is_open:
                self._entry.cancel()
            self._end.set()
            await self._wait_for_end()
            raise
        if not self._is_open:
            failure, self._failure = self._failure, None
            try:
                raise failure or RuntimeError("the generator was cancelled while it was entered")
            finally:
                del failure  # its traceback holds this frame
        repeat(self._entering)
        return self._value

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        cancelled: BaseException | None = None
        if self._is_open and not self._ended.is_set():
            self._outcome = kind, exc, traceback
            self._of_request = [] if self._opened_in is None else changes_since(self._opened_in)
            self._end.set()
            cancelled = await self._wait_for_end()
        has_cancelled = self._request.__exit__(kind, exc, traceback)
        await self._tasks.__aexit__(None, None, None)
        failure, self._failure, self._outcome = self._failure, None, (None, None, None)
        if cancelled is not None:
            raise cancelled
        if failure is not None:
            try:
                raise failure
            finally:
                del failure
        return bool(has_cancelled) or self._swallows

    async def _wait_for_end(self) -> BaseException | None:
        """Wait until the task has ended. Returns a native cancellation that came meanwhile: it ignores the shield."""
        cancelled: BaseException | None = None
        while not self._ended.is_set():
            try:
                with CancelScope(shield=True):
                    await self._ended.wait()
            except get_cancelled_exc_class() as exc:
                cancelled = exc
        return cancelled

    async def _keep(self, manager: AbstractAsyncContextManager[Any]) -> None:
        """Hold the generator open: the whole life of its task."""
        try:
            with self._entry, self._around:
                await self._hold(manager)
        finally:
            self._ended.set()
            self._ready.set()

    async def _hold(self, manager: AbstractAsyncContextManager[Any]) -> None:
        before = copy_context()
        try:
            self._value = await manager.__aenter__()
        except Exception as exc:  # noqa: BLE001 - `open` raises it
            self._failure = exc
            return
        self._entering = changes_since(before)
        self._opened_in = copy_context()
        self._is_open = True
        self._ready.set()
        outcome = await self._wait_for_outcome()
        repeat(self._of_request)
        # A client that disconnects must not leave a transaction open.
        self._around.shield = True
        try:
            self._swallows = bool(await manager.__aexit__(*outcome)) and outcome[1] is not None
        except BaseException as exc:  # noqa: BLE001 - raised by `__aexit__`
            if exc is not outcome[1] and not _is_cancellation(exc):
                self._failure = exc

    async def _wait_for_outcome(self) -> Outcome:
        """What the generator gets at its `yield`: what the request has raised, or its own cancellation."""
        try:
            await self._end.wait()
        except BaseException as exc:  # noqa: BLE001 - the generator gets it
            # A cancel scope around the `yield` has ended, or one around the request.
            if not self._entry.cancel_called:
                self._request.cancel()
            with CancelScope(shield=True):
                await self._end.wait()
            return type(exc), exc, exc.__traceback__
        return self._outcome
