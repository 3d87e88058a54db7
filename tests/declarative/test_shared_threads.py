"""Sync functions that follow each other have one thread, and cannot see it, except by `threading`."""

import asyncio
import threading
import traceback
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated, Any

import anyio
import cloudpickle
import pytest

from signette.app import App
from signette.declarative.inspection.plan_json import describe_plan
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.declarative.signature.marker_functions import Depends, Header, Security
from signette.exceptions import HTTPException
from signette.executors import Thread
from signette.jobs import Jobs
from signette.limits import Limits
from signette.policies import Deadline, Policy
from signette.testclient import AsyncTestClient
from signette.websockets import WebSocket
from tests.asgi import body_of, connect, exchange, fetch, scope_of
from tests.timeouts import SECONDS

here: ContextVar[str] = ContextVar("here", default="nobody")


def first() -> int:
    return threading.get_ident()


def second(a: Annotated[int, Depends(first)]) -> int:
    return threading.get_ident()


async def on_loop() -> int:
    return threading.get_ident()


def session() -> Iterator[int]:
    yield threading.get_ident()


First, Second, OnLoop = (Annotated[int, Depends(each)] for each in (first, second, on_loop))
Session = Annotated[int, Depends(session)]


def app_of(endpoint: Any, **options: Any) -> App:
    app = App(docs_url=None, openapi_url=None, limits=Limits(worker_threads=2))
    app.get("/", **options)(endpoint)
    return app


# -- which calls share a thread ----------------------------------------------------------------------------------------


def after_each_other(a: First, b: Second) -> None: ...


async def before_a_coroutine(a: First, b: Second) -> None: ...


def around_a_coroutine(a: First, b: OnLoop) -> None: ...


def in_a_session(a: Session, b: First, c: Second) -> None: ...


def alone() -> None: ...


def limited(a: First, b: Annotated[int, Depends(first, max_concurrency=1, use_cache=False)]) -> None: ...


def concurrent(
    a: Annotated[int, Depends(first, concurrent=True)], b: Annotated[None, Depends(alone, concurrent=True)]
) -> None: ...


def elsewhere(a: First, b: Annotated[int, Depends(second, executor=Thread(limit=1))]) -> None: ...


def of_the_application(a: Annotated[int, Depends(first, scope="app")]) -> None: ...


@dataclass
class Collected:
    a: int = 1


def with_a_collected_value(a: First, b: Annotated[Collected, Depends()], c: Second) -> None: ...


def asks(token: Annotated[str, Header()]) -> None: ...


def guarded(a: Annotated[None, Security(asks)], b: First, q: int) -> None: ...


def asks_for_a_number(number: int) -> None: ...


class Service:
    def __init__(self, a: First) -> None:
        self.a = a


def of_a_class(service: Annotated[Service, Depends()], b: Second) -> None: ...


def streams(a: First, b: Second) -> Iterator[str]:
    yield "chunk"


@pytest.mark.parametrize(
    ("endpoint", "threads"),
    [
        (after_each_other, [1, 1, 1]),
        (before_a_coroutine, [1, 1, 0]),
        (around_a_coroutine, [0, 0, 0]),
        (in_a_session, [0, 1, 1, 1]),
        (alone, [0]),
        (limited, [0, 0, 0]),
        (concurrent, [0, 0, 0]),
        (elsewhere, [0, 0, 0]),
        (of_the_application, [0, 0]),
        (with_a_collected_value, [0, 0, 1, 1]),
        (guarded, [0, 1, 1]),
        (of_a_class, [1, 1, 1, 1]),
        (streams, [1, 1, 0]),
    ],
)
def test_which_calls_share_a_thread(endpoint: Any, threads: list[int]) -> None:
    calls = plan_endpoint(Endpoint(endpoint, "/", ("GET",))).calls
    assert [call.thread for call in calls] == threads


def test_a_guard_that_may_not_be_called_shares_no_thread() -> None:
    guards = Depends(asks_for_a_number), Depends(alone), Depends(first)
    calls = plan_endpoint(Endpoint(after_each_other, "/", ("GET",), guards)).calls
    assert [(call.into, call.thread) for call in calls] == [
        ("v_asks_for_a_number", 0),
        ("v_alone", 1),
        ("v_first", 1),
        ("v_second", 2),
        ("result", 2),
    ]


