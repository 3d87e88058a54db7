"""`Feed`: one subscriber's messages of a topic, in the order in which they were published.

Theory of operation. A feed has no queue. The bus keeps the last messages of each topic, and a feed has a place among
them: it reads the next message when the subscriber is ready for it. So a slow subscriber delays no other and costs no
memory; if it falls so far behind that its next message is no longer kept, it has missed messages.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from anyio import CancelScope, move_on_after, sleep

from signette.declarative.adapters.messages import Codec, InvalidMessage
from signette.declarative.signature.topics import OnMissed
from signette.draining import current_draining
from signette.exceptions import WebSocketException
from signette.state.bus import Bus, Message, Subscription
from signette.state.unavailable import StateUnavailable

if TYPE_CHECKING:
    from types import TracebackType

T_co = TypeVar("T_co", covariant=True)

logger = logging.getLogger("signette.channels")

# The timeout for leaving the bus after a cancellation, so that a server can shut down.
CLOSING_SECONDS = 5
TRY_AGAIN_LATER = 1013
SERVICE_RESTART = 1012
_REASON = "Messages were missed"
# How long a feed waits before it reads again, each time that the bus cannot be used: half a minute in all. An event
# stream goes on with the last one, because `EventSource` does not reconnect after an error response.
RETRY_SECONDS = (0.1, 0.2, 0.5, 1, 2, *[4] * 7)

# The ids of the buses of which is logged that they cannot be used, so that a thousand subscribers do not log the same.
# Ids, because a custom bus may not be hashable.
_unavailable: set[int] = set()


class MessagesMissed(WebSocketException):
    """A subscriber has missed messages of a topic whose channel has `on_missed="close"`.

    In a WebSocket endpoint that does not handle it, the WebSocket is closed with 1013.
    """

    def __init__(self, topic: str) -> None:
        self.topic = topic
        super().__init__(TRY_AGAIN_LATER, _REASON)


class Feed(Generic[T_co]):
    """The messages of a channel, as `async for` reads them. Made by `Channel.subscribe`.

    It subscribes when it is entered (`async with`), or at the first message that is read. It is closed at the end of
    the `async with` block, or else at the end of the request. One task reads it.
    """

    def __init__(
        self,
        bus: Bus,
        topic: str,
        codec: Codec,
        after: str | None,
        on_missed: OnMissed,
        *,
        resumes: bool = False,
        ends_with_process: bool = False,
        gives_up: bool = True,
    ) -> None:
        self.topic = topic
        self.last_id: str | None = after
        """The id of the message that was read last; before the first one, the id that the feed starts after."""
        self._resumes = resumes
        """Whether the events of the response have the ids of its messages."""
        self.misses = 0
        """How often messages were missed."""
        self.missed = False
        """Whether messages were missed right before the one that was read last."""
        self.on_missed = on_missed
        self._bus = bus
        self._codec = codec
        self._next: Message | None = None
        self._entered: AbstractAsyncContextManager[Subscription] | None = None
        self._subscription: Subscription | None = None
        self._is_behind = False
        self._is_closed = False
        self._ends_with_process = ends_with_process
        self._gives_up = gives_up

    async def __aenter__(self) -> "Feed[T_co]":
        await self._subscribe()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: "TracebackType | None"
    ) -> None:
        await self.aclose()

    def __aiter__(self) -> "Feed[T_co]":
        return self

    async def __anext__(self) -> T_co:
        """The next message.

        Raises:
            MessagesMissed: messages were missed, and the channel has `on_missed="close"`. Reading again goes on.
            StateUnavailable: the bus cannot be used. Reading again goes on where it was.
        """
        value: T_co = await self._read(self._codec.decode)
        return value

    async def _next_data(self) -> bytes:
        """The JSON of the next message, which is valid. Raises what `__anext__` raises."""
        data: bytes = await self._read(self._codec.checked)
        return data

    async def _read(self, decode: Callable[[bytes], Any]) -> Any:
        while not self._is_closed:
            subscription = self._subscription or await self._subscribe()
            if not self._is_behind and self._next is None:
                self._next = await self._next_of(subscription)
            if self._is_behind and self.on_missed == "close":
                self._is_behind = False
                raise MessagesMissed(self.topic)
            message = self._next or await self._next_of(subscription)
            self._next = None
            self.missed, self._is_behind = self._is_behind, False
            self.last_id = message.id
            try:
                return decode(message.data)
            except InvalidMessage as error:
                logger.warning("message %s of the topic %r is skipped: %s", message.id, self.topic, error)
        raise StopAsyncIteration

    def _take_missed(self) -> bool:
        """Whether messages were missed before the next one. The next one is then no longer marked."""
        taken, self._is_behind = self._is_behind, False
        return taken

    async def _subscribe(self) -> Subscription:
        if self._is_closed:
            raise RuntimeError("the feed is closed; call `subscribe` again")
        if self._subscription is None:
            entered = self._bus.subscribe(self.topic, after=self.last_id)
            self._subscription = await entered.__aenter__()
            self._entered = entered
            self._note_missed(self._subscription)
        return self._subscription

    async def _next_of(self, subscription: Subscription) -> Message:
        """The next message. Raises StopAsyncIteration when the process ends, unless the response ends on its own."""
        if not self._ends_with_process:
            return await self._waited_for(subscription)
        with current_draining().until_stopping():
            return await self._waited_for(subscription)
        raise StopAsyncIteration

    async def _waited_for(self, subscription: Subscription) -> Message:
        """The next message. While the bus cannot be used, tries again, so that clients stay connected."""
        for delay in chain(RETRY_SECONDS, (None,) if self._gives_up else repeat(RETRY_SECONDS[-1])):
            try:
                message = await anext(subscription)
            except StateUnavailable as error:
                _log_unavailable(self._bus, error)
                if delay is None:
                    raise
                await sleep(delay)
            else:
                _unavailable.discard(id(self._bus))
                break
        self._note_missed(subscription)
        return message

    def _note_missed(self, subscription: Subscription) -> None:
        if subscription.missed:
            subscription.missed = False
            self._is_behind = True
            self.misses += 1
            logger.info("a subscriber of the topic %r has missed messages", self.topic)

    async def aclose(self) -> None:
        """Unsubscribe. The iteration ends."""
        self._is_closed = True
        entered, self._entered = self._entered, None
        if entered is not None:
            with move_on_after(CLOSING_SECONDS, shield=True):
                await entered.__aexit__(None, None, None)


def _log_unavailable(bus: Bus, error: StateUnavailable) -> None:
    if id(bus) not in _unavailable:
        _unavailable.add(id(bus))
        logger.error("subscribers wait, because the bus cannot be used: %s", error)


async def close_feeds(feeds: list[Feed[Any]]) -> None:
    """Close the feeds of a request, the last one first."""
    with CancelScope(shield=True):
        while feeds:
            await feeds.pop().aclose()
