"""Iterators: JSON Lines, server-sent events or raw chunks, by the type of their items."""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any

from signette._http.json import loads
from signette.declarative.returns.contents import dump_of
from signette.declarative.returns.kind import Reply, ReturnKind
from signette.declarative.returns.text import TEXTUAL, chunk_of, declares_more
from signette.declarative.signature.annotations import (
    annotated,
    class_of,
    is_collection,
    is_stream,
    item_type,
    metadata_of,
    union_members,
    union_members_without,
)
from signette.declarative.signature.markers import MISSING
from signette.responses.events import EventSourceResponse, ServerSentEvent
from signette.responses.plain import Response
from signette.responses.streaming import StreamingResponse

Chunks = Iterator[bytes] | AsyncIterator[bytes]


def items_of(annotation: Any) -> Any:
    """The type of the items of a stream or a collection; MISSING where it is not said."""
    is_known = annotation is not MISSING and (is_stream(annotation) or is_collection(annotation))
    return item_type(annotation) if is_known else MISSING


def is_raw(annotation: Any) -> bool:
    """Whether the items are chunks that go out as they are."""
    return class_of(item_type(annotation)) in TEXTUAL


def is_event(annotation: Any) -> bool:
    return class_of(annotation) is ServerSentEvent


def data_type(item: Any) -> Any:
    """What a stream of events gives beside `ServerSentEvent`s; MISSING where that is nothing, or not said."""
    if item is MISSING or not any(map(is_event, union_members(item))):
        return item
    declared = [member for member in union_members_without(item, is_event) if not is_event(member)]
    return annotated(reduce(or_, declared), metadata_of(item)) if declared else MISSING


def is_events(annotation: Any, reply: Reply) -> bool:
    cls = reply.response_class
    if cls is not None:
        return isinstance(cls, type) and issubclass(cls, EventSourceResponse)
    return is_stream(annotation) and any(map(is_event, union_members(item_type(annotation))))


def mapped(render: Callable[[Any], Any], items: Any) -> Chunks:
    """Each item rendered as it comes; the source is closed as soon as the chunks are."""
    return _mapped_async(render, items) if isinstance(items, AsyncIterable) else _mapped(render, items)


async def _mapped_async(render: Callable[[Any], Any], items: AsyncIterable[Any]) -> AsyncIterator[Any]:
    try:
        async for item in items:
            yield render(item)
    finally:
        if hasattr(items, "aclose"):
            await items.aclose()


def _mapped(render: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
    try:
        for item in items:
            yield render(item)
    finally:
        if hasattr(items, "close"):
            items.close()


def make_lines(annotation: Any, reply: Reply) -> Any:
    dump = dump_of(items_of(annotation), reply)

    def line(item: Any) -> bytes:
        return dump(item) + b"\n"

    def make(items: Any) -> Response:
        return StreamingResponse(mapped(line, items), reply.status, media_type="application/jsonl")

    return make


def _raw(annotation: Any, reply: Reply) -> Any:
    cls = reply.response_class or StreamingResponse
    media_type = cls.media_type or ("text/plain" if class_of(items_of(annotation)) is str else CHUNKS.media_type)
    piece = _piece_of(items_of(annotation), reply)

    def make(chunks: Any) -> Response:
        pieces = chunks if piece is None else mapped(piece, chunks)
        response: Response = cls(pieces, status_code=reply.status, media_type=media_type)
        return response

    return make


def _piece_of(item: Any, reply: Reply) -> Callable[[Any], Any] | None:
    """What makes an item into a chunk; None where it is one as it stands, or nothing is known of it."""
    if item in (MISSING, Any):
        return None
    if class_of(item) in TEXTUAL:
        return chunk_of(item) if declares_more(item) else None
    dump = dump_of(item, reply)
    return lambda value: loads(dump(value))  # for a class that renders its chunks by itself


def _events(annotation: Any, reply: Reply) -> Any:
    cls = reply.response_class or EventSourceResponse
    item = items_of(annotation)
    data = data_type(item)
    data_of = _data_of(data, reply)
    # A `ServerSentEvent` that is declared holds anything; one that is not is an envelope of what is declared.
    anything = data_of if data is item else _data_of(MISSING, reply)

    def event(item: Any) -> Any:
        """An event, or the data of one, that has nothing in it but text."""
        if not isinstance(item, ServerSentEvent):
            return data_of(item)
        return item if item.data is None else replace(item, data=anything(item.data))

    def make(events: Any) -> Response:
        response: Response = cls(mapped(event, events), status_code=reply.status)
        return response

    return make


def _data_of(annotation: Any, reply: Reply) -> Callable[[Any], str | bytes]:
    """A function that makes the data of an event: a text as it is where one is declared, all else as JSON."""
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


def _is_raw_stream(annotation: Any, reply: Reply) -> bool:
    cls = reply.response_class
    if cls is not None:
        return isinstance(cls, type) and issubclass(cls, StreamingResponse)
    return is_stream(annotation) and is_raw(annotation)


EVENTS = ReturnKind("events", takes=is_events, media_type="text/event-stream", makes=_events)
CHUNKS = ReturnKind("chunks", takes=_is_raw_stream, media_type="application/octet-stream", makes=_raw)
LINES = ReturnKind(
    "lines",
    takes=lambda annotation, reply: is_stream(annotation) and reply.response_class is None,
    media_type="application/jsonl",
    makes=make_lines,
)
