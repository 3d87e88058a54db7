"""Routes -> the OpenAPI document. Only plans and options are read, no signature is inspected again."""

from collections.abc import Iterable, Mapping
from typing import Any

from signette.declarative.adapters.serializers import to_jsonable
from signette.declarative.openapi.dialect import OPENAPI_3_1, Dialect
from signette.declarative.openapi.info import Info
from signette.declarative.openapi.names import Operation, operation_ids
from signette.declarative.openapi.operation import Operations
from signette.declarative.openapi.responses import Responses
from signette.declarative.openapi.schemas import Schemas
from signette.declarative.openapi.security import SchemeNames
from signette.declarative.problems.format import ProblemFormat
from signette.declarative.routing.routes import TypedRoute
from signette.routing.matching import parameters_in, replace_parameters, without_convertors


def openapi_document(
    routes: Iterable[Any],
    info: Info,
    errors: ProblemFormat,
    *,
    webhooks: Iterable[Any] = (),
    dialect: Dialect = OPENAPI_3_1,
    separate_input_output_schemas: bool = True,
    problem_members: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The OpenAPI document of the typed routes. Of routes with the same method and path, the first counts.

    Paths are in the order of the routes, components in the order of their names. Names do not depend on the order of
    routes. `webhooks` are requests that the application sends. Unless `separate_input_output_schemas`, the input
    schema of a model is used for requests and responses. `problem_members` are those that middleware adds to problems.

    Raises SignatureError for an annotation with an undefined name.
    """
    chosen = _chosen(routes)
    outgoing = _outgoing(webhooks)
    ids = operation_ids([*chosen, *outgoing])
    schemas = Schemas(separate_input_output_schemas)
    responses = Responses(schemas, errors, dialect, problem_members or {})
    callbacks = [each for route in chosen.values() for each in route.options.get("callbacks") or ()]
    every = (*chosen.values(), *outgoing.values(), *(route for route in callbacks if route.include_in_schema))
    schemes = SchemeNames(scheme for route in every for scheme, _ in route.plan.security)
    operations = Operations(responses, schemes)
    incoming = {
        each: operations.incoming(chosen[each], each.method, ids[each], _renamed(chosen[each].plan.path, each.path))
        for each in sorted(chosen, key=lambda each: (each.path, each.method))
    }
    paths: dict[str, dict[str, Any]] = {}
    for each in chosen:
        dialect.put(paths.setdefault(each.path, {}), each.method, incoming.pop(each))
    hooks: dict[str, dict[str, Any]] = {}
    for each in sorted(outgoing, key=lambda each: (each.path, each.method)):
        dialect.put(hooks.setdefault(each.path, {}), each.method, operations.outgoing(outgoing[each], ids[each]))
    finished, components = schemas.finish_items({"paths": paths, "webhooks": hooks} if hooks else {"paths": paths})
    return _document(info, dialect, finished, components, schemes)


def routes_by_operation_id(routes: Iterable[Any], webhooks: Iterable[Any] = ()) -> dict[str, TypedRoute]:
    """The routes of the document, by their operation ids; without those of webhooks, which receive no requests."""
    chosen = _chosen(routes)
    ids = operation_ids([*chosen, *_outgoing(webhooks)])
    return {ids[operation]: route for operation, route in chosen.items()}


def documented_routes(routes: Iterable[Any]) -> dict[tuple[str, str], TypedRoute]:
    """The routes of the document, by method and path as the document has them."""
    return {(operation.method, operation.path): route for operation, route in _chosen(routes).items()}


def _document(
    info: Info, dialect: Dialect, operations: Mapping[str, Any], components: Mapping[str, Any], schemes: SchemeNames
) -> dict[str, Any]:
    document: dict[str, Any] = {"openapi": dialect.version, "info": _info(info)}
    if info.servers:
        document["servers"] = to_jsonable(info.servers)
    document |= operations
    parts = {"schemas": components, "securitySchemes": to_jsonable(schemes.described)}
    if any(parts.values()):
        document["components"] = {name: part for name, part in parts.items() if part}
    if info.tags:
        document["tags"] = to_jsonable(info.tags)
    if info.external_docs:
        document["externalDocs"] = to_jsonable(info.external_docs)
    return document


def _info(info: Info) -> dict[str, Any]:
    members = {
        "title": info.title,
        "summary": info.summary,
        "description": info.description,
        "termsOfService": info.terms_of_service,
        "contact": info.contact,
        "license": info.license_info,
        "version": info.version,
    }
    return {name: to_jsonable(value) for name, value in members.items() if value is not None}


def _chosen(routes: Iterable[Any]) -> dict[Operation, TypedRoute]:
    """The operations of the document, with their routes."""
    shown = [route for route in routes if isinstance(route, TypedRoute) and route.include_in_schema]
    templates: dict[str, str] = {}
    shapes = [_shape(route.plan.path) for route in shown]
    for route, shape in zip(shown, shapes, strict=True):
        # OpenAPI 3.1 §4.8.8: templates that differ only in the names of parameters are the same path.
        template = without_convertors(route.plan.path)
        templates[shape] = min(template, templates.get(shape, template))
    chosen: dict[tuple[str, str], tuple[Operation, TypedRoute]] = {}
    for route, shape in zip(shown, shapes, strict=True):
        path = templates[shape]
        for method in route.plan.methods:
            # The first match wins, as in routing.
            chosen.setdefault((path, method), (_operation(method, path, route), route))
    return dict(chosen.values())


def _outgoing(webhooks: Iterable[Any]) -> dict[Operation, Any]:
    """The operations of webhooks, with their routes."""
    shown = [route for route in webhooks if route.include_in_schema]
    return {_operation(method, route.path, route): route for route in shown for method in route.plan.methods}


def _operation(method: str, path: str, route: Any) -> Operation:
    make = route.options.get("generate_unique_id_function")
    given = route.options.get("operation_id") or (None if make is None else make(route))
    return Operation(method, path, str(given or route.name), bool(given))


def _shape(path: str) -> str:
    """The path without the names of its parameters."""
    return replace_parameters(path, lambda _: "{}")


def _renamed(path: str, shown: str) -> dict[str, str]:
    own, names = ([parameter.name for parameter in parameters_in(each)] for each in (path, shown))
    return dict(zip(own, names, strict=True))
