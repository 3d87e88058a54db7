"""The planned routes of an application: found in its routes and mounts, with the plans that had to wait for these."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from signette.declarative.errors.base import UnresolvedForwardRef
from signette.declarative.routing.outer_path import (
    OuterPath,
)
from signette.declarative.routing.planned import PlannedRoute
from signette.routing.nested import outer_convertors


def planned_routes(routes: Iterable[Any], app: Any = None) -> Iterator[PlannedRoute]:
    """The planned routes in a list and in what is mounted there; with `app`, without those of other applications."""
    return (route for route, _ in _with_outer_paths(routes, {}, app))


def check_whole_path(route: Any) -> None:
    """Raises SignatureError for a route of an application with a `Path()` that its path does not have."""
    guard = getattr(route, "guard", None)
    planned = [route] if isinstance(route, PlannedRoute) else [] if guard is None else list(guard.plans())
    for each in planned:
        with suppress(UnresolvedForwardRef):
            each.resolve()


def resolve_routes(routes: Iterable[Any]) -> None:
    """Make the plans that are missing, in a list of routes and in what is mounted there.

    A route that is mounted several times may read the path parameters that all these mounts have.

    Raises SignatureError.
    """
    found: dict[int, tuple[PlannedRoute, OuterPath]] = {}
    for route, outer in _with_outer_paths(routes, {}, None):
        known = found[id(route)][1] if id(route) in found else outer
        found[id(route)] = route, {name: each for name, each in outer.items() if known.get(name) is each}
    for route, outer in found.values():
        route.resolve(outer)
        for callback in route.options.get("callbacks") or ():
            callback.resolve()


def _with_outer_paths(routes: Iterable[Any], outer: OuterPath, app: Any) -> Iterator[tuple[PlannedRoute, OuterPath]]:
    """The planned routes with the path parameters of the mounts and hosts around them, inside their application."""
    for route in routes:
        if (guard := getattr(route, "guard", None)) is not None:
            yield from ((plan, outer) for plan in guard.plans())
        if isinstance(route, PlannedRoute):
            yield route, outer
            continue
        is_application = hasattr(getattr(route, "mounted_app", None), "router")
        if app is None or not is_application:
            inner = {} if is_application else {**outer, **outer_convertors(route)}
            yield from _with_outer_paths(getattr(route, "routes", None) or (), inner, app)
