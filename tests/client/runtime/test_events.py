"""Server-sent events: bytes to events, events to values, and what comes after the end of a connection."""

import re
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from signette.client.runtime.event_sources import AsyncEventSource, BlockingEventSource
from signette.client.runtime.events import (
    EventDecoder,
    EventState,
    EventTypes,
    MalformedEvent,
    MissedEvents,
    ReceivedEvent,
    Reconnect,
    event_headers,
)
from signette.client.runtime.spec import EventSpec
from signette.client.runtime.transport import WholeResponse
from signette.responses.events import ServerSentEvent
from tests.volume import examples

pytestmark = pytest.mark.anyio

LINE = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=6)
EVENTS = st.builds(
    ServerSentEvent,
    data=st.none() | st.lists(LINE, min_size=1, max_size=3).map("\n".join),
    event=st.none() | LINE.filter(bool),
    id=st.none() | LINE,
    retry=st.none() | st.integers(0, 9999),
    comment=st.none() | LINE,
)


def fed(decoder: EventDecoder, data: bytes, cuts: list[int]) -> list[ReceivedEvent]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [event for start, stop in pairwise(places) for event in decoder.feed(data[start:stop])]


@settings(max_examples=examples(30))
@given(
    sent=st.lists(EVENTS, max_size=5),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    cuts=st.lists(st.integers(0, 300), max_size=8),
)
def test_events_are_received_as_they_were_sent(sent: list[ServerSentEvent], end: str, cuts: list[int]) -> None:
    data = b"".join(event.encode() for event in sent).replace(b"\n", end.encode())
    decoder = EventDecoder()
    found = fed(decoder, data, cuts)
    assert [(event.data, event.name) for event in found] == [
        (each.data, each.event or "message") for each in sent if each.data is not None
    ]
    ids = [str(each.id) for each in sent if each.id is not None]
    assert decoder.last_id == (ids[-1] if ids else "")
    retries = [each.retry for each in sent if each.retry is not None]
    assert decoder.retry == (retries[-1] / 1000 if retries else None)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xef\xbb\xbfdata: 1\n\n", [ReceivedEvent("1")]),
        (b"data\ndata:\n\n", [ReceivedEvent("\n")]),
        (b"data:  x\n\n", [ReceivedEvent(" x")]),
        (b"id: a\0b\ndata: 1\n\n", [ReceivedEvent("1")]),
        (b"retry: -1\nother: x\ndata: 1\n\n", [ReceivedEvent("1")]),
        (b"event: sold\n\ndata: 1\n\n", [ReceivedEvent("1")]),
        (b"id: 7\n\ndata: 1\n\n", [ReceivedEvent("1", id="7")]),
        (b": ping\n\ndata: 1\n", []),
        (b"data: \xff\n\n", [ReceivedEvent("\ufffd")]),
    ],
)
def test_fields_follow_the_standard(data: bytes, expected: list[ReceivedEvent]) -> None:
    assert EventDecoder().feed(data) == expected


def test_an_event_is_received_before_the_next_byte_arrives() -> None:
    decoder = EventDecoder()
    assert decoder.feed(b"data: 1\r\r") == [ReceivedEvent("1")]
    assert decoder.feed(b"\ndata: 2\r\n\r") == [ReceivedEvent("2")]
    assert decoder.feed(b"\n") == []


# -- values ------------------------------------------------------------------------------------------------------------


class Notice(BaseModel):
    offer: int


class Sold(BaseModel):
    price: int


class Gone(Exception):
    pass


TYPES: EventTypes[Any] = EventTypes(
    (EventSpec("Notice", Notice), EventSpec("sold", Sold), EventSpec(None, list[int])), lambda data: Gone(data.decode())
)


def test_events_have_the_type_of_their_name() -> None:
    assert TYPES.value_of(ReceivedEvent('{"offer": 1}', "Notice")) == Notice(offer=1)
    assert TYPES.value_of(ReceivedEvent('{"price": 2}', "sold")) == Sold(price=2)
    assert TYPES.value_of(ReceivedEvent("[1, 2]")) == [1, 2]


def test_data_that_is_not_valid_names_the_event_and_the_place() -> None:
    with pytest.raises(MalformedEvent, match=re.escape("an event `Notice` is not valid: offer: Field required")):
        TYPES.value_of(ReceivedEvent("{}", "Notice"))


