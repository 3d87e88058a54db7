"""Server-sent events: streams of events that the endpoint makes, typed events, and the messages of a channel.

Theory of operation. A stream of typed events (`Events[...]`) knows the name of each event, and the problems that its
type declares. A problem that is raised before the start of the response is a response like any other; after it, an
event `problem` ends the stream. Messages of a channel are sent with their ids, and with an event `missed` where some
were missed.
"""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any

from signette._http.json import dumps
from signette.declarative.adapters.serializers import to_jsonable, validated
from signette.declarative.channels.feed import Feed, MessagesMissed
from signette.declarative.returns.contents import dump_of
from signette.declarative.returns.kind import DeclaredResult, Reply, ReturnKind
from signette.declarative.returns.stream import items_of
from signette.declarative.returns.text import TEXTUAL, chunk_of, declares_more
from signette.declarative.signature.annotations import (
    annotated,
    class_of,
    is_stream,
    item_type,
    metadata_of,
    union_members,
    union_members_without,
)
from signette.declarative.signature.event_streams import EventStream, event_names, event_stream_of
from signette.declarative.signature.markers import MISSING
from signette.problems import Problem
from signette.responses.events import EventSourceResponse, ServerSentEvent
from signette.responses.plain import Response


def is_event(annotation: Any) -> bool:
    """Whether the annotation is `ServerSentEvent`."""
    return class_of(annotation) is ServerSentEvent


def data_type(item: Any) -> Any:
    """The type of the items that are not `ServerSentEvent`s; MISSING without any, or without an annotation."""
    if item is MISSING or not any(map(is_event, union_members(item))):
        return item
    declared = [member for member in union_members_without(item, is_event) if not is_event(member)]
    return annotated(reduce(or_, declared), metadata_of(item)) if declared else MISSING


def _is_event_stream(result: DeclaredResult) -> bool:
    cls = result.response_class
    if cls is not None:
        return isinstance(cls, type) and issubclass(cls, EventSourceResponse)
    if not is_stream(result.annotation):
        return False
    is_typed = event_stream_of(result.annotation) is not None
    return is_typed or any(map(is_event, union_members(item_type(result.annotation))))


def _make_events(reply: Reply) -> Any:
    cls = reply.response_class or EventSourceResponse
    stream = event_stream_of(reply.annotation) if reply.annotation is not MISSING else None
    render = _EventRenderer(reply, is_typed=stream is not None)

    def make(events: Any, feeds: Sequence[Feed[Any]] = ()) -> Response:
        sent = _Sent(render, events, feeds, stream)
        chunks = sent.chunks_async() if isinstance(events, AsyncIterable) else sent.chunks()
        response: EventSourceResponse = cls(chunks, status_code=reply.status)
        sent.response = response
        if stream is not None:
            response.ping_seconds = stream.ping_seconds
        return response

    return make


class _EventRenderer:
    """Makes events of what an endpoint yields."""

    def __init__(self, reply: Reply, is_typed: bool) -> None:
        item = items_of(reply.annotation)
        data = data_type(item)
        self.problems = tuple(reply.problems) if is_typed else ()
        self._render_data = _data_renderer(data, reply)
        # The data of a `ServerSentEvent` is of any type if the annotation names that class, else of the annotated type.
        self._render_event_data = self._render_data if data is item else _data_renderer(MISSING, reply)
        self._name_of = _namer(data) if is_typed else None

    def event(self, item: Any, last_id: str | None = None) -> Any:
        """An event, or the data of one, as text. Its id is `last_id`, unless it has its own."""
        if isinstance(item, ServerSentEvent):
            if item.data is None:
                return item
            name = item.event if item.event is not None or self._name_of is None else self._name_of(item.data)[0]
            event_id = last_id if item.id is None else item.id
            return replace(item, data=self._render_event_data(item.data), event=name, id=event_id)
        if isinstance(item, self.problems):
            return problem_event(item, last_id)
        name, item = (None, item) if self._name_of is None else self._name_of(item)
        data = self._render_data(item)
        return data if name is last_id is None else ServerSentEvent(data, event=name, id=last_id)


def problem_event(problem: Problem, last_id: str | None = None) -> ServerSentEvent:
    """The event of a problem that occurs after the start of the response."""
    return ServerSentEvent(dumps(to_jsonable(problem.body())), event="problem", id=last_id)


