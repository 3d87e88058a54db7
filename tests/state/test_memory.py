"""Limits of state in memory, its clock, its threads, and its copies."""

import copy
import pickle
from threading import Barrier, Thread

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.state import MemoryBus, MemoryStore, StateUnavailable


async def test_beyond_max_items_the_values_are_deleted_that_were_set_the_longest_time_ago() -> None:
    store = MemoryStore(max_items=3)
    for key in "abc":
        await store.set(key, b"1")
    await store.touch("a", None)
    await store.set("d", b"1")
    assert [await store.get(key) for key in "abcd"] == [b"1", None, b"1", b"1"]


async def test_values_that_have_expired_make_room_first() -> None:
    now = 0.0
    store = MemoryStore(max_items=2, clock=lambda: now)
    await store.set("old", b"1")
    await store.set("short", b"1", ttl=1)
    now = 2.0
    await store.set("new", b"1")
    assert [await store.get(key) for key in ("old", "short", "new")] == [b"1", None, b"1"]


async def test_beyond_max_bytes_values_are_deleted_and_one_that_is_larger_is_unavailable() -> None:
    store = MemoryStore(max_bytes=20)
    await store.set("a", b"1" * 9)
    await store.set("b", b"1" * 9)
    assert len(store) == 2
    await store.set("c", b"1")
    assert [await store.get(key) for key in "abc"] == [None, b"1" * 9, b"1"]
    with pytest.raises(StateUnavailable, match="larger than the whole `MemoryStore`"):
        await store.set("d", b"1" * 20)
    assert len(store) == 2


async def test_values_that_are_set_again_and_again_leave_nothing_behind() -> None:
    store = MemoryStore(clock=lambda: 0.0)
    for _ in range(5000):
        await store.set("a", b"1", ttl=1000)
    assert len(store._deadlines) < 200


steps = st.lists(
    st.tuples(
        st.sampled_from(["set", "add", "replace", "delete", "touch", "wait"]),
        st.sampled_from("ab"),
        st.sampled_from([b"1", b"2"]),
        st.sampled_from([None, 1, 5]),
    ),
    max_size=30,
)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@given(steps=steps)
def test_it_agrees_with_a_plain_model(anyio_backend: str, steps: list[tuple[str, str, bytes, int | None]]) -> None:
    async def run() -> None:
        now = 0.0
        store = MemoryStore(clock=lambda: now)
        model: dict[str, tuple[bytes, float]] = {}
        for operation, key, value, ttl in steps:
            model = {each: item for each, item in model.items() if item[1] > now}
            there, item = key in model, (value, now + (ttl or 1e9))
            is_one = there and model[key][0] == b"1"
            if operation == "set":
                await store.set(key, value, ttl=ttl)
                model[key] = item
            elif operation == "add":
                assert await store.add(key, value, ttl=ttl) is not there
                model.setdefault(key, item)
            elif operation == "replace":
                assert await store.replace(key, b"1", value, ttl=ttl) is is_one
                model |= {key: item} if is_one else {}
            elif operation == "delete":
                assert await store.delete(key, expected=b"1") is is_one
                if is_one:
                    del model[key]
            elif operation == "touch":
                assert await store.touch(key, ttl) is there
                model |= {key: (model[key][0], item[1])} if there else {}
            else:
                now += 2
                model = {each: item for each, item in model.items() if item[1] > now}
            assert {each: await store.get(each) for each in "ab"} == {
                each: model.get(each, (None, 0))[0] for each in "ab"
            }
            assert len(store) == len(model)

    anyio.run(run)


