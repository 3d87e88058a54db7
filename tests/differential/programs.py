"""Differences that a program shows: it runs on both toolkits, and the row says what it returns on each.

`there`, `here` and `move` are on the page docs/how-to/from-starlette.md, word for word.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.differential.differences import NOTHING_TO_DO
from tests.differential.names import Names

Program = Callable[[Names], Any]


@dataclass(frozen=True)
class ProgramRow:
    """A row of the page, the program that shows it, and what it returns on Starlette and on signette."""

    there: str
    here: str
    move: str
    program: Program
    theirs: Any
    ours: Any
    until: tuple[int, int]
    """The version of Python from which on the two are alike."""


class Programs(list[ProgramRow]):
    """The rows of a module."""

    def differs(
        self,
        there: str,
        here: str,
        move: str = NOTHING_TO_DO,
        *,
        returns: tuple[Any, Any],
        until: tuple[int, int] = (4, 0),
    ) -> Callable[[Program], Program]:
        """Add a row: `returns` is what the program returns on Starlette, and on signette."""

        def add(program: Program) -> Program:
            self.append(ProgramRow(there, here, move, program, *returns, until))
            return program

        return add
