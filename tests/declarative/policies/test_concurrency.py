"""`Concurrency`: how many requests run, who waits, and who is rejected."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from signette.app import App, Router
from signette.background import BackgroundTasks
from signette.declarative.policies.concurrency import Concurrency, Places
from signette.websockets import WebSocket
from tests.asgi import DENIAL, Exchange, connect, fetch

pytestmark = pytest.mark.either_loop


class Busy:
    """An application whose operations wait until they are let go."""

    def __init__(self, *policies: Any, **options: Any) -> None:
        self.app = App(**options)
        self.running = 0
        self.most = 0
        self.go = anyio.Event()
        self.app.get("/", policies=list(policies))(self.read)

    async def read(self) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.go.wait()
        finally:
            self.running -= 1

    @asynccontextmanager
    async def requests(self, count: int, path: str = "/") -> AsyncIterator[list[Exchange]]:
        """Send requests one after the other; at the end of the block let all of them go."""
        found: list[Exchange] = []

        async def send() -> None:
            found.append(await fetch(self.app, f"GET {path}"))

        async with anyio.create_task_group() as tasks:
            for _ in range(count):
                tasks.start_soon(send)
                await anyio.wait_all_tasks_blocked()
            yield found
            self.go.set()


async def test_more_requests_than_the_limit_are_rejected_at_once() -> None:
    busy = Busy(Concurrency(2, retry_after=7))
    async with busy.requests(3) as found:
        assert [(each.status, each.headers["retry-after"]) for each in found] == [(503, "7")]
        assert found[0].json["title"] == "Overloaded"
    assert [each.status for each in found] == [503, 204, 204]
    assert (busy.most, (await fetch(busy.app, "GET /")).status) == (2, 204)


async def test_requests_in_the_queue_run_when_a_place_is_free() -> None:
    busy = Busy(Concurrency(1, queue=2))
    async with busy.requests(4) as found:
        assert [each.status for each in found] == [503]
    assert [each.status for each in found] == [503, 204, 204, 204]
    assert busy.most == 1


async def test_a_request_waits_for_the_timeout_at_most() -> None:
    busy = Busy(Concurrency(1, queue=5, timeout=0.01))
    async with busy.requests(1) as running:
        assert (await fetch(busy.app, "GET /")).status == 503
    assert [each.status for each in running] == [204]


@pytest.mark.parametrize("has_place", [False, True])
async def test_a_request_that_is_cancelled_leaves_the_queue_or_passes_its_place_on(has_place: bool) -> None:
    places = Places(1)
    assert await places.take(5, None)

    async def use() -> None:
        await places.take(5, None)
        try:
            await checkpoint()
        finally:
            places.give_back()

    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(use)
            await anyio.wait_all_tasks_blocked()
            if has_place:  # it is cancelled before it runs
                places.give_back()
            scope.cancel()
    if not has_place:
        places.give_back()
    assert places.free == 1


async def test_the_queue_is_served_in_order() -> None:
    places, order = Places(1), []
    await places.take(0, None)

    async def wait(number: int) -> None:
        await places.take(9, None)
        order.append(number)
        places.give_back()

    async with anyio.create_task_group() as tasks:
        for number in range(3):
            tasks.start_soon(wait, number)
            await anyio.wait_all_tasks_blocked()
        places.give_back()
    assert order == [0, 1, 2]


@pytest.mark.parametrize("fails", [False, True])
async def test_a_place_is_free_again_after_the_response_and_its_background_tasks(fails: bool) -> None:
    app, done = App(), []

    @app.get("/", policies=[Concurrency(1)])
    async def read(tasks: BackgroundTasks) -> None:
        if fails:
            raise ValueError
        tasks.add_task(checkpoint)
        tasks.add_task(done.append, 1)

    @app.exception_handler(ValueError)
    async def handle(request: Any, exc: Exception) -> Any:
        from signette.responses.plain import Response

        return Response(status_code=418)

    assert [(await fetch(app, "GET /")).status for _ in range(2)] == [418 if fails else 204] * 2
    assert len(done) == (0 if fails else 2)


async def test_operations_of_a_router_share_the_limit_and_others_do_not() -> None:
    busy = Busy()
    router = Router(policies=[Concurrency(1)])
    router.get("/a")(busy.read)
    router.get("/b")(busy.read)
    busy.app.include_router(router)
    async with busy.requests(1, "/a"):
        assert (await fetch(busy.app, "GET /b")).status == 503
        async with busy.requests(1):
            busy.go.set()


async def test_a_websocket_counts_until_it_is_closed() -> None:
    app, inside, go = App(policies=[Concurrency(1)]), anyio.Event(), anyio.Event()

    @app.websocket("/ws")
    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        inside.set()
        await go.wait()
        await socket.close()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(connect, app, "/ws")
        await inside.wait()
        assert (await connect(app, "/ws", extensions=DENIAL)).status == 503
        go.set()
    assert (await connect(app, "/ws")).types == ["websocket.accept", "websocket.close"]


def test_the_document_and_explain_have_it() -> None:
    app = Busy(Concurrency(2, queue=3)).app
    response = app.openapi()["paths"]["/"]["get"]["responses"]["503"]
    assert list(response["headers"]) == ["Retry-After"]
    assert "policy   Concurrency(2, queue=3)" in app.explain("GET /")
    assert "503 problem Overloaded" in app.explain("GET /")


@pytest.mark.parametrize(
    "arguments",
    [{"limit": 0}, {"limit": 1.5}, {"limit": True}, {"queue": -1}, {"retry_after": -1}, {"timeout": 1},
     {"queue": 1, "timeout": 0}],
)  # fmt: skip
def test_invalid_arguments_are_rejected(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"`{list(arguments)[-1]}="):
        Concurrency(**{"limit": 1, **arguments})
