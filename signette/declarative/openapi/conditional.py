"""Conditional requests in the OpenAPI document: precondition fields of requests, validators of responses."""

from collections.abc import Iterator, Mapping

from signette._http.conditional import READS
from signette.declarative.plan.steps import Plan, Read
from signette.declarative.sources.injected import CONDITIONAL, REQUIRED_CONDITIONAL

_REQUEST: Mapping[str, str] = {
    "If-Match": "Entity tags, of which one must be the current `ETag`; `*`: the resource must exist.",
    "If-None-Match": "Entity tags, of which none may be the current `ETag`; `*`: the resource must not exist.",
    "If-Modified-Since": "A `Last-Modified`: the content is sent if the resource was modified after it.",
    "If-Unmodified-Since": "A `Last-Modified`: the resource must not have been modified after it.",
}
_OF_READS_ONLY = "If-Modified-Since"
VALIDATORS: Mapping[str, str] = {
    "ETag": "The version of the resource.",
    "Last-Modified": "When the resource was modified.",
}


def precondition_fields(plan: Plan) -> Iterator[tuple[str, str]]:
    """The precondition fields that an operation evaluates, with descriptions."""
    if not _has_conditional(plan):
        return
    for name, description in _REQUEST.items():
        if name != _OF_READS_ONLY or READS.intersection(plan.methods):
            yield name, description


def validator_fields(plan: Plan, status: int) -> Mapping[str, str]:
    """The validators that the responses with this status may have, with descriptions."""
    is_read = bool(READS.intersection(plan.methods))
    if is_read and _has_conditional(plan) and status in (plan.reply.status, 304):
        return VALIDATORS
    return {}


def _has_conditional(plan: Plan) -> bool:
    return any(isinstance(read, Read) and read.source in (CONDITIONAL, REQUIRED_CONDITIONAL) for read in plan.reads)
