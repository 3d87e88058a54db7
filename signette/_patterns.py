"""Regular expressions that are compiled at their first use: few applications need all of those in signette."""

import re
from typing import TYPE_CHECKING, Any

__all__ = ["lazy_pattern"]


class _Pattern:
    def __init__(self, pattern: str | bytes, flags: int = 0) -> None:
        self._pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        value = getattr(re.compile(self._pattern, self._flags), name)
        setattr(self, name, value)  # PERF: the next use finds the method of the compiled expression at once
        return value


if TYPE_CHECKING:
    from re import compile as lazy_pattern
else:
    lazy_pattern = _Pattern
