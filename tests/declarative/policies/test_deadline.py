"""`Deadline`: what clients get, what is cancelled, and what is not."""

from collections.abc import AsyncIterator, Iterator
from math import inf
from threading import Event as ThreadEvent
from typing import Annotated, Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from signette.app import App
from signette.applications import Application
from signette.background import BackgroundTasks
from signette.declarative.errors.base import SignatureError
from signette.declarative.policies.base import Off
from signette.declarative.policies.deadline import (
    Deadline,
    DeadlineState,
    EndTime,
    ResponseBrokenOff,
    TimedResponse,
    remaining_time,
)
from signette.declarative.signature.marker_functions import Depends
from signette.requests import Request
from signette.responses.plain import PlainTextResponse, Response
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.types import Message, Receive, Scope, Send
from signette.websockets import WebSocket
from tests.asgi import JSON, call, connect, exchange, fetch, scope_of

pytestmark = pytest.mark.either_loop

SHORT = 0.01


async def never() -> None:
    await anyio.sleep_forever()


async def test_an_endpoint_that_takes_too_long_is_cancelled_and_the_client_gets_a_504() -> None:
    app, log = App(), []

    @app.get("/", policies=[Deadline(SHORT)])
    async def read() -> None:
        try:
            await never()
        finally:
            log.append("cancelled")

    found = await fetch(app, "GET /")
    assert (found.status, found.json["title"], log) == (504, "Deadline exceeded", ["cancelled"])
    assert found.headers["content-type"] == "application/problem+json"


async def test_the_status_can_be_503() -> None:
    app = App()
    app.get("/", policies=[Deadline(SHORT, status=503)])(never)
    found = await fetch(app, "GET /")
    assert (found.status, found.json["title"]) == (503, "Service timeout")


async def test_a_request_that_is_done_in_time_is_as_without_a_deadline() -> None:
    app = App(policies=[Deadline(60)])

    @app.get("/sync")
    def sync() -> str:
        return "sync"

    @app.get("/async")
    async def other() -> str:
        return "async"

    @app.get("/failing")
    def failing() -> str:
        raise ValueError("failed")

    assert [(await fetch(app, f"GET /{word}")).text for word in ("sync", "async")] == ["sync", "async"]
    with pytest.raises(ValueError, match="failed"):
        await fetch(app, "GET /failing")


async def test_the_time_includes_the_upload() -> None:
    app = App()

    @app.post("/", policies=[Deadline(SHORT)])
    async def create(order: dict[str, int]) -> None: ...

    first = {"type": "http.request", "body": b"{", "more_body": True}
    found = await exchange(app, scope_of("/", "POST", headers=JSON), first)
    assert found.status == 504


async def test_dependencies_are_closed_and_the_response_does_not_wait_for_them() -> None:
    app, log, sent = App(), [], anyio.Event()

    async def session() -> AsyncIterator[str]:
        try:
            yield "session"
        except BaseException as exc:
            log.append(type(exc) is anyio.get_cancelled_exc_class())
            raise
        finally:
            await sent.wait()  # shielded
            log.append("closed")

    @app.get("/", policies=[Deadline(SHORT)])
    async def read(session: Annotated[str, Depends(session)]) -> None:
        await never()

    found = await exchange(app, scope_of(), on_send=lambda message: sent.set() if "body" in message else None)
    assert (found.status, log) == (504, [True, "closed"])


async def test_sync_code_runs_on_while_the_client_has_its_response() -> None:
    app, go, log = App(), ThreadEvent(), []

    @app.get("/", policies=[Deadline(0.5)])  # the thread has begun by then
    def read(deadline: DeadlineState) -> str:
        assert go.wait(10)
        log.append(deadline.remaining)
        return "too late"

    found = await exchange(app, scope_of(), on_send=lambda message: go.set() if "body" in message else None)
    assert (found.or_raise().status, log) == (504, [0.0])
    assert found.is_complete


