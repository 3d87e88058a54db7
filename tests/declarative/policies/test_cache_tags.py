import pytest

from signette.declarative.policies.cache_tags import CacheTags
from signette.state.memory import MemoryStore

pytestmark = [pytest.mark.anyio, pytest.mark.either_loop]


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


async def test_versions_are_current_until_their_tag_is_invalidated():
    tags = CacheTags(MemoryStore())
    versions = await tags.versions(["items", "item:1"], 60)
    assert versions == await tags.versions(["items", "item:1"], 60)
    assert await tags.are_current(versions)
    await tags.invalidate("item:1")
    assert not await tags.are_current(versions)
    assert await tags.are_current({"items": versions["items"]})


async def test_a_tag_that_is_used_again_does_not_make_old_versions_current():
    tags = CacheTags(MemoryStore())
    old = await tags.versions(["items"], 60)
    await tags.invalidate("items")
    new = await tags.versions(["items"], 60)
    assert not await tags.are_current(old)
    assert await tags.are_current(new)


async def test_a_version_that_the_store_has_lost_is_not_current():
    store = MemoryStore()
    tags = CacheTags(store)
    versions = await tags.versions(["items"], 60)
    await store.delete("tag:items")
    assert not await tags.are_current(versions)


async def test_a_version_outlives_entries_and_is_extended_by_each_new_one():
    clock = Clock()
    tags = CacheTags(MemoryStore(clock=clock))
    lifetime = 30 * 86_400.0
    versions = await tags.versions(["items"], lifetime)
    for _ in range(3):
        clock.now += lifetime
        assert await tags.are_current(versions)
        assert await tags.versions(["items"], lifetime) == versions
    clock.now += 3 * lifetime
    assert not await tags.are_current(versions)


async def test_no_tags_are_current_without_a_look_at_the_store():
    assert await CacheTags(None).are_current({})


class Racing(MemoryStore):
    """Another process makes the version, and invalidates it, between two operations of this one."""

    def __init__(self, *, invalidates):
        super().__init__()
        self.invalidates = invalidates

    async def add(self, key, value, *, ttl=None):
        await super().add(key, b"theirs", ttl=ttl)
        added = await super().add(key, value, ttl=ttl)
        if self.invalidates:
            await super().delete(key)
        return added


@pytest.mark.parametrize("invalidates", [False, True])
async def test_processes_that_make_a_version_at_once_agree(invalidates):
    tags = CacheTags(Racing(invalidates=invalidates))
    versions = await tags.versions(["items"], 60)
    assert await tags.are_current(versions) is not invalidates
