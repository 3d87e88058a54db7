"""The operations of an application: those of its routes, of included routers, and of mounted applications."""

import difflib
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from signette.client.operations.arguments import CannotEncode, combined, head_inputs, idempotency_header, in_order
from signette.client.operations.bodies import body_of
from signette.client.operations.credentials import security_of
from signette.client.operations.results import problems_of, results_of
from signette.client.runtime.spec import UNSET, OperationSpec, PagingSpec, ResultSpec, SocketSpec
from signette.declarative.openapi.conditional import plan_of_method
from signette.declarative.openapi.document import routes_by_operation_id
from signette.declarative.openapi.names import identifier
from signette.declarative.openapi.operation import tag_of
from signette.declarative.openapi.security import SchemeNames
from signette.declarative.plan.steps import Plan, Read
from signette.declarative.routing.planned import PlannedRoute
from signette.declarative.routing.resolving import resolve_routes
from signette.declarative.routing.routes import TypedRoute
from signette.declarative.sources.injected import SOCKET
from signette.routing.host import Host
from signette.routing.matching import parameters_in, replace_parameters, without_convertors
from signette.routing.mount import Mount

# What other packages and generated code name their own methods.
WEBSOCKET = "WEBSOCKET"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list of routes is: the path and the host before it."""

    path: str = ""
    host: str = ""
    name: str = ""
    """The names of the mounts."""


@dataclass(frozen=True, slots=True)
class Found:
    """A route with one of its methods, and where it is."""

    route: PlannedRoute
    method: str
    place: Place


@dataclass(frozen=True, slots=True)
class Operations:
    """The operations of an application, by name and by function."""

    all: tuple[OperationSpec, ...]
    by_name: dict[str, OperationSpec] = field(default_factory=dict)
    by_function: dict[Any, tuple[OperationSpec, ...]] = field(default_factory=dict)
    found: dict[str, Found] = field(default_factory=dict)
    """The route of each operation, by its name."""

    def of(self, operation: str | Callable[..., Any]) -> OperationSpec:
        """The operation of a name or a function.

        Raises:
            LookupError: there is no such operation, or the function has several.
        """
        if isinstance(operation, str):
            if operation not in self.by_name:
                near = difflib.get_close_matches(operation, self.by_name, n=1)
                hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(sorted(self.by_name))}"
                raise LookupError(f"there is no operation `{operation}`; {hint}")
            return self.by_name[operation]
        found = self.by_function.get(_key(operation), ())
        name = getattr(operation, "__qualname__", repr(operation))
        if not found:
            raise LookupError(f"`{name}` is not the endpoint of an operation")
        if len(found) > 1:
            names = " or ".join(f"`{each.name}`" for each in found)
            raise LookupError(f"`{name}` has several operations; use a name: {names}")
        return found[0]


def operations_of(app: Any) -> tuple[OperationSpec, ...]:
    """All operations of an application, in the order of its routes. HEAD is left out.

    An operation that a client cannot call has the reason in `unsupported`. Operations of the OpenAPI document have its
    operation ids as names.

    Raises SignatureError for an annotation with an undefined name.
    """
    return collect(app).all


def collect(app: Any) -> Operations:
    """The operations of an application, by name and by function, too.

    Raises SignatureError for an annotation with an undefined name.
    """
    resolve_routes(app.routes)
    first: dict[tuple[str, str, str], Found] = {}
    for each in _walk(app.routes, Place()):
        shape = replace_parameters(each.place.path + each.route.plan.path, lambda _: "{}")
        first.setdefault((each.method, shape, each.place.host), each)  # the first match wins, as in routing
    found = list(first.values())
    schemes = SchemeNames(scheme for each in found for scheme, _ in each.route.plan.security)
    made = [(each, _operation(each, name, schemes)) for each, name in _named(app, found)]
    by_function: dict[Any, tuple[OperationSpec, ...]] = {}
    for each, operation in made:
        key = _key(each.route.endpoint)
        by_function[key] = (*by_function.get(key, ()), operation)
    every = tuple(operation for _, operation in made)
    names = {operation.name: operation for operation in every}
    return Operations(every, names, by_function, {operation.name: each for each, operation in made})


def _key(function: Any) -> Any:
    function = getattr(function, "__func__", function)
    try:
        hash(function)
    except TypeError:
        return id(function)
    return function


# -- routes ------------------------------------------------------------------------------------------------------------


def _walk(routes: Iterable[Any], place: Place) -> Iterator[Found]:
    for route in routes:
        if isinstance(route, PlannedRoute):
            methods = route.plan.methods if isinstance(route, TypedRoute) else (WEBSOCKET,)
            yield from (Found(route, method, place) for method in methods)
        elif isinstance(route, Mount):
            yield from _walk(route.routes, _below(place, route.path, "", route.name))
        elif isinstance(route, Host):
            yield from _walk(route.routes, _below(place, "", route.host, route.name))


def _below(place: Place, path: str, host: str, name: str | None) -> Place:
    names = "_".join(filter(None, (place.name, identifier(name) if name else "")))
    return Place(place.path + path, host or place.host, names)


def _named(app: Any, found: Sequence[Found]) -> Iterator[tuple[Found, str]]:
    """Each operation with its name: its operation id in the document, or one that no other operation has."""
    ids = {
        (id(route), _method_in(app, name, route)): name for name, route in routes_by_operation_id(app.routes).items()
    }
    taken = set(ids.values())
    for each in found:
        known = None if each.place.path or each.place.host else ids.get((id(each.route), each.method))
        if known is None:
            known = _free(each, taken)
            taken.add(known)
        yield each, known


def _method_in(app: Any, operation_id: str, route: TypedRoute) -> str:
    """The method of an operation of the document."""
    if len(route.plan.methods) == 1:
        return route.plan.methods[0]
    for item in app.openapi()["paths"].values():
        for method, operation in item.items():
            if isinstance(operation, dict) and operation.get("operationId") == operation_id:
                return str(method).upper()
    return route.plan.methods[0]


def _free(each: Found, taken: set[str]) -> str:
    """A name that no other operation has: its own, or with that of its mount, its method, or a number."""
    own = identifier(str(each.route.options.get("operation_id") or each.route.name))
    proposals = [own, "_".join(filter(None, (each.place.name, own))), f"{own}_{each.method.lower()}"]
    free = next((name for name in proposals if name not in taken), None)
    number = 2
    while free is None:
        free = f"{own}_{number}" if f"{own}_{number}" not in taken else None
        number += 1
    return free


# -- one operation -----------------------------------------------------------------------------------------------------


def _operation(each: Found, name: str, schemes: SchemeNames) -> OperationSpec:
    route, options = each.route, each.route.documented_options
    is_socket = each.method == WEBSOCKET
    plan = route.plan if is_socket else plan_of_method(route.plan, each.method)
    key, needs_key = idempotency_header(plan)
    deprecated = options.get("deprecated") or any(applied.documentation.deprecated for applied in plan.policies)
    made = OperationSpec(
        name,
        each.method,
        without_convertors(each.place.path + plan.path) or "/",
        security=security_of(plan.security, schemes),
        resumes=plan.reply.resumes,
        idempotency_key=key,
        needs_key=needs_key,
        host=each.place.host,
        is_deprecated=bool(deprecated),
        in_schema=bool(getattr(route, "include_in_schema", True)) and not each.place.path,
        tags=tuple(map(tag_of, options.get("tags") or ())),
        doc=inspect.cleandoc(options.get("description") or plan.docstring.partition("\f")[0]),
    )
    outer = [(parameter.name, parameter.kind) for parameter in parameters_in(each.place.path)]
    try:
        inputs = combined(head_inputs(plan, outer, each.place.host))
        body = None if is_socket else body_of(plan)
    except CannotEncode as exc:
        return replace(made, unsupported=str(exc))
    results, accept = ((ResultSpec(101, "socket"),), "") if is_socket else results_of(plan)
    every = combined([*inputs, *(() if body is None else body.inputs)])
    renamed = {(one.place, one.names, one.type): one.argument for one in every}
    return replace(
        made,
        inputs=tuple(inputs),
        body=body if body is None else replace(
            body, inputs=tuple(replace(one, argument=renamed.get(_of(one), one.argument)) for one in body.inputs)
        ),
        results=results,
        problems=problems_of(plan, options.get("responses") or {}),
        order=in_order(plan, every),
        accept=accept,
        paging=_paging(plan),
        socket=_socket(plan) if is_socket else None,
    )  # fmt: skip


def _of(one: Any) -> tuple[Any, ...]:
    return one.place, one.names, one.type


def _paging(plan: Plan) -> PagingSpec | None:
    paging = plan.reply.paging
    if paging is None:
        return None
    limit, parameter = paging.names
    return PagingSpec(parameter, limit, paging.items, paging.next)


def _socket(plan: Plan) -> SocketSpec:
    read = next((each for each in plan.reads if isinstance(each, Read) and each.source == SOCKET), None)
    if read is None or read.messages is None:
        return SocketSpec(UNSET, UNSET)
    options = read.messages.options
    return SocketSpec(
        read.messages.incoming, read.messages.outgoing, options.on_invalid == "problem", options.subprotocol or ""
    )
