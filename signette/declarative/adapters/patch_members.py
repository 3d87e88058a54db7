"""The members of types, as a JSON Pointer (RFC 6901) or a patch names them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretBytes, SecretStr
from pydantic.fields import FieldInfo

from signette._dataclasses import dataclass
from signette._patterns import lazy_pattern
from signette.declarative.adapters.model_fields import ModelField, fields_of
from signette.declarative.adapters.model_schema import keys_of
from signette.declarative.adapters.patch_schema import type_of
from signette.declarative.adapters.root_models import rootless
from signette.declarative.signature.annotations import (
    annotated,
    cached,
    class_of,
    is_collection,
    is_model,
    metadata_of,
    strip_annotated,
    union_members,
)

__all__ = [
    "APPEND",
    "Place",
    "has_changeable",
    "has_fixed",
    "has_hidden",
    "is_fixed",
    "is_hidden",
    "keys_for",
    "places_at",
    "tokens_of",
]

APPEND = "-"
"""The item after the last one of a list."""
# JSON is not parsed at more levels.
_MOST_TOKENS = 200
_BAD_ESCAPE = lazy_pattern("~(?![01])")
_INDEX = lazy_pattern("0|[1-9][0-9]{0,9}", re.ASCII)
# Settings of a model that do not change which values its fields accept.
_NEUTRAL = frozenset({
    "title", "extra", "frozen", "populate_by_name", "validate_by_name", "validate_by_alias", "alias_generator",
    "from_attributes", "json_schema_extra", "validate_assignment", "serialize_by_alias", "use_attribute_docstrings",
})  # fmt: skip


def tokens_of(pointer: str) -> tuple[str, ...] | None:
    """The tokens of a JSON Pointer; None for a text that is not one."""
    if not pointer:
        return ()
    if not pointer.startswith("/") or _BAD_ESCAPE.search(pointer):
        return None
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/"))


@dataclass(frozen=True)
class Place:
    """What a type has at a pointer."""

    annotation: Any
    is_fixed: bool = False
    """Clients cannot change it, or what it is in."""
    is_hidden: bool = False
    """Responses do not show it, or what it is in."""
    is_checkable: bool = True
    """Whether its annotation alone decides which values are valid."""


def places_at(annotation: Any, tokens: tuple[str, ...], *, appends: bool = False) -> tuple[Place, ...]:
    """What values of a type may have at a pointer: a place for each member of a union, none if there is no such place.

    `appends`: the last token may be the item after the last one of a list.
    """
    if len(tokens) > _MOST_TOKENS:
        return ()
    places = [Place(annotation)]
    for index, token in enumerate(tokens):
        found: list[Place] = []
        for place in places:
            for inner in _inside(place.annotation, token, appends=appends and index == len(tokens) - 1):
                whole = replace(
                    inner,
                    is_fixed=inner.is_fixed or place.is_fixed,
                    is_hidden=inner.is_hidden or place.is_hidden or is_secret(inner.annotation),
                )
                if whole not in found:
                    found.append(whole)
        places = found
    return tuple(places)


def _inside(annotation: Any, token: str, *, appends: bool) -> list[Place]:
    found: list[Place] = []
    for member in union_members(rootless(annotation)):
        plain, cls = strip_annotated(member), class_of(member)
        if plain is Any or cls is object:
            found.append(Place(Any))
        elif is_model(member):
            place = _members_of(plain).get(token) or (Place(Any) if _takes_others(plain) else None)
            found += [place] if place is not None else []
        elif cls is not None and issubclass(cls, Mapping):
            found.append(Place(next(iter(get_args(plain)[1:]), Any)))
        elif is_collection(member):
            found += _items(plain, token, appends=appends)
    return found


def _items(plain: Any, token: str, *, appends: bool) -> list[Place]:
    arguments = get_args(plain)
    is_last = appends and token == APPEND
    if not (is_last or _INDEX.fullmatch(token)):
        return []
    if class_of(plain) is tuple and arguments and arguments[-1] is not Ellipsis:
        return [Place(arguments[int(token)])] if not is_last and int(token) < len(arguments) else []
    return [Place(arguments[0] if arguments else Any)]


# -- the fields of models ----------------------------------------------------------------------------------------------


@cached
def _members_of(model: Any) -> Mapping[str, Place]:
    """The place of each field, by all names that requests may use."""
    infos, cls = _infos_of(model), class_of(model)
    settings = getattr(cls, "model_config", None) or getattr(cls, "__pydantic_config__", None) or {}
    is_plain = settings.keys() <= _NEUTRAL and not keys_of(model).sees_all
    checked = {name for each in _field_validators(cls) for name in each}
    found: dict[str, Place] = {}
    for field in fields_of(model):
        info = infos.get(field.name)
        written = _without_names(type_of(field)) if info is None else annotated(info.annotation, info.metadata)
        is_checkable = is_plain and field.name not in checked and "*" not in checked
        place = Place(written, is_fixed(model, field.name), is_hidden(model, field), is_checkable)
        found |= dict.fromkeys(keys_for(field), place)
    return found


def _without_names(annotation: Any) -> Any:
    """The annotation of a field, with the rules of a `Field(...)` in it in place of that: it also has names."""
    metadata = metadata_of(annotation)
    rules = [rule for each in metadata for rule in (each.metadata if isinstance(each, FieldInfo) else (each,))]
    return annotated(strip_annotated(annotation), rules) if metadata else annotation


def keys_for(field: ModelField) -> tuple[str, ...]:
    """The names of a field in requests, the preferred one first."""
    return (*field.aliases, *((field.name,) if field.by_name or not field.aliases else ()))


def _field_validators(cls: Any) -> list[tuple[str, ...]]:
    decorators = getattr(cls, "__pydantic_decorators__", None)
    return [each.info.fields for each in decorators.field_validators.values()] if decorators is not None else []


def _infos_of(model: Any) -> Mapping[str, FieldInfo]:
    cls = class_of(model)
    return getattr(cls, "model_fields", None) or getattr(cls, "__pydantic_fields__", None) or {}


def _takes_others(model: Any) -> bool:
    """Whether a model keeps members without a field, or has code that reads them."""
    cls = class_of(model)
    settings = getattr(cls, "model_config", None) or getattr(cls, "__pydantic_config__", None) or {}
    return settings.get("extra") == "allow" or keys_of(model).sees_all


def is_fixed(model: Any, name: str) -> bool:
    """Whether clients cannot change a field: it is frozen, `readOnly` in the JSON Schema, or `ReadOnly[...]`."""
    info = _infos_of(model).get(name)
    extra = info.json_schema_extra if info is not None else None
    if info is not None and (info.frozen or (isinstance(extra, dict) and extra.get("readOnly") is True)):
        return True
    return name in getattr(class_of(model), "__readonly_keys__", ())


def is_hidden(model: Any, field: ModelField) -> bool:
    """Whether responses do not show a field: `exclude=True`, or a secret."""
    info = _infos_of(model).get(field.name)
    return (info is not None and info.exclude is True) or is_secret(type_of(field))


def is_secret(annotation: Any) -> bool:
    """Whether a value may be a secret, which responses show as asterisks."""
    secrets = (SecretStr, SecretBytes)
    return any(issubclass(cls, secrets) for each in union_members(annotation) if (cls := class_of(each)) is not None)


def has_changeable(model: Any) -> bool:
    """Whether clients may change a field of a model, or members without a field."""
    fields = fields_of(model)
    return not fields or _takes_others(model) or not all(is_fixed(model, field.name) for field in fields)


@cached
def has_hidden(annotation: Any) -> bool:
    """Whether values of a type may contain what responses do not show."""
    return any(
        is_secret(each) or (is_model(each) and any(is_hidden(each, field) for field in fields_of(each)))
        for each in _types_in(annotation)
    )


@cached
def has_fixed(annotation: Any) -> bool:
    """Whether values of a type may contain what clients cannot change."""
    return any(
        is_model(each) and any(is_fixed(each, field.name) for field in fields_of(each))
        for each in _types_in(annotation)
    )


def _types_in(annotation: Any) -> list[Any]:
    """All types in a type, also those of the fields of models."""
    found: list[Any] = []
    waiting = [annotation]
    while waiting:
        plain = strip_annotated(rootless(waiting.pop()))
        if plain in found or get_origin(plain) is Literal:
            continue
        found.append(plain)
        waiting += [type_of(each) for each in fields_of(plain)] if is_model(plain) else []
        waiting += [each for each in get_args(plain) if each is not Ellipsis]
    return found
