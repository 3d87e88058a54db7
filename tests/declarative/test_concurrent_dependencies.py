"""`Depends(..., concurrent=True)`: what runs at the same time, how it ends, and what is rejected."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated, Any

import anyio
import cloudpickle
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from signette.app import App, Router
from signette.declarative.binding.runtime import SwallowedException
from signette.declarative.errors.base import SignatureError
from signette.declarative.inspection.plan_json import describe_plan
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.declarative.plan.steps import Call
from signette.declarative.signature.marker_functions import Depends
from signette.exceptions import HTTPException
from signette.jobs import Jobs
from signette.policies import CancelOnDisconnect, Deadline
from signette.security import APIKeyHeader
from signette.testclient import AsyncTestClient
from signette.websockets import WebSocket
from tests.asgi import DISCONNECT, JSON, body_of, connect, exchange, fetch, scope_of
from tests.declarative.building import app_of
from tests.declarative.signatures import Sent
from tests.declarative.test_binder_agrees import by_binder, by_oracle
from tests.timeouts import SECONDS
from tests.volume import examples


class Meeting:
    """Functions that return only when all of them have been called."""

    def __init__(self, size: int) -> None:
        self.log: list[str] = []
        self._barrier = threading.Barrier(size)

    async def wait(self) -> None:
        await anyio.to_thread.run_sync(self._barrier.wait, SECONDS, limiter=anyio.CapacityLimiter(1))

    def function(self, name: str) -> Any:
        async def function() -> str:
            await self.wait()
            return name

        return function

    def sync_function(self, name: str) -> Any:
        def sync_function() -> str:
            self._barrier.wait(SECONDS)
            return name

        return sync_function

    def generator(self, name: str) -> Any:
        async def generator() -> AsyncIterator[str]:
            await self.wait()
            with self.noted(name):
                yield name

        return generator

    def sync_generator(self, name: str) -> Any:
        def sync_generator() -> Iterator[str]:
            self._barrier.wait(SECONDS)
            with self.noted(name):
                yield name

        return sync_generator

    @contextmanager
    def noted(self, name: str) -> Iterator[None]:
        try:
            yield
        except BaseException as exc:
            self.log.append(f"{name} {type(exc).__name__}")
            raise
        self.log.append(f"{name} closed")


KINDS = ["function", "sync_function", "generator", "sync_generator"]


@pytest.mark.parametrize("kind", KINDS)
async def test_two_of_a_kind_run_at_the_same_time(kind: str) -> None:
    meeting = Meeting(2)
    one, two = getattr(meeting, kind)("one"), getattr(meeting, kind)("two")

    async def endpoint(
        a: Annotated[str, Depends(one, concurrent=True)], b: Annotated[str, Depends(two, concurrent=True)]
    ) -> str:
        assert meeting.log == []
        return a + b

    assert (await fetch(app_of(endpoint), "GET /")).text == "onetwo"
    assert meeting.log == (["two closed", "one closed"] if "generator" in kind else [])


async def test_generators_of_both_scopes_are_closed_in_the_reverse_order() -> None:
    meeting = Meeting(4)

    def endpoint(
        a: Annotated[str, Depends(meeting.generator("a"), concurrent=True, scope="function")],
        b: Annotated[str, Depends(meeting.sync_generator("b"), concurrent=True)],
        c: Annotated[str, Depends(meeting.generator("c"), concurrent=True)],
        d: Annotated[str, Depends(meeting.sync_generator("d"), concurrent=True, scope="function")],
    ) -> str:
        return a + b + c + d

    assert (await fetch(app_of(endpoint), "GET /", log=meeting.log)).text == "abcd"
    assert meeting.log == ["d closed", "a closed", "sent", "c closed", "b closed"]


# -- which run together ------------------------------------------------------------------------------------------------


async def one() -> int:
    return 1


async def two(one: Annotated[int, Depends(one, concurrent=True)]) -> int:
    return one + 1


async def three(two: Annotated[int, Depends(two, concurrent=True)]) -> int:
    return two + 1


async def plain() -> int:
    return 10


async def four(plain: Annotated[int, Depends(plain)]) -> int:
    return plain + 4


def grouped(function: Callable[..., Any], **options: Any) -> list[str]:
    """The calls of a plan: those that run together are joined by `+`."""
    plan = plan_endpoint(Endpoint(function, "/", ("GET",), **options))
    batches = [[step.into.removeprefix("v_") for step in batch if isinstance(step, Call)] for batch in plan.batches]
    return ["+".join(names) for names in batches if names]


async def test_those_that_need_each_other_run_one_after_the_other() -> None:
    async def endpoint(
        three: Annotated[int, Depends(three, concurrent=True)],
        four: Annotated[int, Depends(four, concurrent=True)],
        two: Annotated[int, Depends(two, concurrent=True)],
    ) -> int:
        return three + four + two

    assert grouped(endpoint) == ["one", "two", "plain", "three+four", "result"]
    assert (await fetch(app_of(endpoint), "GET /")).json == 3 + 14 + 2


def test_one_alone_is_as_without_the_argument() -> None:
    async def alone(one: Annotated[int, Depends(one, concurrent=True)]) -> int:
        return one

    async def without(one: Annotated[int, Depends(one)]) -> int:
        return one

    assert grouped(alone) == grouped(without) == ["one", "result"]
    sources = [app_of(each).routes[-1].explain(source=True).partition("async def")[2] for each in (alone, without)]
    assert sources[0].replace("locals>.alone", "locals>.without") == sources[1]


async def test_one_callable_runs_once_unless_it_is_not_cached() -> None:
    calls: list[int] = []

    async def counted() -> int:
        calls.append(len(calls))
        return 0

    async def endpoint(
        a: Annotated[int, Depends(counted, concurrent=True)],
        b: Annotated[int, Depends(counted)],
        c: Annotated[int, Depends(counted, use_cache=False, concurrent=True)],
        d: Annotated[int, Depends(counted, use_cache=False, concurrent=True)],
    ) -> int:
        return a + b + c + d

    assert grouped(endpoint) == ["counted+counted_2+counted_3", "result"]
    await fetch(app_of(endpoint), "GET /")
    assert calls == [0, 1, 2]


async def test_overrides_run_together_too_unless_they_only_collect_values() -> None:
    meeting = Meeting(2)

    async def endpoint(
        a: Annotated[Any, Depends(one, concurrent=True)], b: Annotated[Any, Depends(plain, concurrent=True)]
    ) -> str:
        return f"{a}{b}"

    app = app_of(endpoint)
    with app.override(one, meeting.function("x")), app.override(plain, meeting.generator("y")):
        assert (await fetch(app, "GET /")).text == "xy"
    with app.override(one, Values):
        assert (await fetch(app, "GET /")).text == "Values(a=1)10"
    assert (await fetch(app, "GET /")).text == "110"


@dataclass
class Values:
    a: int = 1


def test_explain_and_the_plan_show_the_groups() -> None:
    async def endpoint(
        a: Annotated[int, Depends(one, concurrent=True)], b: Annotated[int, Depends(plain, concurrent=True)]
    ) -> None: ...

    plan = app_of(endpoint).routes[-1].plan
    text = app_of(endpoint).routes[-1].explain()
    assert "one()   at the same time as plain" in text
    assert "plain()   at the same time as one" in text
    groups = [step["group"] for step in describe_plan(plan)["steps"] if step["step"] == "call"]
    assert groups == [1, 1, None]
    cloudpickle.loads(cloudpickle.dumps(plan))


# -- errors ------------------------------------------------------------------------------------------------------------


async def test_if_one_fails_the_others_are_cancelled_and_closed_and_its_error_is_raised() -> None:
    log: list[str] = []
    is_open = anyio.Event()

    async def session() -> AsyncIterator[int]:
        log.append("open")
        is_open.set()
        try:
            yield 1
        except BaseException as exc:
            log.append(f"session: {type(exc).__name__}")
            raise

    async def slow() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            log.append("cancelled")

    async def failing() -> None:
        await is_open.wait()
        raise HTTPException(418, "tea")

    async def endpoint(
        a: Annotated[int, Depends(session, concurrent=True)],
        b: Annotated[None, Depends(slow, concurrent=True)],
        c: Annotated[None, Depends(failing, concurrent=True)],
    ) -> None:
        log.append("called")

    assert (await fetch(app_of(endpoint), "GET /")).status == 418
    assert log == ["open", "cancelled", "session: HTTPException"]


@pytest.mark.parametrize("kind", ["function", "generator"])
async def test_of_several_errors_the_first_of_the_plan_is_raised(kind: str) -> None:
    def failing(word: str) -> Any:
        def sync_failing() -> None:  # it cannot be cancelled
            barrier.wait(SECONDS)
            raise LookupError(word)

        def sync_generator() -> Iterator[None]:
            sync_failing()
            yield

        return sync_failing if kind == "function" else sync_generator

    async def endpoint(
        a: Annotated[None, Depends(failing("first"), concurrent=True)],
        b: Annotated[None, Depends(failing("second"), concurrent=True)],
    ) -> None: ...

    app = app_of(endpoint)
    for _ in range(3):
        barrier = threading.Barrier(2)
        with pytest.raises(LookupError, match="first") as caught:
            await fetch(app, "GET /")
        assert type(caught.value) is LookupError


async def test_an_error_that_follows_from_the_cancellation_does_not_hide_its_cause() -> None:
    async def cancelled() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            raise RuntimeError("consequence")

    async def failing() -> None:
        await anyio.lowlevel.checkpoint()
        raise LookupError("cause")

    async def endpoint(
        a: Annotated[None, Depends(cancelled, concurrent=True)], b: Annotated[None, Depends(failing, concurrent=True)]
    ) -> None: ...

    with pytest.raises(LookupError, match="cause"):
        await fetch(app_of(endpoint), "GET /")


async def test_a_generator_that_fails_before_its_yield_is_an_error_like_others() -> None:
    async def failing() -> AsyncIterator[None]:
        await anyio.lowlevel.checkpoint()
        raise HTTPException(418)
        yield

    async def endpoint(
        a: Annotated[None, Depends(failing, concurrent=True)], b: Annotated[int, Depends(one, concurrent=True)]
    ) -> None: ...

    assert (await fetch(app_of(endpoint), "GET /")).status == 418


async def test_an_error_of_the_endpoint_is_raised_at_each_yield_and_may_be_changed_there() -> None:
    meeting = Meeting(2)

    async def changing() -> AsyncIterator[None]:
        try:
            yield
        except LookupError as exc:
            raise HTTPException(404) from exc

    async def endpoint(
        a: Annotated[None, Depends(changing, concurrent=True)],
        b: Annotated[str, Depends(meeting.generator("b"), concurrent=True)],
        c: Annotated[str, Depends(meeting.sync_generator("c"), concurrent=True)],
    ) -> None:
        raise LookupError

    assert (await fetch(app_of(endpoint), "GET /")).status == 404
    assert meeting.log == ["c LookupError", "b LookupError"]


async def test_an_error_while_closing_is_raised() -> None:
    async def failing() -> AsyncIterator[None]:
        yield
        raise LookupError("closing")

    async def endpoint(
        a: Annotated[None, Depends(failing, concurrent=True, scope="function")],
        b: Annotated[int, Depends(one, concurrent=True)],
    ) -> None: ...

    with pytest.raises(LookupError, match="closing"):
        await fetch(app_of(endpoint), "GET /")


async def test_a_generator_that_swallows_an_exception_is_an_error() -> None:
    async def swallowing() -> AsyncIterator[None]:
        with suppress(LookupError):
            yield

    async def endpoint(
        a: Annotated[None, Depends(swallowing, concurrent=True)], b: Annotated[int, Depends(one, concurrent=True)]
    ) -> None:
        raise LookupError

    with pytest.raises(SwallowedException):
        await fetch(app_of(endpoint), "GET /")


# -- cancel scopes, context variables, locks ---------------------------------------------------------------------------


async def test_a_cancel_scope_around_a_yield_ends_the_endpoint() -> None:
    log: list[str] = []

    async def limited() -> AsyncIterator[anyio.CancelScope]:
        with anyio.fail_after(60) as scope:
            yield scope

    meeting = Meeting(1)

    async def endpoint(
        scope: Annotated[anyio.CancelScope, Depends(limited, concurrent=True)],
        inner: Annotated[str, Depends(meeting.generator("inner"), concurrent=True)],
    ) -> None:
        scope.deadline = anyio.current_time()
        try:
            await anyio.sleep_forever()
        finally:
            log.append("cancelled")

    with pytest.raises(TimeoutError):
        await fetch(app_of(endpoint), "GET /")
    assert log == ["cancelled"]
    assert meeting.log[0].startswith("inner Cancelled")


async def test_a_task_group_around_a_yield_ends_the_endpoint_if_a_task_fails() -> None:
    async def tasks() -> AsyncIterator[Any]:
        async with anyio.create_task_group() as group:
            yield group

    async def failing() -> None:
        raise LookupError("task")

    async def endpoint(
        group: Annotated[Any, Depends(tasks, concurrent=True)], b: Annotated[int, Depends(one, concurrent=True)]
    ) -> None:
        group.start_soon(failing)
        await anyio.sleep_forever()

    with pytest.raises(ExceptionGroup) as caught:
        await fetch(app_of(endpoint), "GET /")
    assert [type(each) for each in caught.value.exceptions] == [LookupError]

    async def raising(
        group: Annotated[Any, Depends(tasks, concurrent=True)], b: Annotated[int, Depends(one, concurrent=True)]
    ) -> None:
        raise HTTPException(418)

    assert (await fetch(app_of(raising), "GET /")).status == 418


async def test_locks_and_scopes_of_two_generators_do_not_disturb_each_other() -> None:
    locks = anyio.Lock(), anyio.Lock()

    def locked(lock: anyio.Lock) -> Any:
        async def generator() -> AsyncIterator[None]:
            async with lock:
                with anyio.CancelScope():
                    await anyio.lowlevel.checkpoint()
                    yield

        return generator

    async def endpoint(
        a: Annotated[None, Depends(locked(locks[0]), concurrent=True)],
        b: Annotated[None, Depends(locked(locks[1]), concurrent=True, scope="function")],
    ) -> list[bool]:
        return [lock.locked() for lock in locks]

    assert (await fetch(app_of(endpoint), "GET /")).json == [True, True]
    assert [lock.locked() for lock in locks] == [False, False]


@pytest.mark.parametrize("kind", KINDS)
async def test_context_variables_that_they_set_are_set_for_the_endpoint(kind: str) -> None:
    variable: ContextVar[str] = ContextVar("variable", default="before")
    other: ContextVar[str] = ContextVar("other", default="unset")
    seen: list[str] = []

    async def function() -> None:
        variable.set("set")

    def sync_function() -> None:
        variable.set("set")

    async def generator() -> AsyncIterator[None]:
        token = variable.set("set")
        yield
        seen.append(other.get())
        variable.reset(token)

    def sync_generator() -> Iterator[None]:
        token = variable.set("set")
        yield
        seen.append(other.get())
        variable.reset(token)

    async def later() -> None:
        variable.set("later")

    chosen = {"function": function, "sync_function": sync_function, "generator": generator}.get(kind, sync_generator)

    async def endpoint(
        a: Annotated[None, Depends(chosen, concurrent=True)], b: Annotated[int, Depends(one, concurrent=True)]
    ) -> str:
        other.set("by the endpoint")
        return variable.get()

    async def in_order(
        a: Annotated[None, Depends(chosen, concurrent=True)], b: Annotated[None, Depends(later, concurrent=True)]
    ) -> str:
        return variable.get()

    assert (await fetch(app_of(endpoint), "GET /")).text == "set"
    assert seen == (["by the endpoint"] if "generator" in kind else [])
    assert (await fetch(app_of(in_order), "GET /")).text == "later"


# -- cancellation ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", [Deadline(0.01), CancelOnDisconnect()], ids=["deadline", "disconnect"])
async def test_a_request_that_is_cancelled_closes_them_in_peace(policy: Any) -> None:
    log: list[str] = []

    def session(name: str) -> Any:
        async def generator() -> AsyncIterator[None]:
            try:
                yield
            except BaseException as exc:
                await anyio.lowlevel.checkpoint()  # it can still wait
                log.append(f"{name} {'cancelled' if isinstance(exc, anyio.get_cancelled_exc_class()) else exc}")
                raise

        return generator

    async def endpoint(
        a: Annotated[None, Depends(session("a"), concurrent=True)],
        b: Annotated[None, Depends(session("b"), concurrent=True, scope="function")],
        wait: bool = True,
    ) -> None:
        await anyio.sleep_forever()

    await exchange(app_of(endpoint, policies=[policy]), scope_of(), *body_of(), DISCONNECT)
    assert log == ["b cancelled", "a cancelled"]


async def test_a_request_that_is_cancelled_while_they_are_entered_leaves_nothing_open() -> None:
    log: list[str] = []

    async def entered() -> AsyncIterator[None]:
        with anyio.CancelScope(shield=True):  # it does not notice the cancellation
            await anyio.sleep(0.03)
        log.append("opened")
        try:
            yield
        finally:
            await anyio.lowlevel.checkpoint()
            log.append("closed")

    async def waiting() -> AsyncIterator[None]:
        try:
            await anyio.sleep_forever()
        finally:
            log.append("never opened")
        yield

    async def endpoint(
        a: Annotated[None, Depends(entered, concurrent=True)], b: Annotated[None, Depends(waiting, concurrent=True)]
    ) -> None: ...

    found = await exchange(app_of(endpoint, policies=[Deadline(0.01)]), scope_of(), *body_of())
    assert found.status == 504
    assert log == ["never opened", "opened", "closed"]


# -- guards, policies, other places ------------------------------------------------------------------------------------

KEY = APIKeyHeader(name="x-key")


async def user(key: Annotated[str, Depends(KEY)]) -> str:
    if key != "ada":
        raise HTTPException(403)
    return key


async def team(key: Annotated[str, Depends(KEY)], team: int = 1) -> int:
    return team


async def test_guards_run_together_before_the_body_is_read() -> None:
    meeting = Meeting(2)
    app = App()

    @app.post(
        "/",
        dependencies=[Depends(meeting.function("a"), concurrent=True), Depends(meeting.function("b"), concurrent=True)],
    )
    async def create(body: dict[str, int]) -> None: ...

    headers = {**JSON, "content-length": "3"}
    found = await exchange(app, scope_of("/", "POST", headers=headers), body_of(b"{", b"}")[0], DISCONNECT)
    assert meeting._barrier.n_waiting == 0
    assert found.messages == []


async def test_an_error_of_a_guard_comes_before_validation_errors() -> None:
    async def endpoint(
        user: Annotated[str, Depends(user, concurrent=True)],
        team: Annotated[int, Depends(team, concurrent=True)],
        body: dict[str, int],
    ) -> str:
        return f"{user} {team}"

    assert grouped(endpoint)[-2:] == ["user+team", "result"]
    app = app_of(endpoint, method="POST")
    statuses = {}
    for key in ("ada", "bob", None):
        for query in ("team=2", "team=x"):
            headers = {**JSON, **({"x-key": key} if key else {})}
            statuses[key, query] = (await fetch(app, f"POST /?{query}", b"{}", headers)).status
    assert statuses == {
        ("ada", "team=2"): 200,
        ("ada", "team=x"): 422,
        ("bob", "team=2"): 403,
        ("bob", "team=x"): 403,
        (None, "team=2"): 401,
        (None, "team=x"): 401,
    }


async def test_dependencies_of_applications_and_routers_run_together() -> None:
    meeting = Meeting(3)
    router = Router(dependencies=[Depends(meeting.function("router"), concurrent=True)])

    @router.get("/", dependencies=[Depends(meeting.sync_function("route"), concurrent=True)])
    async def read() -> str:
        return "read"

    app = App(dependencies=[Depends(meeting.generator("app"), concurrent=True)])
    app.include_router(router)
    assert (await fetch(app, "GET /")).text == "read"
    assert meeting.log == ["app closed"]


async def test_they_run_together_for_websockets() -> None:
    meeting = Meeting(2)
    app = App()

    @app.websocket("/")
    async def talk(
        socket: WebSocket,
        a: Annotated[str, Depends(meeting.generator("a"), concurrent=True)],
        b: Annotated[str, Depends(meeting.function("b"), concurrent=True)],
    ) -> None:
        await socket.accept()
        await socket.send_text(a + b)
        await socket.close()

    assert [each.get("text") for each in (await connect(app)).messages] == [None, "ab", None]
    assert meeting.log == ["a closed"]


async def test_they_run_together_outside_of_requests() -> None:
    meeting = Meeting(4)
    app = App()

    async def work(
        number: int,
        a: Annotated[str, Depends(meeting.generator("a"), concurrent=True)],
        b: Annotated[str, Depends(meeting.function("b"), concurrent=True)],
        c: Annotated[str, Depends(meeting.sync_generator("c"), concurrent=True, scope="function")],
        d: Annotated[str, Depends(meeting.generator("d"), concurrent=True, scope="function", max_concurrency=1)],
    ) -> str:
        return f"{number}{a}{b}{c}{d}"

    async with app.scope() as scope:
        for number in (1, 2):
            assert await scope.call(work, number=number) == f"{number}abcd"
            assert meeting.log[-2:] == ["d closed", "c closed"]
        meeting.log.clear()
    assert meeting.log == ["a closed", "a closed"]


async def test_a_scope_that_another_task_closes_keeps_generators_without_a_task() -> None:
    meeting = Meeting(1)
    app = App()

    async def work(
        a: Annotated[str, Depends(meeting.generator("a"), concurrent=True)],
        b: Annotated[int, Depends(one, concurrent=True)],
    ) -> str:
        return f"{a}{b}"

    results: list[str] = []
    async with app.scope() as scope:

        async def call() -> None:
            results.append(await scope.call(work))

        async with anyio.create_task_group() as group:
            group.start_soon(call)
    assert (results, meeting.log) == (["a1"], ["a closed"])


async def test_jobs_have_them() -> None:
    meeting = Meeting(2)
    app = App()

    @app.job
    async def work(
        a: Annotated[str, Depends(meeting.generator("a"), concurrent=True)],
        b: Annotated[str, Depends(meeting.function("b"), concurrent=True)],
    ) -> str:
        return a + b

    @app.get("/")
    async def start(jobs: Jobs) -> str:
        return await (await jobs.enqueue(work)).result(SECONDS)

    async with AsyncTestClient(app) as client:
        assert (await client.get("/")).text == "ab"
    assert meeting.log == ["a closed"]


async def test_two_requests_do_not_wait_for_each_other_s_places() -> None:
    app = App()

    def holding() -> Any:
        async def generator() -> AsyncIterator[None]:
            await anyio.lowlevel.checkpoint()
            yield

        return generator

    @app.get("/")
    async def read(
        a: Annotated[None, Depends(holding(), concurrent=True, max_concurrency=1)],
        b: Annotated[None, Depends(holding(), concurrent=True, max_concurrency=1)],
    ) -> str:
        return "done"

    with anyio.fail_after(SECONDS):
        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(fetch, app, "GET /")


async def test_sync_calls_beside_an_open_generator_have_their_own_threads() -> None:
    def generator() -> Iterator[None]:
        yield

    def function() -> None: ...

    async def endpoint(
        a: Annotated[None, Depends(generator, concurrent=True)], b: Annotated[None, Depends(function, concurrent=True)]
    ) -> None: ...

    plan = plan_endpoint(Endpoint(endpoint, "/", ("GET",)))
    assert [(call.into, call.held) for call in plan.calls] == [
        ("v_generator", False),
        ("v_function", True),
        ("result", True),
    ]


# -- rejected ----------------------------------------------------------------------------------------------------------


def test_what_cannot_be_concurrent_is_rejected() -> None:
    with pytest.raises(ValueError, match='`concurrent=True` has no effect with `scope="app"`'):
        Depends(one, scope="app", concurrent=True)

    async def number(a: Annotated[int, Depends(one, concurrent=2)]) -> None: ...  # type: ignore[arg-type]

    async def collects(a: Annotated[Values, Depends(concurrent=True)]) -> None: ...

    for function, problem in ((number, "`concurrent=2` of `a` must be"), (collects, "`Values` only collects")):
        with pytest.raises(SignatureError, match=problem):
            app_of(function)


async def test_a_generator_that_could_not_be_closed_in_order_is_rejected() -> None:
    async def guard() -> AsyncIterator[None]:
        yield

    async def session() -> AsyncIterator[None]:
        yield

    def sync_session() -> Iterator[None]:
        yield

    def endpoint_with(dependency: Any) -> Any:
        async def endpoint(
            a: Annotated[None, Depends(dependency, concurrent=True)], b: Annotated[int, Depends(one, concurrent=True)]
        ) -> None: ...

        return endpoint

    entry = Depends(guard, scope="function")
    with pytest.raises(
        SignatureError, match="`session` has `concurrent=True` and ends after the response, but `guard`"
    ):
        app_of(endpoint_with(session), dependencies=[entry])
    assert (await fetch(app_of(endpoint_with(sync_session), dependencies=[entry]), "GET /")).status == 204


# -- the oracle --------------------------------------------------------------------------------------------------------

WRITTEN = {
    "async": "async def {name}({parameters}):\n    note('enter', {name!r})\n    return [{name!r}, {values}]\n",
    "sync": "def {name}({parameters}):\n    note('enter', {name!r})\n    return [{name!r}, {values}]\n",
    "agen": (
        "async def {name}({parameters}):\n    note('enter', {name!r})\n    yield [{name!r}, {values}]\n"
        "    note('leave', {name!r})\n"
    ),
    "gen": (
        "def {name}({parameters}):\n    note('enter', {name!r})\n    yield [{name!r}, {values}]\n"
        "    note('leave', {name!r})\n"
    ),
}


@st.composite
def graphs(draw: Any) -> str:
    """The text of dependencies that need each other, and of an endpoint."""
    text, made = "", []
    for number in range(draw(st.integers(2, 6))):
        name, kind = f"d{number}", draw(st.sampled_from(sorted(WRITTEN)))
        needs = draw(st.lists(st.sampled_from(made), unique=True, max_size=2)) if made else []
        needs = [each for each in needs if not (kind in ("agen", "gen") and each[1] == "function")]
        scope = draw(st.sampled_from([None, "function"])) if kind in ("agen", "gen") else None
        text += written(name, kind, needs) + "\n"
        made.append((name, scope))
    taken = draw(st.lists(st.sampled_from(made), unique=True, min_size=1))
    concurrent = {name: draw(st.booleans()) for name, _ in made}
    text += written("endpoint", "async", taken)
    for name, scope in made:
        text = text.replace(f"Depends({name})", f"Depends({name}, concurrent={concurrent[name]}, scope={scope!r})")
    return text


def written(name: str, kind: str, needs: list[Any]) -> str:
    parameters = ", ".join([*(f"{each}: Annotated[Any, Depends({each})]" for each, _ in needs), f"q_{name}: int = 0"])
    return WRITTEN[kind].format(
        name=name, parameters=parameters, values=", ".join([*(e for e, _ in needs), f"q_{name}"])
    )


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@settings(max_examples=examples(60), deadline=None)
@given(text=graphs())
def test_the_binder_and_the_interpreter_agree(backend: str, text: str) -> None:
    events: list[Any] = []
    namespace = {"Annotated": Annotated, "Any": Any, "Depends": Depends, "note": lambda *what: events.append(what)}
    exec(text, namespace)
    try:
        plan = plan_endpoint(Endpoint(namespace["endpoint"], "/", ("POST",)))
    except SignatureError:  # one that is closed later needs one that is closed earlier, by way of a third
        reject()
    sent = Sent(b"", [], b"", ())

    async def compare() -> None:
        body, happened = await by_binder(plan, sent, events)
        expected, in_order = await by_oracle(plan, sent, events)
        assert body == expected
        assert sorted(map(repr, happened)) == sorted(map(repr, in_order))
        assert [each for each in happened if each[0] == "leave"] == [each for each in in_order if each[0] == "leave"]
        entered = [each[1] for each in happened if each[0] == "enter"]
        for call in plan.calls:
            needed = [argument.name for argument in call.arguments if argument.name in entered]
            name = call.where.name.rsplit(".", 1)[-1]
            assert all(entered.index(each) < entered.index(name) for each in needed)

    anyio.run(compare, backend=backend)
