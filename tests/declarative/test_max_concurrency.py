"""`Depends(..., max_concurrency=n)`: how many requests may be in a dependency at once."""

import pickle
from collections.abc import AsyncIterator, Iterator
from threading import Lock
from typing import Annotated, Any

import anyio
import cloudpickle
import pytest

from signette.app import App
from signette.declarative.signature.marker_functions import Depends
from tests.asgi import fetch
from tests.declarative.building import app_of
from tests.timeouts import SECONDS


class Room:
    """Counts who is in it, and holds them until all who can be in are."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.leave = anyio.Event()
        self.counting = Lock()  # sync generators are entered and left in threads

    async def function(self) -> None:
        self._enter()
        await self.leave.wait()
        self._leave()

    async def generator(self) -> AsyncIterator[None]:
        self._enter()
        yield
        self._leave()

    def sync_generator(self) -> Iterator[None]:
        self._enter()
        yield
        self._leave()

    def _enter(self) -> None:
        with self.counting:
            self.inside += 1
            self.most = max(self.most, self.inside)

    def _leave(self) -> None:
        with self.counting:
            self.inside -= 1


async def together(app: App, room: Room, *targets: str) -> int:
    """How many were in the room at once while these requests got their responses."""
    async with anyio.create_task_group() as group:
        for target in targets:
            group.start_soon(fetch, app, target)
        await anyio.wait_all_tasks_blocked()
        while app.limiter.borrowed_tokens:  # some are in threads on their way in
            await anyio.lowlevel.checkpoint()
        await anyio.wait_all_tasks_blocked()
        room.leave.set()
    return room.most


async def test_a_function_is_left_when_it_has_returned() -> None:
    room = Room()
    app = app_of(_endpoint(room.function, 2))
    assert await together(app, room, *["GET /"] * 5) == 2


@pytest.mark.parametrize("kind", ["generator", "sync_generator"])
@pytest.mark.parametrize("scope", ["request", "function"])
async def test_a_generator_is_left_at_its_end(kind: str, scope: Any) -> None:
    room = Room()

    async def endpoint(a: Annotated[None, Depends(getattr(room, kind), scope=scope, max_concurrency=2)]) -> None:
        await room.leave.wait()

    assert await together(app_of(endpoint), room, *["GET /"] * 5) == 2


@pytest.mark.parametrize(("shared", "most"), [(True, 1), (False, 2)])
async def test_it_counts_for_each_declaration(shared: bool, most: int) -> None:
    room = Room()
    one = Depends(room.function, max_concurrency=1)
    app = App()
    for path, declared in (("/a", one), ("/b", one if shared else Depends(room.function, max_concurrency=1))):
        app.add_api_route(path, _nothing, dependencies=[declared])
    assert await together(app, room, "GET /a", "GET /b", "GET /a", "GET /b") == most


@pytest.mark.parametrize("first", [None, 2])
async def test_it_counts_also_where_another_asked_for_the_same_before(first: int | None) -> None:
    room = Room()
    app = App()
    declared = [Depends(room.function, max_concurrency=first), Depends(room.function, max_concurrency=2)]
    app.add_api_route("/", _nothing, dependencies=declared)
    assert await together(app, room, *["GET /"] * 5) == 2


async def test_one_that_disconnects_while_waiting_takes_no_slot() -> None:
    room = Room()
    app = app_of(_endpoint(room.function, 1))
    async with anyio.create_task_group() as group:
        group.start_soon(fetch, app, "GET /")
        await anyio.wait_all_tasks_blocked()
        with anyio.move_on_after(0):
            await fetch(app, "GET /")
        room.leave.set()
    with anyio.fail_after(SECONDS):
        assert (await fetch(app, "GET /")).status == 204


@pytest.mark.parametrize("kind", ["function", "generator"])
async def test_one_that_is_cancelled_inside_releases_the_slot(kind: str) -> None:
    room = Room()

    async def endpoint(a: Annotated[None, Depends(getattr(room, kind), max_concurrency=1)]) -> None:
        await room.leave.wait()

    app = app_of(endpoint)
    async with anyio.create_task_group() as group:
        group.start_soon(fetch, app, "GET /")
        await anyio.wait_all_tasks_blocked()
        group.cancel_scope.cancel()
    room.leave.set()
    with anyio.fail_after(SECONDS):
        assert (await fetch(app, "GET /")).status == 204


async def test_one_that_fails_releases_the_slot() -> None:
    async def fails() -> None:
        raise KeyError

    app = app_of(_endpoint(fails, 1))
    for _ in range(2):
        with anyio.fail_after(SECONDS), pytest.raises(KeyError):
            await fetch(app, "GET /")


async def test_an_application_whose_slots_are_taken_can_be_pickled() -> None:
    app = app_of(_endpoint(_nothing, 1))
    await fetch(app, "GET /")
    again = pickle.loads(cloudpickle.dumps(app))
    assert (await fetch(again, "GET /")).status == 204


def test_it_is_shown_by_explain() -> None:
    app = app_of(_endpoint(_nothing, 3))
    assert "concurrency limit: 3" in app.explain("GET /")


def test_a_limit_of_zero_is_rejected() -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        Depends(_nothing, max_concurrency=0)


async def _nothing() -> None: ...


def _endpoint(dependency: Any, most: int) -> Any:
    async def endpoint(a: Annotated[None, Depends(dependency, max_concurrency=most)]) -> None: ...

    return endpoint
