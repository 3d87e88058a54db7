"""`signette routes`: list the routes of an application."""

import argparse
import json
import re
from collections.abc import Sequence
from typing import Any

from signette.cli.colors import ROUTES, show
from signette.cli.errors import UsageError
from signette.cli.loading import APP_HELP, load
from signette.routing.host import Host
from signette.routing.mount import Mount
from signette.routing.websocket import WebSocketRoute

Row = tuple[str, str, str, str]
COLUMNS = ("methods", "path", "name", "endpoint")


def add_routes(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `routes`."""
    parser.add_argument("app", help=APP_HELP)
    parser.add_argument(
        "filter", nargs="?", help="list only routes with this text in a column: `GET`, `/items`, `read_item`"
    )
    parser.add_argument("--method", help="list only routes with this method")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(do=list_routes)


def list_routes(args: argparse.Namespace) -> int:
    """List the routes in matching order: methods, path, name, endpoint."""
    rows = [row for row in rows_of(load(args.app).routes) if is_listed(row, args.filter, args.method)]
    if args.json:
        print(json.dumps([as_json(row) for row in rows], indent=2))
        return 0
    if not rows and (args.filter or args.method):
        raise UsageError(f"no route of `{args.app}` matches\n  hint: `signette routes {args.app}` lists all routes")
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    lines = (
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]).rstrip()
        for row in rows
    )
    if rows:
        show("\n".join(lines), ROUTES)
    return 0


def is_listed(row: Row, text: str | None, method: str | None) -> bool:
    """Whether a route has the text in one of its columns, and the method."""
    if method and method.upper() not in row[0].split(","):
        return False
    return not text or re.search(re.escape(text), "\n".join(row), re.IGNORECASE) is not None


def as_json(row: Row) -> dict[str, Any]:
    """A route as JSON: `methods` is an array, or the kind of a route without methods."""
    kind, *others = row
    return dict(zip(COLUMNS, (kind.split(","), *others), strict=True))


def rows_of(routes: Sequence[Any], prefix: str = "") -> list[Row]:
    """Methods, path, name and endpoint of each route. Routes of a mount follow the mount."""
    rows = []
    for route in routes:
        path = f"{prefix}{getattr(route, 'path', None) or getattr(route, 'host', '')}"
        methods = getattr(route, "methods", None)
        kind = ",".join(sorted(methods)) if methods else kind_of(route)
        endpoint = getattr(route, "endpoint", None) or getattr(route, "mounted_app", None)
        where = f"{getattr(endpoint, '__module__', '')}.{getattr(endpoint, '__qualname__', type(endpoint).__name__)}"
        rows.append((kind, path, getattr(route, "name", None) or "", where))
        if not methods and getattr(route, "routes", None):
            rows += rows_of(route.routes, path)
    return rows


def kind_of(route: Any) -> str:
    """The word to show for a route without methods."""
    kinds = {WebSocketRoute: "WEBSOCKET", Mount: "MOUNT", Host: "HOST"}
    return next((word for kind, word in kinds.items() if isinstance(route, kind)), "ANY")
