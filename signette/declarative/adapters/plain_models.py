"""Models whose JSON is their `__dict__`: no field is renamed, computed, excluded or has a serializer.

orjson writes such a model from its fields, several times faster than pydantic's serializer, and with the same bytes.
The core schema decides whether a class is plain: it has everything that shapes the output. A class whose schema has a
key that is not known here is not plain, and pydantic serializes its instances.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from pydantic import BaseModel, RootModel, TypeAdapter

from signette._dataclasses import dataclass
from signette.declarative.adapters.validators import cached_by_adapter

# Schemas of single values, with the type that a value must have exactly: an `int` in a `float` field is written `3.0`
# by pydantic, a `bool` in an `int` field `1`, and a `dict` in a `str` field has keys that are not declared.
_SCALARS: Mapping[str, type] = {"str": str, "bool": bool, "none": type(None), "int": int, "float": float}
_INNER = {"nullable": "schema", "default": "schema", "function-after": "schema", "function-before": "schema"}


class NotPlain(TypeError):
    """Only pydantic's serializer writes this value correctly."""


@dataclass(frozen=True, slots=True)
class Part:
    """The exact types that a field, or an item in one, may have in order to be written by orjson."""

    types: frozenset[type]
    items: frozenset[type] | None = None
    """The exact types of the items of a list, or the values of a dictionary; None for other types."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The `__dict__` of an instance of a plain class that orjson may write.

    It has no other keys than fields: their number is equal, and each field is looked up by its name.
    """

    size: int
    values: tuple[tuple[str, frozenset[type]], ...]
    """The fields with a scalar or a model, and their exact types."""
    collections: tuple[tuple[str, frozenset[type], frozenset[type]], ...]
    """The fields with a list or a dictionary, their exact types, and those of their items or values."""


class Shapes(dict[type, Shape]):
    """The shapes of a plain model and of the models in its fields. A key of caches: each model has one such object."""

    __hash__ = object.__hash__  # type: ignore[assignment]  # that of a dictionary is None


@cached_by_adapter
def plain_classes(adapter: TypeAdapter[Any]) -> Shapes | None:
    """The shapes of a model and of the models in its fields; None if one of them is not plain."""
    search = _Search()
    if search.part_of(adapter.core_schema) is None:
        return None
    found = search.found
    # A field of a base class must not send what a subclass adds, and orjson writes both classes in the same way.
    related = any(a is not b and issubclass(a, b) for a in found for b in found)
    return None if related else found


def default_for(classes: Mapping[type, Shape]) -> Callable[[Any], dict[str, Any]]:
    """The `default` function of orjson: the fields of a model that is exactly of one of these classes and shapes."""
    shapes = {cls: (shape.size, shape.values, shape.collections) for cls, shape in classes.items()}

    def fields_of(value: Any) -> dict[str, Any]:
        shape = shapes.get(type(value))
        if shape is None:
            raise NotPlain(type(value).__name__)
        size, values, collections = shape
        fields: dict[str, Any] = value.__dict__
        if len(fields) != size:
            raise NotPlain(type(value).__name__)
        # A missing name is a KeyError, which orjson turns into a TypeError as well.
        for name, types in values:
            if type(fields[name]) not in types:
                raise NotPlain(name)
        for name, types, items in collections:
            held = fields[name]
            if type(held) not in types or (
                held and not items.issuperset(map(type, held.values() if type(held) is dict else held))
            ):
                raise NotPlain(name)
        return fields

    return fields_of


class _Search:
    """The shapes of the models in a core schema."""

    def __init__(self) -> None:
        self.found = Shapes()
        # What several fields share, or what contains itself, is in a schema once, and referenced elsewhere.
        self._definitions: dict[str, Mapping[str, Any]] = {}
        self._open: set[str] = set()

    def part_of(self, schema: Mapping[str, Any]) -> Part | None:
        """The types that orjson may write for this schema; None if pydantic must serialize its values."""
        kind = schema.get("type", "")
        if "serialization" in schema:
            return None
        if kind in _SCALARS:
            return Part(frozenset({_SCALARS[kind]}))
        if kind in _INNER:
            part = self.part_of(schema[_INNER[kind]])
            return Part(part.types | {type(None)}, part.items) if part is not None and kind == "nullable" else part
        if kind == "list":
            return self._collection_of(list, schema.get("items_schema"))
        if kind == "dict":
            keys = schema.get("keys_schema", {"type": "any"})
            is_text = keys.get("type") == "str" and "serialization" not in keys
            return self._collection_of(dict, schema.get("values_schema")) if is_text else None
        if kind == "literal":
            return Part(frozenset({str})) if all(type(value) is str for value in schema["expected"]) else None
        if kind == "model":
            is_plain = schema["cls"] in self.found or self._is_plain_model(schema)
            return Part(frozenset({schema["cls"]})) if is_plain else None
        if kind == "definitions":
            self._definitions |= {each["ref"]: each for each in schema["definitions"]}
            return self.part_of(schema["schema"])
        return self._referenced(schema["schema_ref"]) if kind == "definition-ref" else None

    def _referenced(self, name: str) -> Part | None:
        schema = self._definitions.get(name, {})
        if name in self._open:  # a model that contains itself: whether it is plain is being found out
            return Part(frozenset({schema["cls"]})) if schema.get("type") == "model" else None
        self._open.add(name)
        part = self.part_of(schema)
        self._open.remove(name)
        return part

    def _collection_of(self, cls: type, schema: Mapping[str, Any] | None) -> Part | None:
        inner = self.part_of(schema or {"type": "any"})
        # The types in a list of lists cannot be checked without a call in Python for each.
        return Part(frozenset({cls}), inner.types) if inner is not None and inner.items is None else None

    def _is_plain_model(self, schema: Mapping[str, Any]) -> bool:
        if not _is_plain_class(schema):
            return False
        values: list[tuple[str, frozenset[type]]] = []
        collections: list[tuple[str, frozenset[type], frozenset[type]]] = []
        fields = _fields_of(schema)["fields"]
        for name, field in fields.items():
            if any(key.startswith("serialization") for key in field):
                return False
            part = self.part_of(field["schema"])
            if part is None:
                return False
            if part.items is None:
                values.append((name, part.types))
            else:
                collections.append((name, part.types, part.items))
        self.found[schema["cls"]] = Shape(len(fields), tuple(values), tuple(collections))
        return True


def _fields_of(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of a model's fields, without the validators around it."""
    fields: Mapping[str, Any] = schema["schema"]
    while fields.get("type") in ("function-after", "function-before") and "serialization" not in fields:
        fields = fields["schema"]
    return fields


def _is_plain_class(schema: Mapping[str, Any]) -> bool:
    """Whether nothing but the fields of a model shapes its JSON."""
    cls: type[BaseModel] = schema["cls"]
    fields, config = _fields_of(schema), schema.get("config", {})
    if fields.get("type") != "model-fields" or issubclass(cls, RootModel) or schema.get("root_model"):
        return False
    if any(key.startswith("ser_") or key == "serialize_by_alias" for key in config):
        return False
    if fields.get("computed_fields") or fields.get("extras_schema") or fields.get("serialization"):
        return False
    if config.get("extra_fields_behavior") == "allow" or fields.get("extra_behavior") == "allow":
        return False
    return not any(isinstance(each, cached_property) for base in cls.__mro__ for each in vars(base).values())
