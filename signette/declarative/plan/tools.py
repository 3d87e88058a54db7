"""The option `tool=` of an operation: whether agents can call it."""

from collections.abc import Sequence
from dataclasses import replace

from signette.declarative.errors import tools as errors
from signette.declarative.formats.options import SharedOption
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.steps import Read, Step
from signette.declarative.returns.events import EVENTS
from signette.declarative.returns.kind import Reply
from signette.declarative.signature.annotations import inner_class
from signette.declarative.signature.model import SourceLocation
from signette.declarative.signature.tool import Tool
from signette.forms.stream import Parts


def with_tool(
    reply: Reply, endpoint: Endpoint, steps: Sequence[Step], where: SourceLocation
) -> tuple[Reply, Tool | None]:
    """The tool of an operation, and the reply with a note if that of a router does not apply.

    Raises SignatureError for a tool of the operation itself that no agent could call.
    """
    option = endpoint.options.get("tool")
    value = option.value if isinstance(option, SharedOption) else option
    if not value or endpoint.socket:
        return reply, None
    reason = _reason_against(reply, steps)
    if reason is None:
        return reply, Tool() if value is True else value
    if not isinstance(option, SharedOption):
        raise errors.tool_cannot_apply(where, reason)
    note = f"`tool=` of the {option.owner}   not applied: {reason}"
    return replace(reply, not_applied=(*reply.not_applied, note)), None


def _reason_against(reply: Reply, steps: Sequence[Step]) -> str | None:
    """Why no agent can call the operation; None if one can. A call has JSON arguments and one result."""
    if reply.kind is EVENTS:
        return "the endpoint sends events, and a tool has one result"
    if any(isinstance(step, Read) and inner_class(step.annotation) is Parts for step in steps):
        return "the parts of a form have no JSON values"
    return None
