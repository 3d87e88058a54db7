"""State in Redis: keys, connections, event loops, TLS."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import anyio
import pytest

from signette.app import App
from signette.middleware.registry import Middleware
from signette.middleware.sessions import SessionMiddleware
from signette.requests import Request
from signette.state import Backend, StateUnavailable
from tests.asgi import fetch
from tests.redis_server import RedisServer, redis_running

TLS = Path(__file__).parent / "tls"


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with redis_running() as running:
        yield running


@pytest.fixture
async def backend(server: RedisServer, anyio_backend: Any) -> AsyncIterator[Backend]:
    async with Backend(f"{server.url}?client_name=tested", timeout=5) as made:
        yield made


def connections(server: RedisServer, kind: str) -> int:
    """How many connections of the backend the server has."""
    return server("CLIENT", "LIST", "TYPE", kind).count(b"name=tested")


async def test_keys_of_namespaces_purposes_and_topics_do_not_collide(server: RedisServer, backend: Backend) -> None:
    async with Backend(server.url, namespace="shop", timeout=5) as other:
        for each, value in ((backend, b"1"), (other, b"2")):
            for purpose in ("cache", "cache.more"):
                await each.store(purpose).set("a:b", value)
                await each.store(purpose).set("", value)
                await each.bus(purpose).publish("a:b", value)
                await each.bus(purpose).publish("", value)
        assert await backend.store("cache").get("a:b") == b"1"
        assert await other.store("cache").get("a:b") == b"2"
    keys = sorted(server("KEYS", "*"))
    assert len(keys) == 16
    assert keys[:4] == [b"shop:cache.more/", b"shop:cache.more/a:b", b"shop:cache.more:", b"shop:cache.more:a:b"]


async def test_overrides_share_the_connections_of_a_url(server: RedisServer) -> None:
    url = f"{server.url}?client_name=tested"
    async with Backend(url, timeout=5, overrides={"sessions": url, "cache": "memory://"}) as backend:
        await backend.store("sessions").set("a", b"1")
        await backend.store("jobs").set("a", b"1")
        await backend.store("cache").set("a", b"1")
        assert sorted(server("KEYS", "*")) == [b"signette:jobs:a", b"signette:sessions:a"]
        assert connections(server, "normal") == 1
    assert connections(server, "normal") == 0


async def test_all_subscriptions_share_one_connection(server: RedisServer, backend: Backend) -> None:
    async with AsyncExitStack() as stack:
        subscriptions = [
            await stack.enter_async_context(backend.bus().subscribe(f"topic{number % 50}")) for number in range(100)
        ]
        assert connections(server, "pubsub") == 1
        for number in range(50):
            await backend.bus().publish(f"topic{number}", b"%d" % number)
        with anyio.fail_after(5):
            received = [(await anext(each)).data for each in subscriptions]
        assert received == [b"%d" % (number % 50) for number in range(100)]
    with anyio.fail_after(5):
        while connections(server, "pubsub"):  # the server has yet to notice
            await anyio.lowlevel.checkpoint()


async def test_many_operations_at_once_take_few_connections(server: RedisServer, backend: Backend) -> None:
    async with anyio.create_task_group() as tasks:
        for number in range(200):
            tasks.start_soon(backend.store("a").set, str(number), b"1")
    assert 1 <= connections(server, "normal") <= 32
    assert server("DBSIZE") == 200


async def test_a_backend_that_was_closed_opens_again(server: RedisServer, backend: Backend) -> None:
    store, bus = backend.store("a"), backend.bus()
    for number in range(3):
        await store.set("a", b"%d" % number)
        async with bus.subscribe("a") as subscription:
            await bus.publish("a", b"%d" % number)
            assert (await anext(subscription)).data == b"%d" % number
        await backend.aclose()
        assert connections(server, "normal") == 0
    await backend.aclose()


async def test_a_topic_is_deleted_some_time_after_its_last_message(server: RedisServer, backend: Backend) -> None:
    await backend.bus().publish("a", b"1")
    assert 86_000_000 < server("PTTL", "signette:events/a") <= 86_400_000


async def test_a_subscriber_of_one_database_receives_nothing_of_another(server: RedisServer, backend: Backend) -> None:
    async with Backend(f"{server.url}?db=1", timeout=5) as other, backend.bus().subscribe("a") as subscription:
        await other.bus().publish("a", b"other")
        await backend.bus().publish("a", b"own")
        assert (await anext(subscription)).data == b"own"


async def test_publications_that_are_not_messages_are_ignored(server: RedisServer, backend: Backend) -> None:
    async with backend.bus().subscribe("a") as subscription:
        for content in (b"", b"nonsense", b"\xff\xfe", b"1-x data"):
            server("PUBLISH", "signette:events/a@0", content)
        await backend.bus().publish("a", b"1")
        assert (await anext(subscription)).data == b"1"
        assert subscription.missed is False


async def test_sessions_are_shared_by_applications_and_stay_ended(server: RedisServer, backend: Backend) -> None:
    def application() -> App:
        app = App(state=backend, middleware=[Middleware(SessionMiddleware, "a key", store="app", max_age=60)])

        @app.post("/count")
        async def count(request: Request, *, end: bool = False) -> int:
            request.session["n"] = request.session.get("n", 0) + 1
            if end:
                request.session.clear()
            return int(request.session.get("n", 0))

        return app

    one, other = application(), application()
    response = await fetch(one, "POST /count")
    cookie = {"cookie": (response["set-cookie"] or "").partition(";")[0]}
    assert (await fetch(other, "POST /count", b"", cookie)).text == "2"
    (key,) = server("KEYS", "signette:sessions:*")
    assert 59_000 < server("PTTL", key) <= 60_000
    assert (await fetch(one, "POST /count?end=true", b"", cookie)).text == "0"
    assert server("KEYS", "signette:sessions:*") == []
    assert (await fetch(other, "POST /count", b"", cookie)).text == "1"


async def test_a_check_fails_where_values_cannot_be_written(server: RedisServer) -> None:
    async with Backend(server.url, timeout=0.5, overrides={"cache": "memory://"}) as backend:
        await backend.check()
        server("CONFIG", "SET", "maxmemory", "1")
        with pytest.raises(StateUnavailable, match="is full"):
            await backend.check()
        server("CONFIG", "SET", "maxmemory", "0")
        await backend.check()
        server.stop()
        with pytest.raises(StateUnavailable, match="cannot be reached"):
            await backend.check()


def test_event_loops_in_several_threads_share_a_backend(server: RedisServer) -> None:
    backend, ready, received = Backend(server.url, timeout=5), Barrier(4), []

    async def run() -> None:
        async with backend, backend.bus().subscribe("a") as subscription:
            await anyio.to_thread.run_sync(ready.wait)
            while True:
                seen = await backend.store("a").get("n") or b""
                store = backend.store("a")
                if await (store.replace("n", seen, seen + b"x") if seen else store.add("n", b"x")):
                    break
            await backend.bus().publish("a", b"1")
            with anyio.fail_after(5):
                received.extend([(await anext(subscription)).data for _ in range(4)])

    threads = [Thread(target=anyio.run, args=(run,), kwargs={"backend": loop}) for loop in ("asyncio", "trio") * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert received == [b"1"] * 16
    assert server("GET", "signette:a:n") == b"xxxx"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_tls_and_a_password_come_from_the_url(anyio_backend: Any) -> None:
    port = free_port()
    # fmt: off
    options = ("--tls-port", str(port), "--tls-auth-clients", "no", "--bind", "127.0.0.1", "--requirepass", "p@ss/word",
               "--tls-cert-file", str(TLS / "cert.pem"), "--tls-key-file", str(TLS / "key.pem"))
    # fmt: on
    with redis_running(*options):
        url = f"rediss://:p%40ss%2Fword@localhost:{port}/2"
        async with Backend(f"{url}?ssl_ca_certs={TLS / 'cert.pem'}", timeout=5) as backend:
            await backend.store("a").set("a", b"1")
            assert await backend.store("a").get("a") == b"1"
        async with Backend(url, timeout=5) as backend:
            with pytest.raises(StateUnavailable, match=r"cannot be reached \(.*certificate"):
                await backend.store("a").get("a")