async def test_a_failure_after_the_deadline_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    app, go = App(), ThreadEvent()

    def session() -> Iterator[None]:
        yield
        go.wait(10)

    async def broken() -> AsyncIterator[None]:
        try:
            yield
        finally:
            raise ValueError("not closed")

    @app.get("/", policies=[Deadline(SHORT)])
    async def read(one: Annotated[None, Depends(broken)]) -> None:
        await never()

    assert (await fetch(app, "GET /")).status == 504
    assert [record.message for record in caplog.records] == ["request failed after its deadline"]


class Endless(Response):
    """A response that starts and never ends. Nothing suspends before it starts, so a deadline cannot come earlier."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await never()


async def test_a_response_that_has_started_is_broken_off() -> None:
    app = App()

    async def session() -> AsyncIterator[None]:
        yield

    async def endless() -> Response:
        return Endless()

    app.get("/async", policies=[Deadline(SHORT)])(endless)
    app.get("/parallel", policies=[Deadline(SHORT)], dependencies=[Depends(session)])(endless)
    for path in ("/async", "/parallel"):
        found = await call(app, path)
        assert (found.status, type(found.error), found.is_complete) == (200, ResponseBrokenOff, False)


async def test_background_tasks_have_no_deadline() -> None:
    app, log = App(), []

    async def letter() -> None:
        log.append(anyio.current_effective_deadline())
        left.append(remaining_time())

    @app.get("/", policies=[Deadline(30)])
    async def read(tasks: BackgroundTasks) -> None:
        log.append(anyio.current_effective_deadline())
        tasks.add_task(letter)

    left: list[float | None] = []
    await fetch(app, "GET /")
    assert log[0] < log[1]  # that of the driver of the tests, a minute
    assert left == [None]


async def test_a_response_that_is_complete_is_not_cancelled_at_the_deadline() -> None:
    async def send(message: Message) -> None: ...

    with anyio.CancelScope() as cancellable:
        response = TimedResponse(send, cancellable, EndTime(0))
        await response.send({"type": "http.response.start", "status": 200})
        await response.send({"type": "http.response.body", "body": b""})
        await Deadline(SHORT)._watch(None, None, response)  # type: ignore[arg-type]  # neither is used
    assert not cancellable.cancel_called
    assert cancellable.deadline == inf


async def test_handlers_and_what_they_call_know_the_remaining_time() -> None:
    app = App(policies=[Deadline(60)])
    seen: list[float | None] = []

    async def client() -> None:
        seen.append(remaining_time())

    @app.get("/")
    async def read(deadline: DeadlineState) -> float:
        await client()
        return deadline.remaining

    @app.get("/sync")
    def sync(deadline: DeadlineState) -> float:
        seen.append(remaining_time())
        return deadline.remaining

    for path in ("/", "/sync"):
        assert 50 < float((await fetch(app, f"GET {path}")).json) <= 60
    assert all(each is not None and 50 < each <= 60 for each in seen)
    assert remaining_time() is None


async def test_of_two_deadlines_the_earlier_counts() -> None:
    inner = App(policies=[Deadline(60)])

    @inner.get("/x")
    async def read(deadline: DeadlineState) -> float:
        return deadline.remaining

    inner.get("/never")(never)
    app = App(policies=[Deadline(30)])
    app.mount("/in", inner)
    assert float((await fetch(app, "GET /in/x")).json) <= 30
    short = App(policies=[Deadline(SHORT)])
    short.mount("/in", inner)
    assert (await fetch(short, "GET /in/never")).status == 504


async def test_plain_routes_and_mounts_have_the_deadline_of_their_application() -> None:
    async def slow(request: Request) -> Response:
        await never()
        return PlainTextResponse("")

    app = App(
        policies=[Deadline(SHORT)],
        routes=[Route("/route", slow), Mount("/mount", Application(routes=[Route("/x", slow)]))],
    )
    assert [(await fetch(app, f"GET {path}")).status for path in ("/route", "/mount/x")] == [504, 504]


async def test_a_shared_deadline_does_not_apply_to_streams_and_websockets() -> None:
    app = App(policies=[Deadline(SHORT)])

    @app.get("/lines")
    async def lines() -> AsyncIterator[int]:
        yield 1
        await anyio.sleep(3 * SHORT)
        yield 2

    @app.websocket("/ws")
    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        await anyio.sleep(3 * SHORT)
        await socket.close()

    app.get("/off", policies=[Off(Deadline)])(checkpoint)
    assert (await fetch(app, "GET /lines")).body == b"1\n2\n"
    assert (await connect(app, "/ws")).types == ["websocket.accept", "websocket.close"]
    assert "not applied: the response is a stream" in app.explain("GET /lines")
    assert "policy" not in app.explain("GET /off")


async def test_a_handler_of_the_problem_responds_at_the_deadline() -> None:
    from signette.declarative.policies.deadline import DeadlineExceeded

    app = App()

    @app.exception_handler(DeadlineExceeded)
    async def handle(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("too slow", 599)

    def opened() -> Iterator[None]:
        yield

    app.get("/async", policies=[Deadline(SHORT)])(never)
    app.get("/parallel", policies=[Deadline(SHORT)], dependencies=[Depends(opened)])(never)
    assert [(await fetch(app, f"GET {path}")).text for path in ("/async", "/parallel")] == ["too slow"] * 2


async def test_a_handler_that_fails_is_the_error_of_the_request() -> None:
    from signette.declarative.policies.deadline import DeadlineExceeded

    app = App()

    @app.exception_handler(DeadlineExceeded)
    async def handle(request: Request, exc: Exception) -> Response:
        raise ZeroDivisionError

    def opened() -> Iterator[None]:
        yield

    app.get("/", policies=[Deadline(SHORT)], dependencies=[Depends(opened)])(never)
    found = await call(app)
    assert (found.status, type(found.error)) == (500, ZeroDivisionError)


def test_the_document_and_explain_have_it() -> None:
    app = App(policies=[Deadline(1.5)])
    app.get("/", policies=[Deadline(2, status=503)])(never)
    app.get("/other")(never)
    paths = app.openapi()["paths"]
    assert [sorted(paths[path]["get"]["responses"]) for path in ("/", "/other")] == [["204", "503"], ["204", "504"]]
    assert "policy   Deadline(2, status=503)" in app.explain("GET /")
    assert "policy   Deadline(1.5) of the application" in app.explain("GET /other")


@pytest.mark.parametrize("arguments", [{"seconds": 0}, {"seconds": "2"}, {"seconds": float("inf")}, {"status": 500}])
def test_invalid_arguments_are_rejected(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"`{next(iter(arguments))}="):
        Deadline(**{"seconds": 1, **arguments})


def test_a_state_shows_the_time_that_is_left() -> None:
    assert repr(DeadlineState(0.0)) == "DeadlineState(remaining=0.000)"


async def test_timeout_is_short_for_a_deadline() -> None:
    app = App(timeout=5)
    app.get("/", timeout=SHORT)(never)
    assert (await fetch(app, "GET /")).status == 504
    assert "504" in app.openapi()["paths"]["/"]["get"]["responses"]
    assert f"Deadline({SHORT})" in app.explain("GET /")
    assert "Deadline(5)" not in app.explain("GET /")


@pytest.mark.parametrize("value", [0, -1, True, "2", inf])
def test_a_timeout_is_a_positive_number(value: Any) -> None:
    with pytest.raises(SignatureError, match="timeout"):
        App().get("/", timeout=value)(never)
    with pytest.raises(SignatureError, match="timeout"):
        App(timeout=value)


async def test_a_timeout_of_a_router_does_not_apply_to_streams() -> None:
    app = App(timeout=2)

    @app.get("/")
    async def stream() -> AsyncIterator[int]:
        yield 1

    assert "not applied" in app.explain("GET /")
    assert (await fetch(app, "GET /")).status == 200
