"""Endpoint -> Plan: the one place where the passes of the planner meet.

1. `graph.py`: which callables the endpoint needs, and what follows from their signatures.
2. `parameter_sources.py`: where the value of each parameter comes from.
3. `order.py`: which step runs when.

Then `reply.py` decides what becomes of the result. Each pass takes frozen records and makes others.
"""

from signette.declarative.errors import base as errors
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.graph import dependency_graph
from signette.declarative.plan.order import ordered
from signette.declarative.plan.parameter_sources import read_parameters
from signette.declarative.plan.reply import plan_reply
from signette.declarative.plan.steps import Plan
from signette.declarative.plan.unknown import CHOICES, with_unknown
from signette.declarative.signature.callables import docstring_of


def plan_endpoint(endpoint: Endpoint) -> Plan:
    """The plan of an endpoint.

    Raises:
        UnresolvedForwardRef: an annotation names what does not exist yet.
        SignatureError: any other error in the signatures of the endpoint and its dependencies.
    """
    graph = dependency_graph(endpoint)
    calls = read_parameters(endpoint, graph)
    unknown = endpoint.options.get("unknown_query_params", "ignore")
    if unknown not in CHOICES:
        raise errors.invalid_choice(graph.endpoint.where, "unknown_query_params", unknown, CHOICES)
    steps = with_unknown(ordered(graph, calls), unknown)
    return Plan(
        methods=endpoint.methods,
        path=endpoint.path,
        where=graph.endpoint.where,
        steps=steps,
        reply=plan_reply(endpoint, graph, steps),
        security=graph.security,
        docstring=docstring_of(endpoint.function),
        socket=endpoint.socket,
    )
