"""Check parameters that are streams of items: `rows: Stream[Reading]`."""

from collections.abc import Iterable, Sequence
from typing import Any, get_args

from signette.declarative.adapters.model_fields import fields_of
from signette.declarative.adapters.root_models import rootless
from signette.declarative.checks.metadata import check_injected
from signette.declarative.errors import streams as stream_errors
from signette.declarative.signature.annotations import has_json_marker, models_in, strip_annotated, union_members
from signette.declarative.signature.items import ON_ERROR, Items
from signette.declarative.signature.markers import MISSING, Marker
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.signature.type_info import type_info
from signette.declarative.sources.source import Source
from signette.declarative.sources.stream import STREAM, is_stream_parameter
from signette.declarative.streams.formats import CSV, FORMATS, StreamFormat, format_named
from signette.declarative.streams.stream import Stream

BODILESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE"})
_COUNTS = ("max_errors", "max_items", "max_item_bytes", "max_bytes")


def check_stream(parameter: Parameter, source: Source, location: SourceLocation, methods: Iterable[str]) -> None:
    """Reject a stream that is not a whole body, and one of a request without a body."""
    annotation = parameter.annotation
    if (type(annotation) is type and annotation is not Stream) or not is_stream_parameter(parameter):
        return
    name, marker = parameter.name, parameter.marker
    if parameter.type.cls is not Stream:
        raise stream_errors.misplaced_stream(location, name, annotation, "it is inside another type")
    if isinstance(marker, Marker) or parameter.fields:
        word = type(marker if isinstance(marker, Marker) else parameter.fields[0]).__name__.removesuffix("Info")
        hint = f"remove `{word}(...)`; the options of a stream are those of `Items(...)`"
        raise stream_errors.misplaced_stream(location, name, annotation, f"it is marked `{word}()`", hint)
    if source != STREAM:
        raise stream_errors.misplaced_stream(location, name, annotation, f"it is read from the {source.place}")
    if parameter.default is not MISSING:
        raise stream_errors.misplaced_stream(location, name, annotation, "it has a default")
    check_injected(parameter, location)
    wrong = BODILESS.intersection(methods)
    if wrong:
        raise stream_errors.stream_without_body(location, name, annotation, wrong)


def item_of(parameter: Parameter, location: SourceLocation) -> Any:
    """The type of the items of a stream."""
    arguments = get_args(strip_annotated(parameter.annotation))
    if not arguments:
        raise stream_errors.stream_without_type(location, parameter.name)
    if type_info(arguments[0]).inner_cls in (bytes, bytearray, memoryview):
        raise stream_errors.stream_of_bytes(location, parameter.name, parameter.annotation)
    return arguments[0]


def check_items(items: Items, name: str, location: SourceLocation) -> None:
    """Reject options of a stream that are not valid."""
    if items.on_error not in ON_ERROR:
        expected = f"one of {', '.join(map(repr, ON_ERROR))}"
        raise stream_errors.invalid_stream_option(location, name, "on_error", items.on_error, expected)
    for option in _COUNTS:
        value = getattr(items, option)
        is_missing = value is None and option != "max_item_bytes"
        if not is_missing and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise stream_errors.invalid_stream_option(location, name, option, value, "an integer of at least 1")
    if items.max_errors is not None and items.on_error != "collect":
        raise stream_errors.max_errors_without_collect(location, name, items.on_error)
    if items.media_types is not None and (isinstance(items.media_types, str) or not items.media_types):
        raise stream_errors.invalid_stream_option(
            location, name, "media_types", items.media_types, "a list of media types"
        )


def formats_of(items: Items, item: Any, name: str, location: SourceLocation) -> dict[str, StreamFormat]:
    """The accepted media types, with their formats: those of the options, or all that fit the type of the items."""
    misfit = csv_misfit(item)
    if items.media_types is None:
        return {each.media_type: each for each in FORMATS if each is not CSV or misfit is None}
    found = {each: _format_named(each, name, location) for each in items.media_types}
    if misfit is not None and CSV in found.values():
        raise stream_errors.item_not_csv(location, name, item, misfit)
    return found


def _format_named(media_type: Any, name: str, location: SourceLocation) -> StreamFormat:
    found = format_named(media_type) if isinstance(media_type, str) else None
    if found is None:
        raise stream_errors.unknown_stream_media_type(location, name, media_type, [each.media_type for each in FORMATS])
    return found


def csv_misfit(item: Any) -> str | None:
    """Why items of this type cannot be rows of CSV; None if they can."""
    members: Sequence[Any] = union_members(item)
    if len(models_in(item)) != len(members):
        return "it is not a model"
    for field in (field for model in models_in(item) for field in fields_of(model)):
        written = type_info(rootless(field.annotation))
        is_json = written.is_json_text or has_json_marker(field.metadata)
        if field.nested or field.indexed or not (written.is_scalar or is_json):
            return f"`{field.name}` is not a single value"
    return None
