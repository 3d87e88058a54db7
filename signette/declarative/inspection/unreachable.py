"""What is told of a route that is never reached: both, and where they stand."""

from collections.abc import Sequence
from typing import Any

from signette.declarative.signature.callables import location_of


def unreachable_message(route: Any, others: Sequence[Any]) -> str:
    """The warning for a route that others, which stand before it, leave nothing."""
    before = " and ".join(_told(other) for other in others)
    mend = "declare it before them, or take it out" if len(others) > 1 else "declare it before that one, or take it out"
    return f"{_told(route)}\n  what: it is never reached: {before} takes all that it could\n  mend: {mend}"


def _told(route: Any) -> str:
    """A route by its methods, its path and its endpoint's place."""
    verbs = "/".join(sorted(set(getattr(route, "methods", None) or ()) - {"HEAD"})) or type(route).__name__
    endpoint = getattr(route, "endpoint", None)
    place = f" -> {location_of(endpoint)}" if endpoint is not None else ""
    return f"`{verbs} {route.path}`{place}"
