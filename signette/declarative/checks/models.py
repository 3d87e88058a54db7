"""Reject markers on fields of models that have no effect where the model is read.

A marker is a pydantic `Field`, so its default, alias, constraints and texts apply in any model. Its source must match:
a field with `Query()` belongs in a model that is read from the query.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, get_type_hints

from signette._dataclasses import dataclass
from signette.declarative.checks.uploads import check_file
from signette.declarative.errors import metadata as metadata_errors
from signette.declarative.errors import parameters as parameter_errors
from signette.declarative.fields.base import FieldInfo, FieldMark
from signette.declarative.signature.annotations import is_model, metadata_of, resolve_alias
from signette.declarative.signature.depends import Dependency
from signette.declarative.signature.foreign_markers import own_marker
from signette.declarative.signature.markers import Body, File, Form, Header, Marker, Styled
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.signature.other_frameworks import foreign_marker, foreign_type
from signette.declarative.signature.type_info import TypeInfo, type_info
from signette.declarative.sources.source import Source


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A marker or dependency on a field of a model."""

    field: str
    """Class and field: `Paging.size`."""
    value: Any
    nested: bool
    """Whether it is inside the field's type."""
    depth: int
    """0 for a field of the model itself, 1 for the models in its fields, and so on."""
    annotation: Any


def check_models(parameter: Parameter, source: Source, location: SourceLocation) -> None:
    """Reject markers without effect on the fields of a model that is read from this source."""
    for found in _found_in(parameter.type):
        _check(found, parameter.name, source, location)


def check_class(target: Any, location: SourceLocation) -> None:
    """Reject markers of other frameworks on the fields of a model that `Depends()` calls."""
    for found in _in_model(target) if isinstance(target, type) and is_model(target) else ():
        foreign = foreign_marker(own_marker(found.value))
        if foreign is not None and found.depth == 0:
            raise metadata_errors.foreign_marker(location, found.field, foreign.name, foreign.replacement)


def _check(found: Found, name: str, source: Source, location: SourceLocation) -> None:
    value = own_marker(found.value)
    foreign = foreign_marker(value)
    if foreign is not None:
        raise metadata_errors.foreign_marker(location, found.field, foreign.name, foreign.replacement)
    foreign = foreign_type(value)
    if foreign is not None:
        raise metadata_errors.foreign_type(location, found.field, foreign.name, foreign.replacement)
    if isinstance(value, Dependency):
        raise metadata_errors.dependency_on_field(location, name, found.field)
    if not isinstance(value, Marker):
        return
    if found.nested:
        raise metadata_errors.nested_marker(location, found.field, found.annotation, value)
    by_place: dict[str, type[Marker]] = {"body": Body, "form": Form}
    expected = by_place.get(source.place, source.marker)
    if isinstance(value, Body) and expected is not Body and found.depth == 0:
        raise parameter_errors.body_marker_in_model(
            location, f"{name}.{found.field.rpartition('.')[2]}", found.annotation
        )
    if expected is None or not isinstance(value, expected):
        raise metadata_errors.wrong_marker_on_field(location, name, found.field, value, source.place)
    if isinstance(value, File):
        check_file(value, found.field, location)
    argument = _ignored_argument(value, found.depth)
    if argument is not None:
        raise metadata_errors.ignored_marker_argument_on_field(location, name, found.field, value, argument)


def _ignored_argument(marker: Marker, depth: int) -> str | None:
    """The first argument of a marker that has no effect on a field."""
    is_given = {
        "embed": getattr(marker, "embed", None) is not None,
        "media_type": isinstance(marker, Body | Form) and marker.media_type != type(marker)().media_type,
        "allow_empty": getattr(marker, "allow_empty", False),
        "decimal": getattr(marker, "decimal", False),
        "media_types": isinstance(marker, Body) and marker.media_types is not None,
        "include_in_schema": not marker.include_in_schema,
        "openapi_examples": marker.openapi_examples is not None,
    }
    if depth:
        is_given["max_bytes"] = isinstance(marker, File) and marker.max_bytes is not None
        is_given["media_types"] = isinstance(marker, File) and marker.media_types is not None
        is_given["convert_underscores"] = isinstance(marker, Header) and not marker.convert_underscores
        is_given["style"] = isinstance(marker, Styled) and (marker.style is not None or marker.explode is not None)
    return next((name for name, given in is_given.items() if given), None)


def _found_in(info: TypeInfo) -> Iterator[Found]:
    if type(info.annotation) is type and not info.is_model:  # PERF: most parameters are plain scalars
        return
    for part in info.walk():
        if part.cls is not None and is_model(part.cls):
            yield from _in_model(part.cls)


@lru_cache(maxsize=4096)
def _in_model(model: Any) -> tuple[Found, ...]:
    """The markers and dependencies on the fields of a model, and of the models in its fields."""
    seen: set[Any] = {model}
    found: list[Found] = []
    waiting = [(model, 0)]
    while waiting:
        cls, depth = waiting.pop()
        for name, annotation, metadata, default in fields_of(cls):
            field = f"{cls.__name__}.{name}"
            info = type_info(annotation)
            declarations = [*metadata, *info.metadata, default]
            found += [
                Found(field, each, False, depth, annotation) for each in map(_written, declarations) if _declares(each)
            ]
            for part in info.walk():
                if part is not info:
                    found += [Found(field, each, True, depth, annotation) for each in part.metadata if _declares(each)]
                if part.cls is not None and foreign_type(part.cls) is not None:
                    found.append(Found(field, part.cls, False, depth, annotation))
                if part.cls is not None and is_model(part.cls) and part.cls not in seen:
                    seen.add(part.cls)
                    waiting.append((part.cls, depth + 1))
    return tuple({(each.field, id(each.value), each.nested): each for each in found}.values())


def _written(value: Any) -> Any:
    return value.marker if isinstance(value, FieldMark) else value


def _declares(value: Any) -> bool:
    """Whether it is a marker or a dependency, of signette or another framework."""
    return isinstance(value, Marker | Dependency) or foreign_marker(value) is not None


def fields_of(model: Any) -> Iterator[tuple[str, Any, tuple[Any, ...], Any]]:
    """The fields of a model: name, annotation, metadata and default, or None."""
    infos: Any = getattr(model, "model_fields", None) or getattr(model, "__pydantic_fields__", None)
    if isinstance(infos, Mapping):
        for name, info in infos.items():
            original = getattr(info, "_original_assignment", None)
            default = original if isinstance(original, FieldInfo) else info.default
            # pydantic merges a `Field` in the annotation, and loses its class.
            written = metadata_of(getattr(info, "_original_annotation", None))
            foreign = (each for each in written if foreign_marker(each) is not None)
            yield name, info.annotation, (*info.metadata, *foreign), default
        return
    try:
        hints = get_type_hints(resolve_alias(model), include_extras=True)
    except NameError:  # reported when pydantic makes the validator
        return
    defaults = (
        {each.name: each.default for each in dataclasses.fields(model)} if dataclasses.is_dataclass(model) else {}
    )
    for name, hint in hints.items():
        yield name, hint, (), defaults.get(name)
