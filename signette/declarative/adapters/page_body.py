"""The type of a page's body: `UserPage` for `Page[User]`, with the members `items`, `next` and `total`."""

import dataclasses
from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field

from signette.declarative.signature.annotations import class_of, union_members

# The attribute of a body's class that has the type of its items.
_ITEM = "__signette_item__"
_ITEMS = "The items of this page."
_NEXT = "The value of `cursor` or `offset` for the next page; null on the last page."
_TOTAL = "The number of items on all pages; null if it is not known."


def page_body(item: Any) -> Any:
    """The type of the body of a page with these items."""
    try:
        return _cached(item, repr(item))
    except TypeError:  # metadata that cannot be hashed
        return _made(item)


def item_of_body(annotation: Any) -> Any:
    """The type of the items of a page's body; None for another type."""
    return getattr(annotation, _ITEM, None)


@lru_cache(maxsize=4096)
def _cached(item: Any, fingerprint: str) -> Any:  # noqa: ARG001 - `Literal[1] == Literal[True]`
    return _made(item)


def _made(item: Any) -> Any:
    cls = class_of(item) if len(union_members(item)) == 1 else None
    name = cls.__name__ if isinstance(cls, type) and cls is not Any else ""
    made = dataclasses.make_dataclass(
        f"{name[:1].upper()}{name[1:]}Page",
        [
            ("items", Annotated[list[item], Field(description=_ITEMS)]),
            ("next", Annotated[str | None, Field(description=_NEXT)]),
            ("total", Annotated[int | None, Field(description=_TOTAL)]),
        ],
        frozen=True,
        namespace={_ITEM: item, "__doc__": "A page of a list."},
    )
    made.__module__ = getattr(cls, "__module__", __name__)  # from Python 3.12 on, `make_dataclass` sets its caller's
    return made
