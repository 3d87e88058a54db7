"""Errors in calls of public classes: they name the class that was called, and what it takes."""

import difflib
import inspect
from collections.abc import Iterable, Mapping
from functools import lru_cache

__all__ = ["arguments_of", "unexpected_argument"]


@lru_cache(maxsize=256)
def arguments_of(cls: type, base: type) -> tuple[str, ...]:
    """The names of the arguments that a class and its bases take, up to `base`."""
    found: dict[str, None] = {}
    for each in cls.__mro__[: cls.__mro__.index(base) + 1]:
        if "__init__" in vars(each):
            _, *parameters = inspect.signature(vars(each)["__init__"]).parameters.values()
            found |= dict.fromkeys(one.name for one in parameters if one.kind is not one.VAR_KEYWORD)
    return tuple(found)


def unexpected_argument(
    cls: type, unexpected: Iterable[str], known: Iterable[str], hints: Mapping[str, str] | None = None
) -> TypeError:
    """The error for arguments that a class does not take. `hints` has those for some names."""
    name = min(unexpected)
    near = difflib.get_close_matches(name, list(known), 1)
    hint = (hints or {}).get(name) or (f"write `{near[0]}=`" if near else "remove it")
    return TypeError(f"`{cls.__name__}(...)` has no argument `{name}=`; {hint}")
