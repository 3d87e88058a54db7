"""Results of endpoints -> media types and schemas, by return kind."""

from collections.abc import Callable, Mapping
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.adapters.json_schema import BINARY
from signette.declarative.adapters.shape import shaped
from signette.declarative.formats.json import JSON as JSON_FORMAT
from signette.declarative.openapi.dialect import Dialect
from signette.declarative.openapi.schemas import Schema, Schemas
from signette.declarative.returns.contents import options_of
from signette.declarative.returns.events import EVENTS, data_type
from signette.declarative.returns.file import FILE
from signette.declarative.returns.items import items_in
from signette.declarative.returns.json import JSON as JSON_KIND
from signette.declarative.returns.kind import Reply, ResponseSpec, ReturnKind
from signette.declarative.returns.outcome import OUTCOME
from signette.declarative.returns.response import RESPONSE
from signette.declarative.returns.response_class import RESPONSE_CLASS
from signette.declarative.returns.stream import CHUNKS, LINES, sends_own_events
from signette.declarative.returns.text import BYTES, TEXT
from signette.declarative.returns.text import TEXTUAL as TEXTUAL_TYPES
from signette.declarative.returns.unannotated import UNANNOTATED
from signette.declarative.signature.annotations import class_of, is_stream, item_type, union_members
from signette.declarative.signature.event_streams import event_names, event_stream_of
from signette.declarative.signature.markers import MISSING
from signette.problems import PROBLEM_MEDIA_TYPE
from signette.responses.events import ServerSentEvent
from signette.responses.wire import has_no_body

JSON = "application/json"
# The kinds whose results are values, which formats render.
_VALUES = (JSON_KIND, OUTCOME, LINES, UNANNOTATED)
TEXTUAL: Mapping[str, Any] = {"type": "string"}

# A media type and its media type object. None: no media type.
Content = tuple[str | None, Schema]


@dataclass(frozen=True, slots=True)
class Result:
    """One result of an endpoint, with the schemas and the dialect of the document."""

    spec: ResponseSpec
    reply: Reply
    schemas: Schemas
    dialect: Dialect

    @property
    def class_media_type(self) -> str | None:
        """The media type of `response_class=`."""
        return without_parameters(getattr(self.reply.response_class, "media_type", None))

    @property
    def item(self) -> Any:
        """The type of the items of a stream; MISSING if it is not annotated."""
        annotation = self.spec.annotation
        return item_type(annotation) if annotation is not MISSING and is_stream(annotation) else MISSING

    def json(self, annotation: Any) -> Schema:
        """The schema of a value that is sent as JSON."""
        if annotation is MISSING:
            return {}
        return self._shaped(annotation, options_of(annotation, self.reply.options))

    def enveloped(self) -> Schema:
        """The schema of the value in its envelope."""
        envelope, annotation = self.reply.envelope, self.spec.annotation
        assert envelope is not None
        options = envelope.options(options_of(annotation, self.reply.options))
        return self._shaped(envelope.of(Any if annotation is MISSING else annotation), options)

    def _shaped(self, annotation: Any, options: Mapping[str, Any]) -> Schema:
        schema = self.schemas.output_schema(annotation, options.get("by_alias", True))
        return shaped(schema, annotation, options, self.schemas.resolve)


def content_of(result: Result) -> Content:
    """The media type and the media type object of a result, if they are known."""
    kind = result.spec.kind
    if kind is None or has_no_body(result.spec.status):
        return None, {}
    describe = _DESCRIBE.get(kind)
    if describe is not None:
        return describe(result)
    media_type = without_parameters(kind.media_type)
    return media_type, _media(result.json(result.spec.annotation)) if media_type == JSON else {}


def contents_of(result: Result) -> list[Content]:
    """The media types and the media type objects of a result: several if the request chooses the format."""
    reply, spec = result.reply, result.spec
    if spec.kind not in _VALUES or not reply.is_chosen_at_request or has_no_body(spec.status):
        return [content_of(result)]
    streams = spec.kind is LINES
    whole = {} if streams else result.json(spec.annotation)
    items = None if streams or spec.annotation is MISSING else items_in(spec.annotation)
    item = result.json(result.item) if streams else None if items is None else result.json(items.annotation)
    if streams:
        whole = {"type": "array", "items": item}
    found: list[Content] = []
    for each in reply.formats or (JSON_FORMAT(),):
        enveloped = reply.envelope is not None and each.takes_envelope
        schema = result.enveloped() if enveloped else whole
        found.append((without_parameters(each.media_type), result.dialect.media(each.document(schema, item))))
    return found


