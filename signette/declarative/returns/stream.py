"""Iterators: JSON Lines, server-sent events or raw chunks, by the type of their items."""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from signette.declarative.adapters.conformance import watched
from signette.declarative.adapters.dump import dumper
from signette.declarative.introspect import class_of, is_stream, item_of
from signette.declarative.ir import Reply, ReturnKind
from signette.responses.events import EventSourceResponse, ServerSentEvent
from signette.responses.plain import Response
from signette.responses.streaming import StreamingResponse

Chunks = Iterator[bytes] | AsyncIterator[bytes]


def is_raw(annotation: Any) -> bool:
    """Whether the items are chunks that go out as they are."""
    return class_of(item_of(annotation)) in (str, bytes, bytearray, memoryview)


def is_events(annotation: Any, reply: Reply) -> bool:
    cls = reply.response_class
    if cls is not None:
        return isinstance(cls, type) and issubclass(cls, EventSourceResponse)
    return is_stream(annotation) and class_of(item_of(annotation)) is ServerSentEvent


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
    item_type = item_of(annotation) if is_stream(annotation) else Any
    dump = watched(dumper(item_type, reply.options), item_type, reply.watch)

    def line(item: Any) -> bytes:
        return dump(item) + b"\n"

    def make(items: Any) -> Response:
        return StreamingResponse(mapped(line, items), reply.status, media_type="application/jsonl")

    return make


def _raw(annotation: Any, reply: Reply) -> Any:
    text = class_of(item_of(annotation)) is str
    media_type = "text/plain" if text else "application/octet-stream"

    def make(chunks: Any) -> Response:
        cls = reply.response_class or StreamingResponse
        response: Response = cls(chunks, status_code=reply.status, media_type=cls.media_type or media_type)
        return response

    return make


def _events(annotation: Any, reply: Reply) -> Any:
    item = item_of(annotation) if is_stream(annotation) else Any
    data = Any if class_of(item) is ServerSentEvent else item
    dump = watched(dumper(data, reply.options), data, reply.watch)
    cls = reply.response_class or EventSourceResponse

    def event(item: Any) -> Any:
        """An event, or the data of one, that has nothing in it but text."""
        if isinstance(item, ServerSentEvent):
            return (
                item if item.data is None or isinstance(item.data, str | bytes) else replace(item, data=dump(item.data))
            )
        return item if isinstance(item, str | bytes) else dump(item)

    def make(events: Any) -> Response:
        response: Response = cls(mapped(event, events), status_code=reply.status)
        return response

    return make


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
