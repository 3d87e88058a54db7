"""Jobs in Redis, with workers in the process of the test: each call runs, and is acknowledged when it has run."""

import itertools
import logging
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import anyio.lowlevel
import pytest
import taskiq  # noqa: F401 - so that no event loop waits for it

from signette import App
from signette.cli.jobs_worker import run_lifespan
from signette.declarative.jobs import execution, records, streams, worker
from signette.declarative.jobs.calls import JobCall
from signette.declarative.jobs.records import Record
from signette.declarative.jobs.streams import StreamQueue
from signette.jobs import JobFailed, JobNotFound, JobRun, Jobs
from signette.state import Backend, StateUnavailable
from signette.state.loops import OwnLoop
from signette.testclient import AsyncTestClient
from tests.redis_server import RedisServer, redis_running

ON_ASYNCIO = pytest.mark.parametrize("anyio_backend", ["asyncio"])  # workers run there
numbers = itertools.count()


@pytest.fixture(autouse=True)
def long_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls of dead workers are reclaimed soon; leases of those that live do not expire while a machine is slow."""
    monkeypatch.setattr(worker, "LEASE_SHARE", 50)


class Shop:
    """An application with jobs in Redis, and what they have done."""

    def __init__(self, server: RedisServer, namespace: str = "") -> None:
        self.server = server
        namespace = namespace or f"jobs{next(numbers)}"
        self.app = App(openapi_url=None, state=Backend(server.url, namespace=namespace, timeout=5))
        self.done: list[Any] = []

    @property
    def queue(self) -> StreamQueue:
        queue = self.app._jobs.queue
        assert isinstance(queue, StreamQueue)
        return queue

    @asynccontextmanager
    async def working(self, workers: int = 1, concurrency: int = 10, reclaim: float = 30) -> AsyncGenerator[None]:
        """The lifespan of the application with workers."""
        async with anyio.create_task_group() as tasks:
            ended = await tasks.start(run_lifespan, self.app)
            stop = anyio.Event()
            async with anyio.create_task_group() as working:
                for _ in range(workers):
                    working.start_soon(self.app._jobs.work, stop, concurrency, reclaim)
                yield
                stop.set()
            ended.set()

    def pending(self) -> int:
        """How many entries were delivered and not acknowledged."""
        count: int = self.server("XPENDING", self.queue.stream, streams.GROUP)["pending"]
        return count

    def nothing_pending(self) -> bool:
        return self.pending() == 0


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what Redis or a log knows, which sends no event."""
    while not condition():  # noqa: ASYNC110
        await anyio.sleep(0.01)


@pytest.fixture
async def shop(redis_server: RedisServer, anyio_backend: Any) -> AsyncGenerator[Shop]:
    shop = Shop(redis_server)
    yield shop
    await shop.app.backend.aclose()


@ON_ASYNCIO
async def test_a_job_that_was_enqueued_before_a_worker_has_started_runs(shop: Shop) -> None:
    @shop.app.job
    async def send(order_id: int) -> str:
        shop.done.append(order_id)
        return f"sent {order_id}"

    @shop.app.post("/orders/{order_id}")
    async def order(order_id: int, jobs: Jobs) -> str:
        return (await jobs.enqueue(send, order_id)).id

    async with AsyncTestClient(shop.app) as client:
        job_id = (await client.post("/orders/7")).text
    assert shop.done == []
    async with shop.working():
        assert await shop.app.jobs.handle(send, job_id).result(10) == "sent 7"
    assert shop.done == [7]
    assert shop.pending() == 0


async def test_the_first_job_after_a_restart_of_redis_is_queued(anyio_backend: Any) -> None:
    with redis_running() as server:
        shop = Shop(server)

        @shop.app.job
        async def send() -> None: ...

        async with AsyncTestClient(shop.app):
            await shop.app.jobs.enqueue(send)
            sender = shop.queue._senders.get()
            server.stop()
            server.start()
            await sender.send(JobCall("some-id", "send", {}))
            assert server("XLEN", shop.queue.stream) == 1
        assert sender._broker is None


