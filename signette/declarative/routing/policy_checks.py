"""Policies when an application starts."""

from collections.abc import Iterable
from typing import Any

from signette.declarative.errors import policies as policy_errors
from signette.declarative.policies.around import opened_policies
from signette.declarative.policies.base import Policy
from signette.declarative.routing.planned import PlannedRoute


def check_policies(routes: Iterable[PlannedRoute], app: Any) -> None:
    """Open the policies of an application, so that what they need is there before the first request.

    Raises SignatureError for two policies that would count as one: those of two routers without a prefix, say.
    """
    known: dict[tuple[type[Any], str], Policy] = {}
    for route in routes:
        applied = [each for each in route.plan.policies if each.applies]
        opened_policies(applied, app, app.backend)
        for each in applied:
            name = each.policy.shared_name(each.owner)
            if name is None:
                continue
            other = known.setdefault((type(each.policy), name), each.policy)
            if other is not each.policy:
                raise policy_errors.policies_share_name(route.plan.where, other, each.policy, name)
