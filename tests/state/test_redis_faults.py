"""What happens when Redis does not work: StateUnavailable within bounded time, and recovery without a restart."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from signette.state import StateUnavailable, Subscription
from signette.state.redis import RedisBus, RedisStore
from signette.state.redis_client import Backoff, Listener
from signette.state.redis_connections import RedisConnections
from tests.redis_server import RedisServer, redis_running
from tests.state.holding_proxy import HoldingProxy, holding

# Of tests that wait for it; short, and long enough for a machine that is busy.
TIMEOUT = 0.3
# Of tests in which the engine replies, or ends the connection.
PATIENT = 5
# An operation that takes so long has no timeout.
BOUND = 10


class State:
    """A store and a bus on one set of connections."""

    def __init__(self, url: str, timeout: float) -> None:
        self.connections = RedisConnections(url, timeout)
        self.store = RedisStore(self.connections)
        self.bus = RedisBus(self.connections, prefix="topic/")

    def operations(self) -> dict[str, Callable[[], Awaitable[Any]]]:
        store = self.store
        return {
            "get": lambda: store.get("a"),
            "set": lambda: store.set("b", b"1"),
            "add": lambda: store.add("c", b"1", ttl=10),
            "replace": lambda: store.replace("d", b"1", b"1"),
            "delete": lambda: store.delete("e"),
            "delete expected": lambda: store.delete("f", expected=b"1"),
            "touch": lambda: store.touch("g", 10),
            "touch None": lambda: store.touch("h", None),
            "publish": lambda: self.bus.publish("a", b"1"),
            "subscribe": self.enter,
        }

    async def enter(self) -> None:
        async with self.bus.subscribe("a"):
            pass

    async def failures(self) -> dict[str, str]:
        """The operations that raise StateUnavailable now, with their messages. All run at the same time."""
        failed = {}

        async def run(name: str, operation: Callable[[], Awaitable[Any]]) -> None:
            try:
                await operation()
            except StateUnavailable as exc:
                failed[name] = str(exc)

        with anyio.fail_after(BOUND):
            async with anyio.create_task_group() as tasks:
                for each in self.operations().items():
                    tasks.start_soon(run, *each)
        return failed

    async def recovered(self) -> None:
        """Wait until the engine works again, as a client would: it tries again."""
        with anyio.fail_after(BOUND):
            while await self.failures():
                await anyio.lowlevel.checkpoint()


@asynccontextmanager
async def state_of(url: str, timeout: float = PATIENT) -> AsyncIterator[State]:
    state = State(url, timeout)
    try:
        yield state
    finally:
        await state.connections.aclose()


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with redis_running() as running:
        yield running


@pytest.fixture
def proxy(redis_server: RedisServer) -> Iterator[HoldingProxy]:
    with holding(redis_server.socket) as running:
        yield running


ALL = set(State("unix:///nowhere", PATIENT).operations())
READS = {"get", "subscribe"}


async def data_of(subscription: Subscription) -> bytes:
    """The next message, also if the engine fails meanwhile."""
    with anyio.fail_after(BOUND):
        while True:
            try:
                return (await anext(subscription)).data
            except StateUnavailable:
                continue


async def test_an_engine_that_is_not_there_at_the_start_is_connected_to_when_it_comes() -> None:
    with redis_running(started=False) as server:
        async with state_of(server.url, TIMEOUT) as state:
            failed = await state.failures()
            assert set(failed) == ALL
            assert "cannot be reached" in failed["get"]
            server.start()
            await state.recovered()


async def test_an_engine_that_goes_is_connected_to_again_when_it_comes_back(server: RedisServer) -> None:
    async with state_of(server.url, TIMEOUT) as state, state.bus.subscribe("news") as subscription:
        await state.recovered()
        server.stop()
        assert set(await state.failures()) == ALL
        with pytest.raises(StateUnavailable, match="sends no messages"), anyio.fail_after(BOUND):
            await anext(subscription)
        server.start()
        await state.recovered()
        await state.bus.publish("news", b"1")
        assert await data_of(subscription) == b"1"


async def test_an_engine_that_does_not_reply_is_unavailable_after_the_timeout(proxy: HoldingProxy) -> None:
    async with state_of(proxy.url, TIMEOUT) as state, state.bus.subscribe("slow") as subscription:
        await state.store.set("a", b"1")
        proxy.hold()
        failed = await state.failures()
        assert set(failed) == ALL
        assert "did not reply within 0.3 s" in failed["get"]
        with pytest.raises(StateUnavailable, match="sends no messages"), anyio.fail_after(BOUND):
            await anext(subscription)
        proxy.release()
        await state.recovered()
        await state.bus.publish("slow", b"1")
        assert await data_of(subscription) == b"1"
        assert subscription.missed is False


async def test_a_reply_that_comes_too_late_is_not_that_of_the_next_command(proxy: HoldingProxy) -> None:
    async with state_of(proxy.url, TIMEOUT) as state:
        for number in range(3):
            await state.store.set(f"late{number}", b"%d" % number)
        proxy.hold()
        with pytest.raises(StateUnavailable):
            await state.store.get("late0")
        with anyio.move_on_after(TIMEOUT / 10):
            await state.store.get("late1")
        proxy.release()
        await state.recovered()
        assert await state.store.get("late2") == b"2"
        assert await state.store.get("late0") == b"0"


async def test_an_engine_that_is_full_rejects_writes_until_there_is_room(server: RedisServer) -> None:
    async with state_of(server.url) as state:
        await state.store.set("d", b"1")
        server("CONFIG", "SET", "maxmemory-policy", "noeviction")
        server("CONFIG", "SET", "maxmemory", "1")
        failed = await state.failures()
        assert {"set", "add", "replace", "publish"} <= set(failed) <= ALL - READS
        assert "is full" in failed["set"]
        server("CONFIG", "SET", "maxmemory", "0")
        await state.recovered()


async def test_a_read_only_replica_rejects_writes_until_it_is_promoted(server: RedisServer) -> None:
    async with state_of(server.url) as state:
        server("REPLICAOF", "127.0.0.1", "1")
        failed = await state.failures()
        assert {"set", "add", "delete", "publish"} <= set(failed) <= ALL - READS
        assert "is a read-only replica" in failed["set"]
        server("REPLICAOF", "NO", "ONE")
        await state.recovered()


async def test_an_engine_that_is_flushed_has_no_values_and_all_operations_work(server: RedisServer) -> None:
    async with state_of(server.url) as state, state.bus.subscribe("news") as subscription:
        for _ in range(3):
            await state.bus.publish("news", b"before")
            assert await data_of(subscription) == b"before"
        await state.store.set("a", b"1")
        server("FLUSHALL")
        server("SCRIPT", "FLUSH")
        assert await state.store.get("a") is None
        assert await state.failures() == {}
        assert subscription.missed is False
        await state.bus.publish("news", b"after")
        assert await data_of(subscription) == b"after"
        assert subscription.missed is True


async def test_a_wrong_password_is_unavailable_and_shown_nowhere(server: RedisServer) -> None:
    server("CONFIG", "SET", "requirepass", "right")
    # A subscription waits for the engine as long as the timeout is.
    async with state_of(server.url.replace("unix://", "unix://:wrong-word@"), 1) as state:
        failed = await state.failures()
        assert set(failed) == ALL
        assert "rejected the user or the password" in failed["get"]
        assert "wrong-word" not in f"{failed} {state.store!r} {state.bus!r}"
    async with state_of(server.url.replace("unix://", "unix://:right@")) as state:
        assert await state.failures() == {}


async def test_a_user_who_may_not_subscribe_makes_few_attempts(server: RedisServer) -> None:
    server("ACL", "SETUSER", "bob", "on", ">word", "~*", "+@all", "resetchannels")
    with holding(server.socket) as proxy:
        url = proxy.url.replace("unix://", "unix://bob:word@")
        async with state_of(url, TIMEOUT) as state:
            await state.store.set("a", b"1")
            with pytest.raises(StateUnavailable, match="sends no messages"):
                await state.enter()
            assert proxy.accepted < 10


async def test_a_connection_that_was_lost_in_the_pool_is_replaced(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with state_of(redis_server.url) as state:
        await state.store.set("lost", b"1")
        pool: Any = state.connections.here().client.pool
        get_connection = pool.get_connection

        async def get_lost() -> Any:
            connection = await get_connection()
            connection._writer.transport.abort()  # before the event loop notifies the client
            return connection

        monkeypatch.setattr(pool, "get_connection", get_lost)
        for _ in range(3):
            assert await state.store.get("lost") == b"1"
            async with state.bus.subscribe("lost"):  # its socket may have the number of a lost one
                assert await state.store.add("other", b"1", ttl=10) is True
                assert await state.store.delete("other") is True


async def test_an_error_of_the_library_does_not_end_the_feed(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    receive, failures = Listener.receive, [AttributeError("a fault of the library")]

    async def fail_once(self: Listener) -> list[Any]:
        if failures:
            raise failures.pop()
        return await receive(self)

    monkeypatch.setattr(Listener, "receive", fail_once)
    async with state_of(redis_server.url) as state, state.bus.subscribe("fails") as subscription:
        await state.bus.publish("fails", b"1")
        assert await data_of(subscription) == b"1"
    assert [record.getMessage() for record in caplog.records] == [
        "the connection for messages failed, and is made again"
    ]


async def test_a_connection_for_messages_that_ends_loses_none(redis_server: RedisServer) -> None:
    async with state_of(redis_server.url) as state, state.bus.subscribe("a") as subscription:
        for number in range(5):
            if number % 2:
                redis_server("CLIENT", "KILL", "TYPE", "pubsub")
            await state.bus.publish("a", b"%d" % number)
        assert [await data_of(subscription) for _ in range(5)] == [b"0", b"1", b"2", b"3", b"4"]
        assert subscription.missed is False


async def test_subscribers_far_behind_read_what_the_engine_keeps(redis_server: RedisServer) -> None:
    count = 350  # more than stays in this process, and more than is read at once
    async with state_of(redis_server.url) as state, state.bus.subscribe("many") as subscription:
        ids = [await state.bus.publish("many", b"%d" % number) for number in range(count)]
        assert [await data_of(subscription) for _ in range(count)] == [b"%d" % number for number in range(count)]
        async with state.bus.subscribe("many", after=ids[9]) as again:
            assert [await data_of(again) for _ in range(count - 10)] == [b"%d" % each for each in range(10, count)]
            assert (subscription.missed, again.missed) == (False, False)


async def test_while_an_engine_is_away_few_operations_try_to_connect(server: RedisServer) -> None:
    with holding(server.socket) as proxy:
        async with state_of(proxy.url) as state:
            server.stop()
            messages = set()
            for _ in range(100):
                with pytest.raises(StateUnavailable, match="cannot be reached") as caught:
                    await state.store.get("a")
                messages.add(str(caught.value).rpartition("; ")[2])
            assert "it is tried again in a moment" in messages
            assert 2 <= proxy.accepted < 20
            server.start()
            await state.recovered()


async def test_operations_that_are_cancelled_leave_the_next_one_a_connection_and_its_own_reply(
    redis_server: RedisServer,
) -> None:
    async with state_of(f"{redis_server.url}?max_connections=2") as state:
        await state.store.set("cancelled", b"1")
        for turns in range(30):
            async with anyio.create_task_group() as tasks:
                for _ in range(5):
                    tasks.start_soon(state.store.get, "cancelled")
                for _ in range(turns % 6):
                    await anyio.lowlevel.checkpoint()
                tasks.cancel_scope.cancel()
            assert await state.store.get("nothing") is None


async def test_a_subscription_whose_bus_is_closed_is_unavailable_and_ends(redis_server: RedisServer) -> None:
    async with state_of(redis_server.url) as state, state.bus.subscribe("closed") as subscription:
        await state.bus.aclose()
        with pytest.raises(StateUnavailable, match="was closed"):
            await anext(subscription)


def test_delays_grow_from_none_to_two_seconds_and_end_with_a_success() -> None:
    now = 100.0
    backoff = Backoff(lambda: now)
    assert backoff.delay() == 0
    backoff.failed(now)
    assert backoff.delay() == 0  # the connection may have been an old one
    longest = []
    for _ in range(12):
        now += 10
        backoff.failed(now)
        longest.append(backoff.delay())
    assert 0.02 < longest[0] <= 0.05
    assert 1 <= longest[-1] <= 2
    for each, expected in zip(longest, (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2, 2, 2, 2, 2, 2), strict=True):
        assert expected / 2 <= each <= expected
    backoff.succeeded()
    assert backoff.delay() == 0


def test_failures_at_the_same_time_count_once() -> None:
    now = 100.0
    backoff = Backoff(lambda: now)
    for _ in range(50):
        backoff.failed(started=99.0)
    assert backoff.delay() == 0
