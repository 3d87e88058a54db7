"""Parameters that enqueue jobs: `jobs: Jobs` for any job, `job: Job[send_receipt]` for one."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, ClassVar, Generic, ParamSpec, Self, TypeVar, overload

from signette.declarative.errors import jobs as job_errors
from signette.declarative.jobs.declared import MAX_SECONDS, JobDefinition
from signette.declarative.jobs.handle import JobHandle
from signette.declarative.jobs.memory import MemoryQueue
from signette.declarative.jobs.system import JobSystem
from signette.declarative.signature.model import SourceLocation
from signette.declarative.sources.provided import Provided
from signette.types import Scope

P = ParamSpec("P")
T = TypeVar("T")


class _Enqueues(Provided):
    """Enqueues jobs, with a delay and an idempotency key."""

    def __init__(self, system: JobSystem, delay: float = 0, key: str | None = None) -> None:
        self._system = system
        self._delay = delay
        self._key = key

    def options(self, *, delay: float | timedelta = 0, key: str | None = None) -> Self:
        """A copy with other options for the jobs that it enqueues.

        `delay`: the job starts after this time, in seconds, at the earliest. `key`: of all calls of a job with the same
        key only the first is enqueued, and the others return its handle. It counts in place of the job's own `key=`.

        Raises:
            ValueError: the delay is negative, or longer than `MAX_SECONDS`.
        """
        seconds = delay.total_seconds() if isinstance(delay, timedelta) else delay
        if not 0 <= seconds <= MAX_SECONDS:
            raise ValueError(f"`delay` must be a number of seconds from 0 to {MAX_SECONDS:.0f}, not {delay!r}")
        return type(self)(self._system, seconds, key)

    async def _enqueue(
        self, definition: JobDefinition, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> JobHandle[Any]:
        given = definition.named(args, kwargs)
        key = self._key
        if key is None and definition.key is not None:
            key = definition.key(**given)
        job_id = await self._system.enqueue(definition, definition.dump(given), key, self._delay)
        return _handle(self._system, definition, job_id)


class Jobs(_Enqueues):
    """The jobs of the application: `jobs: Jobs` in an endpoint, a dependency or a job, and `app.jobs` elsewhere."""

    @overload
    async def enqueue(
        self, job: Callable[P, Coroutine[Any, Any, T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> JobHandle[T]: ...

    @overload
    async def enqueue(self, job: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> JobHandle[T]: ...

    async def enqueue(self, job: Callable[..., Any], /, *args: Any, **kwargs: Any) -> JobHandle[Any]:
        """Put a call of a job into the queue: `await jobs.enqueue(send_receipt, order_id=1)`.

        The job is in the queue when this returns, also if the request fails later.

        Raises:
            JobArgumentsError: an argument is missing, unknown, or not valid.
            LookupError: the function is not a job of the application.
            StateUnavailable: the queue cannot be reached.
            RuntimeError: jobs are in memory, and the lifespan of the application does not run.
        """
        return await self._enqueue(self._system.definition_of(job), args, kwargs)

    @overload
    def handle(self, job: Callable[..., Coroutine[Any, Any, T]], job_id: str) -> JobHandle[T]: ...

    @overload
    def handle(self, job: Callable[..., T], job_id: str) -> JobHandle[T]: ...

    def handle(self, job: Callable[..., Any], job_id: str) -> JobHandle[Any]:
        """The handle of a call that was enqueued before, in any process, by its id.

        Raises:
            LookupError: the function is not a job of the application.
        """
        return _handle(self._system, self._system.definition_of(job), job_id)

    @property
    def concurrency(self) -> int:
        """How many jobs in memory run at once. Set it before the application starts."""
        return self._system.concurrency

    @concurrency.setter
    def concurrency(self, value: int) -> None:
        if type(value) is not int or value < 1:
            raise ValueError(f"`concurrency` must be a whole number of at least 1, not {value!r}")
        self._system.concurrency = value

    async def join(self, *, run_delayed: bool = False) -> None:
        """For tests: wait until all jobs in memory have run that are due; with `run_delayed` all that are queued.

        Raises:
            RuntimeError: jobs are not in memory, or the lifespan of the application does not run.
        """
        queue = self._system.queue
        if not isinstance(queue, MemoryQueue):
            raise RuntimeError(  # noqa: TRY004 - the argument is not at fault
                "`join` waits for jobs in memory; wait for a handle: `await handle.result()`"
            )
        await queue.join(run_delayed=run_delayed)

    @classmethod
    def provider(cls, annotation: Any, where: SourceLocation, name: str) -> Callable[[Scope], Any]:  # noqa: ARG003
        """The jobs of the application that handles the request."""
        return lambda scope: cls(system_of(scope))


class Job(_Enqueues, Generic[P, T]):
    """One job of the application, as a parameter: `receipt: Job[send_receipt]`.

    Type checkers accept no function between the brackets. With them use `jobs: Jobs`, which checks all arguments.
    """

    function: ClassVar[Callable[..., Any] | None] = None

    def __class_getitem__(cls, item: Any) -> Any:
        if callable(item) and not isinstance(item, type):
            name = f"Job[{getattr(item, '__name__', type(item).__name__)}]"
            return type(name, (cls,), {"function": staticmethod(item), "__module__": cls.__module__})
        # Its parameters are for type checkers.
        return super().__class_getitem__(item)  # type: ignore[misc]

    async def enqueue(self, *args: P.args, **kwargs: P.kwargs) -> JobHandle[T]:
        """Put a call of the job into the queue: `await receipt.enqueue(order_id=1)`; see `Jobs.enqueue`."""
        assert self.function is not None  # no class without a function is provided
        return await self._enqueue(self._system.definition_of(self.function), args, kwargs)

    def handle(self, job_id: str) -> JobHandle[T]:
        """The handle of a call that was enqueued before; see `Jobs.handle`."""
        assert self.function is not None
        return _handle(self._system, self._system.definition_of(self.function), job_id)

    @classmethod
    def provider(cls, annotation: Any, where: SourceLocation, name: str) -> Callable[[Scope], Any]:
        """The job in the application that handles the request."""
        if cls.function is None:
            raise job_errors.job_without_function(where, name, annotation)
        return _JobProvider(cls, cls.function)


class _JobProvider:
    """Provides a job. Its function is checked when the application starts."""

    def __init__(self, cls: type[Job[..., Any]], function: Callable[..., Any]) -> None:
        self._cls = cls
        self.function = function

    def __call__(self, scope: Scope) -> Any:
        return self._cls(system_of(scope))


def system_of(scope: Scope) -> JobSystem:
    """The jobs of the application that handles the request.

    Raises:
        RuntimeError: it is not an `App`.
    """
    system: JobSystem | None = getattr(scope.get("app"), "_jobs", None)
    if system is None:
        raise RuntimeError(
            "jobs belong to an `App`, and the request is not handled by one\n  hint: include or mount the router in it"
        )
    return system


def _handle(system: JobSystem, definition: JobDefinition, job_id: str) -> JobHandle[Any]:
    return JobHandle(job_id, definition.name, definition.result, system.records)
