"""Counting requests per window of time, by the package `limits`: the only module that imports it.

Theory of operation. `limits` parses the windows, has the strategies, and keeps the counts in Redis. In memory the
strategies run on `MemoryCounts`, which is bounded and needs no threads; its methods do not wait. The counts of one
`Backend` are in one storage, which all rate limits share. A key has the strategy, the name of the rate limit, and a
digest of what it counts by, so that the engine does not see API keys or addresses.
"""

import hashlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from signette.state.backend import Backend

if TYPE_CHECKING:
    limits: Any
    strategies: Any

    class Storage: ...

    class MovingWindowSupport: ...

    class SlidingWindowCounterSupport: ...

else:
    try:
        import limits
        from limits import strategies
        from limits.storage import MovingWindowSupport, SlidingWindowCounterSupport, Storage
    except ModuleNotFoundError:
        limits = None
        Storage = MovingWindowSupport = SlidingWindowCounterSupport = object

PURPOSE = "rate-limits"
STRATEGIES = ("fixed-window", "moving-window", "sliding-window-counter")
_EXAMPLE = "write it as '100/minute', or '10/second; 1000/hour'"


@dataclass(frozen=True, slots=True)
class Window:
    """At most `amount` in `seconds`."""

    text: str
    amount: int
    seconds: int
    item: Any
    """The window as `limits` knows it."""


@dataclass(frozen=True, slots=True)
class WindowState:
    """What is left of a window for one client."""

    window: Window
    remaining: int
    reset: int
    """Seconds until the window has its whole amount again; with a moving window, until it has more."""


def windows_of(text: str) -> tuple[Window, ...]:
    """The windows of a rate limit, the shortest first.

    Raises:
        ImportError: limits is not installed.
        ValueError: the text is not a rate limit.
    """
    if limits is None:
        raise ImportError("limits must be installed to use RateLimit: `pip install 'signette[rate-limits]'`")
    try:
        items = limits.parse_many(text)
    except (ValueError, TypeError):
        raise ValueError(f"{text!r} is not a rate limit; {_EXAMPLE}") from None
    found = [Window(_text_of(item), item.amount, item.get_expiry(), item) for item in items]
    for window in found:
        if window.amount < 1:
            raise ValueError(f"the rate limit {text!r} allows no request; {_EXAMPLE}")
    if len({window.seconds for window in found}) < len(found):
        raise ValueError(f"the rate limit {text!r} has two windows of the same length; keep one of them")
    return tuple(sorted(found, key=lambda window: window.seconds))


def _text_of(item: Any) -> str:
    unit = item.GRANULARITY.name
    return f"{item.amount}/{unit}" if item.multiples == 1 else f"{item.amount}/{item.multiples} {unit}s"


class Counters:
    """Counts the requests of one rate limit."""

    def __init__(self, backend: Backend, strategy: str) -> None:
        self._storage = storage_of(backend)
        self._strategy = strategies.STRATEGIES[strategy](self._storage)
        self._names = (strategy,)

    async def hit(self, windows: Sequence[Window], name: str, key: str, cost: int) -> tuple[bool, list[WindowState]]:
        """Count a request. Returns whether all windows allow it, and what is left of each.

        After the first window that is exhausted nothing more is counted.

        Raises StateUnavailable.
        """
        where = (*self._names, name, digest_of(key))
        allowed, states = True, []
        for window in windows:
            allowed = allowed and self._strategy.hit(window.item, *where, cost=cost)
            reset_time, remaining = self._strategy.get_window_stats(window.item, *where)
            seconds = min(max(ceil(reset_time - self._storage.clock()), 0), window.seconds)
            states.append(WindowState(window, max(remaining, 0), seconds))
        return allowed, states


def digest_of(key: str) -> str:
    """A digest of what is counted by."""
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


_storages: "WeakKeyDictionary[Backend, Any]" = WeakKeyDictionary()


def storage_of(backend: Backend) -> Any:
    """The storage of a backend.

    Raises ValueError if the backend has no URL for rate limits.
    """
    storage = _storages.get(backend)
    if storage is None:
        backend.url(PURPOSE)
        storage = _storages[backend] = MemoryCounts()
    return storage


