"""An annotation and a default -> one `Parameter`: what all the markers and fields that declare it say together.

A parameter may be declared by several of them: `Annotated[Positive, Query(alias="n"), Field(le=9)] = 3`. The last
marker names the source. Of what may be said once (an alias, a default factory) the marker's own word counts before a
`Field`'s, and a later word before an earlier one. Constraints count all.
"""

from collections.abc import Iterable
from copy import copy
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin

from signette.declarative.fields.base import UNDEFINED, FieldInfo, FieldMark, constraints_in, names_in
from signette.declarative.fields.constrain import constrain
from signette.declarative.signature.annotations import (
    alias_of,
    class_of,
    is_recursive,
    is_union,
    resolve_alias,
    strip_annotated,
)
from signette.declarative.signature.depends import Dependency
from signette.declarative.signature.markers import MISSING, Marker
from signette.declarative.signature.model import Parameter
from signette.declarative.signature.type_info import annotated, documentation_of, type_info


class TwoSources(Exception):
    """A parameter is declared by two that exclude each other. Its arguments: the name, and both."""


class DefaultInside(Exception):
    """A marker or field inside of `Annotated` has a default. Its arguments: the parameter's name, and that marker."""


class TwoDefaults(Exception):
    """A parameter has a default in its annotation and another in the signature. Its argument: the name."""


def declared(name: str, annotation: Any, default: Any, keyword_only: bool = False) -> Parameter:
    """The parameter that an annotation and a default declare.

    Raises TwoSources for a dependency beside a marker or another dependency, and for a marker in the annotation beside
    one for the default; DefaultInside for a default in the annotation; TwoDefaults for one there and another outside.
    """
    plain, said = split_annotation(annotation)
    inside = next(filter(_has_default, said), None)
    if inside is not None and default is MISSING:
        raise DefaultInside(name, inside)
    if inside is not None and default is not inside.default:
        raise TwoDefaults(name)
    if isinstance(default, Dependency | FieldInfo):
        _refuse_second(name, said, default)
        said.append(default)
    if isinstance(default, Dependency):
        default = MISSING
    elif isinstance(default, FieldInfo):
        default = MISSING if default.default is UNDEFINED else default.default
    marks = [each for each in said if isinstance(each, Dependency | Marker)]
    dependencies = [each for each in marks if isinstance(each, Dependency)]
    if dependencies and len(marks) > 1:
        raise TwoSources(name, *marks[:2])
    fields = [each for each in said if isinstance(each, FieldInfo)]
    mark = marks[-1] if marks else None
    if isinstance(mark, Marker) or (mark is None and fields):
        plain, mark = _merged(plain, fields, mark)
    factory: Any = class_of(plain)
    if getattr(factory, "__parameters__", ()) and get_args(strip_annotated(plain)):
        factory = strip_annotated(plain)  # a generic class: its arguments say what its own parameters are
    return Parameter(
        name,
        plain,
        mark,
        default,
        keyword_only,
        factory=None if factory is Any else factory,
        type=type_info(annotation),
        fields=tuple(each for each in fields if not isinstance(each, Marker)),
    )


def _has_default(said: Any) -> bool:
    return isinstance(said, FieldInfo) and said.default is not UNDEFINED


def _refuse_second(name: str, said: Iterable[Any], default: Any) -> None:
    """Two markers, or a marker and a dependency, one of them in the place of the default."""
    if not isinstance(default, Dependency | Marker):
        return
    first = next((each for each in reversed(list(said)) if isinstance(each, Dependency | Marker)), None)
    if first is not None:
        raise TwoSources(name, first, default)


def split_annotation(annotation: Any) -> tuple[Any, list[Any]]:
    """An annotation without the markers and fields that declare the parameter, and these in the order written.

    They may stand behind an alias, and beside the only member of a union with `None`.
    """
    alias = alias_of(annotation)
    if alias is not None:
        inner, said = split_annotation(resolve_alias(annotation))
        # pydantic knows the way through an alias that stands for itself; what it stands for has no end.
        return (annotation, []) if not said and is_recursive(alias) else (inner, said)
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        plain, said = split_annotation(inner)
        cached = []
        for each in metadata:
            if isinstance(each, Marker | Dependency | FieldMark) or _declares(each):
                said.append(_without_default(each.marker) if isinstance(each, FieldMark) else each)
            elif (text := documentation_of(each)) is not None:
                cached.append(_described(text))
            else:
                cached.append(each)
        return annotated(plain, cached), said
    if is_union(annotation):
        return _hoisted(annotation)
    return annotation, []


@lru_cache(maxsize=1024)
def _without_default(marker: Marker) -> Marker:
    """The marker of a model's field, whose default stands in the signature of the model."""
    if marker.default is UNDEFINED and marker.default_factory is None:
        return marker
    plain = copy(marker)
    plain.default, plain.default_factory = UNDEFINED, None
    return plain


def _declares(said: Any) -> bool:
    """Whether a `Field` says more than pydantic reads where no model is."""
    return isinstance(said, FieldInfo) and (bool(names_in(said)) or said.default is not UNDEFINED)


@lru_cache(maxsize=1024)
def _described(text: str) -> FieldInfo:
    return FieldInfo(description=text)


def _hoisted(union: Any) -> tuple[Any, list[Any]]:
    """`Annotated[int, Query(ge=1)] | None` is declared by the marker, as `Annotated[int | None, Query(ge=1)]` is."""
    members = get_args(union)
    filled = [each for each in members if strip_annotated(each) is not type(None)]
    if len(filled) != 1:
        return union, []
    inner, said = split_annotation(filled[0])
    return (Union[inner, None] if said else union), said  # noqa: UP007 - a forward reference has no `|`


def _merged(plain: Any, fields: list[FieldInfo], mark: Marker | None) -> tuple[Any, Marker | None]:
    """The annotation with the constraints of all but the marker, and the marker with all names."""
    names: dict[str, Any] = {}
    for each in fields:
        if each is mark:
            continue
        names |= names_in(each)
        plain = constrain(plain, each) if isinstance(each, Marker) else annotated(plain, constraints_in(each))
    if not names:
        return plain, mark
    return plain, None if mark is None else _renamed(mark, tuple(names.items()))


def with_names(marker: Marker, fields: Iterable[FieldInfo]) -> Marker:
    """A marker for a parameter that has none, with the names that its fields say."""
    names: dict[str, Any] = {}
    for each in fields:
        names |= names_in(each)
    return _renamed(marker, tuple(names.items())) if names else marker


def _renamed(mark: Marker, names: tuple[tuple[str, Any], ...]) -> Marker:
    """The marker with names where it says none itself."""
    try:
        return _kept_renamed(mark, names)
    except TypeError:  # an alias that cannot be hashed
        return _kept_renamed.__wrapped__(mark, names)


# Kept, so that a declaration which several parameters share is one marker for all of them.
@lru_cache(maxsize=1024)
def _kept_renamed(mark: Marker, names: tuple[tuple[str, Any], ...]) -> Marker:
    said = dict(names)
    merged = copy(mark)
    merged.field_options = dict(mark.field_options)
    if mark.alias is not None or mark.validation_alias is not None:
        said = {name: value for name, value in said.items() if name not in ("alias", "validation_alias")}
    for name, value in said.items():
        if name == "deprecated":
            merged.field_options.setdefault(name, value)
        elif getattr(mark, name, None) is None:
            setattr(merged, name, value)
    return merged
