"""What is known of a job: its state, its progress and its result. Kept in the store and sent over the bus of `jobs`."""

import math
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import replace
from typing import Any, Literal

from anyio import current_time, move_on_after, sleep

from signette._dataclasses import dataclass
from signette._http.json import dumps, loads
from signette.state.backend import Backend
from signette.state.bus import Subscription
from signette.state.unavailable import StateUnavailable

State = Literal["queued", "running", "retrying", "succeeded", "failed"]
FINAL: tuple[State, ...] = ("succeeded", "failed")

# What is known of a job that has not finished is kept for this long, as it may wait in a queue.
UNFINISHED_TTL = 7 * 86400.0
# A message of the bus may be missed: the subscriber has been too slow, or the engine was away.
CHECK_SECONDS = 5.0
# How long the state may be away before those that watch a job get an error.
OUTAGE_SECONDS = 15.0
OUTAGE_INTERVAL = 0.2


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a job. `result` and `progress` are JSON."""

    name: str
    state: State = "queued"
    attempt: int = 0
    """How often it has started."""
    queued_at: float = 0.0
    finished_at: float | None = None
    result: Any = None
    progress: Any = None
    reports: int = 0
    """How many times progress was reported."""
    error_type: str | None = None
    error: str | None = None

    @property
    def is_final(self) -> bool:
        return self.state in FINAL

    def encode(self) -> bytes:
        # PERF: `asdict` copies all values, and takes a fifth of the time of a small job.
        return dumps({name: getattr(self, name) for name in self.__slots__})


def decode(data: bytes) -> Record:
    """The record of its JSON. Members that this version does not know are left out."""
    known = Record.__dataclass_fields__
    return Record(**{name: value for name, value in loads(data).items() if name in known})


class Records:
    """The records of an application's jobs."""

    def __init__(self, backend: Backend) -> None:
        self.store = backend.store("jobs")
        self._bus = backend.bus("jobs")

    async def get(self, job_id: str) -> Record | None:
        """The record of a job; None if it is unknown or has expired."""
        data = await self.store.get(_key(job_id))
        return None if data is None else decode(data)

    async def put(self, job_id: str, record: Record, ttl: float) -> None:
        """Keep a record, and send it to all that watch the job."""
        data = record.encode()
        await self.store.set(_key(job_id), data, ttl=ttl)
        with suppress(StateUnavailable):  # those that watch also look at the record
            await self._bus.publish(_topic(job_id), job_id.encode() + data)

    async def add(self, job_id: str, record: Record, ttl: float) -> None:
        """Keep the first record of a job. A job that is sent again may have a newer one."""
        await self.store.add(_key(job_id), record.encode(), ttl=ttl)

    async def forget(self, job_id: str) -> None:
        """Delete the record of a job that could not be queued."""
        await self.store.delete(_key(job_id))

    async def drop(self, job_id: str, name: str, now: float) -> None:
        """Keep that a delayed job in memory will not run, because its application has stopped."""
        record = await self.get(job_id) or Record(name)
        text = "the application has stopped before its delay was over"
        failed = replace(record, state="failed", finished_at=now, error_type="JobDropped", error=text)
        await self.put(job_id, failed, UNFINISHED_TTL)

    async def watch(self, job_id: str) -> AsyncGenerator[Record | None]:
        """The record as it is now, and then each newer one; None for an unknown job. Never ends.

        Raises:
            StateUnavailable: the state is away for longer than a moment.
        """
        prefix = job_id.encode()
        async with self._bus.subscribe(_topic(job_id)) as subscription:
            last = await self.get(job_id)
            yield last
            check_at = current_time() + CHECK_SECONDS
            fails_at = math.inf
            while True:
                try:
                    found = await self._next(subscription, prefix, check_at) or await self.get(job_id)
                except StateUnavailable:
                    fails_at = min(fails_at, current_time() + OUTAGE_SECONDS)
                    if current_time() >= fails_at:
                        raise
                    await sleep(OUTAGE_INTERVAL)
                    continue
                check_at, fails_at = current_time() + CHECK_SECONDS, math.inf
                if found != last and (last is None or found is None or not is_older(found, last)):
                    last = found
                    yield found

    async def _next(self, subscription: Subscription, prefix: bytes, until: float) -> Record | None:
        """The next record that is sent for a job; None at this time."""
        with move_on_after(max(until - current_time(), 0)):
            async for message in subscription:
                if message.data.startswith(prefix):
                    return decode(message.data[len(prefix) :])
        return None


def is_older(one: Record, other: Record) -> bool:
    """Whether a record was made before another one of the same job."""
    return _age(one) < _age(other)


def _age(record: Record) -> tuple[bool, int, int]:
    return record.is_final, record.attempt, record.reports


def _topic(job_id: str) -> str:
    """The topic of a job. Jobs share some topics, as an engine keeps the last messages of each topic for long."""
    return f"records-{job_id[:1]}"


def _key(job_id: str) -> str:
    return f"job:{job_id}"


def started(record: Record, attempt: int) -> Record:
    """The record of a job that begins to run."""
    return replace(record, state="running", attempt=attempt)
