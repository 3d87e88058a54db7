"""What preconditions add to the responses of an operation."""

from collections.abc import Iterable, Iterator
from typing import Any

from signette._http.conditional import READS
from signette.conditional import PreconditionFailed, PreconditionRequired
from signette.declarative.plan.steps import Read, Step
from signette.declarative.returns.kind import ResponseSpec
from signette.declarative.sources.injected import CONDITIONAL, REQUIRED_CONDITIONAL

NOT_MODIFIED = ResponseSpec(304, None, None, "Not modified: the client has the current response.")


def precondition_problems(steps: Iterable[Step]) -> Iterator[Any]:
    """The problems that a `Conditional` of an operation may raise."""
    sources = {step.source for step in steps if isinstance(step, Read)}
    if CONDITIONAL in sources or REQUIRED_CONDITIONAL in sources:
        yield PreconditionFailed
    if REQUIRED_CONDITIONAL in sources:
        yield PreconditionRequired


def not_modified(steps: Iterable[Step], methods: Iterable[str]) -> Iterator[ResponseSpec]:
    """The 304 of an operation with a `Conditional` for GET or HEAD."""
    if any(isinstance(step, Read) and step.source == CONDITIONAL for step in steps) and READS.intersection(methods):
        yield NOT_MODIFIED
