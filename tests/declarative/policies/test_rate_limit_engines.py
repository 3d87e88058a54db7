"""`RateLimit` on memory and on a redis-server: the same counts, and what happens when the engine fails."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import anyio
import pytest

from signette.app import App
from signette.declarative.policies.rate_limit import RateLimit
from signette.state.backend import Backend
from tests.asgi import fetch
from tests.redis_server import RedisServer, redis_running
from tests.state.holding_proxy import HoldingProxy, holding

pytestmark = pytest.mark.either_loop

BOUND = 10
_namespaces = count()


def limited(url: str, limit: str = "5/minute", *, timeout: float = 5, **options: Any) -> App:
    app = App(state=Backend(url, namespace=f"rates{next(_namespaces)}", timeout=timeout))

    @app.get("/", policies=[RateLimit(limit, **options)])
    async def read() -> str:
        return "all is well"

    return app


@asynccontextmanager
async def running(app: App) -> AsyncIterator[App]:
    try:
        yield app
    finally:
        await app.backend.aclose()


async def statuses(app: App, times: int) -> list[int]:
    """The statuses of requests that are sent at the same time."""
    found: list[int] = []

    async def send() -> None:
        found.append((await fetch(app, "GET /")).status)

    with anyio.fail_after(BOUND):
        async with anyio.create_task_group() as tasks:
            for _ in range(times):
                tasks.start_soon(send)
    return sorted(found)


@pytest.fixture(params=["memory", "redis"])
def url(request: pytest.FixtureRequest) -> str:
    return "memory://" if request.param == "memory" else str(request.getfixturevalue("redis_server").url)


@pytest.mark.parametrize("strategy", ["fixed-window", "moving-window", "sliding-window-counter"])
async def test_of_requests_at_the_same_time_exactly_the_amount_passes(url: str, strategy: str) -> None:
    async with running(limited(url, "20/hour", strategy=strategy)) as app:
        assert await statuses(app, 50) == [200] * 20 + [429] * 30


async def test_header_fields_are_the_same_on_each_engine(url: str) -> None:
    async with running(limited(url, "3/hour; 2/minute")) as app:
        assert (await fetch(app, "GET /")).headers["ratelimit"] == '"2/minute";r=1;t=60, "3/hour";r=2;t=3600'
        await fetch(app, "GET /")
        found = await fetch(app, "GET /")
    assert (found.status, found.json["limit"]) == (429, "2/minute")
    assert found.headers["ratelimit"].startswith('"2/minute";r=0;t=')
    assert 0 < int(found.headers["retry-after"]) <= 60


async def test_applications_with_one_namespace_share_the_counts(redis_server: RedisServer) -> None:
    async with running(limited(redis_server.url)) as app:
        other = limited(redis_server.url)
        other.backend = Backend(redis_server.url, namespace=app.backend.namespace)
        async with running(other):
            assert [(await fetch(each, "GET /")).status for each in (app, other) * 3] == [200] * 5 + [429]


async def test_a_window_ends_in_the_engine(redis_server: RedisServer) -> None:
    async with running(limited(redis_server.url)) as app:
        assert await statuses(app, 6) == [200] * 5 + [429]
        [key] = redis_server("KEYS", f"{app.backend.namespace}:*")
        assert b"address" not in key
        redis_server("PEXPIRE", key, 0)
        assert await statuses(app, 6) == [200] * 5 + [429]


# -- faults ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with redis_running() as started:
        yield started


@pytest.fixture
def proxy(redis_server: RedisServer) -> Iterator[HoldingProxy]:
    with holding(redis_server.socket) as started:
        yield started


async def recovered(app: App) -> None:
    """Wait until requests pass again, as a client would: it tries again."""
    with anyio.fail_after(BOUND):
        while (await fetch(app, "GET /")).status == 503:
            await anyio.lowlevel.checkpoint()


def lines_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.levelname for record in caplog.records if record.name == "signette.policies"]


@pytest.mark.parametrize(("on_failure", "status"), [("open", 200), ("closed", 503)])
async def test_an_engine_that_is_not_there_at_the_start(
    on_failure: Any, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    with redis_running(started=False) as server:
        async with running(limited(server.url, "1000/minute", on_failure=on_failure)) as app:
            assert await statuses(app, 20) == [status] * 20
            assert lines_of(caplog) == ["ERROR"]
            server.start()
            if on_failure == "closed":
                await recovered(app)
                assert lines_of(caplog) == ["ERROR", "WARNING"]


async def test_an_engine_that_goes_and_comes_back_empty(server: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    async with running(limited(server.url, on_failure="closed")) as app:
        assert await statuses(app, 6) == [200] * 5 + [429]
        server.stop()
        assert await statuses(app, 3) == [503] * 3
        server.start()
        await recovered(app)
        assert await statuses(app, 5) == [200] * 4 + [429]
    assert lines_of(caplog) == ["ERROR", "WARNING"]


async def test_an_engine_that_is_slow(proxy: HoldingProxy, caplog: pytest.LogCaptureFixture) -> None:
    async with running(limited(proxy.url, timeout=0.1, on_failure="closed")) as app:
        await fetch(app, "GET /")
        proxy.hold()
        assert await statuses(app, 3) == [503] * 3
        proxy.release()
        await recovered(app)
    assert lines_of(caplog) == ["ERROR", "WARNING"]


async def test_an_engine_that_is_full_or_flushed(server: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    async with running(limited(server.url, on_failure="closed")) as app:
        assert await statuses(app, 1) == [200]
        server("CONFIG", "SET", "maxmemory", "1")
        assert await statuses(app, 2) == [503] * 2
        server("CONFIG", "SET", "maxmemory", "0")
        server("FLUSHALL")
        server("SCRIPT", "FLUSH")
        assert await statuses(app, 6) == [200] * 5 + [429]
    assert lines_of(caplog) == ["ERROR", "WARNING"]


async def test_a_request_in_a_known_window_takes_one_command(server: RedisServer) -> None:
    async with running(limited(server.url)) as app:
        for _ in range(2):
            await fetch(app, "GET /")
        server("CONFIG", "RESETSTAT")
        await fetch(app, "GET /")
        stats = server("INFO", "commandstats")
    assert stats["cmdstat_evalsha"]["calls"] == 1
    assert "cmdstat_ttl" not in stats
