"""The router of an application, and the options that an application handles itself."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

from signette.declarative.problems.format import ProblemFormat
from signette.declarative.routing.option_checks import check_form_limits
from signette.declarative.routing.options import RouterOptions, copied
from signette.declarative.routing.planned import PlannedRoute
from signette.declarative.routing.resolving import check_whole_path
from signette.declarative.routing.route_list import DocumentRoute, WholeRoutes
from signette.declarative.routing.router import Router, policies_of
from signette.declarative.routing.routes import TypedRoute, TypedWebSocketRoute
from signette.declarative.sources.operation_limits import form_fields
from signette.limits import Limits, max_body_size_of
from signette.routing.lifespan import LifespanContext
from signette.routing.routelist import RouteList


class Root(Router):
    """The router of an application. Its routes cannot have an empty path."""

    owner = "the application"
    _error_format: ProblemFormat | None = None
    asyncapi_route: DocumentRoute | None = None
    """The route of the AsyncAPI document, until the first WebSocket is added."""

    def _add(self, route: Any) -> None:
        if isinstance(route, PlannedRoute) and not route.path:
            raise ValueError(f"route {route.name!r} has an empty path; add a path, or a prefix to its router")
        super()._add(route)
        if isinstance(route, TypedWebSocketRoute) and self.asyncapi_route is not None:
            document, self.asyncapi_route = self.asyncapi_route, None
            # Next to the other documents, so that the last route stays the one that was added last.
            known = [at for at, each in enumerate(self.routes, 1) if isinstance(each, DocumentRoute)]
            self.routes.insert(known[-1] if known else 0, document)

    def _add_frontend(self, route: TypedRoute) -> None:
        check_whole_path(route)
        super()._add_frontend(route)

    def _listed(self, routes: Iterable[Any]) -> RouteList:
        listed = WholeRoutes(routes, self.shared.dependencies, self.sources, policies_of(self.shared.options))
        listed.error_format = self._error_format
        return listed

    def serve(
        self, errors: ProblemFormat, declared: RouterOptions, outermost: LifespanContext, innermost: LifespanContext
    ) -> None:
        """Give the list of routes the application's error format, and run its lifespans around and inside of others.

        The outermost starts first and stops last, the innermost starts last and stops first. `declared` are the
        options that the application handles itself.
        """
        self._error_format = errors
        self.explain_also(declared)
        self._replace_routes(self.live_routes)
        self._outermost_lifespan, self._innermost_lifespan = outermost, innermost


def handled_by_application(options: RouterOptions) -> RouterOptions:
    """Take the options out that hold for the whole application, also for plain routes and mounts."""
    names = ("errors", "form_limits", "max_body_size")
    given = {name: copied(cast(Any, options).pop(name, None)) for name in names}
    return cast(RouterOptions, {name: value for name, value in given.items() if value is not None})


def with_shared_limits(limits: Limits, options: RouterOptions) -> Limits:
    """The limits with those of the options."""
    form_limits = options.get("form_limits")
    check_form_limits(form_limits)
    changed: dict[str, Any] = form_fields(form_limits, "the application")
    if (max_body_size := options.get("max_body_size")) is not None:
        changed["body_bytes"] = max_body_size_of("the application", max_body_size)
    return replace(limits, **changed)
