"""The encodings of request bodies that an operation decodes: those of `request_encodings=`, if it reads a body."""

from collections.abc import Iterable, Sequence
from typing import Any

from signette.declarative.errors import bodies as errors
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.steps import Call, Plan, Read, ReadModel, Step, names_of
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
    for read in reads_of(steps):
        if read.source == HEADER and any(name.lower() == _REMOVED for name in names_of(read)):
            taker = next((each.where for each in calls if any(it.value == read.into for it in each.arguments)), where)
            raise errors.removed_header(taker, read.name)
    return tuple(dict.fromkeys(option))


def unused_encodings(endpoint: Endpoint, plan: Plan) -> tuple[tuple[str, str], ...]:
    """`request_encodings=` that has no effect if an application or a router sets it, with the reason."""
    if plan.request_encodings or endpoint.socket or endpoint.has_own_handler:
        return ()
    return (("request_encodings", "the operation reads no request body"),)


def reads_of(steps: Iterable[Step]) -> list[Read | ReadModel]:
    """The steps that read values."""
    return [step for step in steps if isinstance(step, Read | ReadModel)]


def _reads_body(endpoint: Endpoint, steps: Sequence[Step], *, is_shared: bool) -> bool:
    """Whether the operation reads a body, or takes the request, which has one."""
    reads = reads_of(steps)
    if any(read.source.phase is Phase.BODY for read in reads):
        return True
    if is_shared and set(endpoint.methods) <= _BODILESS:
        return False
    return takes_request(steps)


def _is_ours(target: Any) -> bool:
    """Whether it is a security scheme of signette, none of which reads the body."""
    return is_scheme(target) and type(target).__module__.startswith("signette.")


def takes_request(steps: Sequence[Step]) -> bool:
    """Whether a callable takes the request, whose body it may read."""
    calls = [step for step in steps if isinstance(step, Call) and not _is_ours(step.target)]
    taken = {each.value for call in calls for each in call.arguments}
    return any(REQUEST in (read.source, *read.source.opener.after) and read.into in taken for read in reads_of(steps))
