"""Counting requests per window of time, by the package `limits`: the only module that imports it.

Theory of operation. `limits` parses the windows, has the strategies, and counts in Redis. In memory the strategies run
on `MemoryCounts`, which is bounded and works on both event loops: the storage of `limits` needs asyncio. On trio, Redis
is used as everywhere in `signette.state`: by a thread with an event loop of asyncio. The counts of one `Backend` are in
one storage, which all rate limits share. A key has the strategy, the name of the rate limit, and a digest of what it
counts by, so that the engine does not see API keys or addresses.
"""

import hashlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from signette._dataclasses import dataclass
from signette._http.cache_control import MAX_SECONDS
from signette.state.backend import Backend
from signette.state.redis_client import RedisClient
from signette.state.redis_connections import RedisConnections

T = TypeVar("T")

if TYPE_CHECKING:
    limits: Any
    strategies: Any
    RedisStorage: Any

    class Storage: ...

    class MovingWindowSupport: ...

    class SlidingWindowCounterSupport: ...

else:
    try:
        import limits
        from limits.aio import strategies
        from limits.aio.storage import MovingWindowSupport, RedisStorage, SlidingWindowCounterSupport, Storage
    except ModuleNotFoundError:
        limits = None

        class Storage: ...

        class MovingWindowSupport: ...

        class SlidingWindowCounterSupport: ...


PURPOSE = "rate-limits"
STRATEGIES = ("fixed-window", "moving-window", "sliding-window-counter")
# The largest integer of a structured field (RFC 9651 §3.3.1).
_MOST = 999_999_999_999_999
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
        if window.amount > _MOST:
            raise ValueError(f"the rate limit {text!r} has too many requests; {_EXAMPLE}")
        if window.seconds > MAX_SECONDS:
            raise ValueError(f"the rate limit {text!r} has a window that is too long; {_EXAMPLE}")
    if len({window.seconds for window in found}) < len(found):
        raise ValueError(f"the rate limit {text!r} has two windows of the same length; keep one of them")
    return tuple(sorted(found, key=lambda window: window.seconds))


def _text_of(item: Any) -> str:
    unit = item.GRANULARITY.name
    return f"{item.amount}/{unit}" if item.multiples == 1 else f"{item.amount}/{item.multiples} {unit}s"


class Counters:
    """Counts the requests of one rate limit."""

    def __init__(self, backend: Backend, strategy: str) -> None:
        self._engine = engine_of(backend)
        self._strategy = strategy

    async def hit(self, windows: Sequence[Window], name: str, key: str, cost: int) -> tuple[bool, list[WindowState]]:
        """Count a request. Returns whether all windows allow it, and what is left of each.

        After the first window that is exhausted nothing more is counted.

        Raises StateUnavailable.
        """
        return await self._engine.run(_hit, self._strategy, windows, (self._strategy, name, digest_of(key)), cost)


async def _hit(
    storage: Any, ends: "Ends | None", strategy: str, windows: Sequence[Window], where: tuple[str, ...], cost: int
) -> tuple[bool, list[WindowState]]:
    if strategy == "fixed-window":
        count = partial(_fixed, storage, ends)
    else:
        count = partial(_by_strategy, strategies.STRATEGIES[strategy](storage))
    allowed, states = True, []
    for window in windows:
        allowed, remaining, seconds = await count(window, where, cost if allowed else 0)
        states.append(WindowState(window, max(remaining, 0), min(max(ceil(seconds), 0), window.seconds)))
    return allowed, states


async def _fixed(
    storage: Any, ends: "Ends | None", window: Window, where: tuple[str, ...], cost: int
) -> tuple[bool, int, float]:
    """Count in a fixed window: as the strategy of `limits`, with fewer commands to know what is left."""
    key = window.item.key_for(*where)
    count = await storage.incr(key, window.seconds, amount=cost) if cost else await storage.get(key)
    now = time.time()
    if count == cost > 0:  # the first request begins the window
        end = now + window.seconds
    elif ends is None or (end := ends.get(key)) <= now:
        end = await storage.get_expiry(key)
    if ends is not None:
        ends.set(key, end)
    return cost > 0 and count <= window.amount, window.amount - count, end - now


async def _by_strategy(strategy: Any, window: Window, where: tuple[str, ...], cost: int) -> tuple[bool, int, float]:
    allowed = cost > 0 and await strategy.hit(window.item, *where, cost=cost)
    stats = await strategy.get_window_stats(window.item, *where)
    return allowed, stats.remaining, stats.reset_time - time.time()


