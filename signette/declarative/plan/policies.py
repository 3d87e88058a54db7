"""Policies in plans: the facts of an operation that they ask for, and the parameters that take their values."""

from collections.abc import Mapping, Sequence

from signette.declarative.errors import policies as errors
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.graph import CallNode, DependencyGraph
from signette.declarative.plan.parameter_sources import CallReads
from signette.declarative.plan.steps import Call, Plan, Read
from signette.declarative.policies.base import Operation, Policy
from signette.declarative.returns.events import EVENTS
from signette.declarative.returns.response import RESPONSE
from signette.declarative.returns.stream import CHUNKS, LINES
from signette.declarative.signature.annotations import inner_class
from signette.declarative.signature.markers import MISSING
from signette.declarative.sources.injected import EXCHANGE, OPTIONAL_POLICY_VALUE, POLICY_VALUE
from signette.declarative.sources.source import Phase


def operation_of(plan: Plan, endpoint: Endpoint) -> Operation:
    """What a policy may ask of an operation."""
    reply = plan.reply
    forwarded = endpoint.forwarded_methods
    # `-> Created[User]` has no response with the status of the operation.
    sent = [each.status for each in reply.responses if 200 <= each.status < 300] or [reply.status]
    return Operation(
        methods=plan.methods if forwarded is None else forwarded,
        path=plan.path,
        where=plan.where,
        is_socket=plan.socket,
        is_forwarded=forwarded is not None,
        streams=reply.kind in (CHUNKS, EVENTS, LINES),
        returns_response=reply.kind is RESPONSE,
        annotation=reply.annotation,
        status=reply.status if reply.status in sent else sent[0],
        is_secured=bool(plan.security),
        plan=plan,
        version=endpoint.options.get("version") or "",
    )


def check_policy_guards(endpoint: Endpoint, graph: DependencyGraph, calls: Mapping[CallNode, CallReads]) -> None:
    """Raises SignatureError for a guard of a policy that needs a value of the body, itself or by a dependency."""
    for (policy, _), guard in zip(endpoint.policy_guards, graph.policy_guards, strict=True):
        for node in guard.closure:
            for read in calls[node].reads:
                if read.source.phase is Phase.BODY:
                    raise errors.policy_reads_body(graph.endpoint.where, policy, read.name)


def check_policy_values(plan: Plan) -> None:
    """Raises SignatureError for a parameter with the value of a policy that does not apply to the operation."""
    applied = [each.policy for each in plan.policies if each.applies]
    provided = {each.provides for each in applied}
    _check_value_names(plan, applied)
    for read in plan.reads:
        if read.source.place != "policy":  # PERF: that of all three
            continue
        if not isinstance(read, Read) or read.source not in (EXCHANGE, POLICY_VALUE, OPTIONAL_POLICY_VALUE):
            continue
        cls = inner_class(read.annotation)
        assert cls is not None
        if read.default not in (MISSING, None):
            raise errors.policy_value_default(_taker(plan, read).where, read.name, cls)
        is_there = bool(applied) if read.source == EXCHANGE else cls in provided
        if not is_there and read.source != OPTIONAL_POLICY_VALUE:
            raise errors.policy_value_without_policy(_taker(plan, read).where, read.name, cls)


def _check_value_names(plan: Plan, applied: Sequence[Policy]) -> None:
    """Raises SignatureError for two classes of values with one name."""
    by_name: dict[str, Policy] = {}
    for policy in applied:
        if policy.provides is not None:
            other = by_name.setdefault(policy.provides.__name__, policy)
            if other.provides is not policy.provides:
                raise errors.policy_values_of_one_name(plan.where, other, policy)


def _taker(plan: Plan, read: Read) -> Call:
    """The first callable that takes a value."""
    return next(call for call in plan.calls if any(each.value == read.into for each in call.arguments))