async def test_jobs_are_enqueued_at_the_same_time_without_a_lifespan(shop: Shop) -> None:
    @shop.app.job
    async def send() -> None: ...

    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(shop.app.jobs.enqueue, send)
    assert shop.server("XLEN", shop.queue.stream) == 5
    assert shop.queue._senders.get()._broker is None


async def test_a_call_that_begins_while_the_broker_closes_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    closing, resume, first_sent = anyio.Event(), anyio.Event(), anyio.Event()
    sent: list[str] = []

    class Broker:
        async def startup(self) -> None: ...

        async def kick(self, message: Any) -> None:
            if message.task_id == "second":
                resume.set()
                await first_sent.wait()
            sent.append(message.task_id)

        async def shutdown(self) -> None:
            closing.set()
            await resume.wait()

    class Runner(OwnLoop):
        running = 0

        async def run(self, function: Any, *args: Any) -> Any:
            self.running += 1
            try:
                return await function(*args)
            finally:
                self.running -= 1

        async def aclose(self) -> None:
            assert not self.running, "what runs is cancelled"

    monkeypatch.setattr(streams, "runner_here", Runner)
    queue = StreamQueue(Backend("redis://127.0.0.1"))
    monkeypatch.setattr(queue, "broker", Broker)
    sender = queue._senders.get()

    async def send_first() -> None:
        await sender.send(JobCall("first", "send", {}))
        first_sent.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(send_first)
        await closing.wait()
        await sender.send(JobCall("second", "send", {}))
    assert sent == ["first", "second"]
    assert sender._broker is None


@pytest.mark.parametrize("delay", [0, 60])
async def test_both_event_loops_enqueue(shop: Shop, delay: int) -> None:
    @shop.app.job
    async def send() -> None: ...

    async with AsyncTestClient(shop.app):
        inside = await shop.app.jobs.options(delay=delay).enqueue(send)
        assert (await inside.status()).state == "queued"
    outside = await shop.app.jobs.options(delay=delay).enqueue(send)
    assert (await outside.status()).state == "queued"
    waiting = shop.server("ZCARD", shop.queue.delayed) if delay else shop.server("XLEN", shop.queue.stream)
    assert waiting == 2


@ON_ASYNCIO
async def test_jobs_are_retried_and_delayed(shop: Shop) -> None:
    @shop.app.job(retries=1, retry_delay=0.01)
    async def send(order_id: int, run: JobRun) -> int:
        if run.attempt < 2:
            raise ValueError
        return order_id

    async with shop.working():
        handle = await shop.app.jobs.options(delay=0.01).enqueue(send, order_id=3)  # type: ignore[call-arg]
        assert await handle.result(10) == 3
        assert (await handle.status()).attempt == 2
    assert shop.server("ZCARD", shop.queue.delayed) == 0
    assert shop.pending() == 0


@ON_ASYNCIO
async def test_a_failure_is_kept(shop: Shop) -> None:
    @shop.app.job
    async def send() -> None:
        raise LookupError("no address")

    async with shop.working():
        with pytest.raises(JobFailed, match="LookupError: no address"):
            await (await shop.app.jobs.enqueue(send)).result(10)
    assert shop.pending() == 0


@ON_ASYNCIO
async def test_a_call_that_a_dead_worker_has_not_acknowledged_runs_again(shop: Shop) -> None:
    @shop.app.job
    async def send() -> None:
        shop.done.append(1)

    handle = await shop.app.jobs.enqueue(send)
    async with shop.queue.receiving() as deliveries:
        await anext(deliveries)  # as if the worker had died here
    assert shop.pending() == 1
    async with shop.working(reclaim=0.2):
        await handle.result(10)
    assert shop.done == [1]
    assert shop.pending() == 0


@ON_ASYNCIO
async def test_a_call_that_another_worker_runs_is_left_alone(shop: Shop) -> None:
    may_end = anyio.Event()

    @shop.app.job
    async def send() -> None:
        shop.done.append("began")
        await may_end.wait()
        shop.done.append("ended")

    async with shop.working(workers=3, reclaim=0.3):
        handle = await shop.app.jobs.enqueue(send)
        claims = 0
        while claims < 3:  # other workers have got it several times meanwhile
            # By a script, as the client cannot read the reply with single entries.
            script = "return redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1)"
            found = shop.server("EVAL", script, 1, shop.queue.stream, streams.GROUP)
            claims = found[0][3] if found else 0
            await anyio.sleep(0.02)
        may_end.set()
        await handle.result(10)
    assert shop.done == ["began", "ended"]


