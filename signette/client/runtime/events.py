"""Server-sent events (the HTML standard, section 9.2) with types, which resume after the last event.

Theory of operation. An `EventDecoder` makes events of bytes. `EventTypes` makes values of events. An `EventState` knows
what comes next: an event that has arrived, more bytes, another connection, or the end; it does no input and output.
`event_sources` does what it says.
"""

import random
import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from signette.client.runtime.errors import ClientError
from signette.client.runtime.schemas import reason_of
from signette.client.runtime.spec import EventSpec

EventT = TypeVar("EventT")

# -- events of bytes ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event as it was received. `id` is that of the last event that had one."""

    data: str
    name: str = "message"
    id: str = ""


_LINE_END = re.compile(b"\r\n|\r|\n")


class EventDecoder:
    """Makes events of a stream, whose chunks are cut anywhere. An event that has not ended is dropped."""

    def __init__(self) -> None:
        self.last_id = ""
        self.retry: float | None = None
        """The seconds before a client reconnects, if the server has sent them."""
        self._tail: list[bytes] = []
        self._is_start = True
        self._skips_line_feed = False
        self._data: list[str] = []
        self._name = ""
        self._id = ""

    def restart(self) -> None:
        """Begin with another stream: forget what has arrived of an event that has not ended."""
        self._tail, self._is_start, self._skips_line_feed = [], True, False
        self._data, self._name, self._id = [], "", self.last_id

    def feed(self, data: bytes) -> list[ReceivedEvent]:
        """The events that are complete with these bytes."""
        if self._skips_line_feed and data:
            # The `\r` before it has ended the line already.
            data, self._skips_line_feed = data.removeprefix(b"\n"), False
        if not _LINE_END.search(data):
            self._tail.append(data)
            return []
        text = b"".join((*self._tail, data))
        if self._is_start:
            text, self._is_start = text.removeprefix(b"\xef\xbb\xbf"), False
        self._skips_line_feed = text.endswith(b"\r")
        *lines, last = _LINE_END.split(text)
        self._tail = [last]
        return [event for line in lines if (event := self._line(line.decode("utf-8", "replace"))) is not None]

    def _line(self, line: str) -> ReceivedEvent | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        elif field == "id" and "\0" not in value:
            self._id = value
        elif field == "retry" and value.isascii() and value.isdigit():
            self.retry = int(value) / 1000
        return None

    def _dispatch(self) -> ReceivedEvent | None:
        self.last_id = self._id
        data, name = self._data, self._name
        self._data, self._name = [], ""
        return ReceivedEvent("\n".join(data), name or "message", self.last_id) if data else None


# -- values of events --------------------------------------------------------------------------------------------------


class MissedEvents(ClientError):
    """The server no longer has the events after the last one that was received. Iterate again for those that follow."""


class MalformedEvent(ClientError, ValueError):
    """The data of an event is not of the type that the operation declares for it."""


class EventTypes(Generic[EventT]):
    """The types of a stream by the names of the events. Data of events without a name is `message`.

    `problem` makes the exception of a problem that ends the stream. Events of other names are ignored, as they are by a
    browser; with `keeps_others` they are `ReceivedEvent`s. `reader_of` makes the function that reads JSON of a type.
    """

    def __init__(
        self,
        events: Sequence[EventSpec],
        problem: Callable[[bytes], Exception],
        *,
        sends_text: bool = False,
        keeps_others: bool = False,
        reader_of: Callable[[Any], Callable[[bytes], Any]] | None = None,
    ) -> None:
        make = reader_of or _json_reader
        self._readers: dict[str, Callable[[bytes], Any]] = {
            each.name or "message": _TEXT[each.type] if sends_text and each.type in (str, bytes) else make(each.type)
            for each in events
        }
        self._problem = problem
        self._keeps_others = keeps_others

    def has_value(self, event: ReceivedEvent) -> bool:
        """Whether the event is a value or an exception, and not one to ignore."""
        return self._keeps_others or event.name in self._readers or event.name in {"problem", "missed"}

    def value_of(self, event: ReceivedEvent) -> EventT:
        """The value. Raises what the event says: MissedEvents, a problem, or MalformedEvent."""
        reader = self._readers.get(event.name)
        if reader is None:
            if event.name == "missed":
                raise MissedEvents("the server no longer has the events after the last one that was received")
            if event.name == "problem":
                raise self._problem(event.data.encode())
            return cast("EventT", event)
        try:
            value: EventT = reader(event.data.encode())
        except ValidationError as exc:
            raise MalformedEvent(f"the data of an event `{event.name}` is not valid: {reason_of(exc)}") from exc
        return value


