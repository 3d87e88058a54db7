"""What preconditions add to the responses of an operation."""

from collections.abc import Iterable, Iterator
from typing import Any

from signette._http.conditional import READS
from signette.conditional import PreconditionFailed, PreconditionRequired
from signette.declarative.plan.steps import Read, Step
from signette.declarative.returns.file import FILE
from signette.declarative.returns.kind import ResponseSpec, ReturnKind
from signette.declarative.sources.injected import CONDITIONAL, REQUIRED_CONDITIONAL

NOT_MODIFIED = ResponseSpec(304, None, None, "Not modified: the client has the current response.")


class Preconditions:
    """Where an operation evaluates preconditions: in the endpoint (`Conditional`), or for its result (`Tagged`)."""

    def __init__(self, steps: Iterable[Step], methods: Iterable[str], *, is_tagged: bool) -> None:
        sources = {step.source for step in steps if isinstance(step, Read)}
        self.is_required = REQUIRED_CONDITIONAL in sources
        self.is_read = bool(READS.intersection(methods))
        # The result of another method comes after the change, so that it only has the new validators.
        self.of_result = is_tagged and self.is_read
        self.of_endpoint = CONDITIONAL in sources or self.is_required

    def problems(self) -> Iterator[Any]:
        """The problems that they may lead to."""
        if self.of_endpoint or self.of_result:
            yield PreconditionFailed
        if self.is_required:
            yield PreconditionRequired

    def errors(self, statuses: Iterable[int]) -> list[int]:
        """These statuses of errors, with that of a malformed precondition."""
        return sorted({*statuses, *([400] if self.of_result else [])})

    def not_modified(self, kind: ReturnKind) -> Iterator[ResponseSpec]:
        """The 304 of a GET or HEAD. Files have one anyway."""
        if self.is_read and (self.of_endpoint or self.of_result) and kind is not FILE:
            yield NOT_MODIFIED
