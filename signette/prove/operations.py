"""The operations of an application that are proved: those of its OpenAPI document."""

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from signette.applications import Application
from signette.declarative.openapi.document import routes_by_operation_id
from signette.prove.law import ProvedOperation, Request

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


class NoOperations(ValueError):
    """No operation has the name that was given, or the application has no operations."""


def application_of(app: Any) -> Any:
    """The `signette.App` in an application that is wrapped in middleware by hand."""
    inner = app
    while not (isinstance(inner, Application) and hasattr(inner, "openapi")):
        inner = getattr(inner, "app", None)
        if inner is None:
            raise NoOperations(f"`{type(app).__name__}` is not a `signette.App`, so it has no contract to prove")
    return inner


def operations_of(app: Any, only: Iterable[str] = ()) -> tuple[ProvedOperation, ...]:
    """The operations of a `signette.App` in the order of its document.

    `only` are operation ids (`read_item`, `read_*`) or `GET /items/{item_id}`, of which one at least must match.

    Raises NoOperations.
    """
    document = app.openapi()
    routes = routes_by_operation_id(app.routes, app.webhooks.routes)
    found = [
        ProvedOperation(definition["operationId"], method, path, definition, document, app, route)
        for path, item in document.get("paths", {}).items()
        for method, definition in _definitions(item)
        if (route := routes.get(definition.get("operationId", ""))) is not None
    ]
    chosen = list(only)
    for pattern in chosen:
        if not any(is_named(each, pattern) for each in found):
            names = ", ".join(f"`{each.name}`" for each in found[:8])
            raise NoOperations(f"no operation is named `{pattern}`\n  hint: use an operation id: {names}")
    if not found:
        raise NoOperations("the OpenAPI document of the application has no operations")
    return tuple(each for each in found if not chosen or any(is_named(each, pattern) for pattern in chosen))


def is_named(operation: ProvedOperation, pattern: str) -> bool:
    """Whether an operation id, or method and path, fits a pattern."""
    return fnmatchcase(operation.name, pattern) or operation.key == pattern


def is_served_by(operation: ProvedOperation, request: Request) -> bool:
    """Whether no other route takes a request: `/books/count` may be another operation than `/books/{name}`."""
    found = route_for(operation, request)
    return found is None or found is operation.route


def route_for(operation: ProvedOperation, request: Request) -> Any:
    """The route that takes a request: a plain one, a mount or a host, too. None for a 404, a 405 or a redirect."""
    raw_path = request.path.encode("ascii")
    path = unquote_to_bytes(raw_path).decode("utf-8", "replace")
    host = request.header("host") or "testserver"
    scope = {
        "type": "http",
        "method": request.method,
        "path": path,
        "raw_path": raw_path,
        "root_path": "",
        "headers": [(b"host", host.encode("latin-1"))],
    }
    handler, _ = operation.app.router.find(path, scope)
    found = getattr(handler, "route", handler)  # its handler may be a substitute
    return found if hasattr(found, "matches") else None


def _definitions(item: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Methods and operations of a path item, with the parameters of the path item."""
    shared: Sequence[Any] = item.get("parameters", ())
    pairs = [(method.upper(), item[method]) for method in METHODS if method in item]
    pairs += [(name[2:].upper(), each) for name, each in item.items() if name.startswith("x-") and "responses" in each]
    pairs += item.get("additionalOperations", {}).items()
    return [(method, {**each, "parameters": [*shared, *each.get("parameters", ())]}) for method, each in pairs]


class Template:
    """A path template of the document, which finds the values of its parameters in paths."""

    def __init__(self, path: str) -> None:
        self.path = path
        parts = re.split(r"(\{[^}]*\})", path)
        self.names = [part[1:-1] for part in parts if part.startswith("{")]
        pattern = "".join(r"([^/?#]+)" if part.startswith("{") else re.escape(part) for part in parts)
        self._pattern = re.compile(pattern)

    def values(self, path: str) -> dict[str, str] | None:
        """The values of the parameters in a path, or None if the path does not match."""
        match = self._pattern.fullmatch(path)
        return None if match is None else dict(zip(self.names, map(unquote, match.groups()), strict=True))
