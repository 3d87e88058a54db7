"""`RedisStore` and `RedisBus`: state in Redis or Valkey, which any number of processes share."""

import math
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from hashlib import blake2b
from urllib.parse import parse_qs, urlsplit

from anyio import CancelScope, move_on_after
from anyio.lowlevel import checkpoint

from signette.state.bus import Message, Subscription
from signette.state.redis_client import Script
from signette.state.redis_connections import RedisConnections
from signette.state.redis_feed import Topic, read_stream
from signette.state.redis_url import shown_url
from signette.state.store import check_ttl, check_value
from signette.state.topic_log import Entry, MessageId, Wakener, parse_id
from signette.state.unavailable import DEFAULT_TIMEOUT, StateUnavailable

_DAY = 24 * 60 * 60

_REPLACE = Script("""
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[3] then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) else redis.call('SET', KEYS[1], ARGV[2]) end
return 1
""")

_DELETE = Script("""
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
""")

_PERSIST = Script("""
redis.call('PERSIST', KEYS[1])
return redis.call('EXISTS', KEYS[1])
""")

# KEYS: the stream. ARGV: the channel, the data, how many messages are kept, and for how many milliseconds.
# `%.0f`: a number of Lua is a float, which `tostring` would write as 1.7e+12.
_PUBLISH = Script("""
local earlier = KEYS[2] and redis.call('GET', KEYS[2])
if earlier then return earlier end
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local epoch, number
if last then
  epoch, number = string.match(last[1], '(%d+)-(%d+)')
else
  local now = redis.call('TIME')
  epoch, number = string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000)), 0
end
local id = epoch .. '-' .. string.format('%.0f', number + 1)
redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[3], id, 'd', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
if KEYS[2] then redis.call('SET', KEYS[2], id, 'PX', ARGV[4]) end
redis.call('PUBLISH', ARGV[1], id .. ' ' .. ARGV[2])
return id
""")

# The ids of the first and the last message of a stream; nothing, if it does not exist.
_ENDS = Script("""
local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if last then return {first[1], last[1]} end
return {}
""")


class RedisStore:
    """Values in Redis or Valkey. `prefix` begins all keys.

    Close it with `aclose()`, unless it belongs to a `Backend`.

    Raises:
        ValueError: the URL is not valid.
        ImportError: redis is not installed.
    """

    def __init__(self, url: str | RedisConnections, *, prefix: str = "", timeout: float = DEFAULT_TIMEOUT) -> None:
        self._connections = RedisConnections(url, timeout) if isinstance(url, str) else url
        self._prefix = prefix

    async def get(self, key: str) -> bytes | None:
        """Return the value; None if it does not exist or has expired."""
        value: bytes | None = await self._connections.execute("GET", self._key(key))
        return value

    async def set(self, key: str, value: bytes, *, ttl: float | None = None) -> None:
        """Store a value, in place of an earlier one and its expiry."""
        check_value(value)
        await self._connections.execute("SET", self._key(key), value, *_px(ttl))

    async def add(self, key: str, value: bytes, *, ttl: float | None = None) -> bool:
        """Store a value if the key has none. Returns whether the value was stored."""
        check_value(value)
        return bool(await self._connections.execute("SET", self._key(key), value, "NX", *_px(ttl)))

    async def replace(self, key: str, expected: bytes, value: bytes, *, ttl: float | None = None) -> bool:
        """Store a value, and its expiry, if the present value is `expected`. Returns whether the value was stored."""
        check_value(expected)
        check_value(value)
        return bool(await self._connections.script(_REPLACE, [self._key(key)], expected, value, *_px(ttl)[1:]))

    async def delete(self, key: str, *, expected: bytes | None = None) -> bool:
        """Delete a value, with `expected` only if it is that value. Returns whether a value was deleted."""
        if expected is None:
            return bool(await self._connections.execute("DEL", self._key(key)))
        check_value(expected)
        return bool(await self._connections.script(_DELETE, [self._key(key)], expected))

    async def touch(self, key: str, ttl: float | None) -> bool:
        """Replace the expiry of a value; None removes it. Returns whether the value exists."""
        if ttl is None:
            return bool(await self._connections.script(_PERSIST, [self._key(key)]))
        return bool(await self._connections.execute("PEXPIRE", self._key(key), _milliseconds(ttl)))

    async def aclose(self) -> None:
        """Close the connections of the running event loop. They open again when they are used again."""
        await self._connections.aclose()

    def __repr__(self) -> str:
        return f"RedisStore({shown_url(self._connections.url)!r}, prefix={self._prefix!r})"

    def _key(self, key: str) -> bytes:
        return _encoded(self._prefix + key)