def _json_reader(event_type: Any) -> Callable[[bytes], Any]:
    return TypeAdapter(event_type).validate_json


_TEXT: dict[Any, Callable[[bytes], Any]] = {str: bytes.decode, bytes: bytes}


# -- connections -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reconnect:
    """When a stream of events connects again, and how often.

    A lost connection is opened again after the time that the server has sent, else after `seconds`; after the second
    failure in a row twice as long, at most `max_seconds`. After `attempts` failures in a row the exception is raised,
    and at once if events without ids have arrived, since those in between would be missing.

    A stream that the server has ended is over, except for a server that stops; with `after_end` it is opened again.
    """

    attempts: int = 10
    seconds: float = 1.0
    max_seconds: float = 30.0
    after_end: bool = False

    def __post_init__(self) -> None:
        for name in ("attempts", "seconds", "max_seconds"):
            value = getattr(self, name)
            if not isinstance(value, int if name == "attempts" else (int, float)):
                raise TypeError(f"`{name}` of `Reconnect` is a number, not of the type `{type(value).__name__}`")
            if not value >= 0:
                raise ValueError(f"`{name}` of `Reconnect` is {value}, and must not be negative")


class EventState(Generic[EventT]):
    """What a stream of events does next."""

    def __init__(
        self,
        types: EventTypes[EventT],
        reconnect: Reconnect = Reconnect(),
        *,
        last_id: str = "",
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.is_over = False
        self._types = types
        self._reconnect = reconnect
        self._jitter = jitter
        self._decoder = EventDecoder()
        self._decoder.last_id = last_id
        self._ready: deque[ReceivedEvent] = deque()
        self._last_id = last_id
        self._failures = 0
        self._is_draining = False
        self._has_received = False

    @property
    def last_id(self) -> str:
        """The id of the last event that was taken."""
        return self._last_id

    @property
    def resume_id(self) -> str:
        """The id that another connection resumes after: that of the last event that has arrived."""
        return self._decoder.last_id

    @property
    def has_ready(self) -> bool:
        """Whether an event can be taken."""
        return bool(self._ready)

    def take(self) -> EventT:
        """The value of the next event, or the exception that the event reports."""
        event = self._ready.popleft()
        self._last_id = event.id
        return self._types.value_of(event)

    def begin(self) -> None:
        """A connection is open."""
        self._decoder.restart()
        self._is_draining = False

    def feed(self, data: bytes) -> None:
        """Bytes have arrived."""
        for event in self._decoder.feed(data):
            self._failures = 0
            self._has_received = True
            if event.name == "draining":
                self._is_draining = True
            elif self._types.has_value(event):
                self._ready.append(event)

    def end(self) -> float | None:
        """The server has ended the stream. Returns the seconds before the next connection, None at the end."""
        if self._is_draining or self._reconnect.after_end:
            return self._decoder.retry if self._decoder.retry is not None else self._reconnect.seconds
        self.is_over = True
        return None

    def lose(self) -> float | None:
        """The connection is lost, or was not opened. Returns the seconds before the next one, None for no other."""
        self._failures += 1
        # Without an id, events between two connections would be missing, and nothing would show it.
        cannot_resume = self._has_received and not self._decoder.last_id
        if cannot_resume or self._failures > self._reconnect.attempts:
            self.is_over = True
            return None
        first = self._decoder.retry if self._decoder.retry is not None else self._reconnect.seconds
        longest = max(first, self._reconnect.max_seconds)
        # Clients of a server that has stopped do not all come back at once.
        return min(first * 2.0 ** (self._failures - 1), longest) * (1 + self._jitter() / 4)


def event_headers(last_id: str) -> list[tuple[str, str]]:
    """The headers of a request for the events after this id."""
    headers = [("Accept", "text/event-stream"), ("Cache-Control", "no-store")]
    return [*headers, ("Last-Event-ID", last_id)] if last_id else headers
