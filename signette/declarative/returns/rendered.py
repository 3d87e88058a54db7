"""Results in the format that the request accepts (`renders=`), and in an envelope (`envelope=`).

Theory of operation. A maker makes a response from a value, a status and header fields; there is one for each format and
each type of content. pydantic makes JSON of a value, with the options of the route, and the format makes its bytes from
that. Lists and iterators are rendered item by item, if the format can: the first part is made before the response
starts, so that an error in it is a 500, and a list whose parts fit in one has a `Content-Length`.
"""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from typing import Any

from signette._http.json import loads
from signette.connection import HTTPConnection
from signette.declarative.adapters.envelope import Envelope
from signette.declarative.adapters.json_schema import schema_of
from signette.declarative.adapters.response_validation import with_response_validation
from signette.declarative.adapters.serializers import Dump, item_dumper, validated
from signette.declarative.adapters.shape import shaped
from signette.declarative.formats.base import Content, DoesNotFit, Format, ItemEncoder
from signette.declarative.formats.json import JSON as JSON_FORMAT
from signette.declarative.returns.contents import dump_of, json_response_maker, options_of
from signette.declarative.returns.items import items_in
from signette.declarative.returns.kind import Reply
from signette.declarative.returns.outcome import OUTCOME, make_outcome
from signette.declarative.returns.stream import LINES, items_of
from signette.declarative.returns.tagged import TaggedResponse
from signette.declarative.returns.unannotated import UNANNOTATED
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.outcomes import Outcome
from signette.declarative.signature.tagged import Tagged
from signette.responses.plain import JSONResponse, Response
from signette.responses.streaming import StreamingResponse
from signette.types import Scope

# `(value, status, headers, scope)`
Maker = Callable[[Any, int, Mapping[str, str] | None, Scope], Response]
# The parts of a list are joined up to this size.
PART_BYTES = 64 * 1024
PARSED_TOGETHER = 64


def content_for(annotation: Any, options: Mapping[str, Any]) -> Content:
    """What a format may know of values of a type, with the options of pydantic's serializer."""
    is_known = annotation is not MISSING
    return Content(annotation if is_known else Any, partial(_schema, annotation, options) if is_known else dict)


