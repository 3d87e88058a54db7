"""A task group for the asynchronous client that may be entered and exited by different tasks."""

import asyncio
from types import TracebackType

import anyio
from anyio.abc import TaskGroup


class TaskGroupHolder:
    """Opens a task group, and cancels it at the end of the block. Does not wrap the exception of the block.

    On asyncio, different tasks may enter and exit it: some plugins run the set-up and the tear-down of a fixture in
    two tasks, which a task group does not support. So a separate task owns the task group.
    """

    def __init__(self) -> None:
        self._tasks: TaskGroup | None = None
        self._owner: asyncio.Task[None] | None = None
        self._exit = anyio.Event()

    async def __aenter__(self) -> TaskGroup:
        tasks = anyio.create_task_group()
        if _is_asyncio_task():
            ready = anyio.Event()
            self._owner = asyncio.create_task(self._hold(tasks, ready))
            await ready.wait()
        else:
            self._tasks = await tasks.__aenter__()
        return tasks

    async def _hold(self, tasks: TaskGroup, ready: anyio.Event) -> None:
        async with tasks:
            ready.set()
            await self._exit.wait()
            tasks.cancel_scope.cancel()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._exit.set()
        if self._owner is not None:
            with anyio.CancelScope(shield=True):
                await self._owner
        if self._tasks is not None:
            self._tasks.cancel_scope.cancel()
            await self._tasks.__aexit__(None, None, None)


def _is_asyncio_task() -> bool:
    try:
        return asyncio.current_task() is not None
    except RuntimeError:  # not in an event loop of asyncio: this is trio
        return False
