"""Unknown query parameters: `unknown_query_params="ignore" | "log" | "forbid"`.

Unless they are ignored, one step after the last read of the query checks for them, so that they are reported together
with all other errors. A model that keeps or forbids extra keys decides instead of the option.
"""

from collections.abc import Sequence

from signette.declarative.plan.parameter_sources import share_names
from signette.declarative.plan.steps import Call, CheckUnknown, Open, RaiseErrors, Read, ReadModel, Step, names_of
from signette.declarative.sources.query import QUERY
from signette.declarative.sources.source import Phase

CHOICES = ("ignore", "log", "forbid")


def with_unknown(steps: Sequence[Step], choice: str) -> tuple[Step, ...]:
    """The steps of a plan, with the check for unknown query parameters."""
    reads = [step for step in steps if isinstance(step, Read | ReadModel) and share_names(step.source, QUERY)]
    if choice == "ignore" or any(isinstance(read, ReadModel) and read.decides_unknown for read in reads):
        return tuple(steps)
    known = tuple(dict.fromkeys(name for read in reads for name in names_of(read)))
    added: list[Step] = [CheckUnknown(QUERY, known, rejects=choice == "forbid")]
    if not any(isinstance(step, Open) and step.source == QUERY for step in steps):
        added.insert(0, Open(QUERY))
    start, end = _between_calls(steps)
    if choice == "forbid" and not any(isinstance(step, RaiseErrors) for step in steps[start:end]):
        added.append(RaiseErrors())
    place = _place(steps, start, end)
    return (*steps[:place], *added, *steps[place:])


def _between_calls(steps: Sequence[Step]) -> tuple[int, int]:
    """The steps between the calls of guards and all other calls: start and end."""
    guards = [place for place, step in enumerate(steps) if isinstance(step, Call) and step.guard]
    start = guards[-1] + 1 if guards else 0
    return start, next(place for place, step in enumerate(steps) if place >= start and isinstance(step, Call))


def _place(steps: Sequence[Step], start: int, end: int) -> int:
    """The index after the last read of the query. Without one, that before the body is opened or errors are raised."""
    for place in range(end - 1, start - 1, -1):
        step = steps[place]
        if isinstance(step, Read | ReadModel) and share_names(step.source, QUERY):
            return place + 1
    for place in range(start, end):
        step = steps[place]
        if isinstance(step, RaiseErrors) or (isinstance(step, Open) and step.source.phase is Phase.BODY):
            return place
    return end
