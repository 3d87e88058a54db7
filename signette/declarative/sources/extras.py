"""The unknown names that a model with `extra="forbid"` or `extra="allow"` is given."""

from collections.abc import Mapping
from typing import Any


def collect_extras(
    model: dict[str, Any], found: Mapping[Any, Any], known: frozenset[str], *, folds_case: bool = False
) -> None:
    """Add the names that are not known to the values of a model: a single value, or a list of several.

    `folds_case`: the known names are in lower case, and names that differ in case alone are the same.
    """
    for name, values in found.items():
        text = name.decode("latin-1") if isinstance(name, bytes) else name
        own = text.lower() if folds_case else text
        if own in known or own[: own.find("[") + 1] in known:
            continue
        several = [value.decode("latin-1") if isinstance(value, bytes) else value for value in _as_list(values)]
        model[text] = several[0] if len(several) == 1 else several


def _as_list(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]
