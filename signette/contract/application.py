"""An application -> its contract: that of its OpenAPI document, its WebSockets, and the facts of its plans."""

from dataclasses import replace
from typing import Any, Protocol, cast

from signette.contract.document import contract_of_document
from signette.contract.facts import add_facts, limits_of_all
from signette.contract.keys import operation_key
from signette.contract.merging import merge
from signette.contract.model import Contract
from signette.contract.mounts import add_mounted, mounted_in
from signette.contract.sockets import sockets_of
from signette.declarative.openapi.document import documented_routes
from signette.limits import Limits, limits_within


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
    return _contract(app, None, ())


def _contract(app: Any, outer_limits: Limits | None, outer: tuple[int, ...]) -> Contract:
    contract = contract_of_document(app.openapi())
    limits = limits_within(_limits(app), outer_limits)
    contract["made_from"] = "application"
    contract["limits"] = limits_of_all(limits)
    for (method, path), route in documented_routes(app.routes).items():
        operation = contract["operations"].get(operation_key(method, path))
        if operation is not None:
            add_facts(operation, route, method, limits, app.routes)
    sockets, schemes, schemas = sockets_of(app.routes, limits)
    of_sockets = {**_empty(contract), "sockets": sockets, "schemes": schemes, "schemas": schemas}
    merge(contract, cast(Contract, of_sockets), "Message")
    _add_mounted(contract, app.routes, app, limits, (*outer, id(app)))
    return contract


def _add_mounted(contract: Contract, routes: Any, app: Any, limits: Limits, outer: tuple[int, ...]) -> None:
    """Add the contracts of the applications that are mounted, also by mounts of plain routes."""
    for mounted in mounted_in(routes):
        if id(mounted.app) in outer:
            continue
        if mounted.is_documented:
            inner = _contract(mounted.app, limits, outer)
        else:
            inner = _empty(contract)
            _add_mounted(inner, mounted.route.routes, app, limits, outer)
        add_mounted(contract, mounted, inner, app)


def _limits(app: Any) -> Limits:
    limits: Limits = app.limits or Limits()
    most = getattr(app, "max_body_size", None)
    return limits if most is None else replace(limits, body_bytes=most)


def _empty(contract: Contract) -> Contract:
    parts: Any = {name: {} for name in ("operations", "sockets", "webhooks", "schemes", "schemas")}
    return cast(Contract, {**contract, **parts})
