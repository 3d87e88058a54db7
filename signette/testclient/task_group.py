"""A task group that survives test frameworks: where the asynchronous client runs the application."""

import asyncio
from types import TracebackType

import anyio
from anyio.abc import TaskGroup


class TaskGroupHolder:
    """Opens a task group, and at its end cancels what is still in it. The block's exception passes as it is.

    On asyncio another task may leave it than entered it. Some plugins run a fixture's set-up and tear-down in
    two tasks, which a task group that is held open across the `yield` does not bear; so a task of its own
    holds it.
    """

    def __init__(self) -> None:
        self._tasks: TaskGroup | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._leave = anyio.Event()

    async def __aenter__(self) -> TaskGroup:
        tasks = anyio.create_task_group()
        if _is_asyncio_task():
            ready = anyio.Event()
            self._keeper = asyncio.create_task(self._keep(tasks, ready))
            await ready.wait()
        else:
            self._tasks = await tasks.__aenter__()
        return tasks

    async def _keep(self, tasks: TaskGroup, ready: anyio.Event) -> None:
        async with tasks:
            ready.set()
            await self._leave.wait()
            tasks.cancel_scope.cancel()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._leave.set()
        if self._keeper is not None:
            with anyio.CancelScope(shield=True):
                await self._keeper
        if self._tasks is not None:
            self._tasks.cancel_scope.cancel()
            await self._tasks.__aexit__(None, None, None)


def _is_asyncio_task() -> bool:
    try:
        return asyncio.current_task() is not None
    except RuntimeError:  # no loop of asyncio runs: this is trio
        return False
