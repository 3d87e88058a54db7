"""`Events[OrderPaid | OrderShipped]`: the return type of an endpoint that streams typed server-sent events."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any, Optional, TypeVar

from signette._dataclasses import dataclass
from signette.declarative.signature.annotations import class_of, is_model, metadata_of, union_members
from signette.declarative.signature.markers import Header
from signette.responses.events import ServerSentEvent

T = TypeVar("T")

RESERVED_NAMES = ("missed", "problem", "draining")
"""The names of events that are not declared: missed messages, a problem in a stream, the end of the process."""


@dataclass(frozen=True, slots=True)
class EventStream:
    """How a stream of typed events is sent: `Annotated[Events[Notice], EventStream(ping_seconds=5)]`.

    After `ping_seconds` without an event a comment is sent, which keeps proxies from closing the connection; None
    sends no comments. Clients reconnect after `retry` milliseconds.

    Raises:
        ValueError: `ping_seconds` is not positive, or `retry` is negative.
    """

    ping_seconds: float | None = 15
    retry: int | None = None

    def __post_init__(self) -> None:
        if self.ping_seconds is not None and not self.ping_seconds > 0:
            raise ValueError(f"`ping_seconds` must be positive, or None for no pings, not {self.ping_seconds!r}")
        if self.retry is not None and (type(self.retry) is not int or self.retry < 0):
            raise ValueError(f"`retry` must be a non-negative integer (milliseconds), not {self.retry!r}")


@dataclass(frozen=True, slots=True)
class EventName:
    """The name of an event, in place of that of its class: `Annotated[OrderPaid, EventName("order.paid")]`.

    Raises:
        ValueError: the name is empty or contains a line break.
    """

    name: str

    def __post_init__(self) -> None:
        if not self.name or any(each in self.name for each in "\r\n\0"):
            raise ValueError(f"an event name must not be empty or contain CR, LF or NUL, got {self.name!r}")


if TYPE_CHECKING:
    Events = AsyncIterator[T | ServerSentEvent]
    LastEventID = Optional[T]  # noqa: UP045 - an alias with a type variable
else:
    Events = Annotated[AsyncIterator[T], EventStream()]
    """Typed server-sent events: each is named after its class, and its data is JSON. To set an id, yield a
    `ServerSentEvent`."""
    LastEventID = Annotated[T | None, Header(alias="Last-Event-ID")]
    """The id of the last event that a client has received before it reconnected: `after: LastEventID[int] = None`."""


def event_stream_of(annotation: Any) -> EventStream | None:
    """The last `EventStream` in the metadata of a return type; None for other types."""
    return next((each for each in reversed(metadata_of(annotation)) if isinstance(each, EventStream)), None)


def event_names(item: Any) -> list[tuple[type | None, str | None]]:
    """The class of each member of the type of events, and the name of its events; None for plain values.

    Plain values, such as numbers and lists, are events without a name.
    """
    found: list[tuple[type | None, str | None]] = []
    for member in union_members(item):
        cls = class_of(member)
        if cls is ServerSentEvent:
            continue
        own = next((each.name for each in metadata_of(member) if isinstance(each, EventName)), None)
        found.append((cls, own or (cls.__name__ if cls is not None and is_model(member) else None)))
    return found
