"""Rows of the tables "What you notice first" on the pages on moving, each with the function that proves it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class First:
    """A row. `prove` raises AssertionError if there is no difference, or if the other column does not keep it."""

    notice: str
    keep: str
    prove: Callable[[], None]


class FirstRows(list[First]):
    """The rows of one page, in its order."""

    def row(self, notice: str, keep: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
        """Decorator: add a row that the function proves."""

        def add(prove: Callable[[], None]) -> Callable[[], None]:
            self.append(First(notice, keep, prove))
            return prove

        return add
