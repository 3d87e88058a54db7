"""`MemoryStore` and `MemoryBus`: state in the memory of one process. The default, and the engine of tests."""

import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from heapq import heapify, heappop, heappush
from threading import Lock
from typing import Any, NamedTuple

from anyio.lowlevel import checkpoint

from signette.state.bus import Message, Subscription
from signette.state.store import check_ttl, check_value
from signette.state.topic_log import Entry, MessageId, TopicLog, Wakener, parse_id
from signette.state.unavailable import StateUnavailable

_MIB = 1024 * 1024


class _Item(NamedTuple):
    value: bytes
    deadline: float | None


class MemoryStore:
    """Values in the memory of this process.

    Beyond `max_items` values, or `max_bytes` of keys and values, those are deleted that were set the longest time ago.
    `clock` returns seconds; tests pass their own. A copy or a pickle of a store is empty.

    Raises:
        StateUnavailable: one value alone is larger than `max_bytes`.
    """

    def __init__(
        self, *, max_items: int = 100_000, max_bytes: int = 64 * _MIB, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if max_items < 1 or max_bytes < 1:
            raise ValueError("`max_items` and `max_bytes` must be at least 1")
        self.max_items = max_items
        self.max_bytes = max_bytes
        self.clock = clock
        self._items: dict[str, _Item] = {}  # the one that was set last stands last
        self._bytes = 0
        self._deadlines: list[tuple[float, str]] = []  # a heap, also of values that were replaced or deleted since
        # Several event loops may share a store. No method waits while it has the lock.
        self._lock = Lock()

    async def get(self, key: str) -> bytes | None:
        """Return the value; None if it does not exist or has expired."""
        with self._lock:
            return self._get(key)

    async def set(self, key: str, value: bytes, *, ttl: float | None = None) -> None:
        """Store a value, in place of an earlier one and its expiry."""
        self._check(key, value, ttl)
        with self._lock:
            self._put(key, value, ttl)

    async def add(self, key: str, value: bytes, *, ttl: float | None = None) -> bool:
        """Store a value if the key has none. Returns whether the value was stored."""
        self._check(key, value, ttl)
        with self._lock:
            if self._get(key) is not None:
                return False
            self._put(key, value, ttl)
            return True

    async def replace(self, key: str, expected: bytes, value: bytes, *, ttl: float | None = None) -> bool:
        """Store a value, and its expiry, if the present value is `expected`. Returns whether the value was stored."""
        check_value(expected)
        self._check(key, value, ttl)
        with self._lock:
            if self._get(key) != expected:
                return False
            self._put(key, value, ttl)
            return True

    async def delete(self, key: str, *, expected: bytes | None = None) -> bool:
        """Delete a value, with `expected` only if it is that value. Returns whether a value was deleted."""
        with self._lock:
            value = self._get(key)
            if value is None or expected not in (None, value):
                return False
            self._remove(key)
            return True

    async def touch(self, key: str, ttl: float | None) -> bool:
        """Replace the expiry of a value; None removes it. Returns whether the value exists."""
        check_ttl(ttl)
        with self._lock:
            value = self._get(key)
            if value is None:
                return False
            self._put(key, value, ttl)
            return True

    def clear(self) -> None:
        """Delete all values."""
        with self._lock:
            self._items.clear()
            self._deadlines.clear()
            self._bytes = 0

    def __len__(self) -> int:
        """The number of values that have not expired."""
        with self._lock:
            self._remove_expired()
            return len(self._items)

    def __bool__(self) -> bool:
        return True

    def __reduce__(self) -> tuple[Any, ...]:
        make = partial(type(self), max_items=self.max_items, max_bytes=self.max_bytes, clock=self.clock)
        return make, ()

    def _check(self, key: str, value: bytes, ttl: float | None) -> None:
        check_value(value)
        check_ttl(ttl)
        if len(key) + len(value) > self.max_bytes:
            raise StateUnavailable(f"a value of {len(value)} bytes is larger than the whole `MemoryStore`")

    def _get(self, key: str) -> bytes | None:
        item = self._items.get(key)
        if item is None:
            return None
        if item.deadline is not None and item.deadline <= self.clock():
            self._remove(key)
            return None
        return item.value

    def _put(self, key: str, value: bytes, ttl: float | None) -> None:
        self._remove(key)
        deadline = None if ttl is None else self.clock() + ttl
        self._items[key] = _Item(value, deadline)
        self._bytes += len(key) + len(value)
        if deadline is not None:
            heappush(self._deadlines, (deadline, key))
        self._remove_expired()
        while len(self._items) > self.max_items or self._bytes > self.max_bytes:
            self._remove(next(iter(self._items)))

    def _remove(self, key: str) -> None:
        item = self._items.pop(key, None)
        if item is not None:
            self._bytes -= len(key) + len(item.value)

    def _remove_expired(self) -> None:
        deadlines = self._deadlines
        now = self.clock() if deadlines else 0.0
        while deadlines and deadlines[0][0] <= now:
            deadline, key = heappop(deadlines)
            item = self._items.get(key)
            if item is not None and item.deadline == deadline:
                self._remove(key)
        if len(deadlines) > 2 * len(self._items) + 100:
            # Values that are set again and again leave a deadline each time.
            self._deadlines = [(item.deadline, key) for key, item in self._items.items() if item.deadline is not None]
            heapify(self._deadlines)


class MemoryBus:
    """Messages between the tasks of this process.

    Keeps the last `max_messages` of each topic, and of all topics at most `max_bytes`: then the oldest messages are
    deleted of the topic that was published to the longest time ago. The same topic is forgotten beyond `max_topics`,
    unless it has subscribers. A copy or a pickle of a bus is empty.
    """

    def __init__(self, *, max_messages: int = 1000, max_topics: int = 10_000, max_bytes: int = 64 * _MIB) -> None:
        if max_messages < 1 or max_topics < 1 or max_bytes < 1:
            raise ValueError("`max_messages`, `max_topics` and `max_bytes` must be at least 1")
        self.max_messages = max_messages
        self.max_topics = max_topics
        self.max_bytes = max_bytes
        self._topics: OrderedDict[str, TopicLog] = OrderedDict()  # the one that was published to last stands last
        self._bytes = 0
        self._epoch = 0
        self._lock = Lock()

    async def publish(self, topic: str, data: bytes, *, key: str | None = None) -> str:
        """Send a message to all subscribers of a topic, once for each `key`, and keep it. Returns its id.

        Raises:
            StateUnavailable: the message alone is larger than `max_bytes`.
        """
        check_value(data)
        if len(data) > self.max_bytes:
            raise StateUnavailable(f"a message of {len(data)} bytes is larger than the whole `MemoryBus`")
        await checkpoint()  # so that subscribers have their turn, as with an engine that is waited for
        with self._lock:
            log = self._log(topic)
            if key is not None and (earlier := log.find(key)) is not None:
                return earlier.id
            self._topics.move_to_end(topic)
            at = log.last.next
            self._bytes += len(data)
            log.append(Entry(at, Message(str(at), data), key))
            if len(log.entries) > self.max_messages:
                self._drop_oldest(log)
            self._drop_excess()
        return str(at)

    @asynccontextmanager
    async def subscribe(self, topic: str, *, after: str | None = None) -> AsyncGenerator[Subscription]:
        """Receive the messages of a topic; see `Bus.subscribe`."""
        wakener = Wakener()
        with self._lock:
            log = self._log(topic)
            subscription = _MemorySubscription(log, self._lock, wakener, after)
            log.listeners.add(wakener)
        try:
            yield subscription
        finally:
            with self._lock:
                log.listeners.discard(wakener)
                self._drop_excess()

    def clear(self) -> None:
        """Delete all messages. Their ids are unknown from then on."""
        with self._lock:
            for topic, log in tuple(self._topics.items()):
                while log.entries:
                    self._drop_oldest(log)
                if not log.listeners:
                    del self._topics[topic]

    def __reduce__(self) -> tuple[Any, ...]:
        limits = {"max_messages": self.max_messages, "max_topics": self.max_topics, "max_bytes": self.max_bytes}
        return partial(type(self), **limits), ()

    def _log(self, topic: str) -> TopicLog:
        log = self._topics.get(topic)
        if log is None:
            # Increases also for a topic that is forgotten and comes back within a millisecond.
            self._epoch = max(self._epoch + 1, time.time_ns() // 1_000_000)
            log = self._topics[topic] = TopicLog(MessageId(self._epoch, 0))
        return log

    def _drop_oldest(self, log: TopicLog) -> None:
        self._bytes -= len(log.pop_first().data)

    def _drop_excess(self) -> None:
        if self._bytes > self.max_bytes:
            for log in tuple(self._topics.values()):
                while log.entries and self._bytes > self.max_bytes:
                    self._drop_oldest(log)
        if len(self._topics) > self.max_topics:
            unused = [topic for topic, log in self._topics.items() if not log.listeners]
            for topic in unused[: len(self._topics) - self.max_topics]:
                log = self._topics.pop(topic)
                while log.entries:
                    self._drop_oldest(log)


class _MemorySubscription(Subscription):
    """A place in the log of a topic."""

    def __init__(self, log: TopicLog, lock: Lock, wakener: Wakener, after: str | None) -> None:
        self._log = log
        self._lock = lock
        self._wakener = wakener
        place = log.last if after is None else parse_id(after)
        if place is None or not log.knows(place):
            self.missed = True
            place = log.before_first
        self._place = place

    async def __anext__(self) -> Message:
        entry = self._next()
        if entry is not None:
            await checkpoint()  # so that a subscriber that is behind does not keep others from their turn
        while entry is None:
            await self._wakener.wait(self._has_more)
            entry = self._next()
        if entry.id != self._place.next:
            self.missed = True
        self._place = entry.id
        return entry.message

    def _next(self) -> Entry | None:
        with self._lock:
            return self._log.after(self._place)

    def _has_more(self) -> bool:
        return self._next() is not None
