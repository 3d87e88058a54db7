"""Threads that wait for a pool: a request that holds a connection gets a thread to go on, and to give it back."""

import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

import anyio
import pytest

from signette.app import App
from signette.background import BackgroundTasks
from signette.declarative.signature.marker_functions import Depends
from signette.limits import Limits
from signette.websockets import WebSocket
from tests.asgi import connect, fetch
from tests.timeouts import SECONDS

THREADS = 3
REQUESTS = 5 * THREADS


class Pool:
    """Some connections. Who asks for one blocks the thread until there is one, and gives up at last."""

    def __init__(self, size: int = 1) -> None:
        self._free = threading.Semaphore(size)

    def __enter__(self) -> str:
        if not self._free.acquire(timeout=SECONDS):
            raise TimeoutError("the pool gave up: nobody has given a connection back")
        return "connection"

    def __exit__(self, *exc: object) -> None:
        self._free.release()

    def take(self) -> Iterator[str]:
        with self as connection:
            yield connection


class Crowd:
    """Counts the calls that run at once."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self._counting = threading.Lock()

    def __enter__(self) -> None:
        with self._counting:
            self.inside += 1
            self.most = max(self.most, self.inside)

    def __exit__(self, *exc: object) -> None:
        with self._counting:
            self.inside -= 1


def small_app() -> App:
    return App(limits=Limits(worker_threads=THREADS), docs_url=None)


async def all_at_once(*calls: Callable[[], Awaitable[Any]]) -> None:
    async with anyio.create_task_group() as group:
        for call in calls:
            group.start_soon(call)


async def statuses(app: App, *requests: str) -> Counter[int]:
    """How often each status was sent, to so many requests at once."""
    found: Counter[int] = Counter()

    async def one(request: str) -> None:
        found[(await fetch(app, request)).status] += 1

    await all_at_once(*(lambda request=request: one(request) for request in requests))
    return found


def trivial() -> Iterator[None]:
    yield


@pytest.mark.parametrize("scope", ["request", "function"])
@pytest.mark.parametrize("endpoint", ["async", "sync"])
@pytest.mark.parametrize("kind", ["generator", "context manager"])
@pytest.mark.parametrize("nested", [False, True])
async def test_a_pool_smaller_than_the_threads_serves_all(
    scope: Literal["request", "function"], endpoint: str, kind: str, nested: bool
) -> None:
    app, pool = small_app(), Pool()
    outer = [Depends(trivial, scope=scope)] if nested else []
    take = pool.take if kind == "generator" else contextmanager(pool.take)

    def in_thread(connection: Annotated[str, Depends(take, scope=scope)]) -> str:
        return connection

    async def on_loop(connection: Annotated[str, Depends(take, scope=scope)]) -> str:
        await anyio.lowlevel.checkpoint()
        return connection

    app.get("/", dependencies=outer)(on_loop if endpoint == "async" else in_thread)
    assert await statuses(app, *["GET /"] * REQUESTS) == {200: REQUESTS}


async def test_two_pools_are_taken_in_one_order_by_some_and_one_alone_by_others() -> None:
    app, first, second = small_app(), Pool(2), Pool()

    def user(connection: Annotated[str, Depends(first.take)]) -> str:
        return connection

    @app.get("/both")
    def both(user: Annotated[str, Depends(user)], other: Annotated[str, Depends(second.take)]) -> str:
        return user + other

    @app.get("/first")
    def first_alone(connection: Annotated[str, Depends(first.take)]) -> str:
        return connection

    @app.get("/second", dependencies=[Depends(trivial)])
    def second_alone(connection: Annotated[str, Depends(second.take)]) -> str:
        return connection

    count = 2 * THREADS
    assert await statuses(app, *["GET /both", "GET /second", "GET /first"] * count) == {200: 3 * count}


async def test_calls_that_wait_while_they_hold_something_block_only_their_own_kind() -> None:
    """Sync endpoints that hold one thing and wait for a pool in their own code, and one that holds the pool."""
    app, pool = small_app(), Pool()

    @app.get("/waits", dependencies=[Depends(trivial)])
    def waits() -> str:
        with pool as connection:
            return connection

    @app.get("/holds")
    def holds(connection: Annotated[str, Depends(pool.take)]) -> str:
        return connection

    assert await statuses(app, *["GET /waits"] * REQUESTS, "GET /holds", *["GET /waits"] * 3, "GET /holds") == {
        200: REQUESTS + 5
    }


async def test_an_app_scoped_dependency_can_be_created_while_a_connection_is_held() -> None:
    app, pool = small_app(), Pool()

    def settings() -> Iterator[str]:
        yield "settings"

    @app.get("/")
    async def endpoint(
        connection: Annotated[str, Depends(pool.take)], settings: Annotated[str, Depends(settings, scope="app")]
    ) -> str:
        return connection + settings

    assert await statuses(app, *["GET /"] * REQUESTS) == {200: REQUESTS}


async def test_calls_outside_of_requests_proceed_too() -> None:
    app, pool = small_app(), Pool()

    def job(connection: Annotated[str, Depends(pool.take)]) -> str:
        return connection

    def second_job() -> str:
        return "done"

    done = []

    async def one() -> None:
        async with app.scope() as scope:
            done.append((await scope.call(job), await scope.call(second_job)))

    await all_at_once(*[one] * REQUESTS)
    assert done == [("connection", "done")] * REQUESTS


async def test_sockets_proceed_too() -> None:
    app, pool = small_app(), Pool()

    def checked(connection: Annotated[str, Depends(pool.take)]) -> str:
        return connection

    @app.websocket("/")
    async def socket(websocket: WebSocket, checked: Annotated[str, Depends(checked)]) -> None:
        await websocket.accept()
        await websocket.send_text(checked)

    sent = []

    async def one() -> None:
        sent.extend([message.get("text") for message in (await connect(app)).messages])

    await all_at_once(*[one] * REQUESTS)
    assert sent.count("connection") == REQUESTS


async def test_a_call_with_a_slot_proceeds_too() -> None:
    """Threads are full of calls that wait for the pool; who holds it waits for a turn, whose owner needs a thread."""
    app, pool = small_app(), Pool()

    def in_turn() -> None: ...

    turn = Depends(in_turn, max_concurrency=1)

    @app.get("/holds", dependencies=[Depends(pool.take), turn])
    async def holds() -> None: ...

    @app.get("/turn", dependencies=[turn])
    async def takes_a_turn() -> None: ...

    @app.get("/waits")
    def waits() -> None:
        with pool:
            pass

    requests = ["GET /holds", *["GET /waits"] * THREADS, "GET /turn", "GET /holds", *["GET /turn"] * 3]
    assert await statuses(app, *requests * 3) == {204: 3 * len(requests)}


async def test_there_are_no_more_threads_than_twice_the_limit_and_one_for_each_callable() -> None:
    app, crowd, pool, go_on = small_app(), Crowd(), Pool(), threading.Event()

    def first() -> Iterator[None]:
        with crowd:
            pass
        yield
        with crowd:
            pass

    def second() -> Iterator[None]:
        with crowd, pool:
            pass
        yield
        with crowd:
            pass

    @app.get("/", dependencies=[Depends(first), Depends(second)])
    def endpoint() -> None:
        with crowd:
            go_on.wait(SECONDS)

    async def release() -> None:
        await anyio.wait_all_tasks_blocked()
        while crowd.inside < 2:
            await anyio.lowlevel.checkpoint()
        go_on.set()

    async with anyio.create_task_group() as group:
        group.start_soon(release)
        assert await statuses(app, *["GET /"] * 20 * THREADS) == {204: 20 * THREADS}
    callables = 3 + 2  # and the ends of two of them
    assert 1 < crowd.most <= 2 * THREADS + callables


async def test_other_requests_keep_the_limit_of_the_application() -> None:
    app, crowd, barrier = small_app(), Crowd(), threading.Barrier(THREADS)

    @app.get("/")
    def endpoint() -> None:
        with crowd:
            barrier.wait(SECONDS)

    assert await statuses(app, *["GET /"] * REQUESTS) == {204: REQUESTS}
    assert crowd.most == THREADS


async def test_a_disconnect_while_waiting_for_a_thread_takes_no_slot_from_others() -> None:
    app, pool = small_app(), Pool()

    @app.get("/", dependencies=[Depends(trivial), Depends(pool.take)])
    def endpoint() -> None: ...

    for _ in range(3):
        async with anyio.create_task_group() as group:
            for _ in range(REQUESTS):
                group.start_soon(fetch, app, "GET /")
            await anyio.wait_all_tasks_blocked()
            group.cancel_scope.cancel()
    assert await statuses(app, *["GET /"] * REQUESTS) == {204: REQUESTS}


# -- threads of the event loop: streams and background tasks -----------------------------------------------------------


async def test_streams_that_hold_a_connection_proceed() -> None:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    app, pool = small_app(), Pool()

    @app.get("/")
    def rows() -> Iterator[int]:
        with pool:
            yield from range(200)  # more than one visit to a thread

    assert await statuses(app, *["GET /"] * REQUESTS) == {200: REQUESTS}


async def test_background_tasks_of_a_connection_holder_proceed() -> None:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    app, pool, done = small_app(), Pool(), []

    def writes() -> None:
        with pool:
            done.append("written")

    @app.get("/waits")
    async def waits(tasks: BackgroundTasks) -> None:
        tasks.add_task(writes)

    @app.get("/holds", dependencies=[Depends(pool.take)])
    async def holds(tasks: BackgroundTasks) -> None:
        tasks.add_task(done.append, "held")

    requests = ["GET /holds", *["GET /waits"] * 2 * THREADS, "GET /holds"]
    assert await statuses(app, *requests) == {204: len(requests)}
    assert Counter(done) == {"written": 2 * THREADS, "held": 2}
