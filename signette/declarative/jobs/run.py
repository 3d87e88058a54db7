"""The job that runs: what its function can ask for, and how it reports progress."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Generic, TypeVar, get_args

from signette._scope_keys import JOB
from signette.declarative.adapters.json_values import JsonType, NotJson
from signette.declarative.errors import jobs as job_errors
from signette.declarative.jobs.records import UNFINISHED_TTL, Record, Records
from signette.declarative.signature.model import SourceLocation
from signette.declarative.sources.provided import Provided
from signette.state.unavailable import StateUnavailable
from signette.types import Scope

T = TypeVar("T")


class JobRun(Provided):
    """The run of a job, as a parameter of its function: `run: JobRun`.

    `id` is the same for all attempts, which count from 1: `attempt`.
    """

    only_in_jobs = True

    def __init__(self, job_id: str, name: str, attempt: int, retries: int, record: Record, records: Records) -> None:
        self.id = job_id
        self.name = name
        self.attempt = attempt
        self.is_last_attempt = attempt > retries
        self.record = record
        self._records = records

    async def save(self) -> None:
        """Keep the record, and send it to all that watch the job."""
        await self._records.put(self.id, self.record, UNFINISHED_TTL)

    async def report(self, progress: Any) -> None:
        """Keep the progress, as JSON."""
        self.record = replace(self.record, progress=progress, reports=self.record.reports + 1)
        with suppress(StateUnavailable):  # the job need not fail for that
            await self.save()

    @classmethod
    def provider(cls, annotation: Any, where: SourceLocation, name: str) -> Callable[[Scope], Any]:  # noqa: ARG003
        """The run that belongs to the scope."""
        return _run_of


def _run_of(scope: Scope) -> Any:
    return scope[JOB]


class Progress(Provided, Generic[T]):
    """Reports how far a job is, as a parameter of its function: `progress: Progress[int]`."""

    only_in_jobs = True

    def __init__(self, run: JobRun, value_type: JsonType) -> None:
        self._run = run
        self._type = value_type

    async def report(self, value: T) -> None:
        """Keep the value, and send it to all that watch the job.

        Raises:
            TypeError: the value is not of the annotated type.
        """
        try:
            progress = self._type.dump(value)
        except NotJson as exc:
            raise TypeError(f"progress of job `{self._run.name}`: {exc}") from None
        await self._run.report(progress)

    @classmethod
    def provider(cls, annotation: Any, where: SourceLocation, name: str) -> Callable[[Scope], Any]:
        """An object that reports to the run of the scope."""
        args = get_args(annotation)
        try:
            value_type = JsonType(args[0] if args else Any)
        except NotJson as exc:
            raise job_errors.job_argument_not_json(where, name, annotation, str(exc)) from None
        return lambda scope: Progress(scope[JOB], value_type)