def in_threads(count: int, function: object) -> None:
    """Run an async function in several threads at once, each with its own event loop."""
    barrier = Barrier(count)

    def run(loop: str) -> None:
        barrier.wait(5)
        anyio.run(function, backend=loop)  # type: ignore[arg-type]

    threads = [Thread(target=run, args=(("asyncio", "trio")[index % 2],)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def test_event_loops_in_several_threads_share_a_store() -> None:
    store, counts = MemoryStore(), 50

    async def count() -> None:
        for _ in range(counts):
            while True:
                seen = await store.get("n") or b""
                if await (store.replace("n", seen, seen + b"x") if seen else store.add("n", b"x")):
                    break

    in_threads(4, count)
    assert anyio.run(store.get, "n") == b"x" * 4 * counts


def test_event_loops_in_several_threads_share_a_bus() -> None:
    bus, ready, received = MemoryBus(), Barrier(2), []

    async def run() -> None:
        async with bus.subscribe("a") as subscription:
            await anyio.to_thread.run_sync(ready.wait)
            await bus.publish("a", b"1")
            with anyio.fail_after(5):
                received.extend([(await anext(subscription)).data for _ in range(2)])

    in_threads(2, run)
    assert received == [b"1"] * 4


async def test_a_message_to_an_event_loop_that_has_ended_is_kept_for_others() -> None:
    bus = MemoryBus()

    async def subscribe() -> None:
        # Left open: the event loop ends before the block does.
        await bus.subscribe("a").__aenter__()

    await anyio.to_thread.run_sync(anyio.run, subscribe)
    async with bus.subscribe("a") as subscription:
        await bus.publish("a", b"1")
        assert (await anext(subscription)).data == b"1"


async def test_beyond_max_bytes_the_oldest_messages_of_the_topic_that_rests_are_deleted() -> None:
    bus = MemoryBus(max_bytes=20)
    first = await bus.publish("resting", b"1" * 8)
    await bus.publish("resting", b"2" * 8)
    await bus.publish("busy", b"3" * 8)
    async with bus.subscribe("resting", after=first) as subscription:
        assert subscription.missed is False
        assert (await anext(subscription)).data == b"2" * 8
    for _ in range(2):
        await bus.publish("busy", b"3" * 8)
    async with bus.subscribe("resting", after=first) as subscription:
        assert subscription.missed is True
        with anyio.move_on_after(0):  # nothing to read, and nothing that turns in a circle
            await anext(subscription)
    with pytest.raises(StateUnavailable, match="larger than the whole `MemoryBus`"):
        await bus.publish("busy", b"1" * 21)


async def test_beyond_max_topics_those_are_forgotten_that_rest_and_have_no_subscribers() -> None:
    bus = MemoryBus(max_topics=2)
    async with bus.subscribe("read") as subscription:
        seen = await bus.publish("a", b"1")
        for topic in "bcd":
            await bus.publish(topic, b"1")
        assert len(bus._topics) == 2
        async with bus.subscribe("a", after=seen) as again:
            assert again.missed is True
            assert await bus.publish("a", b"2") > seen
            assert (await anext(again)).data == b"2"
        await bus.publish("read", b"1")
        assert (await anext(subscription)).data == b"1"


@pytest.mark.parametrize("again", [lambda value: pickle.loads(pickle.dumps(value)), copy.copy, copy.deepcopy])
async def test_copies_have_the_settings_and_no_values(again: object) -> None:
    store = MemoryStore(max_items=7, max_bytes=77)
    await store.set("a", b"1")
    other = again(store)  # type: ignore[operator]
    assert (other.max_items, other.max_bytes, len(other)) == (7, 77, 0)
    bus = MemoryBus(max_messages=7, max_topics=8, max_bytes=77)
    await bus.publish("a", b"1")
    other = again(bus)  # type: ignore[operator]
    assert (other.max_messages, other.max_topics, other.max_bytes, len(other._topics)) == (7, 8, 77, 0)


@pytest.mark.parametrize("setting", ["max_items", "max_bytes"])
def test_a_store_without_room_is_a_value_error(setting: str) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        MemoryStore(**{setting: 0})


@pytest.mark.parametrize("setting", ["max_messages", "max_topics", "max_bytes"])
def test_a_bus_without_room_is_a_value_error(setting: str) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        MemoryBus(**{setting: 0})


async def test_a_key_is_known_as_long_as_its_message() -> None:
    bus = MemoryBus(max_messages=2)
    first = await bus.publish("a", b"1", key="sale 7")
    await bus.publish("a", b"2")
    assert await bus.publish("a", b"3", key="sale 7") == first
    await bus.publish("a", b"4")
    assert await bus.publish("a", b"5", key="sale 7") != first
    bus.clear()
    async with bus.subscribe("a") as subscription:
        again = await bus.publish("a", b"6", key="sale 7")
        assert (await anext(subscription)).id == again
