"""Functions for interpreters, which import them by name: this module imports neither pydantic nor signette."""

import sys
import threading
from dataclasses import dataclass
from typing import Any


@dataclass
class Grid:
    width: int
    height: int = 1


def area(grid: Grid, scale: int = 1) -> int:
    return grid.width * grid.height * scale


def interpreter_of(number: int = 0) -> int:
    """The number of the interpreter."""
    if sys.version_info < (3, 14):
        return 0
    from concurrent import interpreters

    return interpreters.get_current().id


def folders() -> list[str]:
    return sys.path


def fail(what: str) -> Any:
    if what == "value":
        raise ValueError("wrong")
    if what == "exit":
        raise SystemExit
    return threading.Lock()


def takes_anything(value: Any = None) -> str:
    return type(value).__name__


def takes_lock(lock: Any) -> None: ...


class Double:
    def __init__(self, number: int = 1) -> None:
        self.number = number * 2
