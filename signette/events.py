"""Typed server-sent events: `-> Events[OrderPaid | OrderShipped]`."""

from signette.declarative.signature.event_streams import EventName, Events, EventStream, LastEventID
from signette.responses.events import ServerSentEvent

__all__ = ["EventName", "EventStream", "Events", "LastEventID", "ServerSentEvent"]
