"""Limits of request bodies that have no effect: `max_body_size=` and `form_limits=` of an operation without a body."""

from typing import Any

from signette.declarative.errors import bodies as errors
from signette.declarative.plan.encodings import takes_request
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.steps import Plan
from signette.declarative.sources.content import CONTENT
from signette.declarative.sources.source import Phase
from signette.limits import OptionLimit


def unused_limits(endpoint: Endpoint, plan: Plan) -> tuple[tuple[str, str], ...]:
    """The limits that have no effect on the operation if an application or a router sets them, each with the reason.

    Raises SignatureError for one of the operation itself.
    """
    if endpoint.socket or endpoint.has_own_handler or takes_request(plan.steps):
        return ()
    bodies = [read for read in plan.reads if read.source.phase is Phase.BODY]
    is_read = bool(bodies) or any(each.applies and each.policy.reads_body for each in plan.policies)
    has_form = any(read.source.place == "form" or read.source == CONTENT for read in bodies)
    reasons = {
        "max_body_size": "" if is_read else "the operation reads no request body",
        "form_limits": "" if has_form else "the operation reads no form",
    }
    found = []
    for name, reason in reasons.items():
        value = endpoint.options.get(name)
        if reason and value is not None and not _is_shared(value):
            raise errors.limit_without_body(plan.where, name, reason)
        found += [(name, reason)] if reason else []
    return tuple(found)


def _is_shared(value: Any) -> bool:
    """Whether a limit is of a router or `include_router`, which say so in it."""
    values = value.values() if isinstance(value, dict) else (value,)
    return all(each is None or isinstance(each, OptionLimit) for each in values)