def without_parameters(media_type: str | None) -> str | None:
    """A media type without its parameters."""
    return media_type.partition(";")[0].strip() if media_type else None


def _media(schema: Mapping[str, Any]) -> Schema:
    """The media type object of a body with this schema."""
    return {"schema": dict(schema)}


def _file(result: Result) -> Content:
    return result.class_media_type or "*/*", _media(BINARY)  # the media type depends on the name of the file


def _response(result: Result) -> Content:
    return _of_media_type(without_parameters(getattr(class_of(result.spec.annotation), "media_type", None)))


def _response_class(result: Result) -> Content:
    media_type = result.class_media_type
    if media_type is not None and (media_type == JSON or media_type.endswith("+json")):
        whole = result.json(result.spec.annotation) if result.reply.envelope is None else result.enveloped()
        return media_type, _media(whole)
    return _of_media_type(media_type)


def _chunks(result: Result) -> Content:
    if sends_own_events(result.reply.response_class):
        return _of_media_type(without_parameters(EVENTS.media_type))
    textual = result.item is not MISSING and class_of(result.item) is str
    return _of_media_type(result.class_media_type or without_parameters((TEXT if textual else CHUNKS).media_type))


def _lines(result: Result) -> Content:
    return without_parameters(LINES.media_type), result.dialect.stream(result.json(result.item))


def _events(result: Result) -> Content:
    stream = event_stream_of(result.spec.annotation) if result.spec.annotation is not MISSING else None
    if stream is not None:
        return without_parameters(EVENTS.media_type), result.dialect.stream(_typed_event(result))
    data: Schema = {"type": "string"}
    if result.item is not MISSING and class_of(result.item) is not ServerSentEvent:
        data |= {"contentMediaType": JSON, "contentSchema": result.json(result.item)}
    event = {
        "type": "object",
        "properties": {
            "data": data,
            "event": {"type": "string"},
            "id": {"type": "string"},
            "retry": {"type": "integer", "minimum": 0},
        },
    }
    return without_parameters(EVENTS.media_type), result.dialect.stream(event)


def _typed_event(result: Result) -> Schema:
    """The schema of an event of a stream of typed events: one for each name."""
    data = data_type(result.item)
    found = (
        []
        if data is MISSING
        else [
            _event(name, _event_data(result, member))
            for (_, name), member in zip(event_names(data), union_members(data), strict=True)
        ]
    )
    if result.reply.resumes:
        found.append(_event("missed", {}, "Messages were missed: they are no longer kept."))
    if result.reply.problems:
        found.append(_event("problem", {"contentMediaType": PROBLEM_MEDIA_TYPE}, "A problem ends the stream."))
    return found[0] if len(found) == 1 else {"oneOf": found}


def _event_data(result: Result, annotation: Any) -> Schema:
    """What the data of an event contains: declared text is sent unchanged, other values as JSON."""
    if class_of(annotation) in TEXTUAL_TYPES:
        return {}
    return {"contentMediaType": JSON, "contentSchema": result.json(annotation)}


def _event(name: str | None, data: Schema, description: str = "") -> Schema:
    properties: Schema = {"data": {"type": "string"} | data}
    if name is not None:
        properties["event"] = {"const": name}
    properties |= {"id": {"type": "string"}, "retry": {"type": "integer", "minimum": 0}}
    required = ["data"] if name is None else ["data", "event"]
    event = {"type": "object", "properties": properties, "required": required}
    return event | ({"description": description} if description else {})


_DESCRIBE: Mapping[ReturnKind, Callable[[Result], Content]] = {
    RESPONSE_CLASS: _response_class,
    CHUNKS: _chunks,
    EVENTS: _events,
    FILE: _file,
    LINES: _lines,
    BYTES: lambda _: (without_parameters(BYTES.media_type), _media(BINARY)),
    RESPONSE: _response,
    TEXT: lambda _: (without_parameters(TEXT.media_type), _media(TEXTUAL)),
}


def _of_media_type(media_type: str | None) -> Content:
    """The media type object of a body of which only the media type is known."""
    if media_type is None:
        return None, {}
    if media_type.startswith("text/"):
        return media_type, _media(TEXTUAL)
    return media_type, {} if media_type == JSON else _media(BINARY)