# An empty id makes a client forget its last one: without it, the client would miss the same messages again.
_MISSED, _MISSED_AT_END = (ServerSentEvent(b"{}", event="missed", id=each) for each in (None, ""))


class _Sent:
    """The events of one response. Closing the chunks closes what the endpoint has returned."""

    def __init__(
        self, render: _EventRenderer, items: Any, feeds: Sequence[Feed[Any]], stream: EventStream | None
    ) -> None:
        self.response: EventSourceResponse | None = None
        self._render = render
        self._items = items
        self._feeds = feeds
        self._retry = None if stream is None else stream.retry
        self._misses = 0
        self._has_yielded = False

    async def chunks_async(self) -> AsyncIterator[Any]:
        items = self._items
        try:
            if isinstance(items, Feed):
                await items.__aenter__()
                # Sends the start of the response at once: the client is subscribed.
                yield ServerSentEvent(comment="subscribed", retry=self._take_retry())
                if items.on_missed == "continue" and items._take_missed():
                    yield self._missed(items)
            async for item in items:
                for event in self._events_of(item):
                    yield event
        except MessagesMissed:
            yield _MISSED_AT_END
        except self._render.problems as problem:
            yield self._problem(problem)
        finally:
            if hasattr(items, "aclose"):
                await items.aclose()

    def chunks(self) -> Iterator[Any]:
        items = self._items
        try:
            for item in items:
                yield from self._events_of(item)
        except self._render.problems as problem:
            yield self._problem(problem)
        finally:
            if hasattr(items, "close"):
                items.close()

    def _events_of(self, item: Any) -> Iterator[Any]:
        feed = self._feed
        event = self._render.event(item, feed.last_id if feed is not None and feed._resumes else None)
        self._has_yielded = True
        if feed is not None and feed.misses != self._misses:
            yield self._missed(feed)
        if (retry := self._take_retry()) is not None:
            event = replace(event if isinstance(event, ServerSentEvent) else ServerSentEvent(event), retry=retry)
        yield event

    @property
    def _feed(self) -> Feed[Any] | None:
        """The feed whose messages are sent: the one that was returned, or the last one that the generator has made."""
        if isinstance(self._items, Feed):
            return self._items
        return next((each for each in reversed(self._feeds) if each._resumes), self._feeds[-1] if self._feeds else None)

    def _take_retry(self) -> int | None:
        retry, self._retry = self._retry, None
        return retry

    def _missed(self, feed: Feed[Any]) -> ServerSentEvent:
        self._misses = feed.misses
        return _MISSED

    def _problem(self, problem: Problem) -> ServerSentEvent:
        # An iterator in a thread is read ahead: it may have yielded what is not sent yet.
        if not (self._has_yielded or (self.response is not None and self.response._is_started)):
            raise problem
        return problem_event(problem)


def _namer(item: Any) -> Callable[[Any], tuple[str | None, Any]]:
    """A function from data to the name of its event, and the data as an instance of a declared class."""
    names = [] if item is MISSING else event_names(item)
    if len(names) == 1:
        ((_, name),) = names
        return lambda value: (name, value)
    by_class = dict(names)
    to_instance = None if item is MISSING else validated(item)

    def name_of(value: Any) -> tuple[str | None, Any]:
        for cls in type(value).__mro__:
            if cls in by_class:
                return by_class[cls], value
        if to_instance is None:
            return None, value
        value = to_instance(value)
        return next((by_class[cls] for cls in type(value).__mro__ if cls in by_class), None), value

    return name_of


def _data_renderer(annotation: Any, reply: Reply) -> Callable[[Any], str | bytes]:
    """A function that renders the data of an event: declared text unchanged, all other types as JSON."""
    dump = dump_of(annotation, reply)
    if annotation in (MISSING, Any):
        return lambda value: value if isinstance(value, str | bytes) else dump(value)
    members = union_members(annotation)
    texts = [member for member in members if class_of(member) in TEXTUAL]
    if not texts:
        return dump
    if len(members) == 1:
        return chunk_of(annotation)
    chunk = chunk_of(reduce(or_, texts)) if all(map(declares_more, texts)) else None

    def data(value: Any) -> str | bytes:
        if not isinstance(value, str | bytes):
            return dump(value)
        return value if chunk is None else chunk(value)

    return data


EVENTS = ReturnKind("events", accepts=_is_event_stream, media_type="text/event-stream", makes=_make_events)