def test_text_is_received_as_it_was_sent() -> None:
    types: EventTypes[Any] = EventTypes((EventSpec(None, str), EventSpec("raw", bytes)), Gone, sends_text=True)
    assert types.value_of(ReceivedEvent("two\nlines")) == "two\nlines"
    assert types.value_of(ReceivedEvent("ä", "raw")) == "ä".encode()
    json_text: EventTypes[Any] = EventTypes((EventSpec(None, str),), Gone)
    assert json_text.value_of(ReceivedEvent('"text"')) == "text"


def test_a_problem_and_missed_events_are_raised() -> None:
    with pytest.raises(Gone, match="404"):
        TYPES.value_of(ReceivedEvent('{"status": 404}', "problem"))
    with pytest.raises(MissedEvents):
        TYPES.value_of(ReceivedEvent("{}", "missed"))


def test_other_events_are_ignored_or_kept() -> None:
    event = ReceivedEvent("x", "other")
    assert not TYPES.has_value(event)
    types: EventTypes[Any] = EventTypes((), Gone, keeps_others=True)
    assert types.has_value(event)
    assert types.value_of(event) is event


# -- connections -------------------------------------------------------------------------------------------------------


def state(reconnect: Reconnect = Reconnect(), last_id: str = "") -> EventState[Any]:
    return EventState(TYPES, reconnect, last_id=last_id, jitter=lambda: 0.0)


def test_waits_grow_up_to_a_limit_and_start_again_after_an_event() -> None:
    events = state(Reconnect(attempts=4, seconds=1, max_seconds=3))
    assert [events.lose(), events.lose(), events.lose()] == [1, 2, 3]
    events.begin()
    events.feed(b"id: 1\ndata: [1]\nretry: 500\n\n")
    assert [events.lose() for _ in range(5)] == [0.5, 1, 2, 3, None]
    assert events.is_over


def test_a_stream_without_ids_is_not_resumed() -> None:
    events = state()
    assert events.lose() == 1  # nothing has arrived, so nothing is missing
    events.begin()
    events.feed(b"data: [1]\n\n")
    assert events.lose() is None
    assert events.is_over


def test_waits_of_several_clients_differ() -> None:
    events: EventState[Any] = EventState(TYPES, Reconnect(seconds=1), jitter=lambda: 0.5)
    assert events.lose() == 1.125


def test_a_stream_that_the_server_ends_is_over() -> None:
    events = state()
    events.feed(b"data: [1]\n\n")
    assert events.end() is None
    assert events.is_over


def test_a_server_that_stops_asks_for_another_connection() -> None:
    events = state()
    events.feed(b"id: 4\ndata: [1]\n\nevent: draining\nretry: 700\ndata: {}\n\n")
    assert events.end() == 0.7
    assert not events.is_over
    events.begin()
    assert events.end() is None


def test_a_stream_is_opened_again_after_its_end_if_you_choose_so() -> None:
    events = state(Reconnect(after_end=True, seconds=2))
    assert events.end() == 2


def test_the_id_to_resume_after_is_that_of_the_last_event_that_has_arrived() -> None:
    events = state(last_id="3")
    assert (events.last_id, events.resume_id) == ("3", "3")
    events.begin()
    events.feed(b"id: 4\ndata: [4]\n\nid: 5\ndata: [5]\n\nid: 6\ndata: [6")
    assert (events.last_id, events.resume_id) == ("3", "5")
    assert events.take() == [4]
    assert events.last_id == "4"
    events.begin()  # the sixth has not arrived
    events.feed(b"]\n\ndata: [7]\n\n")
    assert [events.take(), events.take()] == [[5], [7]]
    assert events.last_id == "5"


def test_the_headers_of_a_request_have_the_id() -> None:
    assert event_headers("") == [("Accept", "text/event-stream"), ("Cache-Control", "no-store")]
    assert event_headers("7")[-1] == ("Last-Event-ID", "7")


class Lost(Exception):
    """A connection is lost."""


