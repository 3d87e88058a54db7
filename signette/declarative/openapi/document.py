"""Routes -> the OpenAPI document. What it says is read off their plans; no function is looked at again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from signette.declarative.adapters.dump import to_jsonable
from signette.declarative.error_format import ProblemFormat
from signette.declarative.openapi.answers import Answers
from signette.declarative.openapi.names import Operation, operation_ids
from signette.declarative.openapi.operation import operation_of
from signette.declarative.openapi.parameters import PIECE
from signette.declarative.openapi.schemas import Schemas
from signette.declarative.openapi.security import SchemeNames
from signette.declarative.routes import TypedRoute

VERSION = "3.1.0"
# OpenAPI 3.1 has no word for QUERY; 3.2 has one. Until then it stands under a key of our own.
_EXTENSION = {"query": "x-query"}
_FIXED = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})


@dataclass(frozen=True)
class Info:
    """What a document says of the whole API."""

    title: str = "API"
    version: str = "0.1.0"
    summary: str | None = None
    description: str | None = None
    terms_of_service: str | None = None
    contact: Mapping[str, Any] | None = None
    license_info: Mapping[str, Any] | None = None
    servers: tuple[Mapping[str, Any], ...] = ()
    tags: tuple[Mapping[str, Any], ...] = ()


def openapi_document(routes: Iterable[Any], info: Info, errors: ProblemFormat) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the typed routes among these; of two for one method and path, the first.

    Paths stand in the order of the routes, components in that of their names. No name depends on the order of routes.

    Raises PlanError where a route's annotations name what still does not exist.
    """
    chosen = _chosen(routes)
    ids = operation_ids(chosen)
    schemas = Schemas()
    answers = Answers(schemas, errors)
    schemes = SchemeNames(scheme for route in chosen.values() for scheme, _ in route.plan.security)
    told: dict[Operation, Any] = {}
    for operation in sorted(chosen, key=lambda each: (each.path, each.method)):
        route = chosen[operation]
        told[operation] = operation_of(
            route.plan, route.options, operation.name, ids[operation], answers, schemes,
            _renamed_pieces(route.plan.path, operation.path),
        )  # fmt: skip
    paths: dict[str, dict[str, Any]] = {}
    for operation in chosen:
        paths.setdefault(operation.path, {})[_key(operation.method)] = told[operation]
    settled, components = schemas.settle(paths)
    return _document(info, settled, components, schemes)


def _document(
    info: Info, paths: Mapping[str, Any], components: Mapping[str, Any], schemes: SchemeNames
) -> dict[str, Any]:
    document: dict[str, Any] = {"openapi": VERSION, "info": _info(info)}
    if info.servers:
        document["servers"] = to_jsonable(info.servers)
    document["paths"] = paths
    parts = {"schemas": components, "securitySchemes": to_jsonable(schemes.described)}
    if any(parts.values()):
        document["components"] = {name: part for name, part in parts.items() if part}
    if info.tags:
        document["tags"] = to_jsonable(info.tags)
    return document


def _info(info: Info) -> dict[str, Any]:
    said = {
        "title": info.title,
        "summary": info.summary,
        "description": info.description,
        "termsOfService": info.terms_of_service,
        "contact": info.contact,
        "license": info.license_info,
        "version": info.version,
    }
    return {name: to_jsonable(value) for name, value in said.items() if value is not None}


def _chosen(routes: Iterable[Any]) -> dict[Operation, TypedRoute]:
    """The operations of the document, each with the route that answers it."""
    shown = [route for route in routes if isinstance(route, TypedRoute) and route.include_in_schema]
    spelled: dict[str, str] = {}
    for route in shown:
        # OpenAPI 3.1 §4.8.8: templates that differ but in the names of their pieces are the same path.
        template = _template(route.plan.path)
        shape = PIECE.sub("{}", route.plan.path)
        spelled[shape] = min(template, spelled.get(shape, template))
    chosen: dict[tuple[str, str], tuple[Operation, TypedRoute]] = {}
    for route in shown:
        path = spelled[PIECE.sub("{}", route.plan.path)]
        for method in route.plan.methods:
            # The first that matches answers, here as in routing.
            chosen.setdefault((path, method), (Operation(method, path, _name(route)), route))
    return dict(chosen.values())


def _name(route: TypedRoute) -> str:
    return route.options.get("operation_id") or route.name


def _template(path: str) -> str:
    """The path without its convertors: `/items/{n:int}` -> `/items/{n}`."""
    return PIECE.sub(r"{\1}", path)


def _renamed_pieces(path: str, shown: str) -> dict[str, str]:
    own = [name for name, _ in PIECE.findall(path)]
    return dict(zip(own, (name for name, _ in PIECE.findall(shown)), strict=True))


def _key(method: str) -> str:
    """The member of a path item that a method's operation is."""
    word = method.lower()
    return word if word in _FIXED else _EXTENSION.get(word, f"x-{word}")
