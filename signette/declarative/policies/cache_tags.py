"""The versions of cache tags: what makes entries of a tag invalid in all processes.

Theory of operation. A tag has a random version in the store. An entry holds the versions of its tags from before the
endpoint was called, and is valid while they are the current ones. To invalidate a tag is to delete its version: the
next entry makes another. So no list of entries is kept, an endpoint that runs while its tag is invalidated makes an
entry that is invalid at once, and a version that the store has dropped makes entries invalid, never valid again.
"""

import secrets
from collections.abc import Iterable, Mapping

from signette.state.store import Store

_PREFIX = "tag:"
# A version that expires makes valid entries invalid, so it is kept for longer than entries.
_LEAST_SECONDS = 3600.0


class CacheTags:
    """The versions of tags in a store. Each method raises StateUnavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def versions(self, tags: Iterable[str], lifetime: float) -> dict[str, str]:
        """The current version of each tag, kept for longer than an entry of this lifetime."""
        return {tag: await self._version(tag, max(_LEAST_SECONDS, 2 * lifetime)) for tag in tags}

    async def are_current(self, versions: Mapping[str, str]) -> bool:
        """Whether none of the tags was invalidated since."""
        for tag, version in versions.items():
            if await self._store.get(_PREFIX + tag) != version.encode():
                return False
        return True

    async def invalidate(self, *tags: str) -> None:
        """Make all entries of these tags invalid."""
        for tag in tags:
            await self._store.delete(_PREFIX + tag)

    async def _version(self, tag: str, seconds: float) -> str:
        key = _PREFIX + tag
        if (known := await self._store.get(key)) is not None and await self._store.touch(key, seconds):
            return known.decode()
        version = secrets.token_hex(8)
        if await self._store.add(key, version.encode(), ttl=seconds):
            return version
        known = await self._store.get(key)
        # Invalidated in this moment: a version that is never current.
        return version if known is None else known.decode()
