"""The encodings of request bodies that an operation decodes: those of `request_encodings=`, if it reads a body."""

from collections.abc import Iterable, Sequence

from signette.declarative.errors import bodies as errors
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.steps import Call, Read, ReadModel, Step, names_of
from signette.declarative.security.requirements import is_scheme
from signette.declarative.signature.model import SourceLocation
from signette.declarative.sources.encodings import SharedEncodings
from signette.declarative.sources.header import HEADER
from signette.declarative.sources.injected import REQUEST
from signette.declarative.sources.source import Phase

# A request with these methods has a body only if the endpoint declares one.
_BODILESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})
_REMOVED = "content-encoding"


def request_encodings(endpoint: Endpoint, steps: Sequence[Step], where: SourceLocation) -> tuple[str, ...]:
    """The encodings that the operation decodes, in the order of the option.

    Raises SignatureError for an option of the route itself that has no effect, and for a parameter with the header that
    is removed.
    """
    option: Sequence[str] = endpoint.options.get("request_encodings") or ()
    if not option or endpoint.socket:
        return ()
    is_shared = isinstance(option, SharedEncodings)
    if not _reads_body(endpoint, steps, is_shared=is_shared):
        if not is_shared:
            raise errors.encodings_without_body(where, option)
        return ()
    calls = [step for step in steps if isinstance(step, Call)]
    for read in _reads(steps):
        if read.source == HEADER and any(name.lower() == _REMOVED for name in names_of(read)):
            taker = next((each.where for each in calls if any(it.value == read.into for it in each.arguments)), where)
            raise errors.removed_header(taker, read.name)
    return tuple(dict.fromkeys(option))


def _reads(steps: Iterable[Step]) -> list[Read | ReadModel]:
    return [step for step in steps if isinstance(step, Read | ReadModel)]


def _reads_body(endpoint: Endpoint, steps: Sequence[Step], *, is_shared: bool) -> bool:
    """Whether the operation reads a body, or takes the request, which has one."""
    reads = _reads(steps)
    if any(read.source.phase is Phase.BODY for read in reads):
        return True
    if is_shared and set(endpoint.methods) <= _BODILESS:
        return False
    calls = [step for step in steps if isinstance(step, Call) and not is_scheme(step.target)]
    taken = {each.value for call in calls for each in call.arguments}
    return any(REQUEST in (read.source, *read.source.opener.after) and read.into in taken for read in reads)
