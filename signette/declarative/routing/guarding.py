"""Putting guards before plain routes, mounts and hosts, and taking them away."""

import copy
from typing import Any

from signette._overrides import overrides
from signette.declarative.errors import guards as guard_errors
from signette.declarative.errors import policies as policy_errors
from signette.declarative.policies.entries import Entry, combined, declared
from signette.declarative.routing.guarded import GuardedApp
from signette.declarative.routing.planned import PlannedRoute
from signette.declarative.routing.router_stack import RouterStack
from signette.declarative.signature.callables import location_of
from signette.declarative.signature.depends import Dependency
from signette.declarative.sources.source import Source
from signette.routing.host import Host
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.routing.websocket import WebSocketRoute

_KINDS: tuple[tuple[type, tuple[str, ...]], ...] = (
    (Route, ("http",)),
    (WebSocketRoute, ("websocket",)),
    (Mount, ("http", "websocket")),
    (Host, ("http", "websocket")),
)


def guarded(
    route: Any,
    dependencies: tuple[Dependency, ...],
    sources: tuple[Source, ...],
    policies: tuple[Entry, ...] = (),
    stacks: tuple[RouterStack, ...] = (),
) -> Any:
    """The route with these dependencies, policies and middleware in front of those that it has.

    Raises:
        SignatureError: such a route cannot have them, or a dependency reads the body.
    """
    if not dependencies and not policies and not stacks:
        return route
    every = (*stacks, *getattr(route, "stacks", ()))
    kinds = _kinds_of(route)
    if kinds is None and not dependencies:
        for policy in declared(policies):
            raise policy_errors.policy_on_custom_route(location_of(type(route)), policy)
        for stack in every:
            stack.reject_use(location_of(type(route)))
        route = copy.copy(route)
        route.stacks = every
        return route
    if kinds is None:
        raise guard_errors.dependencies_on_custom_route(location_of(type(route)), dependencies[0].dependency)
    before: GuardedApp | None = getattr(route, "guard", None)
    if before is not None:
        dependencies, policies = (*dependencies, *before.dependencies), combined(policies, before.policies)
    route = copy.copy(route)
    if every:
        route.stacks = every
    if dependencies or policies or not all(stack.is_empty for stack in every):
        _put_guard(route, dependencies, policies, sources, kinds)
    return route


def _put_guard(
    route: Any,
    dependencies: tuple[Dependency, ...],
    policies: tuple[Entry, ...],
    sources: tuple[Source, ...],
    kinds: tuple[str, ...],
) -> None:
    before: GuardedApp | None = getattr(route, "guard", None)
    route.app = route.guard = GuardedApp(
        route.app if before is None else before.app,
        dependencies,
        policies,
        methods=getattr(route, "methods", None) or (),
        path=getattr(route, "path", ""),
        kinds=kinds,
        sources=sources,
        stacks=getattr(route, "stacks", ()),
    )


def surround(route: Any, stack: RouterStack, sources: tuple[Source, ...]) -> None:
    """Put a stack around a plain route that was included while the stack was empty. Raises SignatureError."""
    stacks: tuple[RouterStack, ...] = getattr(route, "stacks", ())
    if stack not in stacks or isinstance(route, PlannedRoute):
        return
    kinds = _kinds_of(route)
    if kinds is None:
        stack.reject_use(location_of(type(route)))
        return
    guard: GuardedApp | None = getattr(route, "guard", None)
    if guard is None:
        _put_guard(route, (), (), sources, kinds)
    elif guard.stacks != stacks:
        _put_guard(route, guard.dependencies, guard.policies, sources, kinds)


def unguarded(route: Any) -> tuple[Any, tuple[Dependency, ...], tuple[Entry, ...]]:
    """The route without its guard, and the dependencies and policies of the guard."""
    guard: GuardedApp | None = getattr(route, "guard", None)
    if guard is None:
        return route, (), ()
    route = copy.copy(route)
    route.app = guard.app
    del route.guard
    return route, guard.dependencies, guard.policies


def _kinds_of(route: Any) -> tuple[str, ...] | None:
    """The types of scopes that a route passes to its `app`; None for a custom route class."""
    return next((kinds for cls, kinds in _KINDS if _calls_app(route, cls)), None)


def _calls_app(route: Any, cls: type[Any]) -> bool:
    """Whether a route always calls its `app`: no subclass overrides that."""
    return isinstance(route, cls) and not overrides(route, cls, "handle", "run")
