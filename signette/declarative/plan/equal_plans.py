"""Plans that routes share: routes whose callables read the same values in the same way run the same steps.

Theory of operation. The first two passes of the planner are made for each route. If their results are those of a route
before it, so are the steps and the reply, but for the function at the end. Reads are compared by identity: routes share
them (`decided_reads.py`). What is rare is in no key, and a route that has it shares no plan.
"""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

from signette.declarative.plan.decided_reads import is_decided
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.error_statuses import ANY_TEXT
from signette.declarative.plan.graph import CallNode, DependencyGraph
from signette.declarative.plan.pages import is_page_parameter
from signette.declarative.plan.parameter_sources import CallReads
from signette.declarative.plan.steps import Call, Plan
from signette.declarative.signature.callables import docstring_of
from signette.declarative.signature.sharing import Shared, sharing_key
from signette.routing.matching import parameters_in

# Options that are for the document or for the route. `status_code` is part of the key.
OF_OTHERS = frozenset({
    "callbacks", "dependencies", "deprecated", "description", "errors", "generate_unique_id_function",
    "include_in_schema", "name", "openapi_extra", "operation_id", "response_description", "status_code",
    "strict_content_type", "summary", "tags",
})  # fmt: skip

_shared = Shared()


def plan_key(endpoint: Endpoint, graph: DependencyGraph, calls: Mapping[CallNode, CallReads]) -> Hashable | None:
    """What the steps and the reply of an endpoint depend on. None: on more than the key has."""
    if endpoint.socket or endpoint.overrides or endpoint.policy_guards or endpoint.has_own_handler or endpoint.is_job:
        return None
    if endpoint.forwarded_methods is not None or endpoint.outside is not None or endpoint.outer_path:
        return None
    if graph.entries or graph.limits or graph.concurrent or graph.executors or graph.problems:
        return None
    if not endpoint.options.keys() <= OF_OTHERS:
        return None
    nodes: list[Hashable] = []
    for node in graph.nodes:
        call = calls[node]
        if call.split is not None or is_page_parameter(node.target):
            return None
        arguments = [(each.name, each.value, each.keyword_only, id(each.convert)) for each in call.arguments]
        reads = tuple([id(read) for read in call.reads])
        target = None if node.is_endpoint else id(node.target)
        nodes.append((target, node.variable, node.kind, node.lifetime, node.scopes, node in graph.guards))
        nodes.append((reads, *arguments))
    has_convertor = any(each.kind not in ANY_TEXT for each in parameters_in(endpoint.path))
    status = endpoint.options.get("status_code")
    return endpoint.methods, sharing_key(graph.endpoint.returns), status, has_convertor, *nodes


def equal_plan(key: Hashable, endpoint: Endpoint, graph: DependencyGraph) -> Plan | None:
    """The plan of an endpoint, if another route had the same key."""
    found: tuple[Plan, Any] | None = _shared.get(key)
    if found is None:
        return None
    plan, where = found[0], graph.endpoint.where
    call: Any = plan.steps[-1]
    call = replace(call, target=endpoint.function, where=where)
    return Plan(
        methods=endpoint.methods,
        path=endpoint.path,
        where=where,
        steps=(*plan.steps[:-1], call),
        reply=plan.reply,
        security=graph.security,
        docstring=docstring_of(endpoint.function),
        unused_options=plan.unused_options,
    )


def keep_plan(key: Hashable, plan: Plan, graph: DependencyGraph, calls: Mapping[CallNode, CallReads]) -> None:
    """Keep a plan for other routes, if they may share it."""
    last = plan.steps[-1]
    if not isinstance(last, Call) or not last.endpoint:
        return
    for node in graph.nodes:
        parameters = [each.parameter for each in node.inputs]
        if not all(any(is_decided(each, read) for each in parameters) for read in calls[node].reads):
            return
        # A function in another one may refer to the application, which must be freed.
        if not node.is_endpoint and "<locals>" in getattr(node.target, "__qualname__", "<locals>"):
            return
    steps = (*plan.steps[:-1], replace(last, target=_no_endpoint))
    # What the key has by its identity is kept: reads by the plan.
    targets = [node.target for node in graph.nodes if not node.is_endpoint]
    _shared.keep(key, (replace(plan, steps=steps, security=(), docstring=""), (targets, graph.endpoint.returns)))


def _no_endpoint() -> None:
    """In place of the endpoint, in a plan that is kept for others."""
