"""Make a `Parameter` of an annotation and a default: merge all markers and fields that declare it.

A parameter may have several of them: `Annotated[Positive, Query(alias="n"), Field(le=9)] = 3`. The last marker decides
the source. For an alias or a default factory, the marker takes precedence over a `Field`, and a later `Field` over an
earlier one. All constraints apply.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import replace
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin

from signette._frameworks import is_loaded
from signette.declarative.fields.base import UNDEFINED, FieldInfo, FieldMark, constraints_in, names_in
from signette.declarative.fields.constrain import constrain
from signette.declarative.signature.annotations import (
    alias_of,
    annotated,
    class_of,
    is_recursive,
    is_union,
    resolve_alias,
    strip_annotated,
)
from signette.declarative.signature.depends import Dependency
from signette.declarative.signature.markers import MISSING, Marker
from signette.declarative.signature.model import Parameter
from signette.declarative.signature.sharing import Shared, default_key, is_kept, marker_in, sharing_key
from signette.declarative.signature.translated import translated
from signette.declarative.signature.type_info import documentation_of, type_info


class ConflictingSources(Exception):
    """A parameter has two markers that exclude each other. Arguments: the name, and both markers."""


class DefaultInAnnotated(Exception):
    """A marker or field in `Annotated` has a default. Arguments: the parameter's name, and that marker."""


class ConflictingDefaults(Exception):
    """A parameter has a default in its annotation and another in the signature. Argument: the name."""


def declared(name: str, annotation: Any, default: Any, keyword_only: bool = False) -> Parameter:
    """Make the parameter that an annotation and a default declare.

    Raises:
        ConflictingSources: a dependency with another marker, or a marker in the annotation and one as the default.
        DefaultInAnnotated: the only default is in the annotation.
        ConflictingDefaults: one default in the annotation, another in the signature.
    """
    of_default = default_key(default)
    if of_default is None:
        return _declared(name, annotation, default, keyword_only)
    # FastAPI may be imported after the first route: only then its markers are recognized.
    key = (name, sharing_key(annotation), of_default, keyword_only, is_loaded("starlette"))
    known: tuple[Parameter, tuple[Any, Any]] | None = _shared.get(key)
    if known is not None:
        return _with_own_marker(*known, marker_in(annotation, default))
    made = _declared(name, annotation, default, keyword_only)
    # With a converter, it is the class of an application, which must be freed with it.
    if made.convert is None and is_kept(annotation, default):
        object.__setattr__(made, "decided", {})
        _shared.keep(key, (made, (annotation, default)))
    return made


_shared = Shared()


def _with_own_marker(known: Parameter, written: tuple[Any, Any], own: Marker | None) -> Parameter:
    """A known parameter with the marker of another one: within a plan, values with one marker are read once."""
    first = marker_in(*written)
    if not isinstance(known.marker, Marker) or own is first:
        return known
    # The marker may be merged with `Field`s.
    made = replace(known, marker=own if known.marker is first else copy(known.marker))
    object.__setattr__(made, "decided", known.decided)
    return made


def _declared(name: str, annotation: Any, default: Any, keyword_only: bool) -> Parameter:
    annotation, default, convert = translated(annotation, default)
    plain, declarations = split_annotation(annotation)
    inside = next(filter(_has_default, declarations), None)
    if inside is not None and default is MISSING:
        raise DefaultInAnnotated(name, inside)
    if inside is not None and default is not inside.default:
        raise ConflictingDefaults(name)
    if isinstance(default, Dependency | FieldInfo):
        _reject_second(name, declarations, default)
        declarations.append(default)
    if isinstance(default, Dependency):
        default = MISSING
    elif isinstance(default, FieldInfo):
        default = MISSING if default.default is UNDEFINED else default.default
    marks = [each for each in declarations if isinstance(each, Dependency | Marker)]
    dependencies = [each for each in marks if isinstance(each, Dependency)]
    if dependencies and len(marks) > 1:
        raise ConflictingSources(name, *marks[:2])
    fields = [each for each in declarations if isinstance(each, FieldInfo)]
    mark = marks[-1] if marks else None
    if isinstance(mark, Marker) or (mark is None and fields):
        plain, mark = _merged(plain, fields, mark)
    factory: Any = class_of(plain)
    if getattr(factory, "__parameters__", ()) and get_args(strip_annotated(plain)):
        factory = strip_annotated(plain)  # a generic class: keep its type arguments
    return Parameter(
        name,
        plain,
        mark,
        default,
        keyword_only,
        factory=None if factory is Any else factory,
        declaration=type_info(annotation),
        fields=tuple(each for each in fields if not isinstance(each, Marker)),
        convert=convert,
    )


