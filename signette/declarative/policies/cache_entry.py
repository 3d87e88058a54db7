"""A stored response of a cache, with its age and the versions of its tags."""

from collections.abc import Mapping
from dataclasses import field
from functools import lru_cache

from signette._dataclasses import dataclass
from signette.declarative.policies.stored_response import StoredResponse, pack, unpack

_SMALL = 16 * 1024


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A response that was made at a time, for a while."""

    response: StoredResponse
    made_at: float
    """Seconds since 1970, by the clock of the process that made it."""
    fresh_for: float
    stale_for: float = 0
    """For how long it may be used after that, while a new response is made."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Tag -> its version when the endpoint was called."""

    @property
    def lifetime(self) -> float:
        """For how long a store keeps it."""
        return self.fresh_for + self.stale_for

    def age(self, now: float) -> float:
        """Seconds since it was made. Clocks of processes differ, so it is at least 0."""
        return max(0.0, now - self.made_at)

    def to_bytes(self) -> bytes:
        facts = {"made": self.made_at, "fresh": self.fresh_for, "stale": self.stale_for, "tags": dict(self.tags)}
        return pack(facts, self.response)


def read_entry(data: bytes) -> CacheEntry | None:
    """The entry of these bytes; `None` if they are not one, so that a new one is made."""
    return _read_small(data) if len(data) <= _SMALL else _read(data)


def _read(data: bytes) -> CacheEntry | None:
    facts, response = unpack(data) or ({}, None)
    if response is None:
        return None
    try:
        return CacheEntry(response, facts["made"], facts["fresh"], facts["stale"], facts["tags"])
    except KeyError:
        return None


# PERF: a hit takes a sixth less; of large entries the copies would take too much memory.
_read_small = lru_cache(maxsize=256)(_read)