def test_the_guard_of_a_policy_shares_no_thread() -> None:
    class Guarding(Policy):
        def guard(self) -> Any:
            return first

    calls = plan_endpoint(Endpoint(after_each_other, "/", ("GET",), options={"policies": (Guarding(),)})).calls
    assert [call.thread for call in calls] == [0, 1, 1]


def test_explain_and_the_plan_show_them() -> None:
    route = app_of(in_a_session).routes[-1]
    lines = [line.partition("   ")[2].strip() for line in route.explain().splitlines() if line.startswith("  call")]
    assert "in one worker thread with second, result" in route.explain()
    assert "in one worker thread with first, second" in route.explain()
    assert len(lines) == 4
    threads = [step["thread"] for step in describe_plan(route.plan)["steps"] if step["step"] == "call"]
    assert threads == [None, 1, 1, 1]
    cloudpickle.loads(cloudpickle.dumps(route.plan))


@pytest.mark.parametrize("kind", ["plain", "session", "socket", "outside", "job"])
async def test_they_run_in_one_thread(kind: str) -> None:
    def endpoint(a: First, b: Second) -> list[int]:
        return [a, b, threading.get_ident()]

    def in_session(s: Session, a: First, b: Second) -> list[int]:
        return [a, b, threading.get_ident()]

    app = app_of(in_session if kind == "session" else endpoint)
    if kind == "socket":

        @app.websocket("/")
        async def talk(socket: WebSocket, a: First, b: Second) -> None:
            await socket.accept()
            await socket.send_json([a, b])
            await socket.close()

        text = [each.get("text") for each in (await connect(app)).messages][1]
        found = [int(each) for each in text.strip("[]").split(",")]
    elif kind == "outside":

        def work(number: int, a: First, b: Second) -> list[int]:
            return [a, b, threading.get_ident()] * number

        async with app.scope() as scope:
            found = await scope.call(work, number=1)
    elif kind == "job":
        job = app.job(endpoint)

        @app.get("/job")
        async def start(jobs: Jobs) -> list[int]:
            return await (await jobs.enqueue(job)).result(SECONDS)

        async with AsyncTestClient(app) as client:
            found = (await client.get("/job")).json()
    else:
        found = (await fetch(app, "GET /")).json
    assert len(set(found)) == 1
    assert found[0] != threading.get_ident()


async def test_in_an_open_scope_with_a_generator_they_have_a_reserved_thread() -> None:
    """As many requests as there are threads hold something, and wait for the next one to go on."""
    app, tokens = app_of(alone), threading.Semaphore(2)

    def waits(a: First) -> int:
        with tokens:
            return a

    def holds() -> Iterator[None]:
        with tokens:
            yield

    def endpoint(s: Annotated[None, Depends(holds)], a: First, b: Second) -> int:
        return a

    def outside(a: First) -> int:
        return a

    app.get("/holds")(endpoint)
    app.get("/waits")(waits)
    async with anyio.create_task_group() as group:
        for path in ["/holds", "/waits", "/holds"] * 5:
            group.start_soon(fetch, app, f"GET {path}")
    async with app.scope() as scope:
        await scope.call(in_a_session)
        assert isinstance(await scope.call(outside), int)


async def test_a_thread_is_one_token_of_the_limiter() -> None:
    app = app_of(after_each_other)
    seen, limiter = list[float](), app.limiter

    def count(a: First, b: Second) -> None:
        seen.append(limiter.borrowed_tokens)

    app.get("/count")(count)
    await fetch(app, "GET /count")
    assert (seen, limiter.borrowed_tokens) == ([1], 0)


async def test_overrides_have_their_own_threads() -> None:
    app = app_of(after_each_other)

    def endpoint(a: First, b: Second) -> bool:
        return a == b == threading.get_ident()

    app.get("/same")(endpoint)
    assert (await fetch(app, "GET /same")).json is True
    with app.override(second, on_loop):
        assert (await fetch(app, "GET /same")).json is False
    with app.override(second, first):
        assert (await fetch(app, "GET /same")).json is True


# -- errors ------------------------------------------------------------------------------------------------------------


