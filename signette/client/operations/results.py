"""The reply of a plan -> results and problems, as a client decodes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from signette._frameworks import is_kind_of
from signette.client.runtime.spec import EventSpec, ProblemSpec, ResultKind, ResultSpec
from signette.declarative.adapters.page_body import item_of_body
from signette.declarative.formats.json import JSON as JSON_FORMAT
from signette.declarative.formats.json_lines import JSONLines
from signette.declarative.formats.messagepack import MessagePack
from signette.declarative.plan.steps import Plan
from signette.declarative.returns.empty import EMPTY
from signette.declarative.returns.events import EVENTS, data_type
from signette.declarative.returns.file import FILE
from signette.declarative.returns.json import JSON
from signette.declarative.returns.kind import Reply, ResponseSpec
from signette.declarative.returns.outcome import OUTCOME
from signette.declarative.returns.response import RESPONSE
from signette.declarative.returns.response_class import RESPONSE_CLASS
from signette.declarative.returns.stream import CHUNKS, LINES, items_of
from signette.declarative.returns.text import BYTES, TEXT, TEXTUAL
from signette.declarative.returns.unannotated import UNANNOTATED
from signette.declarative.signature.annotations import class_of, union_members
from signette.declarative.signature.event_streams import event_names, event_stream_of
from signette.declarative.signature.markers import MISSING
from signette.problems import Problem, member_types
from signette.responses.events import EventSourceResponse
from signette.responses.wire import has_no_body

_VALUES = (JSON, OUTCOME, UNANNOTATED)
# Options that leave fields out which have no default.
_PARTIAL = ("include", "exclude", "exclude_none")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The format that a client asks for, of those that the response may have."""

    media_type: str = ""
    kind: ResultKind | None = None
    """None: the kind of the result itself."""


def results_of(plan: Plan) -> tuple[tuple[ResultSpec, ...], str]:
    """The results of an operation, and the `Accept` header to send."""
    reply = plan.reply
    chosen = _chosen_format(reply)
    found = [_result(spec, reply, chosen) for spec in reply.responses if _is_result(spec)]
    by_status = {each.status: each for each in reversed(found)}
    return tuple(dict.fromkeys(by_status[each.status] for each in found)), chosen.media_type


def problems_of(plan: Plan, responses: Mapping[Any, Any]) -> tuple[ProblemSpec, ...]:
    """The problems of an operation: those of its plan, and those of the option `responses=`."""
    declared = [each.get("model") for each in responses.values() if isinstance(each, Mapping)]
    classes = [each for each in declared if isinstance(each, type) and issubclass(each, Problem)]
    # A stream of events has its problems as events; a response with one has been raised before the stream.
    returned = () if plan.reply.kind is EVENTS else plan.reply.returned_problems
    return tuple(
        ProblemSpec(each.status, each.type, each, tuple(member_types(each).items()), each in returned)
        for each in dict.fromkeys((*plan.reply.problems, *classes))
    )


def _is_result(spec: ResponseSpec) -> bool:
    if spec.problem is not None or spec.status == 304:
        return False
    # A kind is that of the result, or of an error text: those of range requests.
    return spec.status < 400 or spec.kind not in (None, TEXT)


def _chosen_format(reply: Reply) -> Chosen:
    if not reply.formats:
        return Chosen()
    lines = next((each for each in reply.formats if isinstance(each, JSONLines)), None)
    if reply.kind is LINES and lines is not None:
        return Chosen(lines.media_type)
    json = next((each for each in reply.formats if isinstance(each, JSON_FORMAT)), None)
    if json is not None:
        return Chosen(json.media_type)
    binary = next((each for each in reply.formats if isinstance(each, MessagePack)), None)
    if binary is not None and reply.kind is not LINES:
        return Chosen(binary.media_type)
    first = reply.formats[0].media_type
    return Chosen(first.partition(";")[0].strip(), "bytes")


def _result(spec: ResponseSpec, reply: Reply, chosen: Chosen) -> ResultSpec:
    is_own = spec.status == reply.status and spec.kind is reply.kind
    # An injected response may have another status, and so may one that the endpoint returns.
    is_open = is_own and (reply.merges or spec.kind in (RESPONSE, UNANNOTATED))
    status = None if is_open else spec.status
    if spec.kind is None or has_no_body(spec.status):
        return ResultSpec(status, "empty")
    if spec.kind in _VALUES:
        return _value(spec, reply, chosen, status)
    if spec.kind is LINES:
        item = items_of(spec.annotation)
        media_type = (chosen.media_type or "application/jsonl",)
        return ResultSpec(
            status, chosen.kind or "items", Any if item is MISSING else item, media_type, by_alias=_by_alias(reply),
            is_partial=_is_partial(reply),
        )  # fmt: skip
    if spec.kind is EVENTS:
        return _events(spec, reply, status)
    return _other(spec, reply, status)