# -- in memory ---------------------------------------------------------------------------------------------------------


class MemoryCounts(Storage, MovingWindowSupport, SlidingWindowCounterSupport):
    """The counts of one process, as the strategies of `limits` ask for them.

    At most `max_keys` are kept for windows of one length; beyond that the oldest is forgotten. Those that have expired
    are forgotten as new ones come. `clock` returns the time of day in seconds.
    """

    def __init__(self, max_keys: int = 100_000, clock: Callable[[], float] | None = None) -> None:
        self.max_keys = max_keys
        self.clock = clock or time.time
        # By the length of the window, so that those at the front expire first. A value is [end, count] or [end, times].
        self._windows: dict[tuple[str, int], dict[str, list[Any]]] = {}

    @property
    def base_exceptions(self) -> Any:
        return ()

    def check(self) -> bool:
        return True

    def reset(self) -> None:
        self._windows.clear()

    def clear(self, key: str) -> None:
        for each in self._windows.values():
            each.pop(key, None)

    def __len__(self) -> int:
        return sum(map(len, self._windows.values()))

    def _entry(self, kind: str, seconds: int, key: str) -> list[Any] | None:
        """The value of a key, if it has not expired."""
        entry = self._windows.get((kind, seconds), {}).get(key)
        return entry if entry is not None and entry[0] > self.clock() else None

    def _put(self, kind: str, seconds: int, key: str, entry: list[Any]) -> None:
        """Store a value at the end, and forget two that have expired, so that memory does not grow."""
        entries = self._windows.setdefault((kind, seconds), {})
        entries.pop(key, None)
        entries[key] = entry
        now = self.clock()
        for _ in range(2):
            oldest = next(iter(entries))
            if entries[oldest][0] > now and len(entries) <= self.max_keys:
                break
            if oldest != key:
                del entries[oldest]

    # -- fixed windows

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        entry = self._entry("fixed", expiry, key)
        if entry is None:
            self._put("fixed", expiry, key, [self.clock() + expiry, amount])
            return amount
        entry[1] += amount
        count: int = entry[1]
        return count

    def get(self, key: str) -> int:
        found = self._fixed(key)
        return 0 if found is None else found[1]

    def get_expiry(self, key: str) -> float:
        found = self._fixed(key)
        return self.clock() if found is None else found[0]

    def _fixed(self, key: str) -> list[Any] | None:
        kinds = (seconds for kind, seconds in self._windows if kind == "fixed")
        return next((found for seconds in kinds if (found := self._entry("fixed", seconds, key)) is not None), None)

    # -- moving windows

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        now = self.clock()
        times = self._times(key, expiry, now)
        if len(times) + amount > limit:
            return False
        times.extend([now] * amount)
        self._put("moving", expiry, key, [now + expiry, times])
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002 - of `limits`
        now = self.clock()
        times = self._times(key, expiry, now)
        return (times[0], len(times)) if times else (now, 0)

    def _times(self, key: str, expiry: int, now: float) -> deque[float]:
        """The times of the requests that the window still has."""
        entry = self._entry("moving", expiry, key)
        times: deque[float] = deque() if entry is None else entry[1]
        while times and times[0] <= now - expiry:
            times.popleft()
        return times

    # -- sliding window counters: this window and the one before, by the time of day

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        previous, left, current, _ = self.get_sliding_window(key, expiry)
        if int(previous * left / expiry + current) + amount > limit:
            return False
        number = int(self.clock() // expiry)
        self._put("sliding", expiry, f"{key}/{number}", [(number + 2) * expiry, current + amount])
        return True

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        number, passed = divmod(self.clock(), expiry)
        current = self._entry("sliding", expiry, f"{key}/{int(number)}")
        previous = self._entry("sliding", expiry, f"{key}/{int(number) - 1}")
        return (
            0 if previous is None else previous[1],
            0.0 if previous is None else expiry - passed,
            0 if current is None else current[1],
            2 * expiry - passed,
        )

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        number = int(self.clock() // expiry)
        for each in (number, number - 1):
            self._windows.get(("sliding", expiry), {}).pop(f"{key}/{each}", None)
