"""Models whose JSON is their `__dict__`: nothing renamed, computed, left out or specially written.

orjson writes such a model straight from its fields, several times faster than any serializer, and with the same bytes.
Whether a class is plain is read off its core schema, where everything that shapes its output stands: a single key that
is not known here makes it not plain, and its instances take pydantic's serializer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import Any

from pydantic import BaseModel, RootModel

# Schemas of single values, with the type that a value must have exactly: an `int` in a `float` field is written `3.0`
# by pydantic, a `bool` in an `int` field `1`, and a `dict` in a `str` field has keys that are not declared.
_SCALARS: Mapping[str, type] = {"str": str, "bool": bool, "none": type(None), "int": int, "float": float}
_INNER = {"nullable": "schema", "default": "schema", "function-after": "schema", "function-before": "schema"}


class NotPlain(TypeError):
    """A value that only pydantic's serializer writes rightly."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a field, or an item of one, holds where it is written as it stands: values of exactly these types."""

    types: frozenset[type]
    items: frozenset[type] | None = None
    """The exact types of what is in the list or dictionary; None for a value that holds nothing."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the `__dict__` of an instance of a plain class must look like to be written as it stands.

    It has as many keys as there are fields, and each field is looked up by its name: so it has no other keys.
    """

    size: int
    values: tuple[tuple[str, frozenset[type]], ...]
    """The fields that hold a single value, or a model, with the exact types that may stand there."""
    collections: tuple[tuple[str, frozenset[type], frozenset[type]], ...]
    """The fields that hold a list or a dictionary, with the exact types of these, and of what is in them."""

    def fits_all(self, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Whether all of these may be written as they stand. PERF: without a call in Python for each."""
        if set(map(len, rows)) != {self.size}:
            return False
        try:
            for name, types in self.values:
                if not types.issuperset(map(type, map(itemgetter(name), rows))):
                    return False
            for name, types, items in self.collections:
                held = list(map(itemgetter(name), rows))
                if not types.issuperset(map(type, held)):
                    return False
                inner = map(dict.values, filter(None, held)) if dict in types else filter(None, held)
                if not items.issuperset(map(type, chain.from_iterable(inner))):
                    return False
        except KeyError:  # another key stands in the place of a field
            return False
        return True


def plain_classes(model: type[BaseModel]) -> dict[type, Shape] | None:
    """The model and the models in its fields, each with its shape; None where one of them is not plain."""
    found: dict[type, Shape] = {}
    if _part_of(getattr(model, "__pydantic_core_schema__", None) or {}, found) is None:
        return None
    # A field declared as a base class must lose what a subclass adds, so a family of classes cannot be told apart.
    related = any(a is not b and issubclass(a, b) for a in found for b in found)
    return None if related else found


def default_for(classes: Mapping[type, Shape]) -> Callable[[Any], dict[str, Any]]:
    """What orjson calls for each model: its fields, if it is exactly one of these classes and bears nothing else."""
    shapes = {cls: (shape.size, shape.values, shape.collections) for cls, shape in classes.items()}

    def fields_of(value: Any) -> dict[str, Any]:
        shape = shapes.get(type(value))
        if shape is None:
            raise NotPlain(type(value).__name__)
        size, values, collections = shape
        fields: dict[str, Any] = value.__dict__
        if len(fields) != size:
            raise NotPlain(type(value).__name__)
        # A name that is not there is a KeyError, which orjson turns into a TypeError as well.
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


def _part_of(schema: Mapping[str, Any], found: dict[type, Shape]) -> Part | None:
    """What a value of this schema is where it is written as it stands; None where that is never so."""
    kind = schema.get("type", "")
    if "serialization" in schema:
        return None
    if kind in _SCALARS:
        return Part(frozenset({_SCALARS[kind]}))
    if kind in _INNER:
        part = _part_of(schema[_INNER[kind]], found)
        return Part(part.types | {type(None)}, part.items) if part is not None and kind == "nullable" else part
    if kind == "list":
        return _collection_of(list, schema.get("items_schema"), found)
    if kind == "dict":
        keys = schema.get("keys_schema", {"type": "any"})
        is_text = keys.get("type") == "str" and "serialization" not in keys
        return _collection_of(dict, schema.get("values_schema"), found) if is_text else None
    if kind == "literal":
        return Part(frozenset({str})) if all(type(value) is str for value in schema["expected"]) else None
    if kind == "model":
        return Part(frozenset({schema["cls"]})) if _is_plain_model(schema, found) else None
    return None


def _collection_of(cls: type, schema: Mapping[str, Any] | None, found: dict[type, Shape]) -> Part | None:
    inner = _part_of(schema or {"type": "any"}, found)
    # What is in a list that is in a list is nothing that C could look at in one go.
    return Part(frozenset({cls}), inner.types) if inner is not None and inner.items is None else None


def _is_plain_model(schema: Mapping[str, Any], found: dict[type, Shape]) -> bool:
    cls: type[BaseModel] = schema["cls"]
    fields = schema["schema"]
    while fields.get("type") in ("function-after", "function-before") and "serialization" not in fields:
        fields = fields["schema"]
    config = schema.get("config", {})
    if fields.get("type") != "model-fields" or issubclass(cls, RootModel) or schema.get("root_model"):
        return False
    if any(key.startswith("ser_") or key == "serialize_by_alias" for key in config):
        return False
    if fields.get("computed_fields") or fields.get("extras_schema") or fields.get("serialization"):
        return False
    if config.get("extra_fields_behavior") == "allow" or fields.get("extra_behavior") == "allow":
        return False
    if any(isinstance(each, cached_property) for base in cls.__mro__ for each in vars(base).values()):
        return False
    values: list[tuple[str, frozenset[type]]] = []
    collections: list[tuple[str, frozenset[type], frozenset[type]]] = []
    for name, field in fields["fields"].items():
        if any(key.startswith("serialization") for key in field):
            return False
        part = _part_of(field["schema"], found)
        if part is None:
            return False
        if part.items is None:
            values.append((name, part.types))
        else:
            collections.append((name, part.types, part.items))
    found[cls] = Shape(len(fields["fields"]), tuple(values), tuple(collections))
    return True