def _value(spec: ResponseSpec, reply: Reply, chosen: Chosen, status: int | None) -> ResultSpec:
    annotation = spec.annotation
    if chosen.kind is not None:
        return ResultSpec(status, chosen.kind, None, (chosen.media_type,))
    if annotation is MISSING:
        return ResultSpec(status, "any", envelope=_envelope(reply))
    item = item_of_body(annotation)
    return ResultSpec(
        status,
        "json" if item is None else "page",
        annotation if item is None else item,
        (chosen.media_type or "application/json",),
        _envelope(reply),
        _by_alias(reply),
        _is_partial(reply),
    )


def _envelope(reply: Reply) -> str:
    """The member of the envelope that holds the value."""
    envelope = reply.envelope
    if envelope is None:
        return ""
    info = envelope.model.model_fields[envelope.field]
    return str(info.serialization_alias or envelope.field) if _by_alias(reply) else envelope.field


def _events(spec: ResponseSpec, reply: Reply, status: int | None) -> ResultSpec:
    annotation = spec.annotation
    item = items_of(annotation)
    data = data_type(item)
    media_types = (str(EventSourceResponse.media_type),)
    if data is MISSING:
        return ResultSpec(status, "events", None, media_types)
    is_text = class_of(data) in TEXTUAL
    if event_stream_of(annotation) is None:
        events: tuple[EventSpec, ...] = (EventSpec(None, data),)
    else:
        names = event_names(data)
        events = tuple(EventSpec(name, member) for (_, name), member in zip(names, union_members(data), strict=True))
    return ResultSpec(
        status, "events", data, media_types, by_alias=_by_alias(reply), is_partial=_is_partial(reply), events=events,
        sends_text=is_text,
    )  # fmt: skip


def _other(spec: ResponseSpec, reply: Reply, status: int | None) -> ResultSpec:
    kind, annotation = spec.kind, spec.annotation
    if kind is EMPTY:
        return ResultSpec(status, "empty")
    if kind is TEXT:
        return ResultSpec(status, "text", str, ("text/plain",))
    if kind is BYTES:
        return ResultSpec(status, "bytes", bytes, ("application/octet-stream",))
    if kind is FILE:
        return ResultSpec(status, "file", None, _media_types(reply.response_class))
    if kind is CHUNKS:
        return _chunks(annotation, reply, status)
    if kind is RESPONSE_CLASS:
        return _of_class(annotation, reply, status)
    return ResultSpec(status, "any", None, _media_types(class_of(annotation)))


def _chunks(annotation: Any, reply: Reply, status: int | None) -> ResultSpec:
    item = items_of(annotation)
    if is_kind_of(reply.response_class, EventSourceResponse):
        return ResultSpec(status, "events", None, _media_types(reply.response_class))
    is_text = item is not MISSING and class_of(item) is str
    return ResultSpec(status, "text chunks" if is_text else "chunks", None, _media_types(reply.response_class))


def _of_class(annotation: Any, reply: Reply, status: int | None) -> ResultSpec:
    media_types = _media_types(reply.response_class)
    first = media_types[0] if media_types else ""
    if first == "application/json" or first.endswith("+json"):
        if annotation is MISSING:
            return ResultSpec(status, "any", None, media_types, _envelope(reply))
        return ResultSpec(
            status, "json", annotation, media_types, _envelope(reply), _by_alias(reply), _is_partial(reply)
        )
    return ResultSpec(status, "text" if first.startswith("text/") else "any", None, media_types)


def _media_types(cls: Any) -> tuple[str, ...]:
    media_type = getattr(cls, "media_type", None)
    return (media_type.partition(";")[0].strip(),) if isinstance(media_type, str) else ()


def _by_alias(reply: Reply) -> bool:
    return bool(reply.options.get("by_alias", True))


def _is_partial(reply: Reply) -> bool:
    return any(reply.options.get(name) for name in _PARTIAL)
