"""Annotations and defaults that were written for FastAPI, as they are written here."""

from collections.abc import Callable
from typing import Annotated, Any, Union, get_args, get_origin

from signette._frameworks import is_loaded
from signette.declarative.signature.annotations import (
    alias_of,
    annotated,
    is_collection,
    is_recursive,
    is_union,
    resolve_alias,
)
from signette.declarative.signature.foreign_markers import own_marker
from signette.declarative.signature.foreign_types import base_of, converter, own_class

Convert = Callable[[Any], Any]


def translated(annotation: Any, default: Any) -> tuple[Any, Any, Convert | None]:
    """The annotation and the default with markers and classes of signette.

    Also the function that converts an argument to the class of the annotation, if that is a class of Starlette or
    FastAPI.
    """
    if not is_loaded("starlette"):
        return annotation, default, None
    found: list[type] = []
    annotation = _translated(annotation, found)
    return annotation, own_marker(default), converter(found[0]) if found else None


def _translated(annotation: Any, found: list[type]) -> Any:
    """The annotation with classes and markers of signette where a parameter is declared. Adds the classes to `found`.

    An annotation without any is returned as the same object.
    """
    alias = alias_of(annotation)
    if alias is not None:
        if is_recursive(alias):  # left to pydantic: its value would be infinite
            return annotation
        value = resolve_alias(annotation)
        changed = _translated(value, found)
        return annotation if changed is value else changed
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        changed, own = _translated(inner, found), [own_marker(each) for each in metadata]
        is_same = changed is inner and all(one is other for one, other in zip(own, metadata, strict=True))
        return annotation if is_same else annotated(changed, own)
    args = get_args(annotation)
    if is_union(annotation) or (args and is_collection(annotation)):
        changes = tuple(_translated(each, found) for each in args)
        if all(one is other for one, other in zip(changes, args, strict=True)):
            return annotation
        return Union[changes] if is_union(annotation) else get_origin(annotation)[changes]  # noqa: UP007 - made at run time
    base = base_of(annotation)
    if base is None:
        return annotation
    found.append(base)
    return own_class(base)
