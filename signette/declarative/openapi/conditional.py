"""Conditional requests in the OpenAPI document: precondition fields of requests, validators of responses."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from signette._http.conditional import READS
from signette.conditional import PreconditionFailed
from signette.declarative.plan.conditional import NOT_MODIFIED
from signette.declarative.plan.steps import Plan, Read
from signette.declarative.policies.etag import ETag
from signette.declarative.returns.kind import ResponseSpec
from signette.declarative.sources.injected import reads_preconditions

_REQUEST: Mapping[str, str] = {
    "If-Match": "Entity tags, of which one must be the current `ETag`; `*`: the resource must exist.",
    "If-None-Match": "Entity tags, of which none may be the current `ETag`; `*`: the resource must not exist.",
    "If-Modified-Since": "A `Last-Modified`: the content is sent if the resource was modified after it.",
    "If-Unmodified-Since": "A `Last-Modified`: the resource must not have been modified after it.",
}
_OF_TAGS = "If-None-Match"
_OF_READS_ONLY = "If-Modified-Since"
PRECONDITION_FAILED = ResponseSpec(412, None, None, problem=PreconditionFailed)
VALIDATORS: Mapping[str, str] = {
    "ETag": "The version of the resource.",
    "Last-Modified": "When the resource was modified.",
}


def plan_of_method(plan: Plan, method: str) -> Plan:
    """The plan of a route as that of one of its methods, without responses that this one does not have."""
    verb = method.upper()
    if plan.methods == (verb,):
        return plan
    if len(plan.methods) == 1 or verb in READS:
        return replace(plan, methods=(verb,))
    without = [NOT_MODIFIED] if _has_conditional(plan) else [NOT_MODIFIED, PRECONDITION_FAILED]
    responses = tuple(each for each in plan.reply.responses if each not in without)
    return replace(plan, methods=(verb,), reply=replace(plan.reply, responses=responses))


def precondition_fields(plan: Plan) -> Iterator[tuple[str, str]]:
    """The precondition fields that an operation evaluates, with descriptions."""
    is_read = bool(READS.intersection(plan.methods))
    if not (_has_conditional(plan) or (is_read and plan.reply.tagged_statuses)):
        if any(isinstance(each.policy, ETag) and each.applies for each in plan.policies):
            yield _OF_TAGS, _REQUEST[_OF_TAGS]
        return
    for name, description in _REQUEST.items():
        if name != _OF_READS_ONLY or is_read:
            yield name, description


def validator_fields(plan: Plan, status: int) -> Mapping[str, str]:
    """The validators that the responses with this status may have, with descriptions."""
    tagged = plan.reply.tagged_statuses
    statuses = {*tagged}
    if READS.intersection(plan.methods) and (tagged or _has_conditional(plan)):
        statuses |= {plan.reply.status, 304} if _has_conditional(plan) else {304}
    return VALIDATORS if status in statuses else {}


def _has_conditional(plan: Plan) -> bool:
    return any(isinstance(read, Read) and reads_preconditions(read.source) for read in plan.reads)