def _schema(annotation: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    schema = schema_of(annotation, options.get("by_alias", True))
    definitions = schema.pop("$defs", {})

    def resolve(each: Mapping[str, Any]) -> Mapping[str, Any]:
        found: Mapping[str, Any] = definitions.get(each.get("$ref", "").rpartition("/")[2], each)
        return found

    found = shaped(schema, annotation, options_of(annotation, options), resolve)
    return found | {"$defs": definitions} if definitions else found


def renders_items(format_: Format, annotation: Any, options: Mapping[str, Any]) -> bool:
    """Whether a format renders values of a type that are lists item by item."""
    found = items_in(annotation) if annotation is not MISSING else None
    if found is None or writes_json(format_):
        return False
    return isinstance(format_.item_encoder(content_for(found.annotation, options)), ItemEncoder)


def reason_against(format_: Format, annotation: Any, options: Mapping[str, Any], *, streams: bool) -> DoesNotFit | None:
    """Why a format cannot render values of a type, or the items of a stream; None if it can."""
    if streams:
        found: Any = format_.item_encoder(content_for(items_of(annotation), options))
    elif renders_items(format_, annotation, options):
        return None
    else:
        found = format_.encoder(content_for(annotation, options))
        items = items_in(annotation) if isinstance(found, DoesNotFit) and annotation is not MISSING else None
        if items is not None:  # of a page, its items are the reason
            of_items = format_.item_encoder(content_for(items.annotation, options))
            found = of_items if isinstance(of_items, DoesNotFit) else found
    return found if isinstance(found, DoesNotFit) else None


def make_rendered(reply: Reply) -> Callable[[Any, int, Scope], Response]:
    """A function that makes a response from a result, the index of the format, and the scope of the request."""
    makers = [_result_maker(reply, each) for each in reply.formats or (JSON_FORMAT(),)]

    def make(result: Any, index: int, scope: Scope) -> Response:
        return makers[index](result, scope)

    return make


def _result_maker(reply: Reply, format_: Format) -> Callable[[Any, Scope], Response]:
    content_maker = partial(_content_maker, format_=format_)
    if reply.kind is OUTCOME:
        found: Callable[[Any, Scope], Response] = make_outcome(reply, content_maker)
        return found
    if reply.kind is UNANNOTATED:
        return _unannotated_maker(reply, format_)
    make = _stream_maker(reply, format_) if reply.kind is LINES else content_maker(reply.annotation, reply)
    return lambda result, scope: make(result, reply.status, None, scope)


def _unannotated_maker(reply: Reply, format_: Format) -> Callable[[Any, Scope], Response]:
    outcome = make_outcome(reply, partial(_content_maker, format_=format_))
    content = _content_maker(MISSING, reply, format_=format_)
    streams = isinstance(format_.item_encoder(content_for(MISSING, {})), ItemEncoder)
    stream = _stream_maker(reply, format_) if streams else None

    def make(result: Any, scope: Scope) -> Response:
        response: Response
        if isinstance(result, Tagged):
            response = TaggedResponse.of(make(result.content, scope), result)
        elif isinstance(result, Outcome):
            response = outcome(result, scope)
        elif isinstance(result, AsyncIterator) and stream is not None:
            response = stream(result, reply.status, None, scope)
        else:
            response = content(result, reply.status, None, scope)
        return response

    return make


# -- whole values ------------------------------------------------------------------------------------------------------


def _content_maker(annotation: Any, reply: Reply, *, format_: Format) -> Maker:
    """A maker of responses with a value of this type."""
    envelope = reply.envelope if format_.takes_envelope else None
    if envelope is None and renders_items(format_, annotation, reply.options):
        return _list_maker(annotation, reply, format_)
    text = _plain_text(annotation, reply) if envelope is None else _enveloped_text(annotation, reply, envelope)
    if reply.negotiation is None:
        respond = json_response_maker(reply.response_class or JSONResponse)
        return lambda value, status, headers, scope: respond(text(value, scope), status, headers)
    encode = None if writes_json(format_) else _fitting(format_.encoder(content_for(annotation, reply.options)))

    def make(value: Any, status: int, headers: Mapping[str, str] | None, scope: Scope) -> Response:
        body = text(value, scope)
        if encode is not None:
            body = encode(loads(body))
        return Response(body, status, headers, media_type=format_.media_type)

    return make


def writes_json(format_: Format) -> bool:
    """Whether a format sends the JSON text as pydantic makes it: `JSON`, and what differs by its media type only."""
    return type(format_).encoder is JSON_FORMAT.encoder


def _fitting(encoder: Any) -> Any:
    assert not isinstance(encoder, DoesNotFit)  # it was asked when the route was made
    return encoder


Text = Callable[[Any, Scope], bytes]


def _plain_text(annotation: Any, reply: Reply) -> Text:
    dump = dump_of(annotation, reply)
    return lambda value, _: dump(value)


def _enveloped_text(annotation: Any, reply: Reply, envelope: Envelope) -> Text:
    """The JSON of an envelope. pydantic validates it together with the value, and serializes both at once."""
    whole = envelope.of(Any if annotation is MISSING else annotation)
    options = envelope.options(options_of(annotation, reply.options))
    dump = dump_of(whole, Reply(reply.kind, whole, options=options))
    check = _validation_of(annotation, reply)
    prepare = dump_of(MISSING, Reply(reply.kind, MISSING, options=reply.options)) if annotation is MISSING else None

    def text(value: Any, scope: Scope) -> bytes:
        more = envelope.fields_from(HTTPConnection(scope)) if envelope.takes_request else {}
        ready = value if prepare is None else loads(prepare(value))
        body = dump(envelope.values(ready, more))
        check(value)
        return body

    return text


def _validation_of(annotation: Any, reply: Reply) -> Dump:
    """The response validation of values, without a dump of them."""
    if annotation is MISSING:
        return _nothing
    return with_response_validation(_nothing, annotation, reply.validation)


def _nothing(_: Any) -> bytes:
    return b""


# -- items -------------------------------------------------------------------------------------------------------------


def _item_encoder(format_: Format, item: Any, options: Mapping[str, Any]) -> ItemEncoder:
    found: ItemEncoder = _fitting(format_.item_encoder(content_for(item, options)))
    return found


def _list_maker(annotation: Any, reply: Reply, format_: Format) -> Maker:
    """A maker of responses with a list, which is validated as a whole and rendered in parts."""
    items = items_in(annotation)
    assert items is not None
    encoder = _item_encoder(format_, items.annotation, reply.options)
    dump = item_dumper(items.annotation, options_of(items.annotation, reply.options))
    value_of, check = validated(annotation), _validation_of(annotation, reply)

    def make(value: Any, status: int, headers: Mapping[str, str] | None, _: Scope) -> Response:
        checked = value_of(value)
        check(value)
        texts = map(dump, items.of(checked))
        rendered = _in_parts(encoder, texts if encoder.takes_text else _values_of(texts))
        first, rest = next(rendered, b""), next(rendered, None)
        if rest is None:
            return Response(first, status, headers, media_type=format_.media_type)
        content = _without_waiting(chain((first, rest), rendered))
        return StreamingResponse(content, status, headers, media_type=format_.media_type)

    return make


def _values_of(texts: Iterator[bytes]) -> Iterator[Any]:
    """The values of JSON texts. PERF: parsed together, a few at a time."""
    while some := tuple(islice(texts, PARSED_TOGETHER)):
        yield from loads(b"[%b]" % b",".join(some))


def _in_parts(encoder: ItemEncoder, items: Iterable[Any]) -> Iterator[bytes]:
    """The bytes of a list, in parts of at least `PART_BYTES`."""
    pieces, size, separator = [encoder.head], len(encoder.head), b""
    for item in items:
        if size >= PART_BYTES:
            yield b"".join(pieces)
            pieces, size = [], 0
        text = encoder.encode(item)
        pieces += (separator, text)
        size += len(text)
        separator = encoder.separator
    yield b"".join((*pieces, encoder.tail))


async def _without_waiting(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    """The parts for a streaming response, which would read another iterable in a thread."""
    for part in parts:
        yield part


def _stream_maker(reply: Reply, format_: Format) -> Maker:
    """A maker of responses with the items of an iterator, each of which is sent at once."""
    item = items_of(reply.annotation)
    encoder = _item_encoder(format_, item, reply.options)
    dump, encode = dump_of(item, reply), encoder.encode

    def render(value: Any) -> bytes:
        rendered: bytes = encode(dump(value) if encoder.takes_text else loads(dump(value)))
        return rendered

    encoder = replace(encoder, encode=render)

    def make(items: Any, status: int, headers: Mapping[str, str] | None, _: Scope) -> Response:
        rendered = _each_async(encoder, items) if isinstance(items, AsyncIterable) else _each(encoder, items)
        return StreamingResponse(rendered, status, headers, media_type=format_.media_type)

    return make


async def _each_async(encoder: ItemEncoder, items: AsyncIterable[Any]) -> AsyncIterator[bytes]:
    before, end = encoder.head, encoder.head + encoder.tail
    try:
        async for item in items:
            yield before + encoder.encode(item)
            before, end = encoder.separator, encoder.tail
        if end:
            yield end
    finally:
        if (aclose := getattr(items, "aclose", None)) is not None:
            await aclose()


def _each(encoder: ItemEncoder, items: Iterable[Any]) -> Iterator[bytes]:
    before, end = encoder.head, encoder.head + encoder.tail
    try:
        for item in items:
            yield before + encoder.encode(item)
            before, end = encoder.separator, encoder.tail
        if end:
            yield end
    finally:
        if (close := getattr(items, "close", None)) is not None:
            close()
