"""`Idempotent` and `Cached` on a Redis that does not work: each case ends as `on_failure` declares, and recovers."""

import logging
from collections.abc import Iterator

import anyio
import pytest

from signette import App
from signette.policies import Cached, Idempotent
from signette.state import Backend
from tests.asgi import fetch
from tests.redis_server import RedisServer, redis_running
from tests.state.holding_proxy import holding

pytestmark = [pytest.mark.anyio, pytest.mark.either_loop]
KEY = {"idempotency-key": "k"}


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """A server that a test may stop."""
    with redis_running(started=False) as server:
        yield server


class Shop:
    def __init__(self, url: str, on_failure: str, timeout: float = 5) -> None:
        self.backend = Backend(url, timeout=timeout)
        self.app = App(state=self.backend)
        self.calls = 0
        self.during = anyio.lowlevel.checkpoint
        self.app.post("/", policies=[Idempotent(on_failure=on_failure)])(self.run)
        self.app.get("/", policies=[Cached(60, on_failure=on_failure)])(self.run)

    async def run(self) -> int:
        self.calls += 1
        await self.during()
        return self.calls

    async def send(self, method: str, key: str = "k"):
        with anyio.fail_after(30):
            return await fetch(self.app, f"{method} /", headers={"idempotency-key": key})


both = pytest.mark.parametrize(("on_failure", "status"), [("open", 200), ("closed", 503)])


async def assert_works(shop: Shop) -> None:
    """Both policies work again, without a restart."""
    for _ in range(200):
        replayed = await shop.send("POST", "works")
        if replayed["idempotent-replayed"] == "true" and (await shop.send("GET"))["age"] is not None:
            return
        await anyio.sleep(0.02)  # the client of the engine waits before it connects again
    raise AssertionError("the policies do not work again")


@both
async def test_an_engine_that_is_not_there_at_the_start(server, on_failure, status, caplog):
    shop = Shop(server.url, on_failure)
    async with shop.backend:
        with caplog.at_level(logging.ERROR, "signette.policies"):
            statuses = [(await shop.send(method)).status for method in ("POST", "GET", "POST", "GET")]
        assert statuses == [status] * 4
        assert len([record for record in caplog.records if record.name == "signette.policies"]) == 1
        server.start()
        await assert_works(shop)


@pytest.mark.parametrize("on_failure", ["open", "closed"])
async def test_an_engine_that_ends_while_requests_run(server, on_failure):
    server.start()
    shop = Shop(server.url, on_failure)

    async def stop():
        await anyio.to_thread.run_sync(server.stop)

    async with shop.backend:
        for method in ("POST", "GET"):
            shop.during = stop
            assert (await shop.send(method)).status == 200
            shop.during = anyio.lowlevel.checkpoint
            server.start()
            await assert_works(shop)
            server("FLUSHALL")


@both
async def test_an_engine_that_does_not_reply(server, on_failure, status):
    server.start()
    with holding(server.socket) as proxy:
        shop = Shop(proxy.url, on_failure, timeout=0.3)
        async with shop.backend:
            assert (await shop.send("POST", "before")).status == 200
            proxy.hold()
            assert (await shop.send("POST")).status == status
            assert (await shop.send("GET")).status == status
            proxy.release()
            await assert_works(shop)


@both
async def test_an_engine_that_is_full(server, on_failure, status):
    server.start()
    server("CONFIG", "SET", "maxmemory", "1")
    shop = Shop(server.url, on_failure)
    async with shop.backend:
        assert (await shop.send("POST")).status == status
        assert (await shop.send("GET")).status == status
        server("CONFIG", "SET", "maxmemory", "100mb")
        await assert_works(shop)


async def test_an_engine_that_was_flushed(server):
    server.start()
    shop = Shop(server.url, "closed")
    async with shop.backend:
        for calls in (2, 4):
            for _ in range(2):
                assert (await shop.send("POST")).status == 200
                assert (await shop.send("GET")).status == 200
            assert shop.calls == calls
            server("FLUSHALL")
