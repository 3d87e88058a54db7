"""Deprecations and sunset dates (RFC 9745, RFC 8594)."""

from collections.abc import Iterator, Mapping
from typing import Any

from signette.contract.diff.context import At
from signette.contract.diff.findings import Finding


def compare_deprecations(at: At, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[Finding]:
    """The findings for the deprecations of two operations."""
    part = at.below(at.where, "deprecated")
    before = old["sunset"] if old else None
    after = new["sunset"] if new else None
    if old is None and new is not None:
        if after is None:
            yield part.finding("operation-deprecated-without-sunset", "it is deprecated, without a sunset date")
        else:
            yield part.finding("operation-deprecated", f"it is deprecated until {_day(after)}", None, after)
    elif old is not None and new is None:
        yield part.finding("operation-undeprecated", "it is no longer deprecated", before, None)
    elif before != after:
        # Times in UTC in one form are in the order of their texts.
        earlier = after is not None and (before is None or after < before)
        words = f"the sunset date is {_day(after)} instead of {_day(before)}"
        if before is None:
            yield part.finding("operation-deprecated", f"it is deprecated until {_day(after)}", None, after)
        else:
            yield part.finding("sunset-earlier" if earlier else "sunset-later", words, before, after)


def _day(moment: str | None) -> str:
    return "none" if moment is None else moment[:10]
