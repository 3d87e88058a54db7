"""Counting the Python functions that are called while something is done."""

import gc
import sys
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

# Python 3.12 and later run comprehensions in their function's own frame (PEP 709); 3.11 makes a call of each.
COMPREHENSIONS = {"<listcomp>", "<dictcomp>", "<setcomp>"}


class Watch:
    """Gives a list, filled with the code of each Python function that is called in this thread."""

    def __enter__(self) -> list[CodeType]:
        calls: list[CodeType] = []

        def note(frame: FrameType, event: str, _: Any) -> None:
            if event == "call" and frame.f_code.co_name not in COMPREHENSIONS:
                calls.append(frame.f_code)

        self.before = sys.getprofile()
        gc.disable()  # garbage of other tests may have finalizers
        sys.setprofile(note)
        return calls

    def __exit__(self, *_: object) -> None:
        sys.setprofile(self.before)
        gc.enable()


def table_of_calls(calls: list[CodeType]) -> str:
    """The calls for people, most frequent first."""
    names = Counter(f"{Path(code.co_filename).name} {code.co_qualname}" for code in calls)
    return "\n".join(f"{count:>5}  {name}" for name, count in names.most_common())