class RedisBus:
    """Messages in streams of Redis or Valkey. `prefix` begins all keys and channels.

    The last `max_messages` of a topic are kept for subscribers that come back, and all of them for `keep_seconds` after
    the last one. A process has one connection for all its subscriptions. Close it with `aclose()`, unless it belongs
    to a `Backend`.

    Raises:
        ValueError: the URL, `max_messages` or `keep_seconds` is not valid.
        ImportError: redis is not installed.
    """

    def __init__(
        self,
        url: str | RedisConnections,
        *,
        prefix: str = "",
        timeout: float = DEFAULT_TIMEOUT,
        max_messages: int = 1000,
        keep_seconds: float = _DAY,
    ) -> None:
        if max_messages < 1 or not 0 < keep_seconds < math.inf:
            raise ValueError("`max_messages` must be at least 1, and `keep_seconds` a positive number")
        self.max_messages = max_messages
        self.keep_seconds = keep_seconds
        self._connections = RedisConnections(url, timeout) if isinstance(url, str) else url
        self._prefix = prefix
        # Keys belong to a database of the server, channels to the whole server.
        self._database = _database_of(self._connections.url)

    async def publish(self, topic: str, data: bytes, *, key: str | None = None) -> str:
        """Send a message to all subscribers of a topic, once for each `key`, and keep it. Returns its id.

        A key is known for `keep_seconds`, also when its message is no longer kept.
        """
        check_value(data)
        limits = (self.max_messages, _milliseconds(self.keep_seconds))
        stream = self._key(topic)
        keys = [stream] if key is None else [stream, self._once(stream, key)]
        message_id: bytes = await self._connections.script(_PUBLISH, keys, self._channel(stream), data, *limits)
        return message_id.decode("ascii")

    @asynccontextmanager
    async def subscribe(self, topic: str, *, after: str | None = None) -> AsyncGenerator[Subscription]:
        """Receive the messages of a topic; see `Bus.subscribe`."""
        peer, key, wakener = self._connections.here(), self._key(topic), Wakener()
        joined = await peer.runner.run(peer.feed.join, key, self._channel(key), self.max_messages)
        try:
            subscription = _RedisSubscription(self._connections, joined, wakener)
            with joined.lock:
                joined.listeners.add(wakener)
            await subscription.begin(after)
            yield subscription
        finally:
            with joined.lock:
                joined.listeners.discard(wakener)
            with CancelScope(shield=True):
                await peer.runner.run(peer.feed.leave, joined)

    async def aclose(self) -> None:
        """Close the connections of the running event loop. They open again when they are used again."""
        await self._connections.aclose()

    def __repr__(self) -> str:
        return f"RedisBus({shown_url(self._connections.url)!r}, prefix={self._prefix!r})"

    def _key(self, topic: str) -> bytes:
        return _encoded(self._prefix + topic)

    def _once(self, stream: bytes, key: str) -> bytes:
        """The Redis key for the key of a message: a digest, as keys of messages may be long."""
        digest = blake2b(_encoded(key), key=blake2b(stream).digest(), digest_size=16).hexdigest()
        return _encoded(f"{self._prefix.removesuffix('/')}#{digest}")

    def _channel(self, key: bytes) -> bytes:
        return b"%s@%s" % (key, self._database)


