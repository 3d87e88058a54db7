"""Applications that are mounted: their contracts below a path, with the dependencies and policies in front of them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, cast

from signette.contract.facts import policies_of
from signette.contract.keys import parameter_names, path_key
from signette.contract.merging import merge
from signette.contract.model import (
    Contract,
    Input,
    OperationContract,
    PolicyContract,
    ProblemContract,
    Requirement,
    Response,
)
from signette.contract.parts import Parts
from signette.contract.schemas import text_of_json
from signette.declarative.adapters.serializers import to_jsonable
from signette.declarative.openapi.parameters import parameters, path_values
from signette.declarative.openapi.responses import Responses
from signette.declarative.openapi.schemas import Schemas
from signette.declarative.openapi.security import SchemeNames, requirements
from signette.declarative.plan.steps import Plan
from signette.routing.matching import without_convertors

_GUARD = "GUARD "
Alternatives = list[list[Requirement]]


@dataclass(frozen=True)
class Mounted:
    """An application that is mounted, or plain routes in which others may be."""

    route: Any
    app: Any

    @property
    def is_documented(self) -> bool:
        """Whether it has an OpenAPI document."""
        return hasattr(self.app, "openapi") and hasattr(self.app, "limits")

    @property
    def path(self) -> str:
        """The path template, without convertors."""
        return without_convertors(getattr(self.route, "path", ""))

    def plan(self, *, socket: bool) -> Plan | None:
        """The plan of the dependencies and policies in front of it; None without any."""
        guard = getattr(self.route, "guard", None)
        plans = () if guard is None else (each.plan for each in guard.plans())
        return next((plan for plan in plans if plan.socket is socket), None)


def mounted_in(routes: Any) -> Iterator[Mounted]:
    """What is mounted, applications of other frameworks excepted."""
    for route in routes:
        app = getattr(route, "mounted_app", None)
        if app is not None and hasattr(route, "routes"):
            yield Mounted(route, app)


def add_mounted(contract: Contract, mounted: Mounted, inner: Contract, outer_app: Any) -> None:
    """Add the contract of a mounted application to that of the application around it."""
    path = mounted.path
    label = re.sub(r"[^A-Za-z0-9_-]+", ".", path).strip(".") or "mounted"
    for member, socket in (("operations", False), ("sockets", True)):
        merge(inner, _front(mounted, inner, outer_app, socket=socket), label)
        operations: dict[str, Any] = cast(Any, inner)[member]
        front = inner["operations"].pop(_GUARD + path)
        cast(Any, inner)[member] = {_below(path, key): _behind(front, each) for key, each in operations.items()}
    inner["webhooks"] = {f"{key} ({path})" if path else key: each for key, each in inner["webhooks"].items()}
    merge(contract, inner, label)


def _front(mounted: Mounted, inner: Contract, app: Any, *, socket: bool) -> Contract:
    """What is in front of a mounted application, as a contract with one operation."""
    plan, schemas = mounted.plan(socket=socket), Schemas()
    described: dict[str, Any] = {"parameters": _path_parameters(mounted.route, schemas)}
    schemes = SchemeNames(() if plan is None else (scheme for scheme, _ in plan.security))
    if plan is not None:
        described["parameters"] += parameters(plan, schemas, {})
        described["security"] = requirements(plan.security, schemes) if plan.security else []
        if not socket:
            described["responses"] = Responses(schemas, app.errors, app.dialect, {}).responses(plan, {})
    finished, components = schemas.finish(described)
    parts = Parts({"components": {"schemas": components, "securitySchemes": to_jsonable(schemes.described)}})
    responses, problems = parts.responses(finished.get("responses"))
    operation: OperationContract = {
        "name": None,
        "path": mounted.path,
        "deprecated": None,
        "inputs": parts.inputs(mounted.path, finished["parameters"]),
        "body": None,
        "responses": {status: each for status, each in responses.items() if status[0] in "45"},
        "problems": problems,
        "security": parts.security(finished),
        "policies": {} if plan is None else policies_of(plan),
    }
    empty: Any = {name: {} for name in ("sockets", "webhooks")}
    return cast(
        Contract,
        {
            **inner,
            **empty,
            "operations": {_GUARD + mounted.path: operation},
            "schemes": parts.used_schemes(),
            "schemas": parts.schemas.finish(),
        },
    )


def _path_parameters(route: Any, schemas: Schemas) -> list[Any]:
    values = path_values(getattr(route, "path", ""), {}, schemas)
    return [{"name": each.name, "in": "path", "required": True, "schema": each.schema} for each in values]


def _below(path: str, key: str) -> str:
    """The key of an operation or a socket below a path."""
    method, space, rest = key.partition(" ")
    return f"{method} {path_key(path)}{rest}" if space else path_key(path) + key


def _behind(front: OperationContract, inner: Mapping[str, Any]) -> Any:
    """An operation or a socket, with what is in front of it."""
    own: Any = dict(inner)
    path = front["path"]
    own["path"] = path + own["path"]
    own["inputs"] = _inputs(front, own["inputs"])
    own["security"] = _both(front["security"], own["security"])
    own["policies"] = _policies(front, own["policies"])
    if "responses" in own:
        responses: dict[str, Response] = front["responses"] | own["responses"]
        problems: dict[str, ProblemContract] = front["problems"] | own["problems"]
        own |= {"responses": responses, "problems": problems}
    return own


def _inputs(front: OperationContract, own: Mapping[str, Input]) -> dict[str, Input]:
    offset = len(parameter_names(front["path"]))
    found = dict(front["inputs"])
    for key, each in own.items():
        place, _, number = key.partition(" ")
        found[f"path {int(number) + offset}" if place == "path" else key] = each
    return found


def _both(front: Alternatives, own: Alternatives) -> Alternatives:
    """The alternatives of requests that satisfy both."""
    found: dict[str, list[Requirement]] = {}
    for pair in product(front or [[]], own or [[]]):
        scopes: dict[str, set[str]] = {}
        for requirement in (each for alternative in pair for each in alternative):
            scopes.setdefault(requirement["scheme"], set()).update(requirement["scopes"])
        together: list[Requirement] = [
            {"scheme": name, "scopes": sorted(each)} for name, each in sorted(scopes.items())
        ]
        found[text_of_json(together)] = together
    ordered = [each for _, each in sorted(found.items())]
    return ordered if any(ordered) else []


def _policies(front: OperationContract, own: Mapping[str, PolicyContract]) -> dict[str, PolicyContract]:
    """The policies of both. One of a class that the operation has, too, is named after the path."""
    outer = {
        f"{name} of {path_key(front['path'])}" if name in own else name: each
        for name, each in front.get("policies", {}).items()
    }
    return {**outer, **own}
