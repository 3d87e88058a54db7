"""An application -> its contract: that of its OpenAPI document, its WebSockets, and the facts of its plans."""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol, cast

from signette.contract.document import contract_of_document
from signette.contract.facts import add_facts, limits_of_all
from signette.contract.keys import input_key, operation_key, parameter_names, path_key
from signette.contract.merging import merge
from signette.contract.model import Contract, Input, OperationContract, SocketContract
from signette.contract.sockets import sockets_of
from signette.declarative.openapi.document import documented_routes
from signette.limits import Limits
from signette.routing.matching import without_convertors


class DocumentedApp(Protocol):
    """An application with an OpenAPI document, such as `App`."""

    limits: Any

    @property
    def routes(self) -> Any:
        """Its routes."""

    def openapi(self) -> dict[str, Any]:
        """Its OpenAPI document."""


def contract_of(app: DocumentedApp) -> Contract:
    """The contract of an application, with those of the applications that are mounted in it.

    The same for equal applications: the order of routes, models and members does not count, and neither do names of
    functions, descriptions and tags. Routes that are not in the OpenAPI document are not in the contract.

    Raises SignatureError for a route whose plan cannot be made.
    """
    return _contract(app, ())


def _contract(app: Any, outer: tuple[int, ...]) -> Contract:
    contract = contract_of_document(app.openapi())
    limits = _limits(app)
    contract["made_from"] = "application"
    contract["limits"] = limits_of_all(limits)
    for (method, path), route in documented_routes(app.routes).items():
        operation = contract["operations"].get(operation_key(method, path))
        if operation is not None:
            add_facts(operation, route, method, limits, app.routes)
    sockets, schemes, schemas = sockets_of(app.routes, limits)
    of_sockets = {**_empty(contract), "sockets": sockets, "schemes": schemes, "schemas": schemas}
    merge(contract, cast(Contract, of_sockets), "Message")
    for path, mounted in _mounted(app.routes):
        if id(mounted) not in outer:
            merge(contract, _below(path, _contract(mounted, (*outer, id(app)))), _label(path))
    return contract


def _limits(app: Any) -> Limits:
    limits: Limits = app.limits or Limits()
    most = getattr(app, "max_body_size", None)
    return limits if most is None else replace(limits, body_bytes=most)


def _empty(contract: Contract) -> Contract:
    parts: Any = {name: {} for name in ("operations", "sockets", "webhooks", "schemes", "schemas")}
    return cast(Contract, {**contract, **parts})


def _mounted(routes: Any) -> Iterator[tuple[str, Any]]:
    """The applications that are mounted, with their paths."""
    for route in routes:
        app = getattr(route, "mounted_app", None)
        if hasattr(app, "openapi") and hasattr(app, "limits"):
            yield without_convertors(getattr(route, "path", "")), app


def _below(path: str, contract: Contract) -> Contract:
    """The contract of an application that is mounted at a path."""
    # A mounted application has no webhooks of the outer one; its keys are below its path.
    contract["webhooks"] = {f"{key} ({path})" if path else key: each for key, each in contract["webhooks"].items()}
    contract["operations"] = {
        f"{key.partition(' ')[0]} {path_key(path)}{key.partition(' ')[2]}": cast(OperationContract, _moved(path, each))
        for key, each in contract["operations"].items()
    }
    contract["sockets"] = {
        path_key(path) + key: cast(SocketContract, _moved(path, each)) for key, each in contract["sockets"].items()
    }
    return contract


def _moved(path: str, operation: Mapping[str, Any]) -> Mapping[str, Any]:
    """An operation or a socket below a path, whose parameters are inputs, too."""
    moved = copy.copy(dict(operation))
    whole = moved["path"] = path + operation["path"]
    inputs = {input_key("path", name, whole): _path_input(name) for name in parameter_names(path)}
    offset = len(parameter_names(path))
    for key, each in operation["inputs"].items():
        place, _, number = key.partition(" ")
        inputs[f"path {int(number) + offset}" if place == "path" else key] = each
    moved["inputs"] = inputs
    return moved


def _path_input(name: str) -> Input:
    return {
        "in": "path",
        "name": name,
        "required": True,
        "deprecated": False,
        "style": "simple",
        "explode": False,
        "schema": {"type": "string"},
    }


def _label(path: str) -> str:
    """The end of names of a mounted application: `/api/v1` -> `api.v1`."""
    return re.sub(r"[^A-Za-z0-9_-]+", ".", path).strip(".") or "mounted"