@ON_ASYNCIO
async def test_a_job_that_has_finished_does_not_run_again(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    @shop.app.job
    async def send() -> None:
        shop.done.append(1)

    async with shop.working():
        handle = await shop.app.jobs.enqueue(send)
        await handle.result(10)
        with caplog.at_level(logging.INFO, "signette.jobs"):
            await shop.queue.send(JobCall(handle.id, "send", {}))
            await until(lambda: "is not run again" in caplog.text)
    assert shop.done == [1]
    assert shop.pending() == 0


@ON_ASYNCIO
async def test_many_workers_run_each_call_once_with_a_limit(shop: Shop) -> None:
    running, most = 0, 0

    @shop.app.job
    async def send(order_id: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await anyio.lowlevel.checkpoint()
        running -= 1
        shop.done.append(order_id)
        return order_id

    async with shop.working(workers=3, concurrency=2):
        handles = [await shop.app.jobs.enqueue(send, order_id) for order_id in range(30)]
        assert [await handle.result(10) for handle in handles] == list(range(30))
    assert sorted(shop.done) == list(range(30))
    assert most <= 6


@ON_ASYNCIO
async def test_a_worker_that_stops_finishes_what_has_begun(shop: Shop) -> None:
    began, may_end = anyio.Event(), anyio.Event()

    @shop.app.job
    async def send() -> None:
        began.set()
        await may_end.wait()
        shop.done.append(1)

    handle = await shop.app.jobs.enqueue(send)
    async with anyio.create_task_group() as tasks:
        stop = anyio.Event()
        tasks.start_soon(shop.app._jobs.work, stop, 1, 30)
        await began.wait()
        second = await shop.app.jobs.enqueue(send)
        stop.set()
        may_end.set()
    assert shop.done == [1]
    assert (await handle.status()).state == "succeeded"
    assert (await second.status()).state == "queued"


@ON_ASYNCIO
async def test_a_due_call_whose_worker_has_died_before_it_was_sent_is_sent_by_another(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    @shop.app.job
    async def send() -> None:
        shop.done.append(1)

    handle = await shop.app.jobs.options(delay=0.001).enqueue(send)
    monkeypatch.setattr(streams, "MOVING_MILLISECONDS", 50)
    key = [shop.queue.delayed.encode()]
    due: list[bytes] = []
    while not due:
        due = await shop.queue._connections.script(streams._TAKE_DUE, key, 50, 1)
    assert await shop.queue.move_due() == 0  # another worker has it
    async with shop.working():
        await handle.result(10)
    assert shop.done == [1]


@ON_ASYNCIO
async def test_entries_that_were_acknowledged_are_removed(shop: Shop) -> None:
    @shop.app.job
    async def send(order_id: int) -> None: ...

    async with shop.working():
        for order_id in range(5):
            await (await shop.app.jobs.enqueue(send, order_id)).result(10)
        await until(shop.nothing_pending)
        waiting = await shop.app.jobs.options(delay=60).enqueue(send, 6)
        assert shop.server("XLEN", shop.queue.stream) == 0
        assert await (await shop.app.jobs.enqueue(send, 7)).result(10) is None
        assert (await waiting.status()).state == "queued"


@ON_ASYNCIO
async def test_consumers_of_dead_workers_are_removed_unless_they_have_entries(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    @shop.app.job
    async def send() -> None: ...

    await shop.app.jobs.enqueue(send)
    async with shop.queue.receiving() as deliveries:
        await anext(deliveries)
    await shop.app.jobs.enqueue(send)
    async with shop.queue.receiving() as deliveries:
        await (await anext(deliveries)).acknowledge()
    await shop.queue.clean()
    assert len(shop.server("XINFO", "CONSUMERS", shop.queue.stream, streams.GROUP)) == 2
    monkeypatch.setattr(streams, "DEAD_MILLISECONDS", -1)
    await shop.queue.clean()
    (left,) = shop.server("XINFO", "CONSUMERS", shop.queue.stream, streams.GROUP)
    assert left[left.index(b"pending") + 1] == 1


@ON_ASYNCIO
async def test_an_entry_that_is_not_a_job_and_an_unknown_job_are_put_aside(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    @shop.app.job
    async def send() -> None:
        shop.done.append(1)

    shop.server("XADD", shop.queue.stream, "*", "data", "{")
    await shop.app._jobs.records.add("some-id", Record("removed", queued_at=1.0), 60)
    await shop.queue.send(JobCall("some-id", "removed", {"order_id": 1}))
    async with shop.working():
        await (await shop.app.jobs.enqueue(send)).result(10)
        await until(shop.nothing_pending)
    assert "an entry of the queue is not a job" in caplog.text
    assert "job `removed` (some-id) failed after 1 attempts; its arguments: order_id" in caplog.text
    with pytest.raises(JobNotFound):
        await shop.app.jobs.handle(send, "some-id").status()


@ON_ASYNCIO
async def test_a_job_that_a_worker_does_not_know_is_left_to_newer_workers(
    shop: Shop, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    @shop.app.job
    async def send() -> None: ...

    newer = Shop(redis_server, shop.app.backend.namespace)

    @newer.app.job
    async def ship() -> str:
        return "shipped"

    handle = await newer.app.jobs.enqueue(ship)
    async with shop.working(reclaim=0.2):
        await until(lambda: "is left to other workers" in caplog.text)
        async with newer.working(reclaim=0.2):
            assert await handle.result(10) == "shipped"
    assert shop.nothing_pending()


@ON_ASYNCIO
async def test_enqueueing_fails_in_time_if_there_is_no_server() -> None:
    with redis_running(started=False) as server:
        app = App(openapi_url=None, state=Backend(server.url, timeout=0.2))

        @app.job
        async def send() -> None: ...

        with anyio.fail_after(5), pytest.raises(StateUnavailable):
            await app.jobs.enqueue(send)
        with anyio.fail_after(5), pytest.raises(StateUnavailable):
            await app._jobs.queue.send(JobCall("id", "send", {}))
        await app.backend.aclose()


@ON_ASYNCIO
async def test_a_worker_goes_on_when_the_server_is_back(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "INSIST_INTERVAL", 0.02)
    monkeypatch.setattr(records, "OUTAGE_INTERVAL", 0.02)
    caplog.set_level("INFO", "signette.jobs")
    with redis_running("--appendonly", "yes", "--appendfsync", "always") as server:
        shop = Shop(server)
        began, may_end = anyio.Event(), anyio.Event()

        @shop.app.job
        async def send(order_id: int) -> int:
            began.set()
            await may_end.wait()
            shop.done.append(order_id)
            return order_id

        async with shop.working(reclaim=0.5):
            running = await shop.app.jobs.enqueue(send, 1)
            waiting = await shop.app.jobs.options(delay=0.5).enqueue(send, 2)
            await began.wait()
            server.stop()
            may_end.set()
            await until(lambda: "it is tried again" in caplog.text)
            server.start()
            assert await running.result(15) == 1
            assert await waiting.result(15) == 2
            while True:
                with anyio.fail_after(10):
                    try:
                        assert await (await shop.app.jobs.enqueue(send, 3)).result(15) == 3
                    except StateUnavailable:
                        continue
                break
            assert shop.done == [1, 2, 3]
            assert caplog.text.count("it is tried again") == 1
            with anyio.fail_after(20):
                await until(lambda: "the queue of jobs can be used again" in caplog.text)
                server.stop()  # a second outage is logged, too
                await until(lambda: caplog.text.count("it is tried again") == 2)
                server.start()
                await until(lambda: caplog.text.count("the queue of jobs can be used again") == 2)


async def test_without_taskiq_an_application_with_jobs_in_redis_says_what_to_install(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "taskiq_redis", None)
    with pytest.raises(ImportError, match=r"pip install 'signette\[redis,jobs\]'"):
        await shop.app._jobs.ready()


@ON_ASYNCIO
async def test_join_is_for_jobs_in_memory(shop: Shop) -> None:
    with pytest.raises(RuntimeError, match=r"await handle.result\(\)"):
        await shop.app.jobs.join()
