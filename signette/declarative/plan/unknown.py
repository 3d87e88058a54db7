"""Query parameters that nobody reads: `unknown="ignore" | "report" | "forbid"`.

The planner puts one step into the plan where they are not ignored, behind the last read of the query, so that what it
finds is told with all else. A model that keeps or forbids what it does not know decides by itself, and none is put.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from signette.declarative.errors.base import nearest
from signette.declarative.plan.order import share_names
from signette.declarative.plan.steps import Call, Gather, Open, Read, Refuse, Step, Unknown, names_of
from signette.declarative.sources.query import QUERY
from signette.declarative.sources.source import Phase
from signette.exceptions import ErrorEntry
from signette.problems import MOST_ERRORS
from signette.types import Scope

CHOICES = ("ignore", "report", "forbid")

_log = logging.getLogger("signette.unknown")
_MOST_LETTERS = 64  # of a name that is told or compared: comparing costs the square of its length


def with_unknown(steps: Sequence[Step], choice: str) -> tuple[Step, ...]:
    """The steps of a plan, with one more where unknown parameters are not ignored."""
    reads = [step for step in steps if isinstance(step, Read | Gather) and share_names(step.source, QUERY)]
    if choice == "ignore" or any(isinstance(read, Gather) and read.decides_unknown for read in reads):
        return tuple(steps)
    known = tuple(dict.fromkeys(name for read in reads for name in names_of(read)))
    added: list[Step] = [Unknown(QUERY, known, refuses=choice == "forbid")]
    if not any(isinstance(step, Open) and step.source == QUERY for step in steps):
        added.insert(0, Open(QUERY))
    start, end = _between_calls(steps)
    if choice == "forbid" and not any(isinstance(step, Refuse) for step in steps[start:end]):
        added.append(Refuse())
    place = _place(steps, start, end)
    return (*steps[:place], *added, *steps[place:])


def _between_calls(steps: Sequence[Step]) -> tuple[int, int]:
    """Where the values are read that no guard waits for: behind the guards' calls, before all others."""
    guards = [place for place, step in enumerate(steps) if isinstance(step, Call) and step.guard]
    start = guards[-1] + 1 if guards else 0
    return start, next(place for place, step in enumerate(steps) if place >= start and isinstance(step, Call))


def _place(steps: Sequence[Step], start: int, end: int) -> int:
    """Behind the last read of the query, or else before the body is opened, or before the refusal."""
    for place in range(end - 1, start - 1, -1):
        step = steps[place]
        if isinstance(step, Read | Gather) and share_names(step.source, QUERY):
            return place + 1
    for place in range(start, end):
        step = steps[place]
        if isinstance(step, Refuse) or (isinstance(step, Open) and step.source.phase is Phase.BODY):
            return place
    return end


# -- at a request ------------------------------------------------------------------------------------------------------


def unknown_in(found: Iterable[str], known: frozenset[str]) -> list[str]:
    """The names that nobody reads. A known name that ends in `[` stands for all that begin so."""
    return [name for name in found if name not in known and name[: name.find("[") + 1] not in known]


def refuse_unknown(found: Mapping[str, Any], known: frozenset[str]) -> list[ErrorEntry]:
    """An entry for each unknown name, with the known one that is most like it."""
    entries: list[ErrorEntry] = []
    for name in unknown_in(found, known)[:MOST_ERRORS]:
        near = nearest(name[:_MOST_LETTERS], (each for each in sorted(known) if not each.endswith("[")))
        message = "Extra inputs are not permitted" + (f"; the nearest known is `{near}`" if near else "")
        entries.append({"in": "query", "name": name, "code": "extra_forbidden", "message": message})
    return entries


def report_unknown(found: Mapping[str, Any], known: frozenset[str], scope: Scope) -> None:
    """One line in the log for a request: its names, and no value."""
    names = unknown_in(found, known)
    if names:
        told = ", ".join(repr(name[:_MOST_LETTERS]) for name in names[:MOST_ERRORS])
        _log.warning("%s %s: nobody reads %s", scope.get("method", "WEBSOCKET"), _route_of(scope), told)


def _route_of(scope: Scope) -> str:
    return repr(scope.get("path", "")[:1024])[1:-1]
