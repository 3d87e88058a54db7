"""Any value as one that JSON has: dictionaries with text for keys, lists, texts, numbers, None."""

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from inspect import isawaitable, isroutine
from pathlib import PurePath
from types import ModuleType
from typing import Any

from signette.declarative.adapters.validators import adapter_of


def jsonable_encoder(
    obj: Any,
    include: Any = None,
    exclude: Any = None,
    by_alias: bool = True,
    exclude_unset: bool = False,
    exclude_defaults: bool = False,
    exclude_none: bool = False,
) -> Any:
    """What JSON would say of a value, as Python's own dictionaries, lists, texts and numbers.

    Models, dataclasses, dates, enums, sets and what else pydantic knows are written as in an answer; any other object
    by its public attributes. `include`, `exclude` and their siblings are pydantic's, for the outermost value.
    """
    return adapter_of(Any).serializer.to_python(
        obj,
        mode="json",
        include=include,
        exclude=exclude,
        by_alias=by_alias,
        exclude_unset=exclude_unset,
        exclude_defaults=exclude_defaults,
        exclude_none=exclude_none,
        fallback=public_attributes,
        warnings=False,
    )


def members_of(value: Any) -> Any:
    """The members of a model or a dataclass, by their names in JSON. Any other value as it is."""
    is_model = hasattr(type(value), "__pydantic_fields__") or (is_dataclass(value) and not isinstance(value, type))
    return jsonable_encoder(value) if is_model else value


def public_attributes(obj: Any) -> Any:
    """What an object of a class that pydantic does not know has to say: its members, its items, or its attributes.

    Raises TypeError where that is nothing, as of a class, a function, a lock.
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
        raise TypeError(f"a value of type `{type(obj).__qualname__}` has no JSON")
    return {name: getattr(obj, name) for name in names if hasattr(obj, name)}


def _attribute_names(obj: Any) -> list[str]:
    """The names of an instance's attributes, slots included."""
    if isinstance(obj, type | ModuleType) or isroutine(obj) or isawaitable(obj):
        raise TypeError(f"a value of type `{type(obj).__qualname__}` has no JSON: {getattr(obj, '__qualname__', '')}")
    slots = [cls.__dict__.get("__slots__", ()) for cls in reversed(type(obj).__mro__)]
    names = [name for each in slots for name in ((each,) if isinstance(each, str) else each)]
    return [*names, *getattr(obj, "__dict__", ())]
