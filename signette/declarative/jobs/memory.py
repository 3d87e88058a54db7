"""Jobs in the process of the application: they start with its lifespan, and are finished before it ends."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import Context, copy_context

import anyio
from anyio.abc import TaskGroup
from anyio.lowlevel import current_token

from signette.declarative.jobs.calls import JobCall

logger = logging.getLogger("signette.jobs")

Run = Callable[[JobCall], Awaitable[None]]


class MemoryQueue:
    """Calls that run in this process, at most `concurrency` at once. Works on asyncio and trio."""

    def __init__(self, run: Run, drop: Run) -> None:
        self._run = run
        self._drop = drop
        self._runners: list[_Runner] = []

    async def send(self, call: JobCall, delay: float = 0) -> None:
        """Run a call in the lifespan of this event loop.

        Raises:
            RuntimeError: no lifespan runs, so that the call would be lost.
        """
        self._runner().send(call, delay)

    @asynccontextmanager
    async def running(self, concurrency: int) -> AsyncGenerator[None]:
        """Run calls until the end of the block, and finish there what is in the queue."""
        try:
            async with anyio.create_task_group() as tasks:
                runner = _Runner(tasks, concurrency, self._run, self._drop)
                self._runners.append(runner)
                try:
                    yield
                finally:
                    with anyio.CancelScope(shield=True):
                        await runner.drain()
                    self._runners.remove(runner)
        except BaseExceptionGroup as group:
            if len(group.exceptions) > 1:
                raise
            only = group.exceptions[0]  # of the block: a call raises nothing
            raise only from only.__cause__

    async def join(self, *, run_delayed: bool) -> None:
        """Wait until all calls have run that are due, or all that are in the queue."""
        await self._runner().join(run_delayed=run_delayed)

    def _runner(self) -> "_Runner":
        loop = current_token()
        for runner in self._runners:
            if runner.loop == loop:
                return runner
        raise RuntimeError(
            "jobs in memory run in the lifespan of the application, which is not running in this event loop\n"
            '  hint: use `with TestClient(app)` in tests, or `App(state="redis://...")` and `signette worker`'
        )


class _Runner:
    """The calls of one lifespan."""

    def __init__(self, tasks: TaskGroup, concurrency: int, run: Run, drop: Run) -> None:
        self.loop = current_token()
        self._tasks = tasks
        self._run = run
        self._drop = drop
        # Not that of the request which enqueues a job: it would keep the request until the job has run.
        self._context: Context = copy_context()
        self._places = anyio.Semaphore(concurrency)
        self._due = 0
        self._delayed = 0
        self._ends = False
        self._hurries = 0
        """How many wait for all calls: delayed ones do not wait meanwhile."""
        self._hurry = anyio.Event()
        self._changed = anyio.Event()

    def send(self, call: JobCall, delay: float) -> None:
        if delay > 0:
            self._delayed += 1
        else:
            self._due += 1
        self._context.run(self._tasks.start_soon, self._handle, call, delay)

    async def _handle(self, call: JobCall, delay: float) -> None:
        try:
            is_run = delay <= 0 or await self._wait(call, delay)
            if is_run:
                async with self._places:
                    await self._run(call)
            else:
                await self._drop(call)
        except Exception:
            logger.exception("job `%s` (%s) could not be run", call.name, call.id)
        finally:
            self._due -= 1
            self._changed.set()

    async def _wait(self, call: JobCall, delay: float) -> bool:
        """Wait until a call is due, and return whether to run it.

        At the end of the lifespan retries run at once; what would be due later is dropped.
        """
        is_due = False
        try:
            if not self._hurries:
                with anyio.move_on_after(delay) as waiting:
                    await self._hurry.wait()
                is_due = waiting.cancelled_caught
        finally:
            self._delayed -= 1
            self._due += 1
        return is_due or not self._ends or call.attempt > 1

    async def join(self, *, run_delayed: bool) -> None:
        self._hurries += run_delayed
        try:
            while self._due or (run_delayed and self._delayed):
                if run_delayed:
                    self._hurry.set()
                    self._hurry = anyio.Event()
                self._changed = anyio.Event()
                await self._changed.wait()
        finally:
            self._hurries -= run_delayed

    async def drain(self) -> None:
        self._ends = True
        await self.join(run_delayed=True)
