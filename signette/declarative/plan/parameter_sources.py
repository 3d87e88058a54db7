"""Pass 2 of the planner: where the values of all parameters come from.

Theory of operation. First each parameter gets its source, by its marker, its name in the path, or its type. Only then
are the reads made, because some depend on all parameters: a parameter has the whole JSON body or is a member of it, a
model that sees extra keys must not see those of others, and parameters that read the same value share one read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.checks.conditional import check_conditional
from signette.declarative.checks.constraints import check_constraints
from signette.declarative.checks.models import check_models
from signette.declarative.checks.patches import check_patch
from signette.declarative.checks.streams import check_stream
from signette.declarative.checks.values import check_read
from signette.declarative.errors import base as errors
from signette.declarative.errors import dependencies as dependency_errors
from signette.declarative.errors import jobs as job_errors
from signette.declarative.errors import parameters as parameter_errors
from signette.declarative.errors import sockets as socket_errors
from signette.declarative.plan.body import BodyReads, check_body_readers, read_body
from signette.declarative.plan.construction import Construction, called, constructor_of, sent_arguments, validates
from signette.declarative.plan.decided_reads import decide_read, decided_read
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.file_rules import check_rules
from signette.declarative.plan.graph import CallNode, DependencyGraph, Input, inputs_of
from signette.declarative.plan.marker_arguments import check_arguments, role_of
from signette.declarative.plan.reads import claimed_source, named_by_fields, path_names_of, read_parameter
from signette.declarative.plan.sourced_parameter import SourcedParameter
from signette.declarative.plan.steps import Argument, Read, ReadModel, Split, names_of
from signette.declarative.signature.callables import location_of
from signette.declarative.signature.markers import MISSING, Marker, Path
from signette.declarative.signature.model import Kind, Parameter
from signette.declarative.sources.body import BODY
from signette.declarative.sources.form import FORM
from signette.declarative.sources.injected import REQUEST, RESPONSE, SOCKET, WEBSOCKET
from signette.declarative.sources.path import PATH
from signette.declarative.sources.provided import PROVIDED
from signette.declarative.sources.source import Phase, Source
from signette.declarative.sources.stream import STREAM
from signette.declarative.sources.table import is_injected


@dataclass(frozen=True, slots=True)
class CallReads:
    """What a callable is called with."""

    target: Any
    """Itself, or what calls it: a class may want other keywords than the names of its parameters."""
    arguments: tuple[Argument, ...] = ()
    reads: tuple[Read | ReadModel, ...] = ()
    split: Split | None = None
    construction: Construction | None = None


def read_parameters(endpoint: Endpoint, graph: DependencyGraph) -> Mapping[CallNode, CallReads]:
    """The reads and arguments of each callable.

    Raises SignatureError.
    """
    for node in graph.nodes:
        for parameter in node.unread:
            _check_unread(endpoint, node, parameter)
    found = [_sourced(endpoint, graph.path_names, node, each) for node, each in inputs_of(graph) if each.node is None]
    check_body_readers(found, endpoint)
    in_body = [each for each in found if each.source == BODY]
    in_form = any(each.source.phase is Phase.BODY and each.source.body_reader == FORM for each in found)
    body = read_body(in_body, graph.variables, in_form=in_form)
    outer_names = [name for name in endpoint.outer_path if name not in graph.path_names]
    reads = _other_reads(endpoint, [each for each in found if each.source != BODY], [*graph.path_names, *outer_names])
    reads = _with_owned_names(reads, body.reads.values())
    check_rules([(reads[each.variable], each.where) for each in found if each.variable in reads])
    read_names = {read.name for read in (*reads.values(), *body.reads.values())}
    _check_path_names(endpoint, found, [name for name in graph.path_names if name not in read_names])
    return {node: _call_reads(node, reads, body) for node in graph.nodes}


def share_names(one: Source, other: Source) -> bool:
    """Whether a name of the one is a name of the other: they are opened as one, or read the same part of a request."""
    return one.opener == other.opener or one.place == other.place in ("query", "header", "cookie", "form")


# -- sources -----------------------------------------------------------------------------------------------------------


def _sourced(endpoint: Endpoint, path_names: Sequence[str], node: CallNode, given: Input) -> SourcedParameter:
    """The source of a parameter, once it is known that it can give it."""
    known = decided_read(given, endpoint, path_names)
    if known is not None:
        # The marker of the route's own parameter counts, unless it has none but for its fields.
        parameter = known.parameter if given.parameter.marker is None else given.parameter
        return SourcedParameter(node, parameter, given.variable, known.source, known.read)
    where = node.where
    source = claimed_source(given.parameter, where, path_names, endpoint.sources)
    if isinstance(given.parameter.marker, Path):
        _check_path_marker(endpoint, path_names, given.parameter, where)
    parameter = named_by_fields(given.parameter, source, where)
    if source == (REQUEST if endpoint.socket else WEBSOCKET):
        raise parameter_errors.wrong_protocol(where, parameter.name, parameter.annotation, socket=endpoint.socket)
    if source == SOCKET and not endpoint.socket:
        raise socket_errors.socket_in_http(where, parameter.name)
    only_in_jobs = source == PROVIDED and getattr(parameter.type.inner_cls, "only_in_jobs", False)
    if only_in_jobs and not endpoint.is_job:
        raise job_errors.only_in_jobs(where, parameter.name, parameter.annotation)
    methods = endpoint.methods if endpoint.forwarded_methods is None else endpoint.forwarded_methods
    check_conditional(parameter.name, source, where, methods, socket=endpoint.socket)
    # A dependency of a package for FastAPI may serve both; there, what it sets is lost, too.
    if source == RESPONSE and endpoint.socket and parameter.convert is None:
        raise parameter_errors.response_in_websocket(where, parameter.name, parameter.annotation)
    if not is_injected(source):
        check_patch(parameter, source, where, endpoint.methods)
        check_stream(parameter, source, where, endpoint.methods)
        if source != STREAM:  # its items are checked when their type is known
            check_models(parameter, source, where)
            check_constraints(parameter, where)
        check_read(parameter, source, where, endpoint.path, endpoint.methods)
    return SourcedParameter(node, parameter, given.variable, source)


def _check_path_marker(endpoint: Endpoint, path_names: Sequence[str], parameter: Parameter, where: Any) -> None:
    """Raises SignatureError for a parameter with `Path()` that has a default, or is in no path."""
    marker: Path = parameter.marker
    if not (parameter.default is marker.own_default is MISSING and marker.default_factory is None):
        raise parameter_errors.path_parameter_default(where, parameter.name)
    names = path_names_of(parameter)
    if set(names).isdisjoint((*path_names, *endpoint.outer_path)):
        raise parameter_errors.path_parameter_not_in_path(where, parameter.name, names, endpoint.path, path_names)


def _check_unread(endpoint: Endpoint, node: CallNode, parameter: Parameter) -> None:
    """Raises SignatureError for a parameter that only a request could fill, of a callable that is called without."""
    source = claimed_source(parameter, node.where, (), endpoint.sources)
    if parameter.default is MISSING or isinstance(parameter.marker, Marker) or is_injected(source):
        if endpoint.is_job and node.lifetime != "app":
            error = job_errors.job_reads_request
        elif endpoint.outside is None:
            error = dependency_errors.app_dependency_reads_request
        else:
            error = dependency_errors.standalone_call_reads_request
        raise error(node.where, parameter.name, source.place)


def _check_path_names(endpoint: Endpoint, found: Iterable[SourcedParameter], unread_names: Iterable[str]) -> None:
    """Raises SignatureError for a name in the path that is not read, if a parameter has nearly that name."""
    unmarked = {each.parameter.name for each in found if _is_unmarked(each) and each.source != PATH}
    for name in unread_names:
        near = errors.closest_path_parameter(name, sorted(unmarked))
        if near is not None:
            where = location_of(endpoint.function)
            raise parameter_errors.undeclared_path_parameter(where, name, endpoint.path, near)


def _is_unmarked(found: SourcedParameter) -> bool:
    return found.marker is None and found.parameter.default is MISSING and not is_injected(found.source)


# -- reads -------------------------------------------------------------------------------------------------------------


def _other_reads(
    endpoint: Endpoint, found: Iterable[SourcedParameter], path_names: Sequence[str]
) -> dict[str, Read | ReadModel]:
    """The read of each parameter outside of the JSON body, by the parameter's variable."""
    reads: dict[str, Read | ReadModel] = {}
    markers: dict[str, Marker | None] = {}
    for each in found:
        read: Read | ReadModel
        if each.read is not None:
            read = each.read
        else:
            read = read_parameter(each, path_names)
            check_arguments(each.parameter, role_of(read), each.where)
            decide_read(each, read, endpoint, path_names)
        # A value that two callables read is read once, and reported once.
        same = (known for name, known in reads.items() if markers[name] is each.marker and _reads_the_same(known, read))
        reads[each.variable], markers[each.variable] = next(same, read), each.marker
    return reads


