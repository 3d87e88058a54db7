"""Why a value of one schema may be outside of another one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Reason:
    """Values of the narrower schema (`sub`) that the wider one (`sup`) does not have.

    `path` leads to the value: `.items`, `[]`, `.code`. `sub` and `sup` are what each schema says, `sub_at` and `sup_at`
    the JSON pointers of that. A reason that is not `certain` could not be decided. A `soft` one is no matter of
    inclusion: the value is ignored, or its meaning changes.
    """

    kind: str
    path: tuple[str, ...] = ()
    subject: str = ""
    sub: Any = None
    sup: Any = None
    sub_at: str = ""
    sup_at: str = ""
    certain: bool = True
    soft: bool = False

    def within(self, step: str) -> "Reason":
        """The same reason, seen from one step further out."""
        return replace(self, path=(step, *self.path))


def within(step: str, reasons: Iterable[Reason]) -> Iterator[Reason]:
    """Reasons, seen from one step further out."""
    return (reason.within(step) for reason in reasons)
