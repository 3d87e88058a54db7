"""What routes share because it depends on an annotation and a default alone.

Theory of operation. `item_id: int` is in many signatures, and what is decided for it is the same in all of them. Equal
annotations are not enough: `Literal[1] == Literal[True]`, and `int | str == str | int` has another document. So an
annotation is compared by identity, except for the types that are written again in each signature, whose parts are
classes: `str | None`, `list[int]`. Their parts are compared in their order.
"""

from collections.abc import Hashable
from types import GenericAlias, UnionType
from typing import Any

# An application that has more kinds of parameters begins again: its next routes share what they have in common.
MOST_SHARED = 4096


class Shared(dict[Hashable, Any]):
    """A bounded cache of what may be shared. Not an LRU cache, as some values must not be kept."""

    def keep(self, key: Hashable, value: Any) -> None:
        if len(self) >= MOST_SHARED:
            self.clear()
        self[key] = value

    def cache_clear(self) -> None:
        """As `lru_cache` calls it."""
        self.clear()


def sharing_key(annotation: Any) -> Hashable:
    """A key of an annotation. It is valid as long as the annotation exists, so an entry must keep it."""
    kind = type(annotation)
    if kind is UnionType or kind is GenericAlias:
        parts = annotation.__args__
        origin = annotation.__origin__ if kind is GenericAlias else None
        if not getattr(annotation, "__unpacked__", False) and all(isinstance(each, type) for each in parts):
            return (kind, id(origin), *map(id, parts))
    return id(annotation)
