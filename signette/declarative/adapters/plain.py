"""Models whose JSON is their `__dict__`: nothing renamed, computed, left out or specially written.

orjson writes such a model straight from its fields, several times faster than any serializer, and with the same bytes.
Whether a class is plain is read off its core schema, where everything that shapes its output stands: a single key that
is not known here makes it not plain, and its instances take pydantic's serializer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any

from pydantic import BaseModel, RootModel

# Schemas whose values orjson writes as pydantic would, whatever was assigned to a field since it was checked.
_SCALARS = frozenset({"str", "bool", "none"})
# An `int` in a `float` field is written `3.0` by pydantic, a `bool` in an `int` field `1`: here the exact type counts.
_NUMBERS = {"int": int, "float": float}
_INNER = {"nullable": "schema", "default": "schema", "function-after": "schema", "function-before": "schema"}


class NotPlain(TypeError):
    """A value that only pydantic's serializer writes rightly."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What an instance of a plain class must look like to be written as it stands."""

    size: int
    """How many fields it has: a cached property adds one, `model_construct` may leave one out."""
    numbers: tuple[tuple[str, frozenset[type]], ...]
    """Its fields that hold a number, with the exact types that may stand there."""

    def fits(self, fields: Mapping[str, Any]) -> bool:
        if len(fields) != self.size:
            return False
        return all(type(fields[name]) in types for name, types in self.numbers)

    def fits_all(self, rows: Sequence[Mapping[str, Any]]) -> bool:
        """The same for many at once, without a call in Python for each."""
        if set(map(len, rows)) != {self.size}:
            return False
        return all(types.issuperset(map(type, map(itemgetter(name), rows))) for name, types in self.numbers)


def plain_classes(model: type[BaseModel]) -> dict[type, Shape] | None:
    """The model and the models in its fields, each with its shape; None where one of them is not plain."""
    found: dict[type, Shape] = {}
    if not _is_plain(getattr(model, "__pydantic_core_schema__", None) or {}, found):
        return None
    # A field declared as a base class must lose what a subclass adds, so a family of classes cannot be told apart.
    related = any(a is not b and issubclass(a, b) for a in found for b in found)
    return None if related else found


def default_for(classes: Mapping[type, Shape]) -> Callable[[Any], dict[str, Any]]:
    """What orjson calls for each model: its fields, if it is exactly one of these classes and bears nothing else."""
    shapes = {cls: (shape.size, shape.numbers) for cls, shape in classes.items()}

    def fields_of(value: Any) -> dict[str, Any]:
        shape = shapes.get(type(value))
        if shape is None:
            raise NotPlain(type(value).__name__)
        size, numbers = shape
        fields: dict[str, Any] = value.__dict__
        if len(fields) != size:
            raise NotPlain(type(value).__name__)
        for name, types in numbers:
            if type(fields[name]) not in types:
                raise NotPlain(name)
        return fields

    return fields_of


def _is_plain(schema: Mapping[str, Any], found: dict[type, Shape]) -> bool:
    kind = schema.get("type")
    if "serialization" in schema:
        return False
    if kind in _SCALARS:
        return True
    if kind in _INNER:
        return _is_plain(schema[_INNER[kind]], found)
    if kind == "list":
        return _is_plain(schema.get("items_schema", {"type": "any"}), found)
    if kind == "dict":
        keys = schema.get("keys_schema", {"type": "any"})
        return keys.get("type") == "str" and _is_plain(schema.get("values_schema", {"type": "any"}), found)
    if kind == "literal":
        return all(type(value) is str for value in schema["expected"])
    if kind == "model":
        return _is_plain_model(schema, found)
    return False


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
    numbers: list[tuple[str, frozenset[type]]] = []
    for name, field in fields["fields"].items():
        if any(key.startswith("serialization") for key in field):
            return False
        number = _number_types(field["schema"])
        if number is not None:
            numbers.append((name, number))
        elif not _is_plain(field["schema"], found):
            return False
    found[cls] = Shape(len(fields["fields"]), tuple(numbers))
    return True


def _number_types(schema: Mapping[str, Any]) -> frozenset[type] | None:
    """The exact types of a field that holds a number, or a number or nothing; None for any other field."""
    types: set[type] = set()
    while schema.get("type") in _INNER and "serialization" not in schema:
        if schema["type"] == "nullable":
            types.add(type(None))
        schema = schema[_INNER[schema["type"]]]
    number = _NUMBERS.get(schema.get("type", ""))
    return frozenset({*types, number}) if number is not None and "serialization" not in schema else None
