"""What each `Store` does, on every engine."""

from datetime import timedelta
from typing import Any

import anyio
import pytest

from signette.state import Store
from tests.state.engines import Engine


async def test_a_value_is_returned_until_it_is_replaced_or_deleted(engine: Engine) -> None:
    store = engine.store
    assert await store.get("a") is None
    await store.set("a", b"1")
    assert await store.get("a") == b"1"
    await store.set("a", b"\x00\xff")
    assert await store.get("a") == b"\x00\xff"
    assert await store.delete("a") is True
    assert await store.get("a") is None
    assert await store.delete("a") is False


@pytest.mark.parametrize("key", ["", "a b", "a:b", "ä/☃", "\ud800", "k" * 1000])
async def test_any_text_is_a_key(engine: Engine, key: str) -> None:
    await engine.store.set(key, b"")
    assert await engine.store.get(key) == b""
    assert await engine.store.get(f"{key}?") is None


async def test_a_value_expires_after_its_ttl(engine: Engine) -> None:
    store = engine.store
    await store.set("short", b"1", ttl=10)
    await store.set("long", b"2", ttl=100)
    await store.set("none", b"3")
    await engine.advance(9)
    assert await store.get("short") == b"1"
    await engine.advance(2)
    assert [await store.get(key) for key in ("short", "long", "none")] == [None, b"2", b"3"]
    assert await store.delete("short") is False


async def test_setting_a_value_again_replaces_its_expiry(engine: Engine) -> None:
    store = engine.store
    await store.set("a", b"1", ttl=10)
    await store.set("a", b"2")
    await store.set("b", b"1")
    await store.set("b", b"2", ttl=10)
    await engine.advance(11)
    assert await store.get("a") == b"2"
    assert await store.get("b") is None


async def test_add_stores_a_value_only_where_there_is_none(engine: Engine) -> None:
    store = engine.store
    assert await store.add("a", b"1", ttl=10) is True
    assert await store.add("a", b"2") is False
    assert await store.get("a") == b"1"
    await engine.advance(11)
    assert await store.add("a", b"3") is True
    await engine.advance(1000)
    assert await store.get("a") == b"3"


async def test_of_many_tasks_that_add_one_key_one_succeeds(engine: Engine) -> None:
    added: list[bool] = []

    async def add() -> None:
        added.append(await engine.store.add("lock", b"x", ttl=10))

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(add)
    assert sorted(added) == [False] * 19 + [True]


async def test_replace_stores_a_value_only_in_place_of_the_expected_one(engine: Engine) -> None:
    store = engine.store
    assert await store.replace("a", b"1", b"2") is False
    assert await store.get("a") is None
    await store.set("a", b"1", ttl=10)
    assert await store.replace("a", b"0", b"2") is False
    assert await store.get("a") == b"1"
    assert await store.replace("a", b"1", b"2") is True
    await engine.advance(11)
    assert await store.get("a") == b"2"  # it has the expiry of `replace`, which has no end
    assert await store.replace("a", b"2", b"3", ttl=10) is True
    await engine.advance(11)
    assert await store.replace("a", b"3", b"4") is False


async def test_a_counter_by_replace_loses_no_count(engine: Engine) -> None:
    store = engine.store
    await store.set("count", b"0")

    async def count() -> None:
        while True:
            seen = await store.get("count")
            assert seen is not None
            if await store.replace("count", seen, str(int(seen) + 1).encode()):
                return

    async with anyio.create_task_group() as tasks:
        for _ in range(10):
            tasks.start_soon(count)
    assert await store.get("count") == b"10"


async def test_delete_with_expected_deletes_only_that_value(engine: Engine) -> None:
    store = engine.store
    await store.set("a", b"mine")
    assert await store.delete("a", expected=b"other") is False
    assert await store.get("a") == b"mine"
    assert await store.delete("a", expected=b"mine") is True
    assert await store.delete("a", expected=b"mine") is False
    await store.set("empty", b"")
    assert await store.delete("empty", expected=b"") is True


async def test_touch_replaces_the_expiry(engine: Engine) -> None:
    store = engine.store
    assert await store.touch("a", 10) is False
    await store.set("a", b"1", ttl=10)
    await engine.advance(9)
    assert await store.touch("a", 10) is True
    await engine.advance(9)
    assert await store.get("a") == b"1"
    assert await store.touch("a", None) is True
    assert await store.touch("a", None) is True  # it has no expiry already
    await engine.advance(1000)
    assert await store.get("a") == b"1"
    assert await store.touch("a", 1) is True
    await engine.advance(2)
    assert await store.touch("a", None) is False


@pytest.mark.parametrize("ttl", [0, -1, float("inf"), float("nan"), 1e300, timedelta(hours=1)])
async def test_a_ttl_that_is_not_a_positive_number_is_a_value_error(engine: Engine, ttl: Any) -> None:
    store = engine.store
    await store.set("a", b"1")
    for call in (
        lambda: store.set("a", b"2", ttl=ttl),
        lambda: store.add("b", b"2", ttl=ttl),
        lambda: store.replace("a", b"1", b"2", ttl=ttl),
        lambda: store.touch("a", ttl),
    ):
        with pytest.raises(ValueError, match="`ttl` must be a positive number of seconds"):
            await call()
    assert await store.get("a") == b"1"
    assert await store.get("b") is None


async def test_a_ttl_below_a_millisecond_is_kept(engine: Engine) -> None:
    await engine.store.set("a", b"1", ttl=0.0001)
    await engine.advance(0.01)
    assert await engine.store.get("a") is None


@pytest.mark.parametrize("value", ["text", None, bytearray(b"1"), 1])
async def test_a_value_that_is_not_bytes_is_a_type_error(engine: Engine, value: Any) -> None:
    store = engine.store
    await store.set("a", b"1")
    for call in (
        lambda: store.set("a", value),
        lambda: store.add("b", value),
        lambda: store.replace("a", b"1", value),
        lambda: store.replace("a", value, b"1"),
    ):
        with pytest.raises(TypeError, match="encode it first"):
            await call()
    assert await store.get("a") == b"1"


async def test_it_is_a_store(engine: Engine) -> None:
    assert isinstance(engine.store, Store)
    assert not isinstance(engine.bus, Store)
