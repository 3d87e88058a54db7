"""Detect markers and types of other frameworks by module and class name, without importing them."""

from functools import lru_cache
from typing import Any

from signette._dataclasses import dataclass

_FRAMEWORKS = frozenset({
    "fastapi", "starlette", "litestar", "starlite", "ninja", "blacksheep", "robyn", "esmerald", "ravyn", "lilya",
    "panther", "quart", "flask", "sanic", "falcon", "aiohttp", "django",
})  # fmt: skip
# Names that differ from those of signette.
_RENAMED = {
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
    """An object of another framework: its name there, and the name to import from signette."""

    name: str
    replacement: str


def foreign_marker(value: Any) -> Foreign | None:
    """The marker of another framework that a value is: an instance, a class or a function."""
    holders = value.__mro__ if isinstance(value, type) else (value, *type(value).__mro__)
    for holder in holders:
        found = _foreign(holder, _MARKERS)
        if found is not None:
            return found
    return None


@lru_cache(maxsize=4096)
def foreign_type(cls: Any) -> Foreign | None:
    """The class of another framework that is injected, or read from the request, there."""
    for each in getattr(cls, "__mro__", ()):
        found = _foreign(each, _TYPES)
        if found is not None:
            return found
    return None


def _foreign(holder: Any, known: frozenset[str]) -> Foreign | None:
    package = str(getattr(holder, "__module__", "")).partition(".")[0]
    name = str(getattr(holder, "__name__", ""))
    replacement = _RENAMED.get(name, name)
    if package not in _FRAMEWORKS or replacement not in known:
        return None
    return Foreign(f"{package}.{name}", replacement)
