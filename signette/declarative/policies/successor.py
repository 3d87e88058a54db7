"""The successor of a deprecated operation: the same operation in a later version of the API."""

from collections.abc import Iterable, Sequence
from typing import Any

from signette._patterns import lazy_pattern
from signette.declarative.policies.base import Operation
from signette.paths import path_for_url, root_for_url
from signette.routing.matching import replace_parameters
from signette.types import Scope

_NUMBERS = lazy_pattern(r"\d+|\D+")


class Successors:
    """Finds the successors of the operations of one application. Each is looked for once, at the first request."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, str] | None] = {}

    def path_of(self, operation: Operation, scope: Scope) -> str | None:
        """The path of the request in the next version that has the operation and is not deprecated; None without one.

        It is the path of the request, with another segment for the version: no parameter is filled in.
        """
        if operation.name not in self._found:
            owner = scope.get("app") or scope.get("router")
            self._found[operation.name] = successor_of(operation, getattr(owner, "routes", ()))
        found = self._found[operation.name]
        if found is None:
            return None
        index, version = found
        root = root_for_url(scope)
        segments = path_for_url(scope).removeprefix(root).split("/")
        if index >= len(segments) or segments[index] != operation.version:
            return None  # a parameter with slashes is before the version
        return root + "/".join((*segments[:index], version, *segments[index + 1 :]))


def successor_of(operation: Operation, routes: Iterable[Any]) -> tuple[int, str] | None:
    """The index of the segment that is the version, and the version of the successor."""
    own = _segments(operation.path)
    listed = [route for route in routes if getattr(route, "plan", None) is not None]
    if not any(route.path == operation.path for route in listed):
        return None  # the operation is in a router that is mounted
    later = [(version, index) for route in listed if (version := _version_of(route)) is not None
             and _order(version) > _order(operation.version) and _is_current(route)
             and (index := _place_of_version(own, operation.version, _segments(route.path), version)) is not None
             and _takes(route, operation)]  # fmt: skip
    if not later:
        return None
    version, index = min(later, key=lambda each: _order(each[0]))
    return index, version


def _place_of_version(own: Sequence[str], version: str, other: Sequence[str], successor: str) -> int | None:
    """The index of the one segment in which two paths differ, if the versions are there; else None."""
    if len(own) != len(other):
        return None
    differing = [index for index, pair in enumerate(zip(own, other, strict=True)) if pair[0] != pair[1]]
    is_version = len(differing) == 1 and (own[differing[0]], other[differing[0]]) == (version, successor)
    return differing[0] if is_version else None


def _takes(route: Any, operation: Operation) -> bool:
    if operation.is_socket or route.plan.socket:
        return operation.is_socket and bool(route.plan.socket)
    return set(operation.methods) <= set(route.methods)


def _is_current(route: Any) -> bool:
    """Whether it is not deprecated."""
    deprecated = route.options.get("deprecated") or any(each.documentation.deprecated for each in route.plan.policies)
    return not deprecated


def _version_of(route: Any) -> str | None:
    version: str | None = route.options.get("version")
    return version


def _segments(path: str) -> list[str]:
    """The segments of a path template. Names of parameters do not count."""
    return replace_parameters(path, lambda _: "{}").split("/")


def _order(version: str) -> list[tuple[bool, int, str]]:
    """The order of versions: "v2" is before "v10", and "2026-01-01" before "2026-07-01"."""
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in _NUMBERS.findall(version)]
