"""The lifespan runs once in a `with` block, in one task, and its errors are raised in the test."""

from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from signette._app_tasks import task
from signette.testclient import AsyncTestClient, TestClient
from signette.types import Message, Receive, Scope, Send
from tests.testclient.apps import DONE, START, sends

UP: Message = {"type": "lifespan.startup.complete"}
DOWN: Message = {"type": "lifespan.shutdown.complete"}


class Living:
    """An application with a lifespan. What a stage is given it sends, or raises."""

    def __init__(self, up: Message | Exception | None = UP, down: Message | Exception | None = DOWN) -> None:
        self.stages = [up, down]
        self.events: list[Any] = []
        self.tasks: list[int] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            self.events.append(dict(scope["state"]))
            scope["state"]["of one request"] = True
            await sends(START, DONE)(scope, receive, send)
            return
        scope["state"]["n"] = len(self.events)
        for stage in self.stages:
            message = await receive()
            self.events.append(message["type"])
            self.tasks.append(anyio.get_current_task().id)
            if isinstance(stage, Exception):
                raise stage
            if stage is not None:
                await send(stage)


def test_the_lifespan_surrounds_the_block_and_runs_in_one_task(backend: Any) -> None:
    app = Living()
    with TestClient(app, backend=backend) as client:
        client.get("/")
        client.get("/")
    assert app.events == ["lifespan.startup", {"n": 0}, {"n": 0}, "lifespan.shutdown"]
    assert len(set(app.tasks)) == 1


def test_the_state_of_the_lifespan_is_available_to_requests_and_tests() -> None:
    with TestClient(Living()) as client:
        assert client.app_state == {"n": 0}
        client.get("/")
        assert client.app_state == {"n": 0}


def test_without_a_with_block_there_is_no_lifespan() -> None:
    app = Living()
    TestClient(app).get("/")
    assert app.events == [{}]


def test_all_requests_of_a_block_share_one_event_loop(backend: Any) -> None:
    loops = set()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        loops.add(anyio.lowlevel.current_token())
        await Living()(scope, receive, send)

    with TestClient(app, backend=backend) as client:
        client.get("/")
        assert client.portal is not None
        loops.add(client.portal.call(anyio.lowlevel.current_token))
        client.get("/")
    assert client.portal is None
    assert len(loops) == 1


def test_a_client_can_be_entered_again() -> None:
    app = Living()
    client = TestClient(app)
    for _ in range(2):
        with client:
            pass
    assert client.get("/").text == "done"
    assert app.events[:4] == ["lifespan.startup", "lifespan.shutdown"] * 2


def test_a_block_within_a_block_has_a_lifespan_and_a_loop_of_its_own() -> None:
    app = Living()
    with TestClient(app) as client:
        outer = client.portal
        with client:
            assert client.portal is not outer
        assert client.portal is outer
        client.get("/")
    assert [event for event in app.events if isinstance(event, str)] == [
        "lifespan.startup",
        "lifespan.startup",
        "lifespan.shutdown",
        "lifespan.shutdown",
    ]


def failed(stage: str, **message: str) -> Message:
    return {"type": f"lifespan.{stage}.failed", **message}


FAILURES: list[tuple[Callable[[], Living], type[Exception], str]] = [
    (lambda: Living(up=ZeroDivisionError("up")), ZeroDivisionError, "up"),
    (lambda: Living(down=ZeroDivisionError("down")), ZeroDivisionError, "down"),
    (lambda: Living(up=failed("startup", message="no disk")), RuntimeError, "failed to start: no disk"),
    (lambda: Living(up=failed("startup")), RuntimeError, "failed to start: no reason given"),
    (lambda: Living(down=failed("shutdown", message="busy")), RuntimeError, "failed to shut down: busy"),
    (lambda: Living(up={"type": "lifespan.startup.done"}), AssertionError, 'Received "lifespan.startup.done"'),
]


@pytest.mark.parametrize(("app", "error", "message"), FAILURES)
@pytest.mark.parametrize("raise_server_exceptions", [True, False])
def test_a_failure_of_the_lifespan_is_raised(
    app: Callable[[], Living], error: type[Exception], message: str, raise_server_exceptions: bool, backend: Any
) -> None:
    client = TestClient(app(), backend=backend, raise_server_exceptions=raise_server_exceptions)
    with pytest.raises(error, match=message), client:
        pass
    assert client.portal is None


@pytest.mark.parametrize(("app", "error", "message"), FAILURES)
async def test_a_failure_of_the_lifespan_is_raised_in_the_asynchronous_client(
    app: Callable[[], Living], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        async with AsyncTestClient(app()):
            pass


def test_an_exception_has_priority_over_a_reported_failure() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(failed("startup", message="Traceback ..."))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), TestClient(app):
        pass


def test_a_failing_block_is_shut_down_and_its_error_is_raised(backend: Any) -> None:
    app = Living()
    with pytest.raises(KeyError), TestClient(app, backend=backend):
        raise KeyError
    assert app.events[-1] == "lifespan.shutdown"


def test_an_application_that_returns_at_once_has_no_lifespan(backend: Any) -> None:
    with TestClient(sends(START, DONE), backend=backend) as client:
        assert client.get("/").text == "done"


def test_an_application_may_omit_the_last_message(backend: Any) -> None:
    app = Living(down=None)
    with TestClient(app, backend=backend):
        pass
    assert app.events == ["lifespan.startup", "lifespan.shutdown"]


async def test_the_asynchronous_client_runs_the_lifespan_in_its_block() -> None:
    app = Living()
    async with AsyncTestClient(app) as client:
        assert client.app_state == {"n": 0}
        await client.get("/")
    assert app.events == ["lifespan.startup", {"n": 0}, "lifespan.shutdown"]
    assert len(set(app.tasks)) == 1


async def test_a_cancelled_test_still_shuts_down(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Living()
    with anyio.CancelScope() as scope:
        async with AsyncTestClient(app):
            scope.cancel()
            await anyio.lowlevel.checkpoint()
    assert app.events == ["lifespan.startup", "lifespan.shutdown"]


async def test_a_cancelled_test_does_not_wait_for_a_shutdown_that_never_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(task, "DISCONNECT_SECONDS", 0)
    cancelled = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(UP)
        await receive()
        try:
            await anyio.sleep_forever()
        finally:
            cancelled.append(True)

    with anyio.CancelScope() as scope:
        async with AsyncTestClient(app):
            scope.cancel()
            await anyio.lowlevel.checkpoint()
    assert cancelled == [True]


def test_a_client_works_inside_another_loop_of_another_kind() -> None:
    async def test() -> None:
        app = Living()
        with TestClient(app, backend="asyncio") as client:
            assert client.get("/").text == "done"
        assert app.events[-1] == "lifespan.shutdown"

    anyio.run(test, backend="trio")
