"""Limits of an operation: its own, or those of the application that it answers in, whatever stands around both."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from signette._scope_keys import LIMITS, RECEIVE
from signette.body import limit_body
from signette.limits import Limits, limited_by_body
from signette.types import Receive, Scope

# The members of `form_limits=` as fields of `Limits`.
FORM_LIMITS = {"max_fields": "form_fields", "max_files": "form_files", "max_part_size": "form_part_bytes"}


@dataclass(frozen=True, slots=True)
class OperationLimits(Limits):
    """What is in force for an operation where nothing stands around its application. `own` is what it sets itself."""

    own: Mapping[str, Any] = field(default_factory=dict)


def own_limits(max_body_size: int | None, form_limits: Mapping[str, object] | None) -> dict[str, Any]:
    """The options of an operation, or of its router, as fields of `Limits`. Its limit for bodies is that for JSON."""
    own = form_fields(form_limits)
    return own if max_body_size is None else {"body_bytes": max_body_size, "json_bytes": max_body_size, **own}


def form_fields(form_limits: Mapping[str, object] | None) -> dict[str, Any]:
    """`form_limits=` as fields of `Limits`."""
    return {FORM_LIMITS[name]: limit for name, limit in (form_limits or {}).items()}


def operation_limits(application: Limits, own: Mapping[str, Any]) -> OperationLimits:
    """The limits of an application with what an operation sets itself."""
    limits = limited_by_body(replace(application, **own))
    return OperationLimits(**{each.name: getattr(limits, each.name) for each in fields(Limits)}, own=own)


def limits_in_force(scope: Scope, limits: Limits) -> Limits:
    """The limits of an operation at this request: what it does not set itself is what was set around it."""
    around: Limits | None = scope.get(LIMITS)
    base, changes = (limits, {}) if around is None else (around, dict(_own(limits)))
    limited = scope.get(RECEIVE)
    # What a mount, or middleware, sets for bodies is known to `receive` alone.
    if limited is not None and "body_bytes" not in changes and limited.limit_bytes != base.body_bytes:
        changes["body_bytes"] = limited.limit_bytes
    return limited_by_body(replace(base, **changes) if changes else base)


def limits_and_receive(scope: Scope, receive: Receive, limits: Limits) -> tuple[Limits, Receive]:
    """The same, and `receive` with the limit that the operation sets for its body."""
    if "body_bytes" in _own(limits):
        receive = limit_body(limits.body_bytes, scope, receive)
    return limits_in_force(scope, limits), receive


def _own(limits: Limits) -> Mapping[str, Any]:
    return limits.own if isinstance(limits, OperationLimits) else {}
