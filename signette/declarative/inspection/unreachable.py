"""The warning about an unreachable route: the route, the routes before it, and their locations."""

from collections.abc import Sequence
from typing import Any

from signette.declarative.signature.callables import location_of


def unreachable_message(route: Any, others: Sequence[Any]) -> str:
    """The text of the warning about a route whose requests all match earlier routes."""
    earlier = " and ".join(_route_text(other) for other in others)
    verb, pronoun = ("match", "them") if len(others) > 1 else ("matches", "it")
    return (
        f"{_route_text(route)}\n  problem: unreachable route: {earlier} {verb} every request first\n"
        f"  hint: declare it before {pronoun}, or remove it"
    )


def _route_text(route: Any) -> str:
    """Methods, path and endpoint location of a route."""
    verbs = "/".join(sorted(set(getattr(route, "methods", None) or ()) - {"HEAD"})) or type(route).__name__
    endpoint = getattr(route, "endpoint", None)
    place = f" -> {location_of(endpoint)}" if endpoint is not None else ""
    return f"`{verbs} {route.path or '/'}`{place}"  # the path of a mount at the root is empty
