"""Markers and types of other frameworks, known by the module and the name of their class: nothing is imported."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_FRAMEWORKS = frozenset({
    "fastapi", "starlette", "litestar", "starlite", "ninja", "blacksheep", "robyn", "esmerald", "ravyn", "lilya",
    "panther", "quart", "flask", "sanic", "falcon", "aiohttp", "django",
})  # fmt: skip
# What these call otherwise; all other names are the same.
_OTHERWISE = {
    "ParameterKwarg": "Query", "BodyKwarg": "Body", "DependencyKwarg": "Depends", "Provide": "Depends",
    "FromQuery": "Query", "FromRoute": "Path", "FromHeader": "Header", "FromCookie": "Cookie", "FromJSON": "Body",
    "FromForm": "Form", "FromFiles": "File",
}  # fmt: skip
_MARKERS = frozenset({"Query", "Path", "Header", "Cookie", "Body", "Form", "File", "Depends", "Security"})
_TYPES = frozenset(
    {"Request", "Response", "WebSocket", "HTTPConnection", "BackgroundTasks", "UploadFile", "SecurityScopes"}
)


@dataclass(frozen=True, slots=True)
class Foreign:
    """Something of another framework: what it is called there, and what to import in its place, "" for nothing."""

    name: str
    ours: str


def foreign_marker(said: Any) -> Foreign | None:
    """A marker of another framework: an object, its class, or the function that makes it."""
    holders = said.__mro__ if isinstance(said, type) else (said, *type(said).__mro__)
    for holder in holders:
        found = _foreign(holder, _MARKERS)
        if found is not None:
            return found
    return None


@lru_cache(maxsize=4096)
def foreign_type(cls: Any) -> Foreign | None:
    """A class that another framework injects, or reads from the request."""
    for each in getattr(cls, "__mro__", ()):
        found = _foreign(each, _TYPES)
        if found is not None:
            return found
    return None


def _foreign(holder: Any, known: frozenset[str]) -> Foreign | None:
    package = str(getattr(holder, "__module__", "")).partition(".")[0]
    name = str(getattr(holder, "__name__", ""))
    ours = _OTHERWISE.get(name, name)
    if package not in _FRAMEWORKS or ours not in known:
        return None
    return Foreign(f"{package}.{name}", ours)
