"""Any value as JSON types: dictionaries with string keys, lists, strings, numbers, booleans, None."""

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
    """Convert a value to dictionaries, lists, strings, numbers, booleans and None, as JSON has them.

    Models, dataclasses, dates, enums, sets and all other types of pydantic are converted as in a response, other
    objects to their public attributes. `include`, `exclude` and the `exclude_*` options are those of pydantic's
    `model_dump`, and apply to the outermost value.
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
    """The members of a model or a dataclass, by their names in JSON. Other values are returned unchanged."""
    is_model = hasattr(type(value), "__pydantic_fields__") or (is_dataclass(value) and not isinstance(value, type))
    return jsonable_encoder(value) if is_model else value


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
