"""The limits of an operation: its own limits, and those of its application and of the middleware around both."""

from collections.abc import Mapping
from dataclasses import field, fields, replace
from typing import Any

from signette._dataclasses import dataclass
from signette._scope_keys import LIMITS, RECEIVE
from signette.body import limit_body
from signette.limits import Limits, limited_by_body, max_body_size_of, set_by
from signette.types import Receive, Scope

# The members of `form_limits=` as fields of `Limits`.
FORM_LIMITS = {"max_fields": "form_fields", "max_files": "form_files", "max_part_size": "form_part_bytes"}


@dataclass(frozen=True, slots=True)
class OperationLimits(Limits):
    """The limits of an operation without outer applications and middleware. `own` are those that it sets itself."""

    own: Mapping[str, Any] = field(default_factory=dict)


def own_limits(max_body_size: int | None, form_limits: Mapping[str, object] | None) -> dict[str, Any]:
    """The options of an operation as fields of `Limits`. `max_body_size` limits JSON bodies, too."""
    own, limit = form_fields(form_limits, "the route"), max_body_size_of("the route", max_body_size)
    return own if limit is None else {"body_bytes": limit, "json_bytes": limit, **own}


def form_fields(form_limits: Mapping[str, Any] | None, owner: str) -> dict[str, Any]:
    """`form_limits=` of this owner as fields of `Limits`."""
    return {FORM_LIMITS[name]: limit for name, limit in named_form_limits(form_limits or {}, owner).items()}


def named_form_limits(form_limits: Mapping[str, Any], owner: str) -> dict[str, Any]:
    """`form_limits=` of the owner with limits that name both."""
    return {name: set_by(f"`form_limits={{'{name}': ...}}` of {owner}", limit) for name, limit in form_limits.items()}


def operation_limits(application: Limits, own: Mapping[str, Any]) -> OperationLimits:
    """The limits of an application with those that an operation sets."""
    limits = limited_by_body(replace(application, **own))
    return OperationLimits(**{each.name: getattr(limits, each.name) for each in fields(Limits)}, own=own)


def limits_in_force(scope: Scope, limits: Limits) -> Limits:
    """The limits of an operation for this request: its own, and for the others those in the scope."""
    outer: Limits | None = scope.get(LIMITS)
    base, changes = (limits, {}) if outer is None else (outer, dict(_own(limits)))
    limited = scope.get(RECEIVE)
    # Only `receive` has the limit that a mount or middleware sets for bodies.
    if limited is not None and "body_bytes" not in changes and limited.limit_bytes != base.body_bytes:
        changes["body_bytes"] = limited.limit_bytes
    return limited_by_body(replace(base, **changes) if changes else base)


def limits_and_receive(scope: Scope, receive: Receive, limits: Limits) -> tuple[Limits, Receive]:
    """The limits of an operation for this request, and `receive` with its own limit for the body."""
    if "body_bytes" in _own(limits):
        receive = limit_body(limits.body_bytes, scope, receive)
    return limits_in_force(scope, limits), receive


def _own(limits: Limits) -> Mapping[str, Any]:
    return limits.own if isinstance(limits, OperationLimits) else {}