class _RedisSubscription(Subscription):
    """A place in a topic: behind its log, read from the stream; otherwise, in its log."""

    def __init__(self, connections: RedisConnections, topic: Topic, wakener: Wakener) -> None:
        self._connections = connections
        self._topic = topic
        self._wakener = wakener
        self._page: deque[Entry] = deque()
        self._place = MessageId(0, 0)

    async def begin(self, after: str | None) -> None:
        """Wait until messages arrive, then find the place to begin at."""
        while not self._topic.is_live:
            await self._wait_for_engine()
        ends = [parse_id(raw.decode("ascii")) for raw in await self._connections.script(_ENDS, [self._topic.key])]
        first, last = ends or (None, None)
        place = last if after is None else parse_id(after)
        if first is None or last is None:  # no messages
            self.missed = after is not None
        elif place is None or not (place.epoch == last.epoch and first.number - 1 <= place.number <= last.number):
            self.missed = True
            place = MessageId(first.epoch, first.number - 1)
        self._place = MessageId(0, 0) if last is None or place is None else place
        self._topic.start(last or self._place)

    async def __anext__(self) -> Message:
        await checkpoint()
        while True:
            entry = self._page.popleft() if self._page else self._local()
            if entry is not None:
                return self._arrived(entry)
            if self._is_behind():
                await self._read_page()
            elif self._topic.is_live:
                await self._wakener.wait(lambda: self._has_more() or not self._topic.is_live)
            else:
                await self._wait_for_engine()

    def _arrived(self, entry: Entry) -> Message:
        if entry.id != self._place.next and self._place.epoch:
            self.missed = True
        self._place = entry.id
        return entry.message

    def _local(self) -> Entry | None:
        with self._topic.lock:
            log = self._topic.log
            return None if log is None or self._place < log.before_first else log.after(self._place)

    def _is_behind(self) -> bool:
        with self._topic.lock:
            log = self._topic.log
            return log is not None and self._place < log.before_first

    def _has_more(self) -> bool:
        with self._topic.lock:
            log = self._topic.log
            return log is not None and (self._place < log.before_first or log.after(self._place) is not None)

    async def _read_page(self) -> None:
        peer = self._connections.here()
        self._page.extend(await peer.runner.run(read_stream, peer.client, self._topic.key, self._place))
        if not self._page:  # deleted meanwhile
            with self._topic.lock:
                assert self._topic.log is not None
                self.missed = True
                self._place = self._topic.log.before_first

    async def _wait_for_engine(self) -> None:
        if self._topic.is_closed:
            raise StateUnavailable("the bus was closed while this subscription was open: subscribe again")
        with move_on_after(self._connections.timeout):
            while not self._can_go_on():
                await self._wakener.wait(self._can_go_on)
        if not self._can_go_on():
            raise StateUnavailable(f"the engine {shown_url(self._connections.url)} sends no messages")

    def _can_go_on(self) -> bool:
        return self._topic.is_live or self._topic.is_closed or self._has_more()


class RedisEngine:
    """The engine of URLs of Redis and Valkey."""

    def __init__(self, url: str, namespace: str, timeout: float) -> None:
        self.connections = RedisConnections(url, timeout)
        self._namespace = namespace

    def store(self, purpose: str) -> RedisStore:
        """A store whose keys begin with the namespace and the purpose."""
        return RedisStore(self.connections, prefix=f"{self._namespace}:{purpose}:")

    def bus(self, purpose: str) -> RedisBus:
        """A bus whose streams begin with the namespace and the purpose; never the key of a value."""
        return RedisBus(self.connections, prefix=f"{self._namespace}:{purpose}/")

    async def check(self) -> None:
        """Write a value: a server that is full or a read-only replica replies to a PING as well."""
        await self.connections.execute("SET", f"{self._namespace}:health", b"1", "PX", 1000)

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        await self.connections.aclose()


def _encoded(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")  # any text is a key


def _milliseconds(ttl: float) -> int:
    check_ttl(ttl)
    return max(1, math.ceil(ttl * 1000))


def _px(ttl: float | None) -> tuple[str | int, ...]:
    return () if ttl is None else ("PX", _milliseconds(ttl))


def _database_of(url: str) -> bytes:
    parts = urlsplit(url)
    chosen = parse_qs(parts.query).get("db", [""])[0] or ("" if parts.scheme == "unix" else parts.path.strip("/"))
    return (chosen or "0").encode("ascii")
