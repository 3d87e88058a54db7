"""Where the lines of a text are in its changed text."""

from collections.abc import Sequence
from difflib import SequenceMatcher


class LineMap:
    """Maps lines of `before` to lines of `after`. A line that changed is mapped to the line in its place."""

    def __init__(self, before: str, after: str) -> None:
        self._after = after.splitlines()
        self._blocks: Sequence[tuple[str, int, int, int, int]] = []
        if before != after:
            self._blocks = SequenceMatcher(None, before.splitlines(), self._after, autojunk=False).get_opcodes()

    def __call__(self, line: int, word: str = "") -> int:
        """The new number of a line; of several lines in its place the one with the word."""
        index = line - 1
        for _, start, end, new, new_end in self._blocks:
            if start <= index < end:
                if new_end - new == end - start:
                    return new + index - start + 1
                inside = range(new, new_end)
                found = (at for at in inside if word and word in self._after[at])
                return next(found, min(new + index - start, max(new_end - 1, 0))) + 1
        return line
