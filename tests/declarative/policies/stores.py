"""Stores for the tests of policies, and applications that use them."""

from collections.abc import Iterable

from signette import App
from signette.state import Backend, MemoryStore, StateUnavailable


class Clock:
    """A clock that tests move."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class FailingStore(MemoryStore):
    """Fails in these methods, until they are removed from `fails`."""

    def __init__(self, *fails: str) -> None:
        super().__init__()
        self.fails = set(fails)

    def _check_state(self, method: str) -> None:
        if method in self.fails:
            raise StateUnavailable("gone")

    async def get(self, key):
        self._check_state("get")
        return await super().get(key)

    async def set(self, key, value, *, ttl=None):
        self._check_state("set")
        await super().set(key, value, ttl=ttl)

    async def add(self, key, value, *, ttl=None):
        self._check_state("add")
        return await super().add(key, value, ttl=ttl)

    async def replace(self, key, expected, value, *, ttl=None):
        self._check_state("replace")
        return await super().replace(key, expected, value, ttl=ttl)

    async def delete(self, key, *, expected=None):
        self._check_state("delete")
        return await super().delete(key, expected=expected)

    async def touch(self, key, ttl):
        self._check_state("touch")
        return await super().touch(key, ttl)


ALL = ("get", "set", "add", "replace", "delete", "touch")


def app_with(purpose: str, store: MemoryStore, policies: Iterable[object] = ()) -> App:
    """An application whose state of this purpose is in the store."""
    return App(state=Backend(overrides={purpose: store}), policies=list(policies))