async def test_an_exception_ends_the_calls_and_its_traceback_is_that_of_the_function() -> None:
    log: list[str] = []

    def fails(a: First) -> None:
        here.set("failed")
        raise LookupError("no")

    def closing() -> Iterator[None]:
        try:
            yield
        except LookupError as exc:
            log.append(f"{exc!r} {here.get()}")
            raise

    def endpoint(s: Annotated[None, Depends(closing)], a: First, b: Annotated[None, Depends(fails)]) -> None:
        log.append("called")

    with pytest.raises(LookupError) as caught:
        await fetch(app_of(endpoint), "GET /")
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert (frames[-1].name, frames[-1].line) == ("fails", 'raise LookupError("no")')
    assert any("v_fails = b_run(k_call_fails, v_first)" in str(frame.line) for frame in frames)
    assert log == ["LookupError('no') failed"]


async def test_each_exception_has_its_handler() -> None:
    def fails(a: First) -> None:
        raise HTTPException(409, "busy")

    def stops(a: First) -> None:
        raise StopIteration

    def endpoint(a: First, b: Annotated[None, Depends(fails)]) -> None: ...

    def stopped(a: First, b: Annotated[None, Depends(stops)]) -> None: ...

    app = app_of(endpoint)
    app.get("/stops")(stopped)
    assert (await fetch(app, "GET /")).status == 409
    with pytest.raises(RuntimeError, match="StopIteration"):
        await fetch(app, "GET /stops")


# -- cancellation ------------------------------------------------------------------------------------------------------


class Between:
    """A first call that stays in its thread until it may end, and a second one."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.is_inside, self.may_end = anyio.Event(), threading.Event()

    def stay(self) -> None:
        anyio.from_thread.run_sync(self.is_inside.set)
        assert self.may_end.wait(SECONDS)
        here.set("stayed")
        self.log.append("first")

    def closing(self) -> Iterator[None]:
        try:
            yield
        finally:
            self.log.append(f"closed {here.get()}")

    async def closing_on_loop(self) -> AsyncIterator[None]:
        try:
            yield
        finally:
            self.log.append(f"closed {here.get()}")

    def app(self, opens: str, **options: Any) -> App:
        app = App(docs_url=None)
        stays = Depends(self.stay)
        opened = {"nothing": [], "sync": [Depends(self.closing)], "async": [Depends(self.closing_on_loop)]}[opens]

        @app.get("/", dependencies=opened, **options)
        def endpoint(a: Annotated[None, stays]) -> None:
            self.log.append("second")

        return app


@pytest.mark.parametrize("opens", ["nothing", "sync", "async"])
@pytest.mark.parametrize("is_shielded", [False, True])
async def test_a_cancelled_request_begins_no_further_call(opens: str, is_shielded: bool) -> None:
    between = Between()
    app = between.app(opens)

    async def request() -> None:
        with anyio.CancelScope(shield=is_shielded):
            await fetch(app, "GET /")

    async with anyio.create_task_group() as group:
        group.start_soon(request)
        await between.is_inside.wait()
        group.cancel_scope.cancel()
        between.may_end.set()
    made = ["first", "second"] if is_shielded else ["first"]
    assert between.log == [*made, *(["closed stayed"] if opens != "nothing" else [])]


async def test_so_does_one_that_has_passed_its_deadline() -> None:
    between = Between()
    app = between.app("sync", policies=[Deadline(0.02)])
    response = await exchange(app, scope_of(), *body_of(), on_send=lambda _: between.may_end.set())
    assert response.status == 504
    assert "second" not in between.log


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("opens", ["nothing", "sync", "async"])
async def test_so_does_one_that_asyncio_cancels_which_does_not_wait_for_the_thread(opens: str) -> None:
    between = Between()
    task = asyncio.create_task(fetch(between.app(opens), "GET /"))
    await between.is_inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    between.may_end.set()
    limiter = anyio.CapacityLimiter(1)
    while "first" not in between.log:
        await anyio.to_thread.run_sync(between.may_end.wait, limiter=limiter)
    # The thread that has made the first call is idle again when it takes another one.
    await anyio.to_thread.run_sync(between.may_end.wait, limiter=limiter)
    assert sorted(between.log) == sorted(["first", *(["closed nobody"] if opens != "nothing" else [])])


# -- context variables -------------------------------------------------------------------------------------------------


async def test_a_call_cannot_reset_what_another_has_set_and_would_not_with_a_coroutine_between_them() -> None:
    def sets() -> Any:
        return here.set("set")

    def endpoint(token: Annotated[Any, Depends(sets)]) -> str:
        with pytest.raises(ValueError, match="different Context"):
            here.reset(token)
        return here.get()

    assert (await fetch(app_of(endpoint), "GET /")).text == "set"
