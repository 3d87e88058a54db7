"""What the user says of the document, laid over what the plan says."""

from collections.abc import Mapping
from typing import Any


def laid_over(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Both together: objects member by member, lists one behind the other, and else what `more` says."""
    merged = dict(base)
    for key, value in more.items():
        known = merged.get(key)
        if isinstance(known, Mapping) and isinstance(value, Mapping):
            merged[key] = laid_over(known, value)
        elif isinstance(known, list) and isinstance(value, list | tuple):
            merged[key] = [*known, *value]
        else:
            merged[key] = value
    return merged
