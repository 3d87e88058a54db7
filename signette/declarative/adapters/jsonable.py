"""Any value as JSON types, by FastAPI's rules for values without an annotation.

Theory of operation. `members` converts one level of a value: a date to text, an object to its attributes, a set to a
list. orjson calls it for values that it cannot write, and continues with what it returns. `jsonable_encoder` applies
the same function to each level in Python, for callers that need the value, and for keys that orjson rejects. Models are
serialized as a whole, by pydantic.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from inspect import isawaitable, isroutine
from math import isfinite
from operator import attrgetter, methodcaller
from pathlib import PurePath
from types import ModuleType
from typing import Any
from uuid import UUID
from weakref import ref

from pydantic_core import PydanticSerializationError, to_jsonable_python

from signette._dataclasses import dataclass
from signette._per_class import PerClass
from signette.declarative.adapters.serializers import to_jsonable
from signette.declarative.adapters.validators import adapter_of

# Exact types that need no conversion.
_PLAIN = frozenset({str, int, bool, type(None)})
_KEYS = (str, int, float, type(None))
_ARRAYS = (list, tuple, set, frozenset, deque)


def jsonable_encoder(
    obj: Any,
    include: Any = None,
    exclude: Any = None,
    by_alias: bool = True,
    exclude_unset: bool = False,
    exclude_defaults: bool = False,
    exclude_none: bool = False,
    custom_encoder: Mapping[Any, Callable[[Any], Any]] | None = None,
    sqlalchemy_safe: bool = True,
) -> Any:
    """Convert a value to dictionaries, lists, strings, numbers, booleans and None.

    The rules are those of results without an annotation: decimals and durations are numbers, dates ISO 8601 strings,
    objects their public attributes, models what pydantic makes of them. `include` and `exclude` apply to the outermost
    value, or to each item of a list; the other `exclude_*` options are those of pydantic's `model_dump`.
    `custom_encoder` has functions for types, and `sqlalchemy_safe` drops keys that begin with `_sa`.

    Raises:
        TypeError: a value has no JSON, such as a function or a lock.
    """
    encoder = _Encoder(by_alias, exclude_unset, exclude_defaults, exclude_none, custom_encoder or {}, sqlalchemy_safe)
    return encoder.encode(obj, include, exclude)


@dataclass(frozen=True, slots=True)
class _Encoder:
    """The options of `jsonable_encoder` that apply at each level."""

    by_alias: bool
    exclude_unset: bool
    exclude_defaults: bool
    exclude_none: bool
    custom: Mapping[Any, Callable[[Any], Any]]
    sqlalchemy_safe: bool

    def encode(self, value: Any, include: Any = None, exclude: Any = None) -> Any:
        custom = self._custom_of(value) if self.custom else None
        if custom is not None:
            return custom(value)
        cls = type(value)
        if cls in _PLAIN:
            return value
        if cls is float:
            return value if isfinite(value) else None
        if isinstance(value, dict):
            return self._object(value, include, exclude)
        if isinstance(value, list | tuple | Iterator):
            return [self.encode(item, include, exclude) for item in value]
        if has_serializer(cls):
            return _dump_model(
                value,
                include=include,
                exclude=exclude,
                by_alias=self.by_alias,
                exclude_unset=self.exclude_unset,
                exclude_defaults=self.exclude_defaults,
                exclude_none=self.exclude_none,
            )
        found = members(value)
        if type(found) in _PLAIN:  # not for `custom`, which has its turn before
            return found
        if type(found) is float:
            return found if isfinite(found) else None
        return self.encode(found, include, exclude)

    def _custom_of(self, value: Any) -> Callable[[Any], Any] | None:
        exact = self.custom.get(type(value))
        return exact or next((encode for cls, encode in self.custom.items() if isinstance(value, cls)), None)

    def _object(self, value: Mapping[Any, Any], include: Any, exclude: Any) -> dict[Any, Any]:
        items: Iterable[tuple[Any, Any]] = value.items()
        if include is not None:
            items = [(key, item) for key, item in items if key in include]
        if exclude is not None:
            items = [(key, item) for key, item in items if key not in exclude]
        if self.exclude_none:
            items = [(key, item) for key, item in items if item is not None]
        if self.sqlalchemy_safe:
            items = [(key, item) for key, item in items if not (isinstance(key, str) and key.startswith("_sa"))]
        if self.custom:
            return {self._key(key): self.encode(item) for key, item in items}
        # PERF: most keys and items are plain, and a call for each costs three times as much.
        return {
            key if type(key) in _PLAIN else self._key(key): item if type(item) in _PLAIN else self.encode(item)
            for key, item in items
        }

    def _key(self, key: Any) -> Any:
        """The key of an object: a scalar, which JSON writes as text. Other keys are those of pydantic."""
        if isinstance(key, Decimal | timedelta | date | time | Enum) or self.custom:
            key = self.encode(key)
        return key if isinstance(key, _KEYS) else next(iter(to_jsonable_python({key: None})))


def has_serializer(cls: type) -> bool:
    """Whether pydantic serializes instances of a class: a model, or a dataclass of pydantic."""
    return hasattr(cls, "__pydantic_serializer__")


def members_of(value: Any) -> Any:
    """The members of a model or a dataclass, by their names in JSON. Other values are returned unchanged."""
    has_members = has_serializer(type(value)) or (is_dataclass(value) and not isinstance(value, type))
    return _dump_model(value, by_alias=True) if has_members else value


def _dump_model(value: Any, **options: Any) -> Any:
    return adapter_of(Any).serializer.to_python(
        value, mode="json", fallback=public_attributes, warnings=False, **options
    )


def members(value: Any) -> Any:
    """A value as a type of JSON. The items of arrays and objects may still be of any type.

    Raises TypeError for a value that has no JSON.
    """
    cls: Any = value.__class__  # of a proxy, the class that `isinstance` sees
    return _conversions[ref(cls)](value)


def _conversion_of(cls: type) -> Callable[[Any], Any]:
    """The function that converts instances of a class by one level."""
    if has_serializer(cls):
        return _model
    for base, conversion in _CONVERSIONS:
        if issubclass(cls, base):
            return conversion
    return _fields_of if is_dataclass(cls) else _leaf


_conversions = PerClass(_conversion_of)


def _model(value: Any) -> Any:
    if has_serializer(type(value)):
        return to_jsonable(value, fallback=public_attributes)
    return value.model_dump(mode="json", by_alias=True)  # a proxy


def _number(value: Decimal) -> int | float:
    """A decimal as a number: an integer if it has no fraction digits."""
    text = str(value)
    if "." not in text and "E" not in text and value.is_finite():
        return int(text)  # PERF: `as_tuple` takes five times as long
    exponent = value.as_tuple().exponent if "E+" in text else None
    return int(value) if isinstance(exponent, int) and exponent >= 0 else float(value)


def _fields_of(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value) if hasattr(value, field.name)}


class _UnknownType(Exception):
    pass


def _reject(_: Any) -> Any:
    raise _UnknownType


def _leaf(value: Any) -> Any:
    """A value of a type that pydantic knows, such as a UUID, or the public attributes of an object."""
    try:
        return to_jsonable_python(value, inf_nan_mode="null", fallback=_reject)
    except (_UnknownType, PydanticSerializationError):
        return public_attributes(value)


def _read_once(_: Any) -> Any:
    # orjson may fail after it has read the items: then `jsonable_encoder`, which is called next, would find none.
    raise TypeError("an iterator can only be read once")


# The first class that fits counts.
_CONVERSIONS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (Enum, attrgetter("value")),
    (str, str.__str__),
    (int, int.__index__),
    (float, float.__float__),
    (Decimal, _number),
    (timedelta, methodcaller("total_seconds")),
    (UUID, str),
    (date | time, methodcaller("isoformat")),
    (PurePath, str),
    (dict, dict),
    (_ARRAYS, list),
    (Iterator, _read_once),
)


def public_attributes(obj: Any) -> Any:
    """The members, items or public attributes of an object whose class pydantic does not know.

    Raises TypeError for an object without any, such as a class, a function or a lock.
    """
    if isinstance(obj, Mapping):
        return dict(obj)
    if isinstance(obj, PurePath):
        return str(obj)
    if isinstance(getattr(obj, "_mapping", None), Mapping):  # a row of SQLAlchemy
        return dict(obj._mapping)
    keys = getattr(obj, "keys", None)
    if callable(keys) and hasattr(type(obj), "__getitem__"):  # a row of sqlite3 and of other drivers
        return {key: obj[key] for key in keys()}
    if isinstance(obj, Sequence):
        return list(obj)
    names = [name for name in _attribute_names(obj) if not name.startswith("_")]
    if not names and (callable(obj) or not hasattr(obj, "__dict__")):
        raise TypeError(f"a value of type `{type(obj).__qualname__}` is not JSON-serializable")
    return {name: getattr(obj, name) for name in names if hasattr(obj, name)}


def _attribute_names(obj: Any) -> list[str]:
    """The names of an instance's attributes, including slots."""
    if isinstance(obj, type | ModuleType) or isroutine(obj) or isawaitable(obj):
        name = getattr(obj, "__qualname__", "")
        raise TypeError(f"a value of type `{type(obj).__qualname__}` is not JSON-serializable: {name}")
    slots = [cls.__dict__.get("__slots__", ()) for cls in reversed(type(obj).__mro__)]
    names = [name for each in slots for name in ((each,) if isinstance(each, str) else each)]
    return [*names, *getattr(obj, "__dict__", ())]
