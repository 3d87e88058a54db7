"""Jobs in the process of the application: they run, are retried, delayed, and finished before it stops."""

import copy
import gc
import logging
import pickle
import weakref
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Annotated, Any

import anyio
import cloudpickle
import pytest

from signette import App, Depends, Router
from signette.applications import Application
from signette.channels import Channel, Topic
from signette.jobs import Job, JobArgumentsError, JobFailed, JobNotFound, JobRun, Jobs, Progress
from signette.responses.events import ServerSentEvent
from signette.state import Backend, StateUnavailable, Store
from signette.testclient import AsyncTestClient, TestClient

pytestmark = pytest.mark.anyio


class Shop:
    """An application with jobs, and what they have done."""

    def __init__(self) -> None:
        self.app = App(openapi_url=None)
        self.done: list[Any] = []


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def test_an_endpoint_enqueues_a_job_which_runs_after_its_response(shop: Shop) -> None:
    may_run = anyio.Event()

    @shop.app.job
    async def send(order_id: int) -> str:
        await may_run.wait()
        shop.done.append(order_id)
        return f"sent {order_id}"

    @shop.app.post("/orders/{order_id}")
    async def order(order_id: int, jobs: Jobs) -> str:
        return (await jobs.enqueue(send, order_id)).id

    async with AsyncTestClient(shop.app) as client:
        job_id = (await client.post("/orders/7")).text
        handle = shop.app.jobs.handle(send, job_id)
        assert (await handle.status()).state in {"queued", "running"}
        assert shop.done == []
        may_run.set()
        assert await handle.result(5) == "sent 7"
        assert (await handle.status()).state == "succeeded"


def test_a_synchronous_test_waits_for_jobs(shop: Shop) -> None:
    @shop.app.job
    def send(order_id: int) -> None:
        shop.done.append(order_id)

    @shop.app.post("/orders/{order_id}")
    def order(order_id: int) -> None: ...

    @shop.app.post("/receipts/{order_id}")
    async def receipt(order_id: int, jobs: Jobs) -> None:
        await jobs.enqueue(send, order_id=order_id)

    with TestClient(shop.app) as client:
        client.post("/receipts/1")
        assert client.portal is not None
        client.portal.call(shop.app.jobs.join)
        assert shop.done == [1]
        client.post("/receipts/2")
    assert shop.done == [1, 2]


async def test_jobs_that_were_accepted_run_before_the_application_has_stopped(shop: Shop) -> None:
    closed: list[str] = []

    async def mailer() -> AsyncIterator[str]:
        yield "mailer"
        closed.append("mailer")

    @shop.app.job
    async def send(order_id: int, mailer: Annotated[str, Depends(mailer, scope="app")], jobs: Jobs) -> None:
        await anyio.lowlevel.checkpoint()
        assert closed == []
        shop.done.append(order_id)
        if order_id == 3:
            await jobs.enqueue(send, 4)  # type: ignore[call-arg]

    async with AsyncTestClient(shop.app):
        for order_id in range(4):
            await shop.app.jobs.enqueue(send, order_id=order_id)  # type: ignore[call-arg]
    assert sorted(shop.done) == [0, 1, 2, 3, 4]
    assert closed == ["mailer"]


async def test_dependencies_are_those_of_endpoints(shop: Shop) -> None:
    def prefix() -> Iterator[str]:
        shop.done.append("opened")
        yield "to"
        shop.done.append("closed")

    async def address(prefix: Annotated[str, Depends(prefix)]) -> str:
        return f"{prefix} Ada"

    async def other_address() -> str:
        return "to Bob"

    @shop.app.job
    async def send(address: str = Depends(address)) -> str:
        return address

    async with AsyncTestClient(shop.app):
        assert await (await shop.app.jobs.enqueue(send)).result(5) == "to Ada"
        assert shop.done == ["opened", "closed"]
        with shop.app.override(address, other_address):
            assert await (await shop.app.jobs.enqueue(send)).result(5) == "to Bob"


async def test_a_job_has_the_state_and_the_channels_of_the_application(shop: Shop) -> None:
    @shop.app.job
    async def announce(
        text: str, store: Store, notices: Annotated[Channel[str], Topic("notices")], jobs: Jobs
    ) -> str | None:
        await store.set("last", text.encode())
        await notices.publish(text)
        kept = await store.get("last")
        return kept and kept.decode()

    async with AsyncTestClient(shop.app), shop.app.backend.bus().subscribe("notices") as subscription:
        handle = await shop.app.jobs.enqueue(announce, text="open")  # type: ignore[call-arg]
        assert await handle.result(5) == "open"
        with anyio.fail_after(5):
            assert b"open" in (await anext(subscription)).data