class Ends:
    """When fixed windows in an engine end, as far as this process knows: so it needs no command for that."""

    def __init__(self, max_keys: int = 10_000) -> None:
        self._max_keys = max_keys
        self._ends: dict[str, float] = {}

    def get(self, key: str) -> float:
        """The end of a window; 0 if it is not known."""
        return self._ends.get(key, 0.0)

    def set(self, key: str, end: float) -> None:
        """Remember an end. Beyond `max_keys`, the one that was set the longest time ago is forgotten."""
        if self._ends.get(key) != end:
            self._ends.pop(key, None)
            self._ends[key] = end
            if len(self._ends) > self._max_keys:
                del self._ends[next(iter(self._ends))]


def digest_of(key: str) -> str:
    """A digest of what is counted by."""
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class _Memory:
    """The counts of one process."""

    def __init__(self) -> None:
        self.storage = MemoryCounts()

    async def run(self, function: Callable[..., Awaitable[T]], *args: Any) -> T:
        return await function(self.storage, None, *args)


class _Redis:
    """The counts in Redis, by the connections of the backend: its time limit, its back-off, both event loops."""

    def __init__(self, connections: RedisConnections, prefix: str) -> None:
        self._connections = connections
        self._prefix = prefix
        self._storages: WeakKeyDictionary[RedisClient, Any] = WeakKeyDictionary()
        self._ends = Ends()

    async def run(self, function: Callable[..., Awaitable[T]], *args: Any) -> T:
        peer = self._connections.here()
        return await peer.runner.run(self._run, peer.client, function, *args)

    async def _run(self, client: RedisClient, function: Callable[..., Awaitable[T]], *args: Any) -> T:
        storage = self._storages.get(client)
        if storage is None:
            # The pool has the URL; the one here is not used.
            storage = self._storages[client] = RedisStorage(
                "redis://", implementation="redispy", connection_pool=client.pool, key_prefix=self._prefix
            )
        async with client.attempt():
            return await function(storage, self._ends, *args)


_engines: "WeakKeyDictionary[Backend, _Memory | _Redis]" = WeakKeyDictionary()


def engine_of(backend: Backend) -> "_Memory | _Redis":
    """What counts for a backend, the same for all its rate limits.

    Raises ValueError if the backend has an object in place of a URL for rate limits.
    """
    engine = _engines.get(backend)
    if engine is None:
        connections = backend.connections(PURPOSE)
        if connections is None:
            engine = _Memory()
            backend.when_cleared(engine.storage.forget)
        else:
            engine = _Redis(connections, f"{backend.namespace}:{PURPOSE}")
        _engines[backend] = engine
    return engine


# -- in memory ---------------------------------------------------------------------------------------------------------


class MemoryCounts(Storage, MovingWindowSupport, SlidingWindowCounterSupport):
    """The counts of one process, as the strategies of `limits` ask for them. No method waits.

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

    async def check(self) -> bool:
        return True

    def forget(self) -> None:
        """Forget all counts."""
        self._windows.clear()

    async def reset(self) -> None:
        self._windows.clear()

    async def clear(self, key: str) -> None:
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

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        entry = self._entry("fixed", expiry, key)
        if entry is None:
            self._put("fixed", expiry, key, [self.clock() + expiry, amount])
            return amount
        entry[1] += amount
        count: int = entry[1]
        return count

    async def get(self, key: str) -> int:
        found = self._fixed(key)
        return 0 if found is None else found[1]

    async def get_expiry(self, key: str) -> float:
        found = self._fixed(key)
        return self.clock() if found is None else found[0]

    def _fixed(self, key: str) -> list[Any] | None:
        kinds = (seconds for kind, seconds in self._windows if kind == "fixed")
        return next((found for seconds in kinds if (found := self._entry("fixed", seconds, key)) is not None), None)

    # -- moving windows

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        now = self.clock()
        times = self._times(key, expiry, now)
        if len(times) + amount > limit:
            return False
        times.extend([now] * amount)
        self._put("moving", expiry, key, [now + expiry, times])
        return True

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002 - of `limits`
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

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        previous, left, current, _ = await self.get_sliding_window(key, expiry)
        if int(previous * left / expiry + current) + amount > limit:
            return False
        number = int(self.clock() // expiry)
        self._put("sliding", expiry, f"{key}/{number}", [(number + 2) * expiry, current + amount])
        return True

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        number, passed = divmod(self.clock(), expiry)
        current = self._entry("sliding", expiry, f"{key}/{int(number)}")
        previous = self._entry("sliding", expiry, f"{key}/{int(number) - 1}")
        return (
            0 if previous is None else previous[1],
            0.0 if previous is None else expiry - passed,
            0 if current is None else current[1],
            2 * expiry - passed,
        )

    async def clear_sliding_window(self, key: str, expiry: int) -> None:
        number = int(self.clock() // expiry)
        for each in (number, number - 1):
            self._windows.get(("sliding", expiry), {}).pop(f"{key}/{each}", None)
