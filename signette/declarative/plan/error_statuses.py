"""The statuses of the errors that a request can end in before the endpoint is called (decision 4)."""

from collections.abc import Iterable
from typing import Any

from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.steps import READ_STEPS, Call, CheckUnknown, Read, ReadModel, Step, reads_parts
from signette.declarative.security.requirements import is_scheme
from signette.routing.matching import parameters_in

# Convertors that match any text. A text that another one does not match is a path that the router does not find.
ANY_TEXT = frozenset({"str", "path"})


# Invalid data, a body that is too large after it is decoded, another encoding.
_OF_ENCODINGS = frozenset({400, 413, 415})


def error_statuses(endpoint: Endpoint, steps: Iterable[Step]) -> list[int]:
    """The statuses of the errors that the router, the security schemes and the reads can raise, in ascending order."""
    found = {404} if any(parameter.kind not in ANY_TEXT for parameter in parameters_in(endpoint.path)) else set()
    if endpoint.encodings:
        found |= _OF_ENCODINGS
    for step in steps:
        found |= _statuses_of(step)
    return sorted(found)


def _statuses_of(step: Step) -> set[int]:
    if isinstance(step, READ_STEPS):
        can_fail = isinstance(step, ReadModel) or step.can_fail
        nests = reads_parts(step)  # names may be nested too deep
        if isinstance(step, Read) and step.stream is not None:
            can_fail = step.stream.items.on_error != "skip"
        return {*step.source.statuses, *([422] if can_fail else []), *([400] if nests else [])}
    if isinstance(step, CheckUnknown):
        return {422} if step.rejects else set()
    if not isinstance(step, Call):
        return set()
    guard = step.target if is_scheme(step.target) and getattr(step.target, "auto_error", True) else None
    return {*([_status_of(guard)] if guard is not None else []), *([422] if step.construction else [])}


def _status_of(scheme: Any) -> int:
    """The status of a scheme's response to a request without credentials: it may raise its own error."""
    make = getattr(scheme, "make_not_authenticated_error", None)
    return make().status_code if make is not None else 401
