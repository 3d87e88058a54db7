"""Two contracts of one format -> the members that differ, one line each: what `signette lock --check` shows."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

_LONGEST = 60


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """A line for each member that differs: its place as a JSON Pointer, and both values.

    It says what has changed, not whether that breaks a client: `signette diff` does that.
    """
    return list(_changes("", old, new))


def _changes(pointer: str, old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            below = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
            if key not in new:
                yield f"- {below}: {_short(old[key])}"
            elif key not in old:
                yield f"+ {below}: {_short(new[key])}"
            else:
                yield from _changes(below, old[key], new[key])
    elif old != new or type(old) is not type(new):  # 1 and True are equal
        yield f"~ {pointer}: {_short(old)} -> {_short(new)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
