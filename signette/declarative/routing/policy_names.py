"""The names under which policies keep state: each belongs to one policy of an application."""

from collections.abc import Iterable
from typing import Any

from signette.declarative.errors.policies import policies_share_name
from signette.declarative.policies.base import Policy
from signette.declarative.routing.routes import PlannedRoute


def check_policy_names(routes: Iterable[PlannedRoute]) -> None:
    """Raises SignatureError for two policies that would count as one: those of two routers without a prefix, say."""
    known: dict[tuple[type[Any], str], Policy] = {}
    for route in routes:
        for each in (applied for applied in route.plan.policies if applied.applies):
            name = each.policy.shared_name(each.owner)
            if name is None:
                continue
            other = known.setdefault((type(each.policy), name), each.policy)
            if other is not each.policy:
                raise policies_share_name(route.plan.where, other, each.policy, name)
