"""A job that was enqueued: its status, its result, its progress."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Generic, TypeVar

from anyio import fail_after

from signette._dataclasses import dataclass
from signette.declarative.adapters.json_values import JsonType
from signette.declarative.jobs.exceptions import JobFailed, JobNotFound
from signette.declarative.jobs.records import Record, Records, State
from signette.responses.events import ServerSentEvent

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class JobStatus:
    """How far a job is. Times are seconds since the epoch, `progress` is the value that was reported last, as JSON."""

    id: str
    name: str
    state: State
    """`queued`, `running`, `retrying`, `succeeded` or `failed`."""
    attempt: int
    """How often it has started."""
    queued_at: float
    finished_at: float | None
    progress: Any
    error_type: str | None
    """The name of the class of the last exception."""


class JobHandle(Generic[T]):
    """A job that was enqueued. Its `id` finds it again, in any process: `jobs.handle(send_receipt, id)`."""

    def __init__(self, job_id: str, name: str, result: JsonType, records: Records) -> None:
        self.id = job_id
        self.name = name
        self._result = result
        self._records = records

    def __repr__(self) -> str:
        return f"<job {self.name} {self.id}>"

    async def status(self) -> JobStatus:
        """How far the job is now.

        Raises:
            JobNotFound: the id is unknown, is that of another job, or has expired.
        """
        return self._status(self._known(await self._records.get(self.id)))

    async def result(self, timeout: float | None = None) -> T:  # noqa: ASYNC109 - the job goes on
        """Wait until the job has finished, and return its result.

        Raises:
            JobFailed: the job has failed, and is not retried.
            TimeoutError: it has not finished after `timeout` seconds. The job goes on.
            JobNotFound: the id is unknown, is that of another job, or has expired.
        """
        with fail_after(timeout):
            async with aclosing(self._watch()) as records:
                async for record in records:
                    if record.state == "failed":
                        raise JobFailed(self.name, self.id, record.error_type or "Exception", record.error or "")
                    if record.is_final:
                        loaded: T = self._result.load(record.result)
                        return loaded
        raise AssertionError("a job is watched until it has finished")  # for type checkers

    async def watch(self) -> AsyncGenerator[JobStatus]:
        """The status now, and each time it changes, until the job has finished.

        Raises:
            JobNotFound: the id is unknown, is that of another job, or has expired.
        """
        async with aclosing(self._watch()) as records:
            async for record in records:
                yield self._status(record)

    async def events(self) -> AsyncGenerator[ServerSentEvent]:
        """`watch` as server-sent events, whose names are the states: return it from an endpoint.

        The data has the members `id`, `name`, `state`, `attempt` and `progress`.
        """
        async with aclosing(self.watch()) as statuses:
            async for status in statuses:
                names = ("id", "name", "state", "attempt", "progress")
                yield ServerSentEvent({name: getattr(status, name) for name in names}, event=status.state)

    async def _watch(self) -> AsyncGenerator[Record]:
        async with aclosing(self._records.watch(self.id)) as found:
            async for each in found:
                record = self._known(each)
                yield record
                if record.is_final:
                    return

    def _known(self, record: Record | None) -> Record:
        if record is None or record.name != self.name:
            raise JobNotFound(f"there is no job `{self.name}` with this id, or it has expired")
        return record

    def _status(self, record: Record) -> JobStatus:
        return JobStatus(
            self.id, record.name, record.state, record.attempt, record.queued_at, record.finished_at, record.progress,
            record.error_type,
        )  # fmt: skip
