"""parameters -> Plan. Every decision about a signature is taken here, once; whoever comes later only reads.

A walk over the endpoint and its dependencies makes nodes (`order.Node`): a call, its own reads, the nodes it needs. A
callable that is asked for twice is one node, so that "called once a request" needs no cache at the request. `order.py`
then says which step runs when, and `reply.py` what becomes of the result.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_origin

from signette.declarative.checks.constraints import check_constraints
from signette.declarative.checks.metadata import check_account, check_result
from signette.declarative.checks.models import check_class, check_models
from signette.declarative.checks.values import check_parameter, check_read
from signette.declarative.errors import base as errors
from signette.declarative.errors import dependencies as dependency_errors
from signette.declarative.errors import parameters as parameter_errors
from signette.declarative.errors import results as result_errors
from signette.declarative.errors import values as value_errors
from signette.declarative.plan.body import BodyParts
from signette.declarative.plan.construction import Construction, called, constructor_of, sent_arguments, validates
from signette.declarative.plan.marker_arguments import check_arguments, role_of
from signette.declarative.plan.order import GENERATORS, Node, ordered, share_names
from signette.declarative.plan.reads import Names, claimed_source, named_by_fields, read_parameter
from signette.declarative.plan.reply import declared_problems, plan_reply
from signette.declarative.plan.steps import Argument, Call, CheckUnknown, Plan, Read, ReadModel, names_of
from signette.declarative.plan.unknown import CHOICES, with_unknown
from signette.declarative.security.requirements import (
    SecurityRequirement,
    check_scopes,
    inherited,
    is_scheme,
    is_uncalled,
)
from signette.declarative.signature.annotations import UnresolvedName
from signette.declarative.signature.assignable import is_assignable, yielded_type
from signette.declarative.signature.callables import (
    Variadic,
    docstring_of,
    identity_of,
    is_hashable,
    kind_of,
    location_of,
    parameters_of,
    result_of,
    unwrap_contextmanager,
)
from signette.declarative.signature.declared import DefaultInside, TwoDefaults, TwoSources
from signette.declarative.signature.depends import Dependency, Lifetime, SecurityScopes
from signette.declarative.signature.markers import MISSING, Marker, Path
from signette.declarative.signature.model import Kind, Parameter, SourceLocation
from signette.declarative.sources.injected import REQUEST, RESPONSE, SCOPES, WEBSOCKET
from signette.declarative.sources.source import Source
from signette.declarative.sources.table import INJECTED, SOURCES
from signette.routing.matching import parameters_in

# Convertors that take any text. What another one does not take is a path that the router does not find.
ANY_TEXT = frozenset({"str", "path"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a plan is made from: a callable, where it stands, and what the layers around it add."""

    function: Callable[..., Any]
    path: str
    methods: tuple[str, ...]
    dependencies: tuple[Dependency, ...] = ()
    overrides: Mapping[Callable[..., Any], Callable[..., Any]] = field(default_factory=dict)
    sources: tuple[Source, ...] = SOURCES
    options: Mapping[str, Any] = field(default_factory=dict)
    """What was said about the answer: `status_code`, `response_class`, `response_model`, ..."""
    socket: bool = False
    outside: frozenset[str] | None = None
    """No request is answered: parameters of these names are given, and all others that none fills have defaults."""


def plan_endpoint(endpoint: Endpoint) -> Plan:
    """The plan of an endpoint.

    Raises PlanError for each mistake that the signature shows; its subclass UnknownName where an annotation names
    what may exist later.
    """
    return _Planner(endpoint).plan()


