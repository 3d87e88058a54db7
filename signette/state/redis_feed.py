"""What the subscriptions of one event loop receive from Redis, by one connection.

Theory of operation. A message is in two places: in the stream of its topic, which keeps the last ones, and in a
publication (`PUBLISH`) with the same id, which reaches all processes that are subscribed at once. The feed has one
connection, on which it subscribes to the topics that have subscriptions here, and appends each message to the
`TopicLog` of its topic. So any number of subscriptions to any number of topics take one connection of a process.

Publications can be lost: the connection ends, or Redis drops a client that reads too slowly. Ids count without a gap,
so the feed notices, and reads the stream from where its log ends ("catching up"). It does the same for each topic after
it has connected again. A subscription that is further back than the log reads the stream itself.

Three tasks share the connection: one reads, one sends what subscriptions ask for, and a PING now and then, as a
connection without a reply is given up, and one catches up.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context
from threading import Lock

from signette.state.bus import Message
from signette.state.redis_client import Backoff, Listener, RedisClient
from signette.state.topic_log import Entry, MessageId, TopicLog, Wakener, parse_id, wake_all
from signette.state.unavailable import StateUnavailable

# Messages of a topic that stay in this process at most, for subscriptions that are a little behind.
_LOCAL_MESSAGES = 100
# How many messages are read at once from a stream, and how many topics are subscribed to at once.
PAGE = 100
_PINGS_PER_TIMEOUT = 2
_MISSED_PINGS = 2
_log = logging.getLogger("signette.state")


class Topic:
    """A topic that has subscriptions here. They read it in other threads, too, with `lock`."""

    def __init__(self, key: bytes, channel: bytes, max_messages: int) -> None:
        self.key = key
        self.channel = channel
        self.max_messages = min(max_messages, _LOCAL_MESSAGES)
        self.lock = Lock()
        self.log: TopicLog | None = None
        self.is_live = False
        """Whether the engine sends the messages of this topic now."""
        self.is_closed = False
        """Whether the feed was closed, so that no more messages come."""
        self.listeners: set[Wakener] = set()

    def start(self, last: MessageId) -> None:
        """Begin the log after this message, unless it has begun."""
        with self.lock:
            if self.log is None:
                self._begin(last)

    def _begin(self, last: MessageId) -> TopicLog:
        self.log = TopicLog(last)
        self.log.listeners = self.listeners
        return self.log

    def add(self, entry: Entry) -> bool:
        """Append a message. Returns False, and appends nothing, if one before it is missing."""
        with self.lock:
            log = self.log or self._begin(MessageId(entry.id.epoch, entry.id.number - 1))
            if entry.id == log.last.next:
                self._append(log, entry)
                return True
            return entry.id <= log.last

    def catch_up(self, entries: list[Entry]) -> None:
        """Append messages of the stream, after a gap if some are not kept any more."""
        with self.lock:
            for entry in entries:
                log = self.log
                if log is None or entry.id > log.last:
                    if log is None or entry.id != log.last.next:
                        log = self._begin(MessageId(entry.id.epoch, entry.id.number - 1))
                    self._append(log, entry)

    def _append(self, log: TopicLog, entry: Entry) -> None:
        log.append(entry)
        if len(log.entries) > self.max_messages:
            log.entries.popleft()

    def set_live(self, is_live: bool) -> None:
        """Note whether the engine sends messages now, and wake the subscriptions."""
        with self.lock:
            self.is_live = is_live
            wake_all(self.listeners)


async def read_stream(client: RedisClient, key: bytes, after: MessageId) -> list[Entry]:
    """The messages of a stream that follow an id, at most a page of them."""
    reply = await client.execute("XRANGE", key, f"({after}", "+", "COUNT", PAGE)
    entries = []
    for raw, (_, data) in reply or ():
        at = parse_id(raw.decode("ascii"))
        assert at is not None
        entries.append(Entry(at, Message(str(at), data)))
    return entries


class Feed:
    """The topics that have subscriptions in one event loop. Its methods are called there."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._backoff = Backoff()  # of the connection for messages: its user may not be permitted to subscribe
        self._topics: dict[bytes, tuple[Topic, int]] = {}
        self._task: asyncio.Task[None] | None = None
        self._requests: deque[tuple[str, Topic]] = deque()
        self._acknowledged: deque[Topic] = deque()
        self._behind: dict[bytes, Topic] = {}
        self._has_requests = asyncio.Event()
        self._is_behind = asyncio.Event()
        self._unanswered = 0

    async def join(self, key: bytes, channel: bytes, max_messages: int) -> Topic:
        """Take part in a topic. Returns at once; `is_live` is set when messages arrive."""
        topic, count = self._topics.get(channel) or (Topic(key, channel, max_messages), 0)
        self._topics[channel] = topic, count + 1
        if count == 0:
            self._request("SUBSCRIBE", topic)
        if self._task is None:
            # Not in the context of this subscription: that of a request would stay as long as the feed.
            self._task = asyncio.create_task(self._run(), name="signette-state-feed", context=Context())
        return topic

    async def leave(self, topic: Topic) -> None:
        """End what `join` has begun. The last one to leave closes the connection."""
        known, count = self._topics.get(topic.channel, (None, 0))
        if known is not topic:
            return  # the feed was closed meanwhile
        if count > 1:
            self._topics[topic.channel] = topic, count - 1
            return
        del self._topics[topic.channel]
        self._behind.pop(topic.channel, None)
        self._request("UNSUBSCRIBE", topic)
        if not self._topics:
            await self._stop()

    async def aclose(self) -> None:
        """Close the connection. Subscriptions that are left raise StateUnavailable."""
        topics, self._topics = self._topics, {}
        await self._stop()
        for topic, _ in topics.values():
            topic.is_closed = True
            topic.set_live(False)

    async def _stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])

    def _request(self, verb: str, topic: Topic) -> None:
        self._requests.append((verb, topic))
        self._has_requests.set()

    async def _run(self) -> None:
        """Connect again and again."""
        while True:
            started = self._backoff.now()
            try:
                async with self._client.listen() as listener:
                    await self._converse(listener)
            except StateUnavailable:
                pass
            except Exception:  # noqa: BLE001 - of the library: subscriptions would wait for ever
                _log.exception("the connection for messages failed, and is made again")
            self._backoff.failed(started)
            for topic, _ in tuple(self._topics.values()):
                topic.set_live(False)
            await asyncio.sleep(max(self._client.backoff.delay(), self._backoff.delay()))

    async def _converse(self, listener: Listener) -> None:
        self._requests = deque(("SUBSCRIBE", topic) for topic, _ in self._topics.values())
        self._has_requests.set()
        self._acknowledged.clear()
        self._behind.clear()
        self._unanswered = 0
        parts: tuple[Callable[[Listener], Awaitable[None]], ...] = (self._read, self._send, self._catch_up)
        tasks = [asyncio.ensure_future(part(listener)) for part in parts]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, listener: Listener) -> None:
        while True:
            kind, *rest = await listener.receive()
            self._unanswered = 0
            if kind == b"message":
                self._received(rest[0], rest[1])
            elif kind == b"subscribe" and self._acknowledged:
                # Commands are acknowledged in the order in which they were sent.
                topic = self._acknowledged.popleft()
                self._backoff.succeeded()
                topic.set_live(True)
                self._fall_behind(topic)

    def _received(self, channel: bytes, content: bytes) -> None:
        topic, _ = self._topics.get(channel, (None, 0))
        raw, _, data = content.partition(b" ")
        at = parse_id(raw.decode("latin-1"))
        if topic is not None and at is not None and not topic.add(Entry(at, Message(str(at), data))):
            self._fall_behind(topic)

    def _fall_behind(self, topic: Topic) -> None:
        if topic.log is not None:
            self._behind[topic.channel] = topic
            self._is_behind.set()

    async def _send(self, listener: Listener) -> None:
        interval = self._client.timeout / _PINGS_PER_TIMEOUT
        while True:
            try:
                async with asyncio.timeout(interval):
                    await self._has_requests.wait()
            except TimeoutError:
                if self._unanswered == _MISSED_PINGS:
                    raise StateUnavailable("no reply to a PING") from None
                self._unanswered += 1
                await listener.send("PING")
                continue
            self._has_requests.clear()
            while self._requests:
                verb, topics = self._next_requests()
                if verb == "SUBSCRIBE":
                    self._acknowledged.extend(topics)
                await listener.send(verb, *(topic.channel for topic in topics))

    def _next_requests(self) -> tuple[str, list[Topic]]:
        verb, topic = self._requests.popleft()
        topics = [topic]
        while self._requests and self._requests[0][0] == verb and len(topics) < PAGE:
            topics.append(self._requests.popleft()[1])
        return verb, topics

    async def _catch_up(self, listener: Listener) -> None:  # noqa: ARG002 - the three tasks have one shape
        while True:
            await self._is_behind.wait()
            self._is_behind.clear()
            while self._behind:
                channel, topic = next(iter(self._behind.items()))
                del self._behind[channel]
                assert topic.log is not None
                entries = await read_stream(self._client, topic.key, topic.log.last)
                topic.catch_up(entries)
                if len(entries) == PAGE:
                    self._fall_behind(topic)
