"""Values with items, which some formats render one by one: lists, and what holds a list."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, get_args

from signette._dataclasses import dataclass
from signette.declarative.adapters.page_body import item_of_body
from signette.declarative.signature.annotations import class_of, strip_annotated, union_members

_COLLECTIONS = (list, set, frozenset, deque, tuple, Sequence, AbstractSet)


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a type of values."""

    annotation: Any
    """The type of an item."""
    of: Callable[[Any], Iterable[Any]]
    """Returns the items of a value, which is valid."""


def items_in(annotation: Any) -> Items | None:
    """The items of values of a type; None if it is another type, or a union."""
    if (item := item_of_body(annotation)) is not None:
        return Items(item, _items_of_page)
    if len(union_members(annotation)) != 1 or class_of(annotation) not in _COLLECTIONS:
        return None
    args = get_args(strip_annotated(annotation))
    if class_of(annotation) is tuple and args[1:] != (...,):
        return None
    return Items(args[0] if args else Any, _unchanged)


def _items_of_page(body: Any) -> Iterable[Any]:
    items: Iterable[Any] = body.items
    return items


def _unchanged(value: Iterable[Any]) -> Iterable[Any]:
    return value
