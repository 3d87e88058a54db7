"""The options `renders=` and `envelope=`, of operations and of what is around them."""

from collections.abc import Iterable
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.formats.base import Format, format_of


@dataclass(frozen=True, slots=True)
class SharedOption:
    """The value of an option of an application, a router or an `include_router` call. None removes that of outer ones.

    It holds for the operations to which it can apply, whereas one of the operation itself must apply.
    """

    value: Any
    owner: str
    """The place: "application", "router /items", "include_router /v1"."""

    def __repr__(self) -> str:
        """The value, as `explain` shows it."""
        return repr(list(self.value) if isinstance(self.value, tuple) else self.value)


def formats_in(value: Iterable[Any]) -> tuple[Format, ...]:
    """The formats of `renders=`, which was checked."""
    return tuple(found for each in value if (found := format_of(each)) is not None)