class _Planner:
    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.where = location_of(endpoint.function)
        self.path_parameters = parameters_in(endpoint.path)
        self.path_names = tuple(parameter.name for parameter in self.path_parameters)
        self.names = Names()
        self.nodes: list[Node] = []
        self.reads: list[Read | ReadModel] = []
        self.known: dict[Any, Node] = {}
        self.body = BodyParts(endpoint.socket)
        self.problems: list[Any] = []
        self.unmarked: set[str] = set()
        self.validating: list[tuple[Node, Any]] = []

    def plan(self) -> Plan:
        security: list[SecurityRequirement] = []
        for dependency in self.endpoint.dependencies:
            if is_scheme(dependency):
                raise dependency_errors.bare_scheme(self.where, "dependencies", dependency)
            if not isinstance(dependency, Dependency):
                raise errors.bare_dependency(self.where, dependency)
            need = self.depend(dependency, dependency.dependency, "dependency", self.where, (), ())
            need.entry = need.call.lifetime != "app"  # what the application has made refuses nobody
            security += inherited(dependency, need.demands)
        endpoint = self.node(self.endpoint.function, "result", "request", (), (), endpoint=True)
        self.nodes.append(endpoint)
        self.body.settle(self.names)
        self.locate_arguments()
        self.share_extras()
        self.check_path_names()
        refused = () if ANY_TEXT.issuperset(parameter.kind for parameter in self.path_parameters) else (404,)
        unknown = self.endpoint.options.get("unknown_query_params", "ignore")
        if unknown not in CHOICES:
            raise errors.unknown_choice(self.where, "unknown_query_params", unknown, CHOICES)
        steps = with_unknown(ordered(self.nodes), unknown)
        if any(isinstance(step, CheckUnknown) and step.refuses for step in steps):
            refused = (*refused, 422)
        reply = plan_reply(
            self.endpoint.function,
            self.where,
            self.nodes,
            self.endpoint.options,
            self.problems,
            self.endpoint.methods,
            refused,
        )
        return Plan(
            methods=self.endpoint.methods,
            path=self.endpoint.path,
            where=self.where,
            steps=steps,
            reply=reply,
            security=tuple(dict.fromkeys((*security, *endpoint.demands))),
            docstring=docstring_of(self.endpoint.function),
            socket=self.endpoint.socket,
        )

    def depend(
        self,
        wish: Dependency,
        factory: Any,
        name: str,
        where: SourceLocation,
        scopes: tuple[str, ...],
        chain: tuple[Any, ...],
    ) -> Node:
        """The node that fulfils a wish, the same one for the same wish."""
        if not callable(factory):
            unsaid = factory is None or wish.dependency is None
            raise (dependency_errors.no_factory if unsaid else dependency_errors.called_dependency)(
                where, name, factory
            )
        if is_uncalled(factory):
            raise dependency_errors.uncalled_scheme(where, name, factory)
        if isinstance(wish.scopes, str):
            raise dependency_errors.scopes_text(where, name, wish.scopes)
        target = unwrap_contextmanager(self.standing_in(factory))
        scopes = tuple(dict.fromkeys((*scopes, *wish.scopes)))
        lifetime: Lifetime = wish.scope or "request"
        scopes = () if lifetime == "app" else scopes
        # Only a callable whose chain reads the scopes differs by them.
        keys = [(identity_of(target), lifetime, frozenset(scopes)), (identity_of(target), lifetime, None)]
        if wish.use_cache:
            for key in keys:
                if key in self.known:
                    node = self.known[key]
                    node.guard = node.guard or wish.guard
                    node.call = replace(node.call, turns=node.call.turns or wish.turns)
                    check_scopes(wish.scopes, node.demands, where, name)
                    return node
        node = self.node(target, getattr(factory, "__name__", type(factory).__name__), lifetime, scopes, chain)
        node.guard = node.guard or wish.guard
        node.call = replace(node.call, turns=wish.turns)
        self.known[keys[0] if node.reads_scopes else keys[1]] = node
        self.nodes.append(node)
        check_scopes(wish.scopes, node.demands, where, name)
        return node

    def standing_in(self, factory: Any) -> Any:
        """What is called for a dependency: itself, or its override. A generic class stands for all of its kinds."""
        for each in (factory, get_origin(factory)):
            if each is not None and is_hashable(each) and each in self.endpoint.overrides:
                return self.endpoint.overrides[each]
        return factory

    def node(
        self,
        target: Callable[..., Any],
        name: str,
        lifetime: Lifetime,
        scopes: tuple[str, ...],
        chain: tuple[Any, ...],
        endpoint: bool = False,
    ) -> Node:
        where = location_of(target)
        if target in chain:
            raise dependency_errors.circle(
                self.where, [location_of(each) for each in (*chain[chain.index(target) :], target)]
            )
        arguments: list[Argument] = []
        into = name if endpoint else self.names.new(name)
        node = Node(Call(into, target, where, kind_of(target), lifetime=lifetime, endpoint=endpoint))
        if is_scheme(target):
            node.guard, node.demands = True, ((target, ()),)
        if endpoint and self.endpoint.socket:
            if node.call.kind in GENERATORS:
                raise result_errors.yielding_socket(where)
            if node.call.kind is not Kind.ASYNC:
                raise result_errors.sync_socket(where)
        alone = lifetime == "app" or self.endpoint.outside is not None
        parameters = self.parameters(target, where, alone=alone)
        for parameter in parameters:
            if endpoint and parameter.name in (self.endpoint.outside or ()):
                continue
            if isinstance(parameter.marker, Dependency):
                value = self.needed(node, parameter, where, scopes, (*chain, target))
            elif alone:
                self.check_unread(parameter, where)
                continue  # its default
            else:
                value = self.read(node, parameter, where, scopes)
            arguments.append(Argument(parameter.name, value, parameter.keyword_only))
        node.call = node.call.with_arguments(tuple(arguments))
        if node.call.kind is Kind.VALUE and not endpoint:
            node.call = replace(node.call, target=called(target, parameters, arguments))
            if validates(target):
                self.validating.append((node, target))
        self.check_lifetimes(node, where)
        node.gives = self.result(target, where, endpoint)
        self.problems += declared_problems(node.gives)
        return node

    def parameters(self, target: Callable[..., Any], where: SourceLocation, *, alone: bool) -> list[Parameter]:
        check_class(target, where)
        try:
            found = parameters_of(target, alone=alone)
        except UnresolvedName as exc:
            raise errors.unknown_name(where, str(exc)) from None
        except Variadic as exc:
            raise parameter_errors.variadic(where, str(exc)) from None
        except TwoSources as exc:
            raise value_errors.two_sources(where, *exc.args) from None
        except DefaultInside as exc:
            raise parameter_errors.marker_default_in_annotated(where, *exc.args) from None
        except TwoDefaults as exc:
            raise parameter_errors.two_defaults(where, *exc.args) from None
        except ValueError:  # `inspect`: a built-in that tells no signature
            raise dependency_errors.no_signature(self.where, where) from None
        for parameter in found:
            check_account(parameter, where)
            check_parameter(parameter, where, self.path_names, first=parameter is found[0])
        return found

    def result(self, target: Callable[..., Any], where: SourceLocation, endpoint: bool) -> Any:
        """What a callable says that it gives; of a dependency it may name what is there for checkers only."""
        try:
            found = result_of(target)
        except UnresolvedName as exc:
            if not endpoint:
                return MISSING
            raise errors.unknown_name(where, str(exc)) from None
        for said in (found, self.endpoint.options.get("response_model")) if endpoint else ():
            if said is not MISSING and type(said) is not type and said is not None:
                check_result(said, where)
        return found

    def needed(
        self, node: Node, parameter: Parameter, where: SourceLocation, scopes: tuple[str, ...], chain: tuple[Any, ...]
    ) -> str:
        """A parameter that another callable's result fills."""
        wish: Dependency = parameter.marker
        factory = wish.dependency if wish.dependency is not None else parameter.factory
        if factory is None:
            raise dependency_errors.no_factory(where, parameter.name, parameter.annotation)
        if node.call.lifetime == "app" and wish.scope != "app":
            raise dependency_errors.app_outlives(where, parameter.name)
        need = self.depend(wish, factory, parameter.name, where, scopes, chain)
        self.check_value(parameter, factory, need, where)
        self.problems += declared_problems(parameter.annotation)
        node.needs.append(need)
        node.demands = tuple(dict.fromkeys((*node.demands, *inherited(wish, need.demands))))
        # What stands on a guard is one: it cannot run before it, and the body waits for both.
        node.guard = node.guard or (need.guard and not node.call.endpoint)
        node.reads_scopes = node.reads_scopes or need.reads_scopes
        return need.call.into

    def read(self, node: Node, parameter: Parameter, where: SourceLocation, scopes: tuple[str, ...]) -> str:
        """A parameter that the request itself fills."""
        source = claimed_source(parameter, where, self.path_names, self.endpoint.sources)
        parameter = named_by_fields(parameter, source, where)
        if isinstance(parameter.marker, Path) and parameter.name not in self.path_names:
            named = parameter.marker.wire_names
            if not any(name in self.path_names for name in named):
                raise parameter_errors.path_name_unknown(where, parameter.name, self.endpoint.path, self.path_names)
        if source == (REQUEST if self.endpoint.socket else WEBSOCKET):
            raise parameter_errors.other_protocol(
                where, parameter.name, parameter.annotation, socket=self.endpoint.socket
            )
        if source == RESPONSE and self.endpoint.socket:
            raise parameter_errors.response_on_socket(where, parameter.name, parameter.annotation)
        if source == SCOPES:
            node.reads_scopes = True
            read = Read(self.names.new(parameter.name), SCOPES, parameter.name, (), Any, SecurityScopes(scopes))
            node.reads.append(read)
            return read.into
        if source not in INJECTED:
            check_models(parameter, source, where)
            check_constraints(parameter, where)
            check_read(parameter, source, where, self.endpoint.path, self.endpoint.methods)
            if not isinstance(parameter.marker, Marker) and parameter.default is MISSING:
                self.unmarked.add(parameter.name)
        if self.body.takes(parameter, source, where, self.endpoint.methods):
            return self.body.add(node, parameter, where, self.names)
        found = read_parameter(parameter, source, where, self.path_names, self.names)
        check_arguments(parameter, role_of(found), where)
        same = next((each for each in self.reads if _reads_the_same(each, found)), None)
        if same is None:
            self.reads.append(found)
        # Asked for twice, read and refused once: by whichever of them runs first.
        node.reads.append(same or found)
        return (same or found).into

    def check_value(self, parameter: Parameter, factory: Any, need: Node, where: SourceLocation) -> None:
        """Refuse a dependency that says itself that it gives something else. A stand-in of a test may be anything."""
        if self.standing_in(factory) is not factory:
            return
        given = yielded_type(need.gives, need.call.kind)
        if not is_assignable(given, parameter.annotation):
            raise dependency_errors.other_value(where, parameter.name, parameter.annotation, need.call.where, given)

    def check_unread(self, parameter: Parameter, where: SourceLocation) -> None:
        """Refuse what only a request could give to what is made without one."""
        source = claimed_source(parameter, where, (), self.endpoint.sources)
        if parameter.default is MISSING or isinstance(parameter.marker, Marker) or source in INJECTED:
            refused = dependency_errors.app_reads if self.endpoint.outside is None else dependency_errors.outside_reads
            raise refused(where, parameter.name, source.place)

    def check_lifetimes(self, node: Node, where: SourceLocation) -> None:
        if node.call.kind not in GENERATORS or node.call.lifetime != "request":
            return
        for need in node.closure()[:-1]:
            if need.call.kind in GENERATORS and need.call.lifetime == "function":
                raise dependency_errors.outlives(where, need.call.where.name.rsplit(".", 1)[-1])

    def share_extras(self) -> None:
        """Tell each model that sees extras which names are others': what no one owns is the extra."""
        every = [read for node in self.nodes for read in node.reads]
        for node in self.nodes:
            for place, read in enumerate(node.reads):
                if isinstance(read, ReadModel) and read.extras:
                    others = [each for each in every if each is not read and share_names(each.source, read.source)]
                    owned = tuple(dict.fromkeys(name for each in others for name in names_of(each)))
                    node.reads[place] = replace(read, owned=owned)

    def locate_arguments(self) -> None:
        """Note where the arguments of classes were read, for the errors that these raise."""
        for node, target in self.validating:
            reads = {read.into: read for read in node.reads if isinstance(read, Read)}
            sent = sent_arguments(node.call.arguments, reads, self.body.members)
            if sent:
                made = Construction(constructor_of(target, node.call.arguments), sent)
                node.call = replace(node.call, construction=made)

    def check_path_names(self) -> None:
        """A piece of the path that nobody takes, while a parameter has nearly its name, is a slip of the pen."""
        taken = {read.name for node in self.nodes for read in node.reads}
        for name in self.path_names:
            near = errors.closest_path_parameter(name, sorted(self.unmarked - set(self.path_names)))
            if name not in taken and near is not None:
                raise parameter_errors.path_name_unused(self.where, name, self.endpoint.path, [near])


def _reads_the_same(one: Any, other: Any) -> bool:
    if type(one) is not type(other) or one.source != other.source or one.default_factory or other.default_factory:
        return False
    return (
        one.name == other.name
        and one.annotation == other.annotation
        and repr(one.annotation) == repr(other.annotation)  # `Literal[1]` equals `Literal[True]`
        and one.default is other.default
        and getattr(one, "keys", None) == getattr(other, "keys", None)
        and one.marker is other.marker
    )
