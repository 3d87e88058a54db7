"""`Framing`: what finds the items in the bytes of a body, as they arrive."""

from typing import Any

from signette._dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """Why no more items can be found in a body."""

    status: int
    reason: str
    offset: int | None = None
    """The position in the body, in bytes."""
    limit: int | None = None
    """The limit that an item exceeds."""


class Framing:
    """Finds items in the bytes of a body. How the body is split into chunks makes no difference.

    `take` returns items in the form that they are validated in: JSON as bytes, the cells of a row as a list.
    """

    def __init__(self, max_item_bytes: int) -> None:
        self.max_item_bytes = max_item_bytes
        self.failure: Failure | None = None
        """Set by `take` if no more items follow those that it returns."""

    def feed(self, data: bytes) -> None:
        """Add bytes that have arrived."""
        raise NotImplementedError

    def end(self) -> None:
        """Note that the body has ended."""
        raise NotImplementedError

    def take(self) -> list[Any]:
        """The items that are complete, each once."""
        raise NotImplementedError

    def text(self) -> bytes | None:
        """Several items as a JSON array, if they can be had without looking for the end of each.

        Whether it is an array of whole items is only known when it is parsed: if that fails, `take` has the items.
        """
        return None

    def accept(self, count: int) -> None:
        """Drop the items of `text`, after they were parsed."""
        raise NotImplementedError

    def reject(self, *, is_json: bool) -> None:
        """Look for the end of each item of `text`. `is_json`: it is an array, and only its values are invalid."""
        raise NotImplementedError


def too_large(limit: int) -> Failure:
    """An item exceeds the limit."""
    return Failure(413, f"exceeds {limit} bytes", limit=limit)


def fitting(items: list[bytes], limit: int) -> list[bytes] | None:
    """The items before the first one that is too large; None if all of them fit."""
    if not items or len(max(items, key=len)) <= limit:
        return None
    return items[: next(place for place, item in enumerate(items) if len(item) > limit)]
