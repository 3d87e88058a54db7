"""What an endpoint and its dependencies take, as a tree that tools can read: `route.dependant`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from signette._dataclasses import dataclass
from signette.declarative.adapters.model_fields import fields_of
from signette.declarative.plan.steps import Call, Plan, Read, ReadModel, Split
from signette.declarative.signature.markers import MISSING


@dataclass(frozen=True, slots=True)
class RequestParameter:
    """A parameter that is read from the request."""

    name: str
    """The name in the signature."""
    alias: str
    """The name in the request."""
    annotation: Any
    required: bool
    default: Any = None
    """The default; None if it is required, or made by a function."""
    marker: Any = None
    """The marker, such as `Query(ge=1)`, if there is one."""


@dataclass(slots=True)
class Dependant:
    """The parameters and the dependencies of a callable. Parameters of dependencies are in their own `Dependant`."""

    call: Callable[..., Any]
    name: str | None = None
    """The parameter that takes the result; None of an endpoint, and of an entry of `dependencies=[...]`."""
    path: str | None = None
    """The path template, of an endpoint."""
    path_params: list[RequestParameter] = field(default_factory=list)
    query_params: list[RequestParameter] = field(default_factory=list)
    header_params: list[RequestParameter] = field(default_factory=list)
    cookie_params: list[RequestParameter] = field(default_factory=list)
    body_params: list[RequestParameter] = field(default_factory=list)
    dependencies: "list[Dependant]" = field(default_factory=list)
    other_params: list[RequestParameter] = field(default_factory=list)
    """Parameters of custom sources."""
    request_param_name: str | None = None
    websocket_param_name: str | None = None
    http_connection_param_name: str | None = None
    response_param_name: str | None = None
    background_tasks_param_name: str | None = None
    security_scopes_param_name: str | None = None


_LISTS = {
    "path": "path_params",
    "query": "query_params",
    "header": "header_params",
    "cookie": "cookie_params",
    "body": "body_params",
    "form": "body_params",
}
_INJECTED = {
    "request": "request_param_name",
    "websocket": "websocket_param_name",
    "connection": "http_connection_param_name",
    "response": "response_param_name",
    "background": "background_tasks_param_name",
    "scopes": "security_scopes_param_name",
}


def dependant_of(plan: Plan) -> Dependant:
    """The tree of a plan. Dependencies whose result no parameter takes are the first of the endpoint."""
    calls = {call.into: call for call in plan.calls}
    values = dict(_values(plan))
    taken = {argument.value for call in plan.calls for argument in call.arguments}
    endpoint = next(call for call in plan.calls if call.endpoint)
    root = _tree(endpoint, None, calls, values)
    root.path = plan.path
    unused = [call for call in plan.calls if not call.endpoint and call.into not in taken]
    root.dependencies[:0] = [_tree(call, None, calls, values) for call in unused]
    return root


def _tree(call: Call, name: str | None, calls: Mapping[str, Call], values: Mapping[str, Any]) -> Dependant:
    found = Dependant(call.target, name)
    for argument in call.arguments:
        if (inner := calls.get(argument.value)) is not None:
            found.dependencies.append(_tree(inner, argument.name, calls, values))
            continue
        place, alias, annotation, default, required, marker = values[argument.value]
        if place in _INJECTED:
            setattr(found, _INJECTED[place], argument.name)
        else:
            listed = getattr(found, _LISTS.get(place, "other_params"))
            listed.append(RequestParameter(argument.name, alias, annotation, required, default, marker))
    return found


def _values(plan: Plan) -> Iterator[tuple[str, Any]]:
    """Each variable that is read, with place, name, annotation, default, whether it is required, and marker."""
    reads = {read.into: read for read in plan.reads}
    for read in reads.values():
        yield read.into, _fact(read, _wire_name(read), read.annotation)
    for step in plan.steps:
        if isinstance(step, Split):
            yield from _members(step.parts, reads[step.source])


def _wire_name(read: Read | ReadModel) -> str:
    return read.keys[0] if isinstance(read, Read) and read.keys else read.name


def _fact(read: Read | ReadModel, alias: str, annotation: Any) -> tuple[Any, ...]:
    default = None if read.default is MISSING else read.default
    return read.source.place, alias, annotation, default, read.required, read.marker


def _members(parts: Sequence[tuple[str, str]], read: Read | ReadModel) -> Iterator[tuple[str, Any]]:
    """The parameters that are members of one JSON body."""
    fields = {each.name: each for each in fields_of(read.annotation) or ()}
    for variable, attribute in parts:
        member: Any = fields.get(attribute)
        if member is None:
            yield variable, _fact(read, attribute, Any)
        else:
            alias = next(iter(member.aliases), member.name)
            yield variable, (read.source.place, alias, member.annotation, None, member.required, None)