def _reads_the_same(one: Read | ReadModel, other: Read | ReadModel) -> bool:
    if type(one) is not type(other) or one.source != other.source or one.default_factory or other.default_factory:
        return False
    return (
        one.name == other.name
        and one.annotation == other.annotation
        and repr(one.annotation) == repr(other.annotation)  # `Literal[1]` equals `Literal[True]`
        and one.default is other.default
        and getattr(one, "keys", None) == getattr(other, "keys", None)
    )


def _with_owned_names(reads: Mapping[str, Read | ReadModel], body: Iterable[Read]) -> dict[str, Read | ReadModel]:
    """The reads, with the names of others in each model that sees extra keys: what no other read takes is extra."""
    if not any(isinstance(read, ReadModel) and read.extras for read in reads.values()):
        return dict(reads)
    every = {read.into: read for read in (*reads.values(), *body)}
    owned = {}
    for read in every.values():
        others = (each for each in every.values() if each is not read and share_names(each.source, read.source))
        owned[read.into] = tuple(dict.fromkeys(name for each in others for name in names_of(each)))
    return {
        variable: replace(read, owned=owned[read.into]) if isinstance(read, ReadModel) and read.extras else read
        for variable, read in reads.items()
    }


def _call_reads(node: CallNode, reads: Mapping[str, Read | ReadModel], body: BodyReads) -> CallReads:
    """The reads and arguments of one callable."""
    own = [reads[each.variable] for each in node.inputs if each.variable in reads]
    parts = [body.variables[each.variable] for each in node.inputs if each.variable in body.variables]
    own += {body.reads[variable].into: body.reads[variable] for variable in parts}.values()
    arguments = tuple(_argument(each, reads, body) for each in node.inputs)
    split = body.split if parts else None
    if node.kind is not Kind.VALUE or node.is_endpoint:
        return CallReads(node.target, arguments, tuple(own), split)
    construction = None
    if validates(node.target):
        values = {read.into: read for read in own if isinstance(read, Read)}
        sent = sent_arguments(arguments, values, body.members)
        construction = Construction(constructor_of(node.target, arguments), sent) if sent else None
    target = called(node.target, [each.parameter for each in node.inputs], arguments)
    return CallReads(target, arguments, tuple(own), split, construction)


def _argument(given: Input, reads: Mapping[str, Read | ReadModel], body: BodyReads) -> Argument:
    read = reads.get(given.variable)
    value = read.into if read is not None else body.variables.get(given.variable, given.variable)
    return Argument(given.parameter.name, value, given.parameter.keyword_only, given.parameter.convert)
