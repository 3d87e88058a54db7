"""The list of routes of a typed router: guards the routes that enter it, and compiles those of its index."""

from collections.abc import Iterable, Iterator
from typing import Any
from weakref import WeakSet

from signette._overrides import overrides
from signette.declarative.policies.entries import Entry, combined
from signette.declarative.problems.format import ProblemFormat
from signette.declarative.routing.compiled import CompiledRoute
from signette.declarative.routing.guarded import GuardedApp
from signette.declarative.routing.guarding import guarded
from signette.declarative.routing.head_index import index_of
from signette.declarative.routing.options import RouteOptions
from signette.declarative.routing.resolving import check_whole_path
from signette.declarative.routing.routes import TypedRoute, TypedWebSocketRoute
from signette.declarative.routing.webhooks import WebhookRoute
from signette.declarative.signature.depends import Dependency
from signette.declarative.sources.source import Source
from signette.declarative.sources.table import SOURCES
from signette.routing.base import BaseRoute, Handler
from signette.routing.index import RouteIndex
from signette.routing.route import Route
from signette.routing.routelist import RouteList


class DocumentRoute(Route):
    """A route of the OpenAPI document or the API docs. Dependencies of the application do not run for it."""

    may_be_unreachable = False
    """Whether other routes may match all of its requests: few users need it."""


class HealthRoute(TypedRoute):
    """A route for health checks. Dependencies of the application do not run for it: probes have no credentials."""


class GuardedRoutes(RouteList):
    """The list of routes of a typed router: adds the router's dependencies to each route that does not have them.

    Routes of the OpenAPI document, the API docs and the health checks are not guarded.
    """

    # On the class, because unpickling fills a list before it sets attributes.
    dependencies: tuple[Dependency, ...] = ()
    policies: tuple[Entry, ...] = ()
    sources: tuple[Source, ...] = SOURCES
    _apps: "WeakSet[Any] | None" = None

    def __init__(
        self,
        routes: Iterable[Any] = (),
        dependencies: tuple[Dependency, ...] = (),
        sources: tuple[Source, ...] = SOURCES,
        policies: tuple[Entry, ...] = (),
    ) -> None:
        self.dependencies = dependencies
        self.policies = policies
        self.sources = sources
        super().__init__(routes)

    def serve(self, app: Any) -> None:
        """Note that an application serves these routes and those of mounted routers.

        The index of a list with one application has compiled routes.
        """
        if self._apps is None:
            self._apps = WeakSet()
        if app not in self._apps:
            self._apps.add(app)
            self.forget_indexes()
        for routes in self._mounted():
            if app not in (routes._apps or ()):
                routes.serve(app)

    def _mounted(self) -> Iterator["GuardedRoutes"]:
        for route in self:
            mounted = getattr(route, "mounted_app", None)
            routes = getattr(mounted, "routes", None)
            if isinstance(routes, GuardedRoutes) and not hasattr(mounted, "router"):  # an application serves its own
                yield routes

    def _changed(self) -> None:
        super()._changed()
        for app in tuple(self._apps or ()):  # a router may be mounted after the start
            self.serve(app)

    def _handler_of(self, route: BaseRoute) -> Handler:
        apps = tuple(self._apps or ())
        for cls in (TypedRoute, TypedWebSocketRoute):
            # A subclass with its own `run` expects that each request calls it.
            if len(apps) == 1 and isinstance(route, cls) and not overrides(route, cls, "run"):
                return CompiledRoute(route, apps[0])
        return route

    def _new_index(self, kind: str) -> RouteIndex:
        return index_of(self, kind, self._handler_of)

    def _prepare_route(self, route: Any) -> Any:
        outer, policies = self.dependencies, self.policies
        if (not outer and not policies) or isinstance(route, DocumentRoute | HealthRoute | WebhookRoute):
            return super()._prepare_route(route)
        is_typed = isinstance(route, TypedRoute | TypedWebSocketRoute)
        guard: GuardedApp | None = getattr(route, "guard", None)
        has = route.outer if is_typed else guard.dependencies if guard is not None else ()
        if has[: len(outer)] == outer:
            outer = ()
        has_policies = tuple(route.options.get("policies") or ()) if is_typed else guard.policies if guard else ()
        if combined(policies, has_policies) == has_policies:
            policies = ()
        if not outer and not policies:
            return super()._prepare_route(route)
        options: RouteOptions = {"policies": policies} if policies else {}
        return super()._prepare_route(
            route.under("", outer, options) if is_typed else guarded(route, outer, self.sources, policies)
        )

    def __getstate__(self) -> dict[str, Any]:
        return {"dependencies": self.dependencies, "policies": self.policies, "sources": self.sources}


class WholeRoutes(GuardedRoutes):
    """The list of routes of an application: no prefix is put before their paths.

    It has the application's error format, for OpenAPI documents that are made of the list.
    """

    error_format: ProblemFormat | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "error_format": self.error_format}

    def _prepare_route(self, route: Any) -> Any:
        prepared = super()._prepare_route(route)
        check_whole_path(prepared)
        return prepared
