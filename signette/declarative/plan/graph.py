"""Pass 1 of the planner: the callables that an endpoint needs, each once, in the order in which they can be called.

Theory of operation. A walk over the endpoint's parameters, and over those of its dependencies, makes a `CallNode` for
each callable. A callable that several parameters depend on is one node, so no cache is needed at a request to call it
once. A node is made after the nodes that it needs; therefore `DependencyGraph.nodes` is in call order, and all that a
node says of its dependencies is complete when it is made.

The graph does not know where the values of the other parameters come from (pass 2, `parameter_sources.py`), nor when
a node is called (pass 3, `order.py`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import Any, get_origin

from signette._dataclasses import dataclass
from signette.declarative.errors import base as errors
from signette.declarative.errors import dependencies as dependency_errors
from signette.declarative.errors import results as result_errors
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.parameters import callable_parameters, dependency_result, endpoint_result
from signette.declarative.plan.problems import declared_problems
from signette.declarative.plan.variables import Variables
from signette.declarative.security.requirements import (
    SecurityRequirement,
    check_scopes,
    described,
    inherited,
    is_scheme,
    is_scheme_class,
)
from signette.declarative.signature.assignable import is_assignable, yielded_type
from signette.declarative.signature.callables import (
    identity_of,
    is_hashable,
    kind_of,
    location_of,
    takes_any_name,
    unwrap_contextmanager,
)
from signette.declarative.signature.concurrency_limit import ConcurrencyLimit
from signette.declarative.signature.depends import Dependency, Depends, Lifetime
from signette.declarative.signature.foreign_markers import own_marker
from signette.declarative.signature.markers import MISSING
from signette.declarative.signature.model import GENERATORS, Kind, Parameter, SourceLocation
from signette.declarative.sources.injected import CHANNEL, SCOPES
from signette.declarative.sources.provided import PROVIDED
from signette.requests import Request
from signette.routing.matching import parameters_in
from signette.websockets import WebSocket


@dataclass(frozen=True, slots=True)
class Input:
    """An argument of a callable: its parameter, and the variable that holds its value."""

    parameter: Parameter
    variable: str
    node: "CallNode | None" = None
    """The callable that returns the value. None: it is read from the request."""


@dataclass(frozen=True, slots=True, eq=False)
class CallNode:
    """A callable, with all that follows from its signature and from those of the callables that it needs."""

    variable: str
    """Holds its result."""
    target: Callable[..., Any]
    where: SourceLocation
    kind: Kind
    lifetime: Lifetime
    inputs: tuple[Input, ...]
    needs: "tuple[CallNode, ...]"
    """All callables that it needs, directly or not, each once and in call order."""
    unread: tuple[Parameter, ...]
    """Parameters that keep their defaults, because it is called without a request."""
    scopes: tuple[str, ...]
    """The value of its `SecurityScopes`."""
    reads_scopes: bool
    """It takes `SecurityScopes`, or needs a callable that does."""
    returns: Any
    """Its return annotation."""
    requirements: tuple[SecurityRequirement, ...]
    """Security schemes that it needs, itself included."""
    problems: tuple[Any, ...]
    """Problems that it declares, or that a callable which it needs declares."""
    is_endpoint: bool

    @property
    def closure(self) -> "tuple[CallNode, ...]":
        """All callables that it needs, and itself, in call order."""
        return (*self.needs, self)


@dataclass(frozen=True, slots=True)
class Edge:
    """A dependency as it was declared, and the callable that provides it."""

    dependency: Dependency
    node: CallNode


@dataclass(frozen=True, slots=True)
class DependencyGraph:
    """The callables of an endpoint."""

    nodes: tuple[CallNode, ...]
    """In call order, the endpoint last."""
    entries: tuple[Edge, ...]
    """The dependencies of `dependencies=`."""
    guards: frozenset[CallNode]
    """Security schemes, dependencies of `Security(...)`, and all dependencies that need one of these."""
    policy_guards: tuple[CallNode, ...]
    """The guards of policies, which are among the entries, in the order of the policies."""
    limits: Mapping[CallNode, ConcurrencyLimit]
    concurrent: frozenset[CallNode]
    """Those that a declaration makes concurrent."""
    executors: Mapping[CallNode, Any]
    path_names: tuple[str, ...]
    """The names in the path template."""
    variables: Variables

    @property
    def endpoint(self) -> CallNode:
        return self.nodes[-1]

    @property
    def security(self) -> tuple[SecurityRequirement, ...]:
        """The security requirements of the operation."""
        entries = [found for each in self.entries for found in inherited(each.dependency, each.node.requirements)]
        return tuple(dict.fromkeys((*entries, *self.endpoint.requirements)))

    @property
    def problems(self) -> tuple[Any, ...]:
        """The problems that its callables declare."""
        nodes = (*(each.node for each in self.entries), self.endpoint)
        return tuple(dict.fromkeys(problem for node in nodes for problem in node.problems))


def inputs_of(graph: DependencyGraph) -> Iterator[tuple[CallNode, Input]]:
    """All arguments with the callables that take them, in the order in which the signatures are written.

    The arguments of a dependency come before the parameter that declares it.
    """
    seen: set[CallNode] = set()
    for node in (*(each.node for each in graph.entries), graph.endpoint):
        yield from _inputs_below(node, seen)


def _inputs_below(node: CallNode, seen: set[CallNode]) -> Iterator[tuple[CallNode, Input]]:
    if node in seen:
        return
    seen.add(node)
    for each in node.inputs:
        if each.node is not None:
            yield from _inputs_below(each.node, seen)
        yield node, each


def resolve_override(factory: Any, overrides: Mapping[Any, Any]) -> Any:
    """The callable to call for a dependency: its override, if any. An override of a generic class is one of all its
    specializations.
    """
    for key in (factory, get_origin(factory)):
        if key is not None and is_hashable(key) and key in overrides:
            return overrides[key]
    return factory


# -- the walk ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Walk:
    """What the walk has found so far."""

    endpoint: Endpoint
    path_names: tuple[str, ...]
    nodes: list[CallNode] = field(default_factory=list)
    known: dict[Any, CallNode] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    variables: Variables = field(default_factory=Variables)


@dataclass(frozen=True, slots=True)
class _Use:
    """A dependency where it is declared: by a parameter, or by an entry of `dependencies=`."""

    dependency: Dependency
    factory: Any
    name: str
    """The parameter."""
    where: SourceLocation
    """The callable that has the parameter."""
    scopes: tuple[str, ...] = ()
    """The scopes that the callables up to here ask for."""
    chain: tuple[Any, ...] = ()
    """The callables up to here."""


@dataclass(frozen=True, slots=True)
class _Callee:
    """A callable that becomes a node."""

    target: Callable[..., Any]
    where: SourceLocation
    kind: Kind
    variable: str
    lifetime: Lifetime = "request"
    scopes: tuple[str, ...] = ()
    chain: tuple[Any, ...] = ()
    is_endpoint: bool = False


def dependency_graph(endpoint: Endpoint) -> DependencyGraph:
    """The callables that an endpoint needs, itself included.

    Raises SignatureError.
    """
    walk = _Walk(endpoint, tuple(each.name for each in parameters_in(endpoint.path)))
    where = location_of(endpoint.function)
    entries = tuple(_entry(walk, dependency, where) for dependency in endpoint.dependencies)
    of_policies = tuple(_entry(walk, Depends(guard), where) for _, guard in endpoint.policy_guards)
    kind = kind_of(endpoint.function)
    if endpoint.socket and kind in GENERATORS:
        raise result_errors.websocket_generator(where)
    if endpoint.socket and kind is not Kind.ASYNC:
        raise result_errors.sync_websocket(where)
    last = _call_node(walk, _Callee(endpoint.function, where, kind, "result", is_endpoint=True))
    nodes = (*walk.nodes, last)
    own = tuple(each.node for each in of_policies)
    guards = _guards(nodes, walk.edges).difference(own)
    limits, executors = _declared(walk, "concurrency_limit"), _declared(walk, "executor")
    concurrent = frozenset(_declared(walk, "concurrent"))
    return DependencyGraph(
        nodes, (*entries, *of_policies), guards, own, limits, concurrent, executors, walk.path_names, walk.variables
    )


def _declared(walk: _Walk, argument: str) -> dict[CallNode, Any]:
    """The value of an argument of `Depends` for each callable: that of the first declaration that has it."""
    values = ((edge.node, getattr(edge.dependency, argument)) for edge in reversed(walk.edges))
    return {node: value for node, value in values if value}


def _guards(nodes: Iterable[CallNode], edges: Iterable[Edge]) -> frozenset[CallNode]:
    found = {edge.node for edge in edges if edge.dependency.guard}
    for node in nodes:
        # What needs a guard is one: it cannot run before it, and the body waits for both.
        if not node.is_endpoint and (is_scheme(node.target) or not found.isdisjoint(node.needs)):
            found.add(node)
    return frozenset(found)


def _entry(walk: _Walk, dependency: Any, where: SourceLocation) -> Edge:
    """An entry of `dependencies=`."""
    dependency = own_marker(dependency)
    if is_scheme(dependency):
        raise dependency_errors.scheme_without_depends(where, "dependencies", dependency)
    if not isinstance(dependency, Dependency):
        raise errors.dependency_without_depends(where, dependency)
    use = _Use(dependency, dependency.dependency, "dependency", where)
    return Edge(dependency, _dependency_node(walk, use))


def _dependency_node(walk: _Walk, use: _Use) -> CallNode:
    """The node of a dependency, the same one for each use of it."""
    _check_use(use)
    dependency = use.dependency
    target = unwrap_contextmanager(resolve_override(use.factory, walk.endpoint.overrides))
    lifetime: Lifetime = dependency.scope or "request"
    scopes = () if lifetime == "app" else tuple(dict.fromkeys((*use.scopes, *dependency.scopes)))
    # Nodes of one callable differ by scopes only if it, or a callable that it needs, reads them.
    with_scopes = (identity_of(target), lifetime, frozenset(scopes))
    without_scopes = (identity_of(target), lifetime, None)
    node = (walk.known.get(with_scopes) or walk.known.get(without_scopes)) if dependency.use_cache else None
    if node is None:
        where = location_of(target)
        if target in use.chain:
            circle = (*use.chain[use.chain.index(target) :], target)
            raise dependency_errors.circular_dependency(location_of(walk.endpoint.function), map(location_of, circle))
        if dependency.concurrent and kind_of(target) is Kind.VALUE and target is use.factory:
            raise dependency_errors.concurrent_value(use.where, use.name, where)
        variable = walk.variables.new(getattr(use.factory, "__name__", type(use.factory).__name__))
        node = _call_node(walk, _Callee(target, where, kind_of(target), variable, lifetime, scopes, use.chain))
        walk.known[with_scopes if node.reads_scopes else without_scopes] = node
        walk.nodes.append(node)
    check_scopes(dependency.scopes, node.requirements, use.where, use.name)
    walk.edges.append(Edge(dependency, node))
    return node


def _check_use(use: _Use) -> None:
    """Raises SignatureError for a dependency that is no callable, and for scopes that are no list."""
    if not callable(use.factory):
        is_missing = use.factory is None or use.dependency.dependency is None
        error = dependency_errors.depends_without_callable if is_missing else dependency_errors.dependency_not_callable
        raise error(use.where, use.name, use.factory)
    if is_scheme_class(use.factory):
        raise dependency_errors.scheme_not_instantiated(use.where, use.name, use.factory)
    if not isinstance(use.dependency.concurrent, bool):
        raise dependency_errors.concurrent_not_bool(use.where, use.name, use.dependency.concurrent)
    if isinstance(use.dependency.scopes, str):
        raise dependency_errors.scopes_not_a_list(use.where, use.name, use.dependency.scopes)


def _call_node(walk: _Walk, callee: _Callee) -> CallNode:
    """The node of a callable, once those of its dependencies are made."""
    endpoint = walk.endpoint
    alone = callee.lifetime == "app" or endpoint.outside is not None
    given = (endpoint.outside or ()) if callee.is_endpoint else ()
    inputs: list[Input] = []
    unread: list[Parameter] = []
    has_gap = False
    for parameter in callable_parameters(endpoint, callee.target, walk.path_names, alone=alone):
        if parameter.name in given:
            continue
        if _is_left_out(parameter, callee, socket=endpoint.socket):
            has_gap = True
            continue
        if has_gap:
            parameter = replace(parameter, keyword_only=True)  # noqa: PLW2901 - its position would be another's
        if isinstance(parameter.marker, Dependency):
            inputs.append(_dependency_input(walk, callee, parameter))
        elif alone and not (callee.lifetime != "app" and is_of_app(parameter)):
            unread.append(parameter)
        else:
            inputs.append(Input(parameter, walk.variables.new(parameter.name)))
    returns = endpoint_result(endpoint, callee.where) if callee.is_endpoint else dependency_result(callee.target)
    edges = [(each.parameter, each.node) for each in inputs if each.node is not None]
    needs = tuple(dict.fromkeys(found for _, node in edges for found in node.closure))
    _check_lifetimes(callee, needs)
    requirements: list[SecurityRequirement] = [(described(callee.target), ())] if is_scheme(callee.target) else []
    problems: list[Any] = []
    for parameter, node in edges:
        requirements += inherited(parameter.marker, node.requirements)
        problems += (*node.problems, *declared_problems(parameter.annotation))
    return CallNode(
        variable=callee.variable,
        target=callee.target,
        where=callee.where,
        kind=callee.kind,
        lifetime=callee.lifetime,
        inputs=tuple(inputs),
        needs=needs,
        unread=tuple(unread),
        scopes=callee.scopes,
        reads_scopes=any(
            SCOPES.claims(each.parameter) if each.node is None else each.node.reads_scopes for each in inputs
        ),
        returns=returns,
        requirements=tuple(dict.fromkeys(requirements)),
        problems=tuple(dict.fromkeys((*problems, *declared_problems(returns)))),
        is_endpoint=callee.is_endpoint,
    )


def _dependency_input(walk: _Walk, callee: _Callee, parameter: Parameter) -> Input:
    """The argument for a parameter that declares a dependency."""
    dependency: Dependency = parameter.marker
    where, name = callee.where, parameter.name
    factory = dependency.dependency if dependency.dependency is not None else parameter.factory
    if factory is None:
        raise dependency_errors.depends_without_callable(where, name, parameter.annotation)
    if callee.lifetime == "app" and dependency.scope != "app":
        raise dependency_errors.app_dependency_on_request_scope(where, name)
    use = _Use(dependency, factory, name, where, callee.scopes, (*callee.chain, callee.target))
    node = _dependency_node(walk, use)
    # An override, in a test say, may return anything.
    if resolve_override(factory, walk.endpoint.overrides) is factory:
        given = yielded_type(node.returns, node.kind)
        if not is_assignable(given, parameter.annotation):
            raise dependency_errors.dependency_type_mismatch(where, name, parameter.annotation, node.where, given)
    return Input(parameter, node.variable, node)


def _is_left_out(parameter: Parameter, callee: _Callee, *, socket: bool) -> bool:
    """Whether a parameter is for the other protocol, is of a class of another framework, and need not be passed.

    Packages that wrap endpoints for both add a request and a WebSocket, of which FastAPI passes one.
    """
    other = Request if socket else WebSocket
    if parameter.convert is None or parameter.type.inner_cls is not other:
        return False
    return parameter.default is not MISSING or takes_any_name(callee.target, parameter.name)


def is_of_app(parameter: Parameter) -> bool:
    """Whether the application provides the value, so that no request is needed."""
    return PROVIDED.claims(parameter) or CHANNEL.claims(parameter)


def _check_lifetimes(callee: _Callee, needs: Iterable[CallNode]) -> None:
    """Raises SignatureError for a generator that would use one which is closed before it."""
    if callee.kind in GENERATORS and callee.lifetime == "request":
        for need in needs:
            if need.kind in GENERATORS and need.lifetime == "function":
                raise dependency_errors.dependency_scope_too_short(callee.where, need.where.name.rsplit(".", 1)[-1])