async def test_a_job_that_fails_runs_again(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    @shop.app.job(retries=2, retry_delay=3600)
    async def send(order_id: int, run: JobRun) -> int:
        shop.done.append((run.attempt, run.is_last_attempt))
        if run.attempt < 3:
            raise ValueError("no connection")
        return run.attempt

    async with AsyncTestClient(shop.app):
        handle = await shop.app.jobs.enqueue(send, order_id=1)  # type: ignore[call-arg]
        await shop.app.jobs.join()
        status = await handle.status()
        assert (status.state, status.attempt, status.error_type) == ("retrying", 1, "ValueError")
        await shop.app.jobs.join(run_delayed=True)
        assert await handle.result(5) == 3
    assert shop.done == [(1, False), (2, False), (3, True)]
    assert [record.levelname for record in caplog.records if record.name == "signette.jobs"] == ["WARNING"] * 2
    assert "attempt 1 of 3; it runs again in 3600 s" in caplog.text


async def test_the_last_failure_is_kept_and_logged_with_names_of_arguments(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    @shop.app.job(retries=1, retry_delay=0)
    async def send(address: str, token: str) -> None:
        raise LookupError("no such address")

    async with AsyncTestClient(shop.app):
        handle = await shop.app.jobs.enqueue(send, address="ada@example.org", token="t0ken")
        with pytest.raises(JobFailed, match=f"job `send` \\({handle.id}\\) failed: LookupError: no such") as failed:
            await handle.result(5)
        status = await handle.status()
    assert (failed.value.error_type, failed.value.message) == ("LookupError", "no such address")
    assert (status.state, status.attempt) == ("failed", 2)
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.getMessage() for record in errors] == [
        f"job `send` ({handle.id}) failed after 2 attempts; its arguments: address, token"
    ]
    assert "ada@" not in caplog.text
    assert "t0ken" not in caplog.text


async def test_a_job_is_cancelled_at_its_timeout(shop: Shop) -> None:
    @shop.app.job(timeout=0.01)
    async def send() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            shop.done.append("cancelled")

    async with AsyncTestClient(shop.app):
        with pytest.raises(JobFailed, match="TimeoutError"):
            await (await shop.app.jobs.enqueue(send)).result(5)
    assert shop.done == ["cancelled"]


async def test_invalid_arguments_are_an_error_where_the_job_is_enqueued(shop: Shop) -> None:
    @shop.app.job
    async def send(order_id: int) -> None: ...

    async with AsyncTestClient(shop.app):
        with pytest.raises(JobArgumentsError, match="argument `order_id`"):
            await shop.app.jobs.enqueue(send, order_id="x")  # type: ignore[call-overload]


async def test_a_result_of_another_type_is_a_failure_that_is_not_retried(shop: Shop) -> None:
    @shop.app.job(retries=5)
    async def count() -> int:
        shop.done.append(1)
        return "many"  # type: ignore[return-value]

    async with AsyncTestClient(shop.app):
        with pytest.raises(JobFailed, match="NotJson"):
            await (await shop.app.jobs.enqueue(count)).result(5)
    assert shop.done == [1]


async def test_a_delayed_job_waits_and_is_not_lost_silently(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    @shop.app.job
    async def send(order_id: int) -> None:
        shop.done.append(order_id)

    async with AsyncTestClient(shop.app):
        await shop.app.jobs.options(delay=3600).enqueue(send, order_id=1)
        await shop.app.jobs.join()
        assert shop.done == []
        await shop.app.jobs.join(run_delayed=True)
        assert shop.done == [1]
        lost = await shop.app.jobs.options(delay=3600).enqueue(send, order_id=2)
        short = await shop.app.jobs.options(delay=timedelta(milliseconds=1)).enqueue(send, order_id=3)
        await short.result(5)
    assert shop.done == [1, 3]
    assert f"job `send` ({lost.id}) is lost: it is in memory, and its delay is not over" in caplog.text


async def test_jobs_with_one_key_are_one(shop: Shop) -> None:
    @shop.app.job(key=lambda order_id, copy=False: f"order-{order_id}")
    async def send(order_id: int, copy: bool = False) -> None:
        shop.done.append(order_id)

    async with AsyncTestClient(shop.app):
        first = await shop.app.jobs.enqueue(send, order_id=1)
        again = await shop.app.jobs.enqueue(send, order_id=1, copy=True)
        other = await shop.app.jobs.enqueue(send, order_id=2)
        by_call = await shop.app.jobs.options(key="again").enqueue(send, order_id=1)
        await shop.app.jobs.join()
        assert (await shop.app.jobs.enqueue(send, order_id=1)).id == first.id
    assert first.id == again.id
    assert len({first.id, other.id, by_call.id}) == 3
    assert sorted(shop.done) == [1, 1, 2]


async def test_two_hundred_tasks_with_one_key_enqueue_one_job(shop: Shop) -> None:
    @shop.app.job
    async def send() -> None:
        shop.done.append(1)

    ids = set()

    async def enqueue() -> None:
        ids.add((await shop.app.jobs.options(key="once").enqueue(send)).id)

    async with AsyncTestClient(shop.app), anyio.create_task_group() as tasks:
        for _ in range(200):
            tasks.start_soon(enqueue)
    assert (len(ids), shop.done) == (1, [1])


async def test_a_key_whose_process_has_died_before_the_job_was_queued_enqueues_it(shop: Shop) -> None:
    @shop.app.job
    async def send() -> None:
        shop.done.append(1)

    system = shop.app._jobs
    died = anyio.Event()

    async def die(*_: Any) -> None:
        died.set()
        await anyio.sleep_forever()

    async with AsyncTestClient(shop.app), anyio.create_task_group() as tasks:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(system, "_send", die)
            patched.setattr(system.records.store, "replace", die)
            tasks.start_soon(shop.app.jobs.options(key="once").enqueue, send)
            await died.wait()
        with anyio.move_on_after(0.1) as waiting:
            await shop.app.jobs.options(key="once").enqueue(send)
        assert waiting.cancelled_caught  # another process may be about to queue it
        now = system.clock() + 11
        system.clock = lambda: now
        await shop.app.jobs.options(key="once").enqueue(send)
        await shop.app.jobs.join()
        tasks.cancel_scope.cancel()
    assert shop.done == [1]


@pytest.mark.parametrize("is_gone", [False, True])
async def test_a_job_that_could_not_be_queued_is_queued_by_the_next_call_with_its_key(
    shop: Shop, is_gone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    @shop.app.job
    async def send() -> None:
        shop.done.append(1)

    system = shop.app._jobs
    monkeypatch.setattr("signette.declarative.jobs.system.RESERVED_SECONDS", 0.1)

    async def fail(*_: Any, **__: Any) -> None:
        raise StateUnavailable("no reply")

    async with AsyncTestClient(shop.app):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(system.queue, "send", fail)
            if is_gone:  # so that nothing can be cleaned up
                patched.setattr(system.records.store, "replace", fail)
                patched.setattr(system.records.store, "delete", fail)
            with pytest.raises(StateUnavailable):
                await shop.app.jobs.options(key="once").enqueue(send)
        handle = await shop.app.jobs.options(key="once").enqueue(send)
        await handle.result(5)
        assert (await shop.app.jobs.options(key="once").enqueue(send)).id == handle.id
        await shop.app.jobs.join()
    assert shop.done == [1]


async def test_a_job_that_is_sent_again_keeps_its_newer_record(shop: Shop) -> None:
    @shop.app.job
    async def send() -> int:
        shop.done.append(1)
        return 1

    system = shop.app._jobs
    queue = system.queue
    send_call = queue.send

    async def send_and_lose_the_reply(call: Any, delay: float = 0) -> None:
        await send_call(call, delay)
        await queue.join(run_delayed=False)
        raise StateUnavailable("no reply")

    async with AsyncTestClient(shop.app):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(queue, "send", send_and_lose_the_reply)
            with pytest.raises(StateUnavailable):
                await shop.app.jobs.options(key="once").enqueue(send)
        handle = await shop.app.jobs.options(key="once").enqueue(send)
        assert await handle.result(5) == 1
        await shop.app.jobs.join()
    assert shop.done == [1]


async def test_a_result_that_json_does_not_have_is_a_failure_without_retries(shop: Shop) -> None:
    @shop.app.job(retries=3, retry_delay=0)
    async def measure() -> float:
        shop.done.append(1)
        return float("nan")

    async with AsyncTestClient(shop.app):
        handle = await shop.app.jobs.enqueue(measure)
        with pytest.raises(JobFailed, match="cannot be stored as JSON"):
            await handle.result(5)
    assert shop.done == [1]


async def test_keys_of_jobs_do_not_collide(shop: Shop) -> None:
    @shop.app.job(name="a")
    async def one() -> None: ...

    @shop.app.job(name="a:b")
    async def other() -> None: ...

    async with AsyncTestClient(shop.app):
        first = await shop.app.jobs.options(key="b:c").enqueue(one)
        second = await shop.app.jobs.options(key="c").enqueue(other)
    assert first.id != second.id


async def test_progress_is_kept_and_sent(shop: Shop) -> None:
    may_go_on = anyio.Event()

    @shop.app.job
    async def load(books: int, progress: Progress[float]) -> None:
        await progress.report(0.5)
        await may_go_on.wait()
        await progress.report(1)
        with pytest.raises(TypeError, match="progress of job `load`"):
            await progress.report("x")  # type: ignore[arg-type]

    async with AsyncTestClient(shop.app):
        handle = await shop.app.jobs.enqueue(load, books=2)  # type: ignore[call-arg]
        seen = []
        async for status in handle.watch():
            seen.append((status.state, status.progress))
            if status.progress == 0.5:
                may_go_on.set()
        assert (await handle.status()).progress == 1.0
    assert seen[-3:] == [("running", 0.5), ("running", 1.0), ("succeeded", 1.0)]


async def test_an_endpoint_streams_the_progress_as_events(shop: Shop) -> None:
    @shop.app.job
    async def load(progress: Progress[int]) -> None:
        await progress.report(50)

    @shop.app.get("/jobs/{job_id}")
    async def follow(job_id: str, jobs: Jobs) -> AsyncIterator[ServerSentEvent]:
        async for event in jobs.handle(load, job_id).events():
            yield event

    async with AsyncTestClient(shop.app) as client:
        handle = await shop.app.jobs.enqueue(load)  # type: ignore[call-arg]
        await handle.result(5)
        response = await client.get(f"/jobs/{handle.id}")
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.text == (
        "event: succeeded\n"
        f'data: {{"id":"{handle.id}","name":"load","state":"succeeded","attempt":1,"progress":50}}\n\n'
    )


async def test_an_endpoint_responds_404_for_an_unknown_id(shop: Shop) -> None:
    @shop.app.job
    async def load(progress: Progress[int]) -> None: ...

    @shop.app.get("/jobs/{job_id}")
    async def state(job_id: str, jobs: Jobs) -> str:
        return (await jobs.handle(load, job_id).status()).state

    @shop.app.get("/jobs/{job_id}/events")
    async def follow(job_id: str, jobs: Jobs) -> AsyncIterator[ServerSentEvent]:
        async for event in jobs.handle(load, job_id).events():
            yield event

    async with AsyncTestClient(shop.app) as client:
        for path in ("/jobs/unknown", "/jobs/unknown/events"):
            response = await client.get(path)
            assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")
            assert response.json()["detail"] == "there is no job `load` with this id, or it has expired"
    again = pickle.loads(pickle.dumps(JobNotFound("none")))
    assert isinstance(again, LookupError)
    assert (again.detail, again.status_code) == ("none", 404)


async def test_an_unknown_id_and_that_of_another_job_are_not_found(shop: Shop) -> None:
    @shop.app.job
    async def send() -> None: ...

    @shop.app.job
    async def receive() -> None: ...

    async with AsyncTestClient(shop.app):
        handle = await shop.app.jobs.enqueue(send)
        for job, job_id in ((send, "x"), (receive, handle.id)):
            with pytest.raises(JobNotFound):
                await shop.app.jobs.handle(job, job_id).status()
            with pytest.raises(JobNotFound):
                await shop.app.jobs.handle(job, job_id).result(5)
        with pytest.raises(LookupError, match="is not a job of this application"):
            shop.app.jobs.handle(test_progress_is_kept_and_sent, handle.id)


async def test_waiting_for_a_result_ends_at_its_timeout_and_the_job_goes_on(shop: Shop) -> None:
    may_run = anyio.Event()

    @shop.app.job
    async def send() -> str:
        await may_run.wait()
        return "sent"

    async with AsyncTestClient(shop.app):
        handle = await shop.app.jobs.enqueue(send)
        with pytest.raises(TimeoutError):
            await handle.result(0.01)
        may_run.set()
        assert await handle.result(5) == "sent"


async def test_no_more_jobs_run_at_once_than_allowed(shop: Shop) -> None:
    running, most = 0, 0

    @shop.app.job
    async def send() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await anyio.lowlevel.checkpoint()
        running -= 1

    shop.app.jobs.concurrency = 3
    async with AsyncTestClient(shop.app):
        for _ in range(10):
            await shop.app.jobs.enqueue(send)
    assert most == 3
    with pytest.raises(ValueError, match="at least 1"):
        shop.app.jobs.concurrency = 0


def test_jobs_of_a_mounted_application_run_in_its_lifespan_and_copies_have_their_own(shop: Shop) -> None:
    outer = App(openapi_url=None)

    @shop.app.job
    def double(number: int) -> int:
        return 2 * number

    @shop.app.get("/numbers/{number}")
    async def read(number: int, jobs: Jobs, job: Job[double]) -> int:  # type: ignore[valid-type, type-arg]
        first, second = await jobs.enqueue(double, number), await job.enqueue(number=number)
        return int(await first.result(5) + await second.result(5))

    outer.mount("/in", shop.app)
    with TestClient(outer) as client:
        assert client.get("/in/numbers/3").json() == 12
    copies = (copy.deepcopy(shop.app), cloudpickle.loads(cloudpickle.dumps(shop.app)))
    for number, app in enumerate((shop.app, *copies)):
        with TestClient(app) as client:
            assert client.get(f"/numbers/{number}").json() == 4 * number


async def test_without_a_lifespan_a_job_is_an_error_and_leaves_nothing(shop: Shop) -> None:
    @shop.app.job
    async def send() -> None: ...

    with pytest.raises(RuntimeError, match="which is not running in this event loop"):
        await shop.app.jobs.options(key="k").enqueue(send)
    async with AsyncTestClient(shop.app):
        handle = await shop.app.jobs.options(key="k").enqueue(send)
        assert await handle.result(5) is None


async def test_an_application_without_jobs_has_no_queue(shop: Shop) -> None:
    async with AsyncTestClient(shop.app):
        assert shop.app._jobs._queue is None


def test_a_job_does_not_keep_the_request_that_enqueued_it(shop: Shop) -> None:
    may_run: list[anyio.Event] = []
    kept: list[weakref.ref[Any]] = []

    class Loaded:
        pass

    def loaded() -> Loaded:
        made = Loaded()
        kept.append(weakref.ref(made))
        return made

    @shop.app.job
    async def send() -> None:
        may_run.append(anyio.Event())
        await may_run[0].wait()

    @shop.app.post("/")
    async def order(loaded: Annotated[Loaded, Depends(loaded)], jobs: Jobs) -> None:
        await jobs.enqueue(send)
        while not may_run:
            await anyio.lowlevel.checkpoint()

    with TestClient(shop.app) as client:
        client.post("/")
        assert client.portal is not None
        client.portal.call(anyio.wait_all_tasks_blocked)  # the request has ended, not only its response
        gc.collect()
        is_freed = kept[0]() is None
        client.portal.call(may_run[0].set)
    assert is_freed


@pytest.mark.parametrize("delay", [-1, float("inf"), float("nan"), 1e300])
def test_a_delay_is_a_number_of_seconds(shop: Shop, delay: float) -> None:
    with pytest.raises(ValueError, match="must be a number of seconds"):
        shop.app.jobs.options(delay=delay)


async def test_a_router_of_the_toolkit_has_no_jobs(shop: Shop) -> None:
    router = Router()

    @router.get("/")
    async def read(jobs: Jobs) -> None: ...

    app = Application(routes=router.routes)
    async with AsyncTestClient(app, raise_server_exceptions=True) as client:
        with pytest.raises(RuntimeError, match="jobs belong to an `App`"):
            await client.get("/")


def test_jobs_use_the_backend_with_which_the_application_starts() -> None:
    app, done = App(state="redis://localhost:1"), []

    @app.job
    async def note(text: str) -> None:
        done.append(text)

    @app.post("/notes")
    async def enqueue(text: str, jobs: Jobs) -> None:
        await jobs.enqueue(note, text=text)

    with TestClient(app):
        pass
    app.backend = Backend()  # in memory
    with TestClient(app) as client:
        assert client.post("/notes?text=tea").status_code == 204
    assert done == ["tea"]
