"""Check parameters with the preconditions of a request: `cond: Conditional`."""

from collections.abc import Iterable

from signette._http.conditional import READS, WITHOUT_PRECONDITIONS
from signette.declarative.errors import conditional as conditional_errors
from signette.declarative.signature.model import SourceLocation
from signette.declarative.sources.injected import CONDITIONAL, REQUIRED_CONDITIONAL
from signette.declarative.sources.source import Source


def check_conditional(
    name: str, source: Source, location: SourceLocation, methods: Iterable[str], *, socket: bool
) -> None:
    """Reject preconditions where a request has none, or where requiring one would lock clients out."""
    if source not in (CONDITIONAL, REQUIRED_CONDITIONAL):
        return
    if socket:
        raise conditional_errors.conditional_in_websocket(location, name)
    every = frozenset(methods)
    if every and every <= WITHOUT_PRECONDITIONS:
        raise conditional_errors.conditional_for_method(location, name, every)
    if source == REQUIRED_CONDITIONAL and every & READS:
        raise conditional_errors.required_for_read(location, name, every & READS)
