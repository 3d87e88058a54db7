"""`Bus`: messages by topic, sent to all subscribers of all processes, and kept for a while."""

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from typing import Protocol, runtime_checkable

from signette._dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a topic. Its id is text without spaces, for `after=` and for the `id` of a server-sent event."""

    id: str
    data: bytes


class Subscription(ABC):
    """The messages of a topic, in the order of their ids: `async for message in subscription`.

    The iteration has no end: leave the loop. After a `StateUnavailable` you can continue it: iterate again.
    """

    missed: bool = False
    """Whether messages were left out so far: they were no longer kept when this subscription wanted to read them."""

    def __aiter__(self) -> "Subscription":
        return self

    @abstractmethod
    async def __anext__(self) -> Message:
        """Wait for the next message.

        Raises:
            StateUnavailable: the engine cannot be used.
        """


@runtime_checkable
class Bus(Protocol):
    """Messages by topic. Every subscriber of a topic receives each message, in every process.

    The last messages of a topic are kept, so that a subscriber that comes back continues where it was.
    """

    async def publish(self, topic: str, data: bytes, *, key: str | None = None) -> str:
        """Send a message to all subscribers of a topic, and keep it for later ones. Returns its id.

        A `key` makes it safe to publish again after an error or a crash: while the topic keeps a message with the same
        key, nothing is sent, and the id of that message is returned.

        Raises:
            StateUnavailable: the engine cannot be used.
        """
        ...

    def subscribe(self, topic: str, *, after: str | None = None) -> AbstractAsyncContextManager[Subscription]:
        """Receive the messages of a topic: `async with bus.subscribe("orders") as subscription`.

        All messages that are published after the block was entered are received. With `after`, the id of a message,
        those that followed it come first. If they are no longer all kept, or the id is unknown, the subscription
        begins with the oldest message that is kept, and its `missed` is True.

        Raises:
            StateUnavailable: the engine cannot be used.
        """
        ...