def _has_default(metadata: Any) -> bool:
    return isinstance(metadata, FieldInfo) and metadata.default is not UNDEFINED


def _reject_second(name: str, declarations: Iterable[Any], default: Any) -> None:
    """Reject a marker as the default of a parameter that has one in its annotation."""
    if not isinstance(default, Dependency | Marker):
        return
    first = next((each for each in reversed(list(declarations)) if isinstance(each, Dependency | Marker)), None)
    if first is not None:
        raise ConflictingSources(name, first, default)


def split_annotation(annotation: Any) -> tuple[Any, list[Any]]:
    """Split an annotation into the type, and the markers and fields that declare the parameter, in order.

    They may be in the value of an alias, or in the only member of a union with `None`.
    """
    alias = alias_of(annotation)
    if alias is not None:
        inner, declarations = split_annotation(resolve_alias(annotation))
        # A recursive alias is left to pydantic: its value would be infinite.
        return (annotation, []) if not declarations and is_recursive(alias) else (inner, declarations)
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        plain, declarations = split_annotation(inner)
        kept = []
        for each in metadata:
            if isinstance(each, Marker | Dependency | FieldMark) or _declares(each):
                declarations.append(_without_default(each.marker) if isinstance(each, FieldMark) else each)
            elif (text := documentation_of(each)) is not None:
                kept.append(_described(text))
            else:
                kept.append(each)
        return annotated(plain, kept), declarations
    if is_union(annotation):
        return _hoisted(annotation)
    return annotation, []


@lru_cache(maxsize=1024)
def _without_default(marker: Marker) -> Marker:
    """The marker of a model's field without its default, which is in the model's signature too."""
    if marker.default is UNDEFINED and marker.default_factory is None:
        return marker
    plain = copy(marker)
    plain.default, plain.default_factory = UNDEFINED, None
    return plain


def _declares(metadata: Any) -> bool:
    """Whether it is a `Field` with arguments that pydantic ignores outside of models."""
    return isinstance(metadata, FieldInfo) and (bool(names_in(metadata)) or metadata.default is not UNDEFINED)


@lru_cache(maxsize=1024)
def _described(text: str) -> FieldInfo:
    return FieldInfo(description=text)


def _hoisted(union: Any) -> tuple[Any, list[Any]]:
    """Split `Annotated[int, Query(ge=1)] | None` like `Annotated[int | None, Query(ge=1)]`."""
    members = get_args(union)
    filled = [each for each in members if strip_annotated(each) is not type(None)]
    if len(filled) != 1:
        return union, []
    inner, declarations = split_annotation(filled[0])
    return (Union[inner, None] if declarations else union), declarations  # noqa: UP007 - a forward reference has no `|`


def _merged(plain: Any, fields: list[FieldInfo], mark: Marker | None) -> tuple[Any, Marker | None]:
    """Move the constraints of all other markers and fields to the annotation, and their names to the marker."""
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
    """The marker with the names of a parameter's fields, for a parameter without a marker."""
    names: dict[str, Any] = {}
    for each in fields:
        names |= names_in(each)
    return _renamed(marker, tuple(names.items())) if names else marker


def _renamed(mark: Marker, names: tuple[tuple[str, Any], ...]) -> Marker:
    """The marker with these names, unless it has its own."""
    try:
        return _cached_renamed(mark, names)
    except TypeError:  # an `AliasChoices` cannot be hashed
        return _cached_renamed.__wrapped__(mark, names)


# Cached: parameters with the same declaration share one marker.
@lru_cache(maxsize=1024)
def _cached_renamed(mark: Marker, names: tuple[tuple[str, Any], ...]) -> Marker:
    options = dict(names)
    merged = copy(mark)
    merged.field_options = dict(mark.field_options)
    if mark.alias is not None or mark.validation_alias is not None:
        options = {name: value for name, value in options.items() if name not in ("alias", "validation_alias")}
    for name, value in options.items():
        if name == "deprecated":
            merged.field_options.setdefault(name, value)
        elif getattr(mark, name, None) is None:
            setattr(merged, name, value)
    return merged
