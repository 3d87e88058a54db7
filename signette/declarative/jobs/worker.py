"""A worker: it takes calls from the stream, runs them, and acknowledges those that have run.

Theory of operation. An entry that is not acknowledged is delivered again after a while, also if its worker is alive and
the job takes long. So a worker has a lease for each call that it runs: a value in the store that expires soon, and that
the worker renews. An entry whose lease another worker has is left alone. It is acknowledged by that worker, or, if the
worker has died, delivered once more when the lease has expired.
"""

import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import anyio
from anyio.abc import TaskGroup

from signette.declarative.jobs.calls import JobCall
from signette.declarative.jobs.execution import UnknownJob
from signette.declarative.jobs.streams import Delivery, StreamQueue
from signette.state.store import Store
from signette.state.unavailable import StateUnavailable

logger = logging.getLogger("signette.jobs")

# How often a worker looks for delayed calls that are due, and for entries to remove.
POLL_SECONDS = 0.5
CLEAN_SECONDS = 30.0
# A lease must have expired when the entry of a dead worker is delivered again.
LEASE_SHARE = 0.5
FIRST_BACKOFF, LAST_BACKOFF = 0.2, 5.0

Run = Callable[[JobCall], Awaitable[None]]


class Worker:
    """Takes calls from the stream and runs them, at most `concurrency` at once. Works on asyncio."""

    def __init__(self, queue: StreamQueue, store: Store, run: Run, concurrency: int) -> None:
        self._queue = queue
        self._store = store
        self._run = run
        self._places = anyio.Semaphore(concurrency)
        self._id = uuid4().hex.encode()
        self._lease_seconds = queue.reclaim_seconds * LEASE_SHARE
        self._is_down = False

    async def work(self, stop: anyio.Event) -> None:
        """Run calls until the event is set, and then finish those that have begun."""
        async with anyio.create_task_group() as jobs, anyio.create_task_group() as takers:
            takers.start_soon(self._repeat, self._take, jobs)
            takers.start_soon(self._repeat, self._reclaim, jobs)
            takers.start_soon(self._repeat, self._poll, jobs)
            await stop.wait()
            takers.cancel_scope.cancel()

    async def _repeat(self, function: Callable[..., Awaitable[None]], *args: object) -> None:
        """Call a function again and again while Redis cannot be reached."""
        delay = FIRST_BACKOFF
        while True:
            began = anyio.current_time()
            try:
                await function(*args)  # ends only with an exception
            except StateUnavailable as exc:
                if not self._is_down and function == self._take:  # one line, not one for each function
                    self._is_down = True
                    logger.warning("%s at %s; it is tried again", exc, self._queue.shown_url)
                if anyio.current_time() - began > LAST_BACKOFF:
                    delay = FIRST_BACKOFF  # it has worked since the last failure
                await anyio.sleep(delay)
                delay = min(2 * delay, LAST_BACKOFF)

    async def _take(self, jobs: TaskGroup) -> None:
        async with self._queue.receiving() as deliveries:
            if self._is_down:
                self._is_down = False
                logger.info("the queue of jobs can be used again")
            while True:
                await self._places.acquire()
                try:
                    delivery = await anext(deliveries)
                except BaseException:
                    self._places.release()
                    raise
                jobs.start_soon(self._handle, delivery, jobs)

    async def _reclaim(self, jobs: TaskGroup) -> None:
        while True:
            await self._places.acquire()
            delivery = None
            try:
                delivery = await self._queue.reclaim(self._id.decode())
            finally:
                if delivery is None:
                    self._places.release()
            if delivery is not None:
                jobs.start_soon(self._handle, delivery, jobs)
            else:
                # At random: a worker that cannot run a call must not be the first one each time.
                await anyio.sleep(random.uniform(0.1, min(1.0, self._queue.reclaim_seconds)))  # noqa: S311

    async def _poll(self, _: TaskGroup) -> None:
        next_clean = 0.0
        while True:
            while await self._queue.move_due():
                pass
            if anyio.current_time() >= next_clean:
                await self._queue.clean()
                next_clean = anyio.current_time() + CLEAN_SECONDS
            await anyio.sleep(POLL_SECONDS)

    async def _handle(self, delivery: Delivery, jobs: TaskGroup) -> None:
        try:
            try:
                call = delivery.call()
            except Exception:
                logger.exception("an entry of the queue is not a job; it is removed")
                await self._acknowledge(delivery)
                return
            async with self._lease(call, jobs) as is_ours:
                if not is_ours:
                    return
                await self._run(call)
                await self._acknowledge(delivery)
        except StateUnavailable as exc:
            # It is not acknowledged, and so runs again.
            logger.warning("the state of a job could not be kept, so the job runs again: %s", exc)
        except UnknownJob as exc:
            # Not acknowledged, it is delivered to another worker after a while.
            logger.warning("%s", exc)
        except Exception:
            logger.exception("a job could not be run; it is tried again later")
        finally:
            self._places.release()

    async def _acknowledge(self, delivery: Delivery) -> None:
        """Acknowledge an entry, for as long as its lease keeps others from it."""
        delay = FIRST_BACKOFF
        with anyio.move_on_after(self._lease_seconds, shield=True):
            while True:
                try:
                    await delivery.acknowledge()
                except StateUnavailable:
                    await anyio.sleep(delay)
                    delay = min(2 * delay, LAST_BACKOFF)
                else:
                    return
        # Delivered again, it is acknowledged without running, as its record is final.

    @asynccontextmanager
    async def _lease(self, call: JobCall, jobs: TaskGroup) -> AsyncGenerator[bool]:
        """Whether this worker may run the call until the end of the block."""
        key = f"lease:{call.id}:{call.attempt}"
        if not await self._store.add(key, self._id, ttl=self._lease_seconds):
            yield False
            return
        held = anyio.CancelScope()
        jobs.start_soon(self._renew, key, held)
        try:
            yield True
        finally:
            held.cancel()
            with anyio.CancelScope(shield=True), suppress(StateUnavailable):
                await self._store.delete(key, expected=self._id)

    async def _renew(self, key: str, held: anyio.CancelScope) -> None:
        with held:
            while True:
                await anyio.sleep(self._lease_seconds / 3)
                with suppress(StateUnavailable):
                    await self._store.touch(key, self._lease_seconds)
