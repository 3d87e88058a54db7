"""What each `Bus` does, on every engine."""

from contextlib import AsyncExitStack
from typing import Any

import anyio
import pytest

from signette.state import Bus, Message, Subscription
from tests.state.engines import Engine


async def take(subscription: Subscription, count: int) -> list[bytes]:
    """The data of the next messages; fails if they do not come."""
    with anyio.fail_after(5):
        return [(await anext(subscription)).data for _ in range(count)]


async def test_a_subscriber_receives_what_is_published_after_it_has_entered(engine: Engine) -> None:
    bus = engine.bus
    await bus.publish("news", b"before")
    async with bus.subscribe("news") as subscription:
        ids = [await bus.publish("news", b"1"), await bus.publish("news", b"2")]
        with anyio.fail_after(5):
            messages = [await anext(subscription), await anext(subscription)]
        assert messages == [Message(ids[0], b"1"), Message(ids[1], b"2")]
        assert subscription.missed is False
    assert len(set(ids)) == 2
    assert all(" " not in each and each.isprintable() for each in ids)


async def test_every_subscriber_receives_every_message_of_its_topic(engine: Engine) -> None:
    bus = engine.bus
    async with AsyncExitStack() as stack:
        one, two = [await stack.enter_async_context(bus.subscribe("a")) for _ in range(2)]
        other = await stack.enter_async_context(bus.subscribe("b"))
        for number in range(4):
            await bus.publish("a", b"%d" % number)
        await bus.publish("b", b"other")
        assert await take(one, 4) == await take(two, 4) == [b"0", b"1", b"2", b"3"]
        assert await take(other, 1) == [b"other"]


async def test_a_waiting_subscriber_is_woken(engine: Engine) -> None:
    received: list[bytes] = []
    async with engine.bus.subscribe("a") as subscription, anyio.create_task_group() as tasks:

        async def read() -> None:
            received.extend(await take(subscription, 2))

        tasks.start_soon(read)
        await anyio.wait_all_tasks_blocked()
        await engine.bus.publish("a", b"1")
        await anyio.wait_all_tasks_blocked()
        await engine.bus.publish("a", b"2")
    assert received == [b"1", b"2"]


async def test_a_subscriber_that_comes_back_continues_after_the_id_it_has_seen(engine: Engine) -> None:
    bus = engine.bus
    first = await bus.publish("a", b"1")
    await bus.publish("a", b"2")
    last = await bus.publish("a", b"3")
    async with bus.subscribe("a", after=first) as subscription:
        await bus.publish("a", b"4")
        assert await take(subscription, 3) == [b"2", b"3", b"4"]
        assert subscription.missed is False
    async with bus.subscribe("a", after=last) as subscription:
        assert await take(subscription, 1) == [b"4"]
        assert subscription.missed is False


async def test_an_id_whose_followers_are_still_kept_misses_nothing(engine: Engine) -> None:
    ids = [await engine.bus.publish("a", b"%d" % number) for number in range(engine.kept_messages + 1)]
    async with engine.bus.subscribe("a", after=ids[0]) as subscription:
        assert await take(subscription, engine.kept_messages) == [
            b"%d" % number for number in range(1, engine.kept_messages + 1)
        ]
        assert subscription.missed is False


async def test_messages_that_are_no_longer_kept_are_reported_as_missed(engine: Engine) -> None:
    bus, kept = engine.bus, engine.kept_messages
    first = await bus.publish("a", b"first")
    for number in range(kept + 1):
        await bus.publish("a", b"%d" % number)
    async with bus.subscribe("a", after=first) as subscription:
        assert subscription.missed is True
        assert await take(subscription, kept) == [b"%d" % number for number in range(1, kept + 1)]


