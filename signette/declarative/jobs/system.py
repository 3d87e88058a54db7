"""The jobs of an application: their definitions, their queue, and their records."""

import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from anyio import Event, current_time, move_on_after, sleep, to_thread

from signette._http.json import dumps, loads
from signette.declarative.errors import jobs as job_errors
from signette.declarative.jobs.calls import JobCall, JobQueue
from signette.declarative.jobs.declared import JobDefinition
from signette.declarative.jobs.execution import execute
from signette.declarative.jobs.memory import MemoryQueue
from signette.declarative.jobs.records import UNFINISHED_TTL, Record, Records
from signette.declarative.plan.steps import Plan, Read
from signette.declarative.signature.callables import location_of
from signette.state.unavailable import StateUnavailable

logger = logging.getLogger("signette.jobs")

DEFAULT_CONCURRENCY = 10
# A process that has reserved an idempotency key puts the job into the queue at once. After this time it has died.
RESERVED_SECONDS = 10.0
RESERVED_POLL_SECONDS = 0.05


class JobSystem:
    """The jobs of an application."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.concurrency = DEFAULT_CONCURRENCY
        self.clock: Callable[[], float] = time.time
        self._backend = app.backend
        self._queue: JobQueue | None = None
        self._records: Records | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_queue": None, "_records": None}

    # -- definitions ---------------------------------------------------------------------------------------------------

    @property
    def definitions(self) -> Mapping[str, JobDefinition]:
        """The jobs of the application and its routers, by name."""
        found: dict[str, JobDefinition] = self.app.router.jobs_by_name()
        return found

    def definition_of(self, function: Callable[..., Any]) -> JobDefinition:
        """The job that a function is.

        Raises:
            LookupError: it is not a job of this application.
        """
        found = self._found(function)
        if found is not None:
            return found
        raise LookupError(
            f"{location_of(function)} is not a job of this application\n"
            "  hint: put `@app.job` before it, or include the router that it is a job of"
        )

    def _found(self, function: Callable[..., Any]) -> JobDefinition | None:
        definitions = self.definitions.values()
        for each in definitions:
            if each.function == function:
                return each
        # In an application that was pickled and loaded in the same process, a class may have the original function.
        code = getattr(function, "__code__", None)
        return next((each for each in definitions if code and code == getattr(each.function, "__code__", None)), None)

    def check(self, plans: Iterable[Plan]) -> None:
        """Check the jobs, and the parameters of endpoints that enqueue one.

        Raises SignatureError.
        """
        for each in self.definitions.values():
            each.check()
        for plan in (*plans, *self.plans({})):
            for read in plan.reads:
                function = getattr(read.provider, "function", None) if isinstance(read, Read) else None
                if function is not None and self._found(function) is None:
                    raise job_errors.not_a_job(plan.where, read.name, location_of(function))

    def plans(self, overrides: Mapping[Any, Any]) -> list[Plan]:
        """The plans of all jobs."""
        return [each.plan(overrides) for each in self.definitions.values()]

    # -- state ---------------------------------------------------------------------------------------------------------

    @property
    def records(self) -> Records:
        if self._records is None:
            self._records = Records(self.app.backend)
        return self._records

    @property
    def is_in_memory(self) -> bool:
        """Whether jobs run in the process of the application."""
        return bool(urlsplit(self.app.backend.url("jobs")).scheme == "memory")

    @property
    def queue(self) -> JobQueue:
        if self._queue is None:
            self._queue = MemoryQueue(self.run, self._drop) if self.is_in_memory else self._stream_queue()
        return self._queue

    def _stream_queue(self) -> JobQueue:
        from signette.declarative.jobs.streams import StreamQueue  # noqa: PLC0415 - loads asyncio, as below

        return StreamQueue(self.app.backend)

    async def ready(self) -> JobQueue:
        """The queue, once its library is loaded.

        Raises:
            ImportError: the library is not installed.
        """
        if self._queue is None and not self.is_in_memory:
            from signette.declarative.jobs.streams import check_taskiq  # noqa: PLC0415

            await to_thread.run_sync(check_taskiq)  # an import reads files
        return self.queue

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """In the lifespan of the application: run jobs in memory, and finish them at the end."""
        if not self.definitions:
            yield
            return
        if self._backend is not self.app.backend:  # a test has replaced it
            self._backend, self._queue, self._records = self.app.backend, None, None
        queue: Any = await self.ready()
        async with queue.running(self.concurrency) if self.is_in_memory else queue.running():
            yield

    async def work(self, stop: Event, concurrency: int, reclaim_seconds: float) -> None:
        """In the lifespan of the application: run jobs from Redis until the event is set."""
        from signette.declarative.jobs.streams import StreamQueue  # noqa: PLC0415
        from signette.declarative.jobs.worker import Worker  # noqa: PLC0415

        queue = await self.ready()
        assert isinstance(queue, StreamQueue)
        queue.reclaim_seconds = reclaim_seconds
        await Worker(queue, self.records.store, self.run, concurrency).work(stop)

    async def run(self, call: JobCall) -> None:
        """Run a call that was taken from the queue."""
        await execute(self.app, self.definitions.get(call.name), call, self.queue, self.records)

    async def _drop(self, call: JobCall) -> None:
        """Log that a delayed call in memory is not run, because the application stops."""
        logger.warning("job `%s` (%s) is lost: it is in memory, and its delay is not over", call.name, call.id)
        await self.records.drop(call.id, call.name, self.clock())

    # -- enqueueing ----------------------------------------------------------------------------------------------------

    async def enqueue(self, definition: JobDefinition, arguments: dict[str, Any], key: str | None, delay: float) -> str:
        """Put a call into the queue, and return its id: that of an earlier call with the same key, if there is one."""
        if key is None:
            job_id = uuid4().hex
            await self._send(definition, JobCall(job_id, definition.name, arguments), delay)
            return job_id
        store, ttl = self.records.store, definition.result_ttl + delay
        name = f"key:{sha256(dumps([definition.name, key])).hexdigest()}"
        job_id, reserved = await self._reserve(name, ttl)
        if reserved is None:
            return job_id
        try:
            await self._send(definition, JobCall(job_id, definition.name, arguments), delay)
        except BaseException:
            # It may be in the queue all the same: the next call with the key sends it again, under the same id.
            with move_on_after(RESERVED_SECONDS / 2, shield=True), suppress(StateUnavailable):
                await store.replace(name, reserved, dumps([job_id, None, False]), ttl=ttl)
            raise
        with suppress(StateUnavailable):  # then the next call with the key sends it again, and it runs once
            await store.replace(name, reserved, dumps([job_id, self.clock(), True]), ttl=ttl)
        return job_id

    async def _reserve(self, name: str, ttl: float) -> tuple[str, bytes | None]:
        """The id of the job of a key, and the reservation of this call; None if the job is in the queue.

        Waits while another process puts the job into the queue. If that has died or failed, this call does so.
        """
        store, job_id = self.records.store, uuid4().hex
        seen, seen_at = b"", 0.0
        while not await store.add(name, mine := dumps([job_id, self.clock(), False]), ttl=ttl):
            reserved = await store.get(name)
            if reserved is None:  # it has expired just now
                continue
            other, at, is_queued = loads(reserved)
            if is_queued:
                return str(other), None
            if reserved != seen:
                seen, seen_at = reserved, current_time()
            # Clocks of hosts differ, so it also counts how long this call has waited.
            passed = RESERVED_SECONDS if at is None else max(self.clock() - at, current_time() - seen_at)
            if passed < RESERVED_SECONDS:
                await sleep(RESERVED_POLL_SECONDS)
                continue
            job_id = str(other)
            if await store.replace(name, reserved, mine := dumps([job_id, self.clock(), False]), ttl=ttl):
                break
        return job_id, mine

    async def _send(self, definition: JobDefinition, call: JobCall, delay: float) -> None:
        """Put a call into the queue.

        Raises StateUnavailable. The call may be in the queue all the same, so its record is kept.
        """
        queue = await self.ready()
        await self.records.add(call.id, Record(definition.name, queued_at=self.clock()), UNFINISHED_TTL + delay)
        try:
            await queue.send(call, delay)
        except RuntimeError:  # no lifespan runs
            await self.records.forget(call.id)
            raise
