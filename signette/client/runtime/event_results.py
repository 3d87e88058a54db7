"""Calls whose result is a stream of events."""

from collections.abc import Callable
from typing import Any

from signette.client.runtime.calls import AsyncCall, BlockingCall
from signette.client.runtime.decoding import ResponseDecoder
from signette.client.runtime.errors import UnexpectedResponse
from signette.client.runtime.event_sources import AsyncEventSource, BlockingEventSource
from signette.client.runtime.events import EventState, EventTypes, Reconnect, event_headers
from signette.client.runtime.retries import is_connection_error
from signette.client.runtime.spec import ResultSpec
from signette.client.runtime.transport import BlockingReceived, Received, header_of

NO_CONTENT = 204
"""The status of a server that has no more events."""
TEMPORARY_STATUSES = frozenset({429, 502, 503, 504})


def async_events(call: AsyncCall) -> AsyncEventSource[Any]:
    """The events of a response."""

    async def open_response(last_id: str) -> Received | None:
        received = await call.open(event_headers(last_id), accepts=NO_CONTENT)
        if received.status != NO_CONTENT:
            return received
        await received.aclose()
        return None

    return AsyncEventSource(open_response, _state(call), is_temporary)


def blocking_events(call: BlockingCall) -> BlockingEventSource[Any]:
    """The events of a response, without `async`."""

    def open_response(last_id: str) -> BlockingReceived | None:
        received = call.open(event_headers(last_id), accepts=NO_CONTENT)
        if received.status != NO_CONTENT:
            return received
        received.close()
        return None

    return BlockingEventSource(open_response, _state(call), is_temporary)


def _state(call: AsyncCall | BlockingCall) -> EventState[Any]:
    last_id = header_of(call.sent.headers, "last-event-id") or ""
    return EventState(
        event_types(call.decoder, call.result), call.options.get("reconnect") or Reconnect(), last_id=last_id
    )


def event_types(decoder: ResponseDecoder, result: ResultSpec) -> EventTypes[Any]:
    """The types of the events of an operation."""

    def problem(data: bytes) -> Exception:
        return decoder.problem_in(data)

    def reader_of(event_type: Any) -> Callable[[bytes], Any]:
        return decoder.type_of(event_type, result).of_json

    return EventTypes(
        result.events, problem, sends_text=result.sends_text, keeps_others=not result.events, reader_of=reader_of
    )


def is_temporary(exc: Exception) -> bool:
    """Whether another connection may succeed after an exception."""
    if isinstance(exc, UnexpectedResponse):
        return exc.status in TEMPORARY_STATUSES
    return isinstance(exc, ConnectionError) or is_connection_error(exc)
