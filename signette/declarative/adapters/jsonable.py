"""Any value as one that JSON has: dictionaries with text for keys, lists, texts, numbers, None."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from signette.declarative.adapters.check import adapter_of


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
        fallback=_attributes,
        warnings=False,
    )


def _attributes(obj: Any) -> Any:
    """What an object of a class that pydantic does not know has to say. Raises TypeError where that is nothing."""
    if isinstance(obj, Mapping):
        return dict(obj)
    if isinstance(obj, PurePath):
        return str(obj)
    if isinstance(obj, type):
        raise TypeError(f"a class is no value: {obj.__qualname__}")
    return {name: value for name, value in vars(obj).items() if not name.startswith("_")}
