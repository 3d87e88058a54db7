"""The option `policies=`: how those of applications, routers and operations are combined, and which of them apply."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.errors import policies as errors
from signette.declarative.policies.base import CannotApply, Documentation, Off, Operation, Policy
from signette.declarative.policies.outage import ServiceUnavailable


@dataclass(frozen=True, slots=True)
class SharedPolicy:
    """A policy of an application, a router or an `include_router` call."""

    policy: Policy | Off
    owner: str
    """The place: "application", "router /items", "include_router /v1"."""

    def __repr__(self) -> str:
        return repr(self.policy)


Entry = Policy | Off | SharedPolicy


def entries_in(options: Mapping[str, Any]) -> Sequence[Entry] | None:
    """The option `policies=`; None if its value is not valid, which the checks of options reject."""
    entries: Sequence[Entry] = options.get("policies") or ()
    is_valid = isinstance(entries, list | tuple) and all(isinstance(each, Entry) for each in entries)
    return entries if is_valid else None


@dataclass(frozen=True, slots=True)
class AppliedPolicy:
    """A policy of an operation, as a fact of its plan."""

    policy: Policy
    owner: str
    """The place where it is declared: that of an application or router, or the operation."""
    is_shared: bool
    """It is declared on an application or a router."""
    operation: Operation | None = None
    """What is known of the operation, if the policy applies."""
    documentation: Documentation = field(default_factory=Documentation)
    not_applied: str = ""
    """Why it does not apply to this operation. Only policies that are shared can have a reason."""

    @property
    def applies(self) -> bool:
        return not self.not_applied


def shared(policies: Iterable[Policy | Off], owner: str) -> tuple[SharedPolicy, ...]:
    """The policies of a router or an application, as entries of the options of its routes."""
    return tuple(SharedPolicy(each, owner) for each in policies)


def combined(outer: Sequence[Entry], inner: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries of both: of one class the inner one counts. `Off` stays, for those that are further out."""
    own = [_policy_of(each) for each in inner]
    kept = [each for each in outer if not any(_replaces(new, _policy_of(each)) for new in own)]
    return (*kept, *inner)


def _policy_of(entry: Entry) -> Policy | Off:
    """The policy of an entry."""
    return entry.policy if isinstance(entry, SharedPolicy) else entry


def _replaces(inner: Policy | Off, outer: Policy | Off) -> bool:
    if isinstance(inner, Off):
        return isinstance(outer, inner.policy) if isinstance(outer, Policy) else inner.policy is outer.policy
    return not isinstance(outer, Off) and base_of(type(inner)) is base_of(type(outer))


def declared(entries: Iterable[Entry]) -> list[Policy]:
    """The policies among the entries."""
    return [policy for each in entries if isinstance(policy := _policy_of(each), Policy)]


def base_of(cls: type[Policy]) -> type[Policy]:
    """The class that decides which policies are of one class: the one right below `Policy`."""
    return next(each for each in reversed(cls.__mro__) if issubclass(each, Policy) and each is not Policy)


def conflict(policies: Sequence[Policy | Off]) -> tuple[Policy | Off, Policy | Off] | None:
    """Two entries of one list of which only one could count."""
    for index, one in enumerate(policies):
        for other in policies[index + 1 :]:
            if _replaces(one, other) or _replaces(other, one):
                return one, other
    return None


def applied_policies(entries: Iterable[Entry], operation: Operation) -> tuple[AppliedPolicy, ...]:
    """The policies of an operation, the outermost first.

    Raises SignatureError for a policy of the operation itself that cannot apply.
    """
    found = []
    for entry in entries:
        policy = _policy_of(entry)
        if isinstance(policy, Off):
            continue
        is_shared = isinstance(entry, SharedPolicy)
        owner = entry.owner if isinstance(entry, SharedPolicy) else operation.name
        applied = AppliedPolicy(policy, owner, is_shared)
        reason = _reason(policy, operation)
        if reason is None or (reason.only_if_shared and not is_shared):
            applied = replace(applied, operation=operation, documentation=_documentation(policy, operation))
        elif is_shared:
            applied = replace(applied, not_applied=reason.problem)
        else:
            raise errors.policy_cannot_apply(operation.where, policy, reason.problem, reason.hint)
        found.append(applied)
    return tuple(sorted(found, key=lambda each: each.policy.order))  # stable: outer places first


def _reason(policy: Policy, operation: Operation) -> CannotApply | None:
    if operation.is_socket and not policy.applies_to_websockets:
        return CannotApply(f"`{type(policy).__name__}` does not apply to WebSockets", "declare it on HTTP routes only")
    return policy.check(operation)


def _documentation(policy: Policy, operation: Operation) -> Documentation:
    documentation = policy.document(operation)
    if policy.on_failure != "closed":
        return documentation
    return replace(documentation, problems=(*documentation.problems, ServiceUnavailable))
