"""The options `renders=` and `envelope=` of an operation: whether they apply, and the step that chooses a format."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any

from signette._frameworks import is_kind_of
from signette.declarative.adapters.envelope import Envelope, NotAnEnvelope, read_envelope
from signette.declarative.errors import formats as errors
from signette.declarative.errors.base import SignatureError
from signette.declarative.formats.base import Format
from signette.declarative.formats.negotiation import Negotiation, NotAcceptable
from signette.declarative.formats.options import SharedOption, formats_in
from signette.declarative.plan.steps import Call, Negotiate, RaiseErrors, Step
from signette.declarative.returns.empty import EMPTY
from signette.declarative.returns.events import EVENTS
from signette.declarative.returns.file import FILE
from signette.declarative.returns.json import JSON
from signette.declarative.returns.kind import Reply, ResponseSpec, ReturnKind
from signette.declarative.returns.outcome import OUTCOME, content_of, is_outcome
from signette.declarative.returns.rendered import reason_against
from signette.declarative.returns.response import RESPONSE
from signette.declarative.returns.response_class import RESPONSE_CLASS
from signette.declarative.returns.stream import CHUNKS, LINES
from signette.declarative.returns.text import BYTES, TEXT
from signette.declarative.returns.unannotated import UNANNOTATED
from signette.declarative.signature.annotations import union_members_without
from signette.declarative.signature.model import SourceLocation
from signette.responses.plain import JSONResponse

# Why the results of other kinds than values are sent as they are.
_SENT_AS_IT_IS: Mapping[ReturnKind, str] = {
    RESPONSE: "the endpoint returns a `Response`",
    EMPTY: "the endpoint returns no content",
    FILE: "the endpoint returns a file",
    EVENTS: "the endpoint sends events",
    CHUNKS: "the endpoint sends text or bytes in parts",
    TEXT: "the endpoint returns text, which is sent as it is",
    BYTES: "the endpoint returns bytes, which are sent as they are",
    RESPONSE_CLASS: "`response_class=` renders the result",
}
_VALUES = (JSON, OUTCOME, UNANNOTATED)
# The kinds whose results are rendered in a format that the request chooses.
NEGOTIABLE = (*_VALUES, LINES)


def with_rendering(reply: Reply, options: Mapping[str, Any], where: SourceLocation) -> Reply:
    """The reply with the formats and the envelope that apply.

    Raises SignatureError for an option of the operation itself that cannot apply.
    """
    found = _with_formats(reply, options, where)
    return _with_envelope(found, options.get("envelope"), where)


def formats_of(options: Mapping[str, Any]) -> Any:
    """The value of `renders=`, wherever it is declared; empty or None without one."""
    option = options.get("renders")
    return option.value if isinstance(option, SharedOption) else option


def with_negotiation(steps: Sequence[Step], reply: Reply) -> tuple[Step, ...]:
    """The steps with the one that chooses the format: after the guards, and before all that has an effect.

    It is before the guards of policies, too: they may store a response, or send a stored one in the same format.
    """
    if reply.negotiation is None:
        return tuple(steps)
    guards = [at for at, step in enumerate(steps) if isinstance(step, Call) and step.guard and not step.ends_request]
    index = guards[-1] + 1 if guards else 0
    if index and index < len(steps) and isinstance(steps[index], RaiseErrors):
        index += 1
    return (*steps[:index], Negotiate(reply.negotiation), *steps[index:])


def _with_formats(reply: Reply, options: Mapping[str, Any], where: SourceLocation) -> Reply:
    option, value = options.get("renders"), formats_of(options)
    if not value:
        return reply
    reason = None if reply.kind in NEGOTIABLE else _SENT_AS_IT_IS[reply.kind]
    if reply.response_class not in (None, JSONResponse):
        reason = _SENT_AS_IT_IS[RESPONSE_CLASS]
    if reason is not None:
        return _rejected(reply, "renders", option, reason, errors.renders_cannot_apply, where)
    formats: list[Format] = []
    for each in formats_in(value):
        why = _why_not(each, reply)
        if why is None:
            formats.append(each)
        elif isinstance(option, SharedOption):
            reply = _not_applied(reply, f"{each!r} of the {option.owner}", why.problem)
        else:
            raise errors.format_does_not_fit(where, repr(each), reply.annotation, why.problem, why.hint)
    if not formats:
        return reply
    return replace(
        reply,
        negotiation=Negotiation(tuple(formats)),
        responses=(*reply.responses, ResponseSpec(NotAcceptable.status, None, None, problem=NotAcceptable)),
        problems=(*reply.problems, NotAcceptable),
    )


def _with_envelope(reply: Reply, option: Any, where: SourceLocation) -> Reply:
    is_shared = isinstance(option, SharedOption)
    model = option.value if is_shared else option
    if model is None:
        return reply
    try:
        envelope: Envelope = read_envelope(model)
    except NotAnEnvelope as exc:
        raise errors.not_an_envelope(where, exc.problem, exc.hint) from None
    reason = _reason_against_envelope(reply)
    if reason is not None:
        return _rejected(reply, "envelope", option, reason, errors.envelope_cannot_apply, where)
    return replace(reply, envelope=envelope)


def _reason_against_envelope(reply: Reply) -> str | None:
    """Why there is no envelope around the results; None if there is one."""
    if reply.formats and not any(each.takes_envelope for each in reply.formats):
        return "no format of `renders=` is JSON"
    if reply.kind is LINES:
        return "the endpoint sends items one by one"
    if reply.kind in (*_VALUES, RESPONSE_CLASS):
        sends_json = reply.response_class is None or is_kind_of(reply.response_class, JSONResponse)
        return None if sends_json else "`response_class=` does not send JSON"
    return _SENT_AS_IT_IS[reply.kind]


def _why_not(format_: Format, reply: Reply) -> Any:
    """Why a format cannot render the results; None if it can."""
    streams = reply.kind is LINES
    for annotation in _contents(reply):
        found = reason_against(format_, annotation, reply.options, streams=streams)
        if found is not None:
            return found
    return None


def _contents(reply: Reply) -> list[Any]:
    """The types of the values that are rendered."""
    if reply.kind is not OUTCOME:
        return [reply.annotation]
    members = union_members_without(reply.annotation, is_outcome)
    outcomes = [content_of(each) for each in members if is_outcome(each)]
    values = [each for each in members if not is_outcome(each)]
    found = [each for each in outcomes if each is not None]
    return [*found, reduce(or_, values)] if values else found


def _rejected(
    reply: Reply,
    name: str,
    option: Any,
    reason: str,
    error: Callable[[SourceLocation, str], SignatureError],
    where: SourceLocation,
) -> Reply:
    """The reply without an option that cannot apply. Raises SignatureError if it is one of the operation itself."""
    if not isinstance(option, SharedOption):
        raise error(where, reason)
    return _not_applied(reply, f"`{name}=` of the {option.owner}", reason)


def _not_applied(reply: Reply, what: str, reason: str) -> Reply:
    return replace(reply, not_applied=(*reply.not_applied, f"{what}   not applied: {reason}"))
