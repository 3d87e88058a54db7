"""Streaming responses: iterators as JSON Lines, server-sent events or chunks, by the type of their items."""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from typing import Any

from signette._frameworks import is_kind_of
from signette._http.json import loads
from signette.declarative.returns.contents import dump_of
from signette.declarative.returns.kind import DeclaredResult, Reply, ReturnKind
from signette.declarative.returns.text import TEXTUAL, chunk_of, declares_more
from signette.declarative.signature.annotations import (
    class_of,
    is_collection,
    is_stream,
    item_type,
)
from signette.declarative.signature.markers import MISSING
from signette.responses.events import EventSourceResponse
from signette.responses.plain import Response
from signette.responses.streaming import StreamingResponse

Chunks = Iterator[bytes] | AsyncIterator[bytes]


def items_of(annotation: Any) -> Any:
    """The type of the items of a stream or a collection, MISSING if it is not annotated."""
    is_known = annotation is not MISSING and (is_stream(annotation) or is_collection(annotation))
    return item_type(annotation) if is_known else MISSING


def _yields_chunks(annotation: Any) -> bool:
    """Whether the items are chunks of text or bytes, which are sent unchanged."""
    return class_of(item_type(annotation)) in TEXTUAL


def is_streaming_class(cls: Any) -> bool:
    """Whether it is a streaming response class, of signette or another package."""
    return is_kind_of(cls, StreamingResponse) or sends_own_events(cls)


def sends_own_events(cls: Any) -> bool:
    """Whether it is the `EventSourceResponse` of another package, which has its own events."""
    return is_kind_of(cls, EventSourceResponse) and not issubclass(cls, EventSourceResponse)


def rendered(render: Callable[[Any], Any], items: Any) -> Chunks:
    """Render items one by one. Closing the chunks closes `items`."""
    return _rendered_async(render, items) if isinstance(items, AsyncIterable) else _rendered(render, items)


async def _rendered_async(render: Callable[[Any], Any], items: AsyncIterable[Any]) -> AsyncIterator[Any]:
    try:
        async for item in items:
            yield render(item)
    finally:
        if hasattr(items, "aclose"):
            await items.aclose()


def _rendered(render: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
    try:
        for item in items:
            yield render(item)
    finally:
        if hasattr(items, "close"):
            items.close()


def make_lines(reply: Reply) -> Any:
    """A function that makes an iterator into a response of JSON Lines."""
    dump = dump_of(items_of(reply.annotation), reply)

    def line(item: Any) -> bytes:
        return dump(item) + b"\n"

    def make(items: Any) -> Response:
        return StreamingResponse(rendered(line, items), reply.status, media_type="application/jsonl")

    return make


def _make_chunks(reply: Reply) -> Any:
    cls = reply.response_class or StreamingResponse
    item = items_of(reply.annotation)
    media_type = getattr(cls, "media_type", None)
    if media_type is None:
        media_type = "text/plain" if class_of(item) is str else CHUNKS.media_type
    if sends_own_events(cls):
        media_type, item = EventSourceResponse.media_type, MISSING
    render = _chunk_renderer(item, reply)

    def make(items: Any) -> Response:
        chunks = items if render is None else rendered(render, items)
        response: Response = cls(chunks, status_code=reply.status, media_type=media_type)
        return response

    return make


def _chunk_renderer(item: Any, reply: Reply) -> Callable[[Any], Any] | None:
    """A function from an item to a chunk; None if items are chunks already, or if their type is not annotated."""
    if item in (MISSING, Any):
        return None
    if class_of(item) in TEXTUAL:
        return chunk_of(item) if declares_more(item) else None
    dump = dump_of(item, reply)
    return lambda value: loads(dump(value))  # for a response class that renders its chunks


def _is_chunk_stream(result: DeclaredResult) -> bool:
    cls = result.response_class
    if cls is not None:
        return is_streaming_class(cls)
    return is_stream(result.annotation) and _yields_chunks(result.annotation)


CHUNKS = ReturnKind("chunks", accepts=_is_chunk_stream, media_type="application/octet-stream", makes=_make_chunks)
LINES = ReturnKind(
    "lines",
    accepts=lambda result: is_stream(result.annotation) and result.response_class is None,
    media_type="application/jsonl",
    makes=make_lines,
)
