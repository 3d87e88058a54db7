"""What `Idempotent` and `Cached` promise, on each state engine."""

from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import anyio
import pytest

from signette import App
from signette.declarative.policies.idempotency_record import Lease
from signette.policies import Cache, Cached, Idempotent
from signette.state import Backend, MemoryStore
from tests.asgi import fetch
from tests.declarative.policies.stores import Clock
from tests.redis_server import RedisServer

pytestmark = pytest.mark.anyio
KEY = {"idempotency-key": "k"}
_numbers = count()


class State:
    """A backend, whose values expire as the test says."""

    def __init__(self, server: RedisServer | None) -> None:
        self.clock = Clock()
        self.server = server
        self.namespace = f"stored{next(_numbers)}"
        if server is None:
            stores = {purpose: MemoryStore(clock=self.clock) for purpose in ("idempotency", "cache")}
            self.backend = Backend(overrides=stores)
        else:
            self.backend = Backend(server.url, namespace=self.namespace, timeout=5)

    def advance(self, seconds: float) -> None:
        """Let values expire, and responses become older, as if this time had gone by."""
        self.clock.now += seconds
        for key in self.server("KEYS", f"{self.namespace}*") if self.server else ():
            remaining = self.server("PTTL", key)
            if remaining >= 0:
                self.server("PEXPIRE", key, int(remaining - 1000 * seconds))

    @property
    def keys(self) -> list[bytes]:
        return list(self.server("KEYS", f"{self.namespace}*")) if self.server else []


@pytest.fixture(params=["memory", "redis"])
async def state(request: pytest.FixtureRequest, anyio_backend: Any) -> AsyncIterator[State]:
    state = State(request.getfixturevalue("redis_server") if request.param == "redis" else None)
    async with state.backend:
        yield state


class Shop:
    """An application with both policies, which counts its calls."""

    def __init__(self, state: State) -> None:
        self.app = App(state=state.backend)
        self.orders = self.lists = 0
        self.during = anyio.lowlevel.checkpoint
        cached = Cached(60, stale_while_revalidate=30, tags=["items", "shop:{shop}"])
        cached.clock = state.clock
        self.app.post("/orders", policies=[Idempotent(ttl=100, lease=30)], status_code=201)(self.order)
        self.app.get("/items/{shop}", policies=[cached])(self.items)

    async def order(self, sku: str) -> bytes:
        self.orders += 1
        await self.during()
        return b"\x00\xff\n" + sku.encode()

    async def items(self, shop: int) -> int:
        self.lists += 1
        await self.during()
        return self.lists


async def test_a_repetition_gets_the_same_bytes(state):
    shop = Shop(state)
    first = await fetch(shop.app, "POST /orders?sku=a", headers=KEY)
    again = await fetch(shop.app, "POST /orders?sku=a", headers=KEY)
    assert again.body == first.body == b"\x00\xff\na"
    assert again.fields == [*first.fields, ("idempotent-replayed", "true")]
    assert (await fetch(shop.app, "POST /orders?sku=b", headers=KEY)).status == 422
    state.advance(101)
    assert (await fetch(shop.app, "POST /orders?sku=b", headers=KEY)).body == b"\x00\xff\nb"


async def test_parallel_requests_of_three_processes_run_once(state):
    shops = [Shop(state) for _ in range(3)]
    statuses = []

    async def send(shop):
        statuses.append((await fetch(shop.app, "POST /orders?sku=a", headers=KEY)).status)

    async with anyio.create_task_group() as group:
        for number in range(60):
            group.start_soon(send, shops[number % 3])
    assert sum(shop.orders for shop in shops) == 1
    assert statuses.count(201) >= 1
    assert set(statuses) <= {201, 409}


async def test_after_a_crash_the_lease_expires(state, monkeypatch):
    shop = Shop(state)
    monkeypatch.setattr(Lease, "release", lambda lease: anyio.lowlevel.checkpoint())  # a process that crashes does not
    crashed = anyio.Event()

    async def crash():
        crashed.set()
        await anyio.sleep_forever()

    shop.during = crash
    async with anyio.create_task_group() as group:
        group.start_soon(fetch, shop.app, "POST /orders?sku=a", b"", KEY)
        await crashed.wait()
        group.cancel_scope.cancel()
    shop.during = anyio.lowlevel.checkpoint
    assert (await fetch(shop.app, "POST /orders?sku=a", headers=KEY)).status == 409
    state.advance(31)
    assert (await fetch(shop.app, "POST /orders?sku=a", headers=KEY)).status == 201


async def test_a_response_is_shared_until_it_is_stale(state):
    one, other = Shop(state), Shop(state)
    assert (await fetch(one.app, "GET /items/1")).json == 1
    assert (await fetch(other.app, "GET /items/1"))["age"] == "0"
    state.advance(70)
    assert (await fetch(other.app, "GET /items/1"))["age"] == "70"
    assert (one.lists, other.lists) == (1, 1)
    assert (await fetch(one.app, "GET /items/1"))["age"] == "0"
    state.advance(90)
    assert (await fetch(one.app, "GET /items/1"))["age"] is None


async def test_clients_of_three_processes_make_one_call(state):
    shops = [Shop(state) for _ in range(3)]
    bodies = set()

    async def get(shop):
        bodies.add((await fetch(shop.app, "GET /items/1")).body)

    async with anyio.create_task_group() as group:
        for number in range(60):
            group.start_soon(get, shops[number % 3])
    assert sum(shop.lists for shop in shops) == 1
    assert bodies == {b"1"}


async def test_a_tag_is_invalid_in_all_processes(state):
    one, other = Shop(state), Shop(state)
    for shop in (1, 2):
        await fetch(one.app, f"GET /items/{shop}")
    await Cache(state.backend).invalidate("shop:1")
    assert (await fetch(other.app, "GET /items/1")).json == 1
    assert (await fetch(other.app, "GET /items/2")).json == 2
    assert other.lists == 1


async def test_all_values_expire(state):
    shop = Shop(state)
    await fetch(shop.app, "POST /orders?sku=a", headers=KEY)
    await fetch(shop.app, "GET /items/1")
    for key in state.keys:
        assert state.server("PTTL", key) > 0
