"""What the emit functions must know about the binder as a whole."""

from dataclasses import dataclass

from signette.limits import Limits


@dataclass(frozen=True, slots=True)
class EmitContext:
    """Facts about a binder as a whole."""

    sends_errors: bool
    """Validation errors are sent as a response by the binder. False: it raises them."""
    awaited_reads: frozenset[str]
    """Variables for which the binder must remember whether their values are valid."""
    unchecked: Limits | None
    """The limits of headers, if a response that reads headers must check them first. None: they are checked."""


def word_of(variable: str) -> str:
    """The name of a variable without its prefix, for other names that belong to it."""
    return variable.removeprefix("v_")
