"""The account of models: what declares their fields is heard where the model is read, or rejected.

A marker is a `Field` to pydantic, so its default, alias, constraints and words count in any model. What it says of a
source must be true: a field with `Query()` belongs to a model that is read from the query.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_type_hints

from signette.declarative.errors import metadata as account_errors
from signette.declarative.errors import parameters as parameter_errors
from signette.declarative.fields.base import FieldInfo, FieldMark
from signette.declarative.signature.annotations import is_model, metadata_of, resolve_alias
from signette.declarative.signature.depends import Dependency
from signette.declarative.signature.markers import Body, File, Form, Header, Marker, Styled
from signette.declarative.signature.model import Parameter, SourceLocation
from signette.declarative.signature.other_frameworks import foreign_marker, foreign_type
from signette.declarative.signature.type_info import TypeInfo, type_info
from signette.declarative.sources.source import Source


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """An object that declares a field of a model: `Paging.size`, and whether it stands inside of the field's type."""

    field: str
    said: Any
    nested: bool
    depth: int
    """0 for a field of the model itself, more for the models in its fields."""
    annotation: Any


def check_models(parameter: Parameter, source: Source, where: SourceLocation) -> None:
    """Reject what declares the field of a model that is read from this source, and has no effect there."""
    for found in _found_in(parameter.type or type_info(parameter.annotation)):
        _check(found, parameter.name, source, where)


def check_class(target: Any, where: SourceLocation) -> None:
    """Reject markers of other frameworks in the fields of a model that `Depends()` calls."""
    for found in _in_model(target) if isinstance(target, type) and is_model(target) else ():
        foreign = foreign_marker(found.said)
        if foreign is not None and found.depth == 0:
            raise account_errors.foreign_marker(where, found.field, foreign.name, foreign.ours)


def _check(found: Found, name: str, source: Source, where: SourceLocation) -> None:
    said = found.said
    foreign = foreign_marker(said)
    if foreign is not None:
        raise account_errors.foreign_marker(where, found.field, foreign.name, foreign.ours)
    foreign = foreign_type(said)
    if foreign is not None:
        raise account_errors.foreign_type(where, found.field, foreign.name, foreign.ours)
    if isinstance(said, Dependency):
        raise account_errors.dependency_on_field(where, name, found.field)
    if not isinstance(said, Marker):
        return
    if found.nested:
        raise account_errors.nested_marker(where, found.field, found.annotation, said)
    by_place: dict[str, type[Marker]] = {"body": Body, "form": Form}
    wanted = by_place.get(source.place, source.marker)
    if isinstance(said, Body) and wanted is not Body and found.depth == 0:
        raise parameter_errors.body_marker_in_model(where, f"{name}.{found.field.rpartition('.')[2]}", found.annotation)
    if wanted is None or not isinstance(said, wanted):
        raise account_errors.wrong_marker_on_field(where, name, found.field, said, source.place)
    argument = _unheard(said, found.depth)
    if argument is not None:
        raise account_errors.ignored_marker_argument_on_field(where, name, found.field, said, argument)


def _unheard(marker: Marker, depth: int) -> str | None:
    """The first argument of a marker that says nothing of a field."""
    said = {
        "embed": getattr(marker, "embed", None) is not None,
        "media_type": isinstance(marker, Body | Form) and marker.media_type != type(marker)().media_type,
        "allow_empty": getattr(marker, "allow_empty", False),
        "include_in_schema": not marker.include_in_schema,
        "openapi_examples": marker.openapi_examples is not None,
    }
    if depth:
        said["max_bytes"] = isinstance(marker, File) and marker.max_bytes is not None
        said["convert_underscores"] = isinstance(marker, Header) and not marker.convert_underscores
        said["style"] = isinstance(marker, Styled) and (marker.style is not None or marker.explode is not None)
    return next((name for name, is_said in said.items() if is_said), None)


def _found_in(info: TypeInfo) -> Iterator[Found]:
    if type(info.annotation) is type and not is_model(info.annotation):  # PERF: most parameters are plain scalars
        return
    for part in info.walk():
        if part.cls is not None and is_model(part.cls):
            yield from _in_model(part.cls)


@lru_cache(maxsize=4096)
def _in_model(model: Any) -> tuple[Found, ...]:
    """All that declares the fields of a model, and of the models in them."""
    seen: set[Any] = {model}
    found: list[Found] = []
    waiting = [(model, 0)]
    while waiting:
        cls, depth = waiting.pop()
        for name, annotation, metadata, default in fields_of(cls):
            field = f"{cls.__name__}.{name}"
            info = type_info(annotation)
            said = [*metadata, *info.metadata, default]
            found += [Found(field, each, False, depth, annotation) for each in map(_written, said) if _declares(each)]
            for part in info.walk():
                if part is not info:
                    found += [Found(field, each, True, depth, annotation) for each in part.metadata if _declares(each)]
                if part.cls is not None and foreign_type(part.cls) is not None:
                    found.append(Found(field, part.cls, False, depth, annotation))
                if part.cls is not None and is_model(part.cls) and part.cls not in seen:
                    seen.add(part.cls)
                    waiting.append((part.cls, depth + 1))
    return tuple({(each.field, id(each.said), each.nested): each for each in found}.values())


def _written(said: Any) -> Any:
    return said.marker if isinstance(said, FieldMark) else said


def _declares(said: Any) -> bool:
    """Whether it speaks to a framework, and not to pydantic."""
    return isinstance(said, Marker | Dependency) or foreign_marker(said) is not None


def fields_of(model: Any) -> Iterator[tuple[str, Any, tuple[Any, ...], Any]]:
    """The fields of a model as (name, annotation, metadata, default), its default None where there is none."""
    infos: Any = getattr(model, "model_fields", None) or getattr(model, "__pydantic_fields__", None)
    if isinstance(infos, Mapping):
        for name, info in infos.items():
            original = getattr(info, "_original_assignment", None)
            default = original if isinstance(original, FieldInfo) else info.default
            # pydantic keeps of a `Field` in the annotation what it says, and not whose it is.
            written = metadata_of(getattr(info, "_original_annotation", None))
            foreign = (each for each in written if foreign_marker(each) is not None)
            yield name, info.annotation, (*info.metadata, *foreign), default
        return
    try:
        hints = get_type_hints(resolve_alias(model), include_extras=True)
    except NameError:  # pydantic says which name it is, when it makes the validator
        return
    defaults = (
        {each.name: each.default for each in dataclasses.fields(model)} if dataclasses.is_dataclass(model) else {}
    )
    for name, hint in hints.items():
        yield name, hint, (), defaults.get(name)