class Streams:
    """Opens a stream after the other; an exception in it is raised at its place."""

    def __init__(self, *streams: Any) -> None:
        self.streams = iter(streams)
        self.ids: list[str] = []
        self.waits: list[float] = []
        self.open_count = 0

    def next_stream(self, last_id: str) -> Any:
        self.ids.append(last_id)
        stream = next(self.streams)
        if isinstance(stream, Exception):
            raise stream
        return None if stream is None else Response(self, stream)

    async def open(self, last_id: str) -> Any:
        return self.next_stream(last_id)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def events(self, reconnect: Reconnect = Reconnect()) -> AsyncEventSource[Any]:
        return AsyncEventSource(self.open, state(reconnect), lambda exc: isinstance(exc, Lost), self.sleep)

    def blocking_events(self) -> BlockingEventSource[Any]:
        return BlockingEventSource(self.next_stream, state(), lambda exc: isinstance(exc, Lost), self.waits.append)


class Response(WholeResponse):
    def __init__(self, streams: Streams, chunks: list[Any]) -> None:
        super().__init__(200, [])
        self.chunks = chunks
        self.streams = streams
        streams.open_count += 1

    def iter_bytes(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk

    async def aiter_bytes(self) -> AsyncIterator[bytes]:
        for chunk in self.iter_bytes():
            yield chunk

    def close(self) -> None:
        self.streams.open_count -= 1

    async def aclose(self) -> None:
        self.close()


ONE, TWO = b"id: 1\ndata: [1]\n\n", b"id: 2\ndata: [2]\n\n"


async def test_a_lost_connection_resumes_after_the_last_event() -> None:
    streams = Streams([ONE, Lost()], Lost(), [TWO])
    events = streams.events()
    assert [event async for event in events] == [[1], [2]]
    assert streams.ids == ["", "1", "1"]
    assert streams.waits == [1, 2]
    assert (streams.open_count, events.last_event_id) == (0, "2")


def test_a_lost_connection_resumes_without_async() -> None:
    streams = Streams([ONE, Lost()], Lost(), [TWO])
    events = streams.blocking_events()
    assert list(events) == [[1], [2]]
    assert (streams.ids, streams.waits) == (["", "1", "1"], [1, 2])
    assert (streams.open_count, events.last_event_id) == (0, "2")


async def test_a_server_without_more_events_ends_the_stream() -> None:
    streams = Streams([ONE, Lost()], None)
    assert [event async for event in streams.events()] == [[1]]
    streams = Streams([ONE, Lost()], None)
    assert list(streams.blocking_events()) == [[1]]


async def test_another_exception_is_raised_and_ends_the_stream() -> None:
    for first, second in (([ONE, Gone()], []), ([ONE, Lost()], Gone())):
        streams = Streams(first, second)
        events = streams.events()
        assert await anext(events) == [1]
        with pytest.raises(Gone):
            await anext(events)
        with pytest.raises(StopAsyncIteration):
            await anext(events)
        assert streams.open_count == 0
        blocking = Streams(first, second).blocking_events()
        assert next(blocking) == [1]
        with pytest.raises(Gone):
            next(blocking)
        assert list(blocking) == []


async def test_too_many_failures_raise_the_last_one() -> None:
    streams = Streams([ONE, Lost("first")], Lost("second"), Lost("third"))
    events = streams.events(Reconnect(attempts=2))
    assert await anext(events) == [1]
    with pytest.raises(Lost, match="third"):
        await anext(events)


async def test_a_first_connection_that_fails_is_not_repeated() -> None:
    with pytest.raises(Lost):
        async with Streams(Lost()).events():
            pass
    with pytest.raises(Lost), Streams(Lost()).blocking_events():
        pass


async def test_missed_events_are_raised_and_those_after_them_follow() -> None:
    streams = Streams([ONE, b"event: missed\ndata: {}\n\n", TWO])
    events = streams.events()
    assert await anext(events) == [1]
    with pytest.raises(MissedEvents):
        await anext(events)
    assert await anext(events) == [2]
    await events.aclose()


async def test_a_block_closes_the_connection() -> None:
    streams = Streams([ONE, TWO])
    async with streams.events() as events:
        assert streams.ids == [""]
        assert await anext(events) == [1]
        assert streams.open_count == 1
    assert streams.open_count == 0
    assert [event async for event in events] == []
    streams = Streams([ONE, TWO])
    with streams.blocking_events() as blocking:
        assert next(blocking) == [1]
    assert streams.open_count == 0
    assert list(blocking) == []
