"""Running a call: its arguments, its dependencies, its timeout, its retries, and what becomes of its result.

Theory of operation. A call may be delivered more than once: a worker may have died before it has acknowledged the call,
or two processes may have sent it. So a call whose record is final is not run again, and while it runs, a lease in the
store keeps another process from running it. A retry is in the queue before its call is acknowledged, and the record is
kept before that, too. What dies in between is run again: at least once.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from anyio import current_time, fail_after, get_cancelled_exc_class, sleep

from signette._scope_keys import JOB
from signette.declarative.adapters.json_values import NotJson
from signette.declarative.binding.standalone import scope_of_app
from signette.declarative.jobs.calls import JobCall, JobQueue
from signette.declarative.jobs.declared import JobDefinition
from signette.declarative.jobs.exceptions import JobArgumentsError
from signette.declarative.jobs.records import UNFINISHED_TTL, Record, Records, State, started
from signette.declarative.jobs.run import JobRun
from signette.state.unavailable import StateUnavailable

logger = logging.getLogger("signette.jobs")

# While a new version is deployed, an old worker gets jobs that it does not know. Later, the job was removed.
UNKNOWN_SECONDS = 86400.0
INSIST_SECONDS = 15.0
INSIST_INTERVAL = 0.2


class UnknownJob(LookupError):
    """A call of a job that this process does not have. Another one may have it."""


async def execute(app: Any, definition: JobDefinition | None, call: JobCall, queue: JobQueue, records: Records) -> None:
    """Run a call, and keep what becomes of it. Exceptions of the job are logged; those of the state are raised.

    Raises UnknownJob for a call that may be one for another process.
    """
    record = await records.get(call.id) or Record(call.name)
    if record.is_final or record.attempt > call.attempt:
        logger.info("job `%s` (%s) is not run again: it has finished", call.name, call.id)
        return
    if definition is None:
        text = "the application has no job with this name"
        if time.time() - record.queued_at < UNKNOWN_SECONDS:
            raise UnknownJob(f"job `{call.name}` ({call.id}) is left to other workers: {text}")
        await _fail(call, record, records, UnknownJob(text), UNFINISHED_TTL)
        return
    run = JobRun(call.id, call.name, call.attempt, definition.retries, started(record, call.attempt), records)
    await run.save()
    try:
        result = await _result(app, definition, call, run)
    except get_cancelled_exc_class():
        logger.warning("job `%s` (%s) was interrupted: the process stops", call.name, call.id)
        raise
    except Exception as exc:  # noqa: BLE001 - the job's own
        await _failed(definition, call, run.record, queue, records, exc)
        return
    done = replace(run.record, state="succeeded", result=result, finished_at=time.time())
    await _insist(lambda: records.put(call.id, done, definition.result_ttl))


async def _result(app: Any, definition: JobDefinition, call: JobCall, run: JobRun) -> Any:
    """The result as JSON. Raises what the job raises."""
    values = definition.load(call.arguments)
    plan = definition.plan(app.dependency_overrides)
    limit: Any = nullcontext() if definition.timeout is None else fail_after(definition.timeout)
    with limit:
        async with scope_of_app(app) as scope:
            result = await scope.run(plan, values, {"app": app, JOB: run})
    return definition.result.dump(result)


async def _failed(
    definition: JobDefinition, call: JobCall, record: Record, queue: JobQueue, records: Records, exc: Exception
) -> None:
    """Retry the call, or keep its failure."""
    # The same arguments and the same result type would fail again.
    is_final = isinstance(exc, JobArgumentsError | NotJson)
    if is_final or call.attempt > definition.retries:
        await _fail(call, record, records, exc, definition.result_ttl)
        return
    delay = definition.delay_after(call.attempt)
    logger.warning(
        "job `%s` (%s) failed with %s, attempt %d of %d; it runs again in %g s",
        call.name, call.id, type(exc).__name__, call.attempt, definition.retries + 1, delay,
    )  # fmt: skip
    retrying = _with_error(record, "retrying", exc)
    await _insist(lambda: records.put(call.id, retrying, UNFINISHED_TTL + delay))
    await _insist(lambda: queue.send(call.next(), delay))


async def _fail(call: JobCall, record: Record, records: Records, exc: Exception, ttl: float) -> None:
    names = ", ".join(call.arguments) or "none"
    logger.error(
        "job `%s` (%s) failed after %d attempts; its arguments: %s",
        call.name, call.id, call.attempt, names, exc_info=exc,
    )  # fmt: skip
    failed = replace(_with_error(record, "failed", exc), attempt=call.attempt, finished_at=time.time())
    await _insist(lambda: records.put(call.id, failed, ttl))


async def _insist(keep: Callable[[], Awaitable[None]]) -> None:
    """Keep what has become of a job, also if the state is away for a moment: otherwise it would run again."""
    ends = current_time() + INSIST_SECONDS
    while True:
        try:
            return await keep()
        except StateUnavailable:
            if current_time() >= ends:
                raise
        await sleep(INSIST_INTERVAL)


def _with_error(record: Record, state: State, exc: Exception) -> Record:
    return replace(record, state=state, error_type=type(exc).__name__, error=str(exc))