@pytest.mark.parametrize(
    "after", ["", "nonsense", "1-1", "-", "1-", "99999999999999-1", "9" * 100 + "-1", "\u0661-\u0661"]
)
async def test_an_unknown_id_starts_with_the_oldest_message_that_is_kept(engine: Engine, after: str) -> None:
    await engine.bus.publish("a", b"1")
    async with engine.bus.subscribe("a", after=after) as subscription:
        assert subscription.missed is True
        await engine.bus.publish("a", b"2")
        assert await take(subscription, 2) == [b"1", b"2"]
    async with engine.bus.subscribe("silent", after=after) as subscription:
        assert subscription.missed is True
        await engine.bus.publish("silent", b"1")
        assert await take(subscription, 1) == [b"1"]


async def test_a_number_that_the_topic_has_not_reached_is_an_unknown_id(engine: Engine) -> None:
    epoch = (await engine.bus.publish("a", b"1")).partition("-")[0]
    async with engine.bus.subscribe("a", after=f"{epoch}-7") as subscription:
        assert subscription.missed is True
        assert await take(subscription, 1) == [b"1"]


async def test_a_subscriber_that_falls_behind_continues_and_reports_it(engine: Engine) -> None:
    bus, kept = engine.bus, engine.kept_messages
    async with bus.subscribe("a") as subscription:
        await bus.publish("a", b"seen")
        assert await take(subscription, 1) == [b"seen"]
        for number in range(kept + 3):
            await bus.publish("a", b"%d" % number)
        assert subscription.missed is False
        assert await take(subscription, kept) == [b"%d" % number for number in range(3, kept + 3)]
        assert subscription.missed is True


async def test_messages_come_once_and_in_order_while_tasks_publish(engine: Engine) -> None:
    bus, count = engine.bus, engine.kept_messages
    async with bus.subscribe("a") as subscription:
        async with anyio.create_task_group() as tasks:
            for number in range(count):
                tasks.start_soon(bus.publish, "a", b"%d" % number)
        with anyio.fail_after(5):
            messages = [await anext(subscription) for _ in range(count)]
        assert sorted(each.data for each in messages) == [b"%d" % number for number in range(count)]
        async with bus.subscribe("a", after=messages[0].id) as again:
            assert await take(again, count - 1) == [each.data for each in messages[1:]]


async def test_a_cancelled_wait_loses_no_message(engine: Engine) -> None:
    async with engine.bus.subscribe("a") as subscription:
        with anyio.move_on_after(0):
            await anext(subscription)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anext, subscription)
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
        await engine.bus.publish("a", b"1")
        assert await take(subscription, 1) == [b"1"]


@pytest.mark.parametrize("data", ["text", None, bytearray(b"1")])
async def test_data_that_is_not_bytes_is_a_type_error(engine: Engine, data: Any) -> None:
    with pytest.raises(TypeError, match="encode it first"):
        await engine.bus.publish("a", data)


async def test_it_is_a_bus(engine: Engine) -> None:
    assert isinstance(engine.bus, Bus)
    assert not isinstance(engine.store, Bus)


async def test_messages_with_one_key_are_sent_once(engine: Engine) -> None:
    bus = engine.bus
    first = await bus.publish("a", b"1", key="sale 7")
    async with bus.subscribe("a") as subscription:
        ids = [
            await bus.publish("a", b"2", key="sale 7"),
            await bus.publish("a", b"3", key="sale 8"),
            await bus.publish("b", b"4", key="sale 7"),
            await bus.publish("a", b"5"),
            await bus.publish("a", b"6"),
            await bus.publish("a", b"7", key="sale 7\ud800" * 1000),
        ]
        assert ids[0] == first
        assert len({*ids, first}) == 6
        assert await take(subscription, 4) == [b"3", b"5", b"6", b"7"]


async def test_tasks_that_publish_one_key_at_once_send_one_message(engine: Engine) -> None:
    ids: set[str] = set()

    async def publish(number: int) -> None:
        ids.add(await engine.bus.publish("a", b"%d" % number, key="once"))

    async with engine.bus.subscribe("a") as subscription:
        async with anyio.create_task_group() as tasks:
            for number in range(20):
                tasks.start_soon(publish, number)
        await engine.bus.publish("a", b"end")
        with anyio.fail_after(5):
            assert {(await anext(subscription)).id} == ids
            assert (await anext(subscription)).data == b"end"
