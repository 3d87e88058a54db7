"""The last messages of a topic, in memory: what a subscription reads, and how it finds its place.

Theory of operation. The id of a message is `<epoch>-<number>`. The epoch is the time, in milliseconds, at which the
topic was created; the number counts its messages: 1, 2, 3 and so on. So after number 7 comes 8. If the next message is
9, or has another epoch because the topic was deleted and created again, messages are missing.

Subscriptions have no queues. Each has a place, the id of the message it has read last, and reads the topic's log from
there. So a message is kept once, however many subscribers a topic has, and a slow subscriber costs nothing.
"""

from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NamedTuple

import anyio
from anyio.lowlevel import current_token

from signette.state.bus import Message


class MessageId(NamedTuple):
    """An id as numbers. Ids of a topic increase."""

    epoch: int
    number: int

    def __str__(self) -> str:
        return f"{self.epoch}-{self.number}"

    @property
    def next(self) -> "MessageId":
        """The id that follows in the same topic."""
        return MessageId(self.epoch, self.number + 1)


_DIGITS = 20  # of the largest number of 64 bits


def parse_id(text: str) -> MessageId | None:
    """An id from its text; None if it is not one: clients send it back, and may send anything."""
    epoch, _, number = text.partition("-")
    if not (len(text) <= 2 * _DIGITS and text.isascii() and epoch.isdigit() and number.isdigit()):
        return None
    return MessageId(int(epoch), int(number))


class Entry(NamedTuple):
    """A message with its id as numbers, and the key that it was published with."""

    id: MessageId
    message: Message
    key: str | None = None


class TopicLog:
    """The last messages of a topic, and the subscriptions to wake when there is another one."""

    def __init__(self, last: MessageId) -> None:
        self.entries: deque[Entry] = deque()
        self.last = last
        """The id of the last message, whether or not it is still in the log."""
        self.listeners: set[Wakener] = set()
        self._by_key: dict[str, Message] = {}

    def append(self, entry: Entry) -> None:
        """Add a message, and wake the subscriptions that wait for it."""
        self.entries.append(entry)
        if entry.key is not None:
            self._by_key[entry.key] = entry.message
        self.last = entry.id
        if self.listeners:
            wake_all(self.listeners)

    def pop_first(self) -> Message:
        """Remove the oldest message, and its key."""
        entry = self.entries.popleft()
        if entry.key is not None:
            del self._by_key[entry.key]
        return entry.message

    def find(self, key: str) -> Message | None:
        """The message with a key, while it is in the log."""
        return self._by_key.get(key)

    def after(self, place: MessageId) -> Entry | None:
        """The first message in the log that follows a place; None if nothing follows yet."""
        entries = self.entries
        if not entries or self.last <= place:
            return None
        index = place.number + 1 - entries[0].id.number
        if 0 <= index < len(entries) and entries[index].id == place.next:  # ids without a gap: nearly always
            return entries[index]
        return next((each for each in entries if each.id > place), None)

    @property
    def before_first(self) -> MessageId:
        """The place from which all messages in the log are read."""
        first = self.entries[0].id if self.entries else self.last.next
        return MessageId(first.epoch, first.number - 1)

    def knows(self, place: MessageId) -> bool:
        """Whether all messages that followed a place are still in the log."""
        return place.epoch == self.last.epoch and self.before_first <= place <= self.last


class Wakener:
    """Wakes a task of any event loop, from any thread: a test client runs the application in another thread."""

    def __init__(self) -> None:
        self._event: anyio.Event | None = None
        loop: Any = current_token().native_token
        self._loop: object = loop
        # asyncio's loop has the first method, trio's token the second.
        self._post = getattr(loop, "call_soon_threadsafe", None) or loop.run_sync_soon

    def wake(self, here: object) -> None:
        """Wake the task, if it waits. `here` is the event loop of the caller."""
        event = self._event
        if event is None:
            return
        if here is self._loop:
            event.set()  # PERF: to post it takes a system call
        else:
            with suppress(RuntimeError):  # the event loop has ended
                self._post(event.set)

    async def wait(self, has_more: Callable[[], bool]) -> None:
        """Wait until a call of `wake`, unless there is more to read already.

        A change after which `has_more` is true calls `wake` later, so that no call is lost.
        """
        event = self._event = anyio.Event()
        try:
            if not has_more():
                await event.wait()
        finally:
            self._event = None


def wake_all(listeners: Iterable[Wakener]) -> None:
    """Wake those that wait. Called in any event loop, or in none."""
    try:
        here: object = current_token().native_token
    except RuntimeError:
        here = None
    for each in listeners:
        each.wake(here)
