"""The path template of the route that a request has found, for middleware around it."""

from signette._scope_keys import MATCHED, MOUNTED
from signette.types import Scope


def route_of(scope: Scope) -> str | None:
    """The path template of the route, with those of the mounts before it; None if no route was found."""
    mounted: str = scope.get(MOUNTED, "")
    route = scope.get("route") or scope.get(MATCHED)
    return mounted + getattr(route, "template", "") or None
