"""Endpoint -> Plan: the one place where the passes of the planner meet.

1. `graph.py`: which callables the endpoint needs, and what follows from their signatures.
2. `parameter_sources.py`: where the value of each parameter comes from.
3. `order.py`: which step runs when.

Then `reply.py` decides what becomes of the result. Each pass takes frozen records and makes others. Routes with equal
results of the first two passes share those of the others (`equal_plans.py`).

Whether a policy applies depends on the operation, and the guards of policies are callables of the operation. So an
endpoint with policies is planned twice: without them, to know the operation, and with those that apply.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from signette.declarative.errors import base as errors
from signette.declarative.plan.batches import with_threads
from signette.declarative.plan.body_limits import unused_limits
from signette.declarative.plan.channels import resumes, with_channels
from signette.declarative.plan.encodings import request_encodings, unused_encodings
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.equal_plans import equal_plan, keep_plan, plan_key
from signette.declarative.plan.executors import with_executors
from signette.declarative.plan.graph import CallNode, DependencyGraph, dependency_graph
from signette.declarative.plan.order import ordered
from signette.declarative.plan.parameter_sources import CallReads, read_parameters
from signette.declarative.plan.policies import check_policy_guards, check_policy_values, operation_of
from signette.declarative.plan.rendering import with_negotiation
from signette.declarative.plan.reply import plan_reply
from signette.declarative.plan.sockets import with_sockets
from signette.declarative.plan.steps import Plan
from signette.declarative.plan.tools import with_tool
from signette.declarative.plan.unknown import CHOICES, with_unknown
from signette.declarative.policies.entries import AppliedPolicy, applied_policies
from signette.declarative.signature.callables import docstring_of


def plan_endpoint(endpoint: Endpoint) -> Plan:
    """The plan of an endpoint.

    Raises:
        UnresolvedForwardRef: an annotation names what does not exist yet.
        SignatureError: any other error in the signatures of the endpoint and its dependencies.
    """
    entries = endpoint.options.get("policies") or ()
    policies: Sequence[AppliedPolicy] = ()
    if entries:
        policies = applied_policies(entries, operation_of(_planned(endpoint), endpoint))
        guards = ((each.policy, each.policy.guard()) for each in policies if each.applies)
        endpoint = replace(endpoint, policy_guards=tuple((each, guard) for each, guard in guards if guard is not None))
    graph = dependency_graph(endpoint)
    calls = read_parameters(endpoint, graph)
    key = None if entries else plan_key(endpoint, graph, calls)
    known = None if key is None else equal_plan(key, endpoint, graph)
    if known is not None:
        return known
    plan = _finished(endpoint, graph, calls, policies)
    check_policy_values(plan)
    plan = replace(plan, unused_options=(*unused_limits(endpoint, plan), *unused_encodings(endpoint, plan)))
    if key is not None:
        keep_plan(key, plan, graph, calls)
    return plan


def _planned(endpoint: Endpoint) -> Plan:
    """The plan without policies."""
    graph = dependency_graph(endpoint)
    return _finished(endpoint, graph, read_parameters(endpoint, graph), ())


def _finished(
    endpoint: Endpoint,
    graph: DependencyGraph,
    calls: Mapping[CallNode, CallReads],
    policies: Sequence[AppliedPolicy],
) -> Plan:
    check_policy_guards(endpoint, graph, calls)
    unknown = endpoint.options.get("unknown_query_params", "ignore")
    if unknown not in CHOICES:
        raise errors.invalid_choice(graph.endpoint.where, "unknown_query_params", unknown, CHOICES)
    steps = with_unknown(ordered(graph, calls), unknown)
    if graph.executors or "executor" in endpoint.options:
        executors = {node.variable: executor for node, executor in graph.executors.items()}
        steps = with_executors(steps, endpoint, executors)
    encodings = request_encodings(endpoint, steps, graph.endpoint.where)
    if encodings:
        endpoint = replace(endpoint, encodings=encodings)
    reply = plan_reply(endpoint, graph, steps, policies)
    reply, tool = with_tool(reply, endpoint, steps, graph.endpoint.where)
    steps = with_sockets(with_negotiation(with_channels(steps, endpoint, graph.path_names, reply), reply))
    return Plan(
        methods=endpoint.methods,
        path=endpoint.path,
        where=graph.endpoint.where,
        steps=with_threads(steps),
        reply=replace(reply, resumes=True) if resumes(steps) else reply,
        security=graph.security,
        docstring=docstring_of(endpoint.function),
        socket=endpoint.socket,
        policies=tuple(policies),
        request_encodings=encodings,
        tool=tool,
    )
