"""Members that a patch must not change: frozen fields, and those that are `readOnly` in the JSON Schema."""

from collections.abc import Iterator, Mapping
from typing import Any

from signette.declarative.adapters.model_fields import fields_of
from signette.declarative.adapters.patch_members import has_fixed, is_fixed, keys_for, places_at
from signette.declarative.adapters.patch_schema import type_of
from signette.declarative.signature.annotations import class_of, is_model, union_members
from signette.exceptions import ErrorEntry

__all__ = ["Steps", "frozen_error", "frozen_members"]

Steps = tuple[tuple[str, ...], ...]
"""A location: all names of each member, the preferred one first."""


def frozen_members(annotation: Any, before: Any, after: Any) -> Iterator[Steps]:
    """Where a fixed member of a value has changed, by the names that requests use.

    Items of lists are not compared, as they have no names by which to find them again.
    """
    if has_fixed(annotation):
        yield from _changed(annotation, before, after)


def _changed(annotation: Any, before: Any, after: Any) -> Iterator[Steps]:
    for member in union_members(annotation):
        if not is_model(member):
            continue
        cls: Any = class_of(member)
        if not (isinstance(before, dict) if _is_dict(cls) else isinstance(before, cls) and isinstance(after, cls)):
            continue
        for field in fields_of(member):
            old, new = _get(before, field.name), _get(after, field.name)
            if is_fixed(member, field.name):
                if old != new:
                    yield (keys_for(field),)
            elif has_fixed(type_of(field)):
                yield from ((keys_for(field), *steps) for steps in _changed(type_of(field), old, new))
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in before.keys() & after.keys():
            for place in places_at(annotation, (str(key),)):
                yield from (((str(key),), *steps) for steps in _changed(place.annotation, before[key], after[key]))


def _is_dict(cls: Any) -> bool:
    return issubclass(cls, dict)


def _get(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


def frozen_error(pointer: str) -> ErrorEntry:
    """The entry of a fixed member that a patch would change."""
    return {"in": "body", "pointer": pointer, "code": "frozen_field", "message": "Field is frozen"}
