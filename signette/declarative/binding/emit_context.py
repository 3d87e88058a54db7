"""What the emit functions must know about the binder as a whole."""

from signette._dataclasses import dataclass
from signette.declarative.problems.format import Rejection
from signette.limits import Limits


@dataclass(frozen=True, slots=True)
class EmitContext:
    """Facts about a binder as a whole."""

    rejection: Rejection | None
    """Makes the response to validation errors, which the binder sends. None: it raises them."""
    has_head: bool
    """The binder responds to HEAD, without a body."""
    detailed: bool
    """The error format needs the errors of pydantic that entries are made of."""
    awaited_reads: frozenset[str]
    """Variables for which the binder must remember whether their values are valid."""
    unchecked: Limits | None
    """The limits of headers, if a response that reads headers must check them first. None: they are checked."""
    runs_directly: bool
    """The application calls the binder directly: `b_started` notes that the response has started."""


def word_of(variable: str) -> str:
    """The name of a variable without its prefix, for other names that belong to it."""
    return variable.removeprefix("v_")
