"""The router of typed endpoints: path operations, a prefix, and options that all its routes share."""

import copy
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Unpack, cast

from signette.declarative.errors import jobs as job_errors
from signette.declarative.jobs.declared import JobDefinition, JobOptions
from signette.declarative.policies.entries import Entry, combined
from signette.declarative.routing.class_views import HasMethods, is_in_class_body
from signette.declarative.routing.foreign_router import add_routes, is_router_of_fastapi
from signette.declarative.routing.frontend_routes import HasFrontends
from signette.declarative.routing.guarded import GuardedApp
from signette.declarative.routing.guarding import guarded, unguarded
from signette.declarative.routing.lifespans import CombinedLifespan
from signette.declarative.routing.merging import merge_options
from signette.declarative.routing.option_checks import check_one_version, check_own_options, check_socket_options
from signette.declarative.routing.options import RouteOptions, RouterOptions, WebSocketOptions
from signette.declarative.routing.planned import PlannedRoute
from signette.declarative.routing.resources import Resource, is_resource, router_of
from signette.declarative.routing.route_list import GuardedRoutes
from signette.declarative.routing.router_middleware import HasMiddleware, limit_app
from signette.declarative.routing.router_stack import RouterStack
from signette.declarative.routing.routes import TypedRoute, TypedWebSocketRoute
from signette.declarative.routing.shared_options import SharedOptions, joined, shared_options
from signette.declarative.routing.verbs import Verbs
from signette.declarative.routing.webhooks import WebhookRoute
from signette.declarative.signature.callables import location_of
from signette.declarative.sources.source import Source
from signette.declarative.sources.table import SOURCES
from signette.exceptions import UnusedOptionWarning
from signette.middleware.registry import Middleware
from signette.routing.events import EventFunction, add_events
from signette.routing.lifespan import LifespanContext
from signette.routing.mount import Mount
from signette.routing.route import TemplateRoute
from signette.routing.routelist import RouteList
from signette.routing.router import Router as PlainRouter
from signette.routing.websocket import WebSocketRoute
from signette.types import ASGIApp, ExceptionHandlers, Lifespan


class Router(Verbs, HasFrontends, HasMiddleware, HasMethods, PlainRouter):
    """A router of typed endpoints. Include it in an `App` or another router: `app.include_router(router)`.

    Routes that are added after the router was included count, too.
    """

    owner = "the router"
    """The name of its options in messages."""

    def __init__(
        self,
        routes: Iterable[Any] | None = None,
        *,
        redirect_slashes: bool = True,
        default: ASGIApp | None = None,
        lifespan: Lifespan[Any] | None = None,
        middleware: Sequence[Middleware] | None = None,
        exception_handlers: ExceptionHandlers | None = None,
        sources: Sequence[Source] = SOURCES,
        route_class: type[TypedRoute] = TypedRoute,
        on_startup: Sequence[EventFunction] | None = None,
        on_shutdown: Sequence[EventFunction] | None = None,
        dependency_overrides_provider: Any = None,
        **options: Unpack[RouterOptions],
    ) -> None:
        self._includes: list[Router] = []
        self._outermost_lifespan: LifespanContext | None = None
        self._jobs_declared: list[JobDefinition] = []
        self._innermost_lifespan: LifespanContext | None = None
        self.shared = shared_options(options, self.owner)
        if dependency_overrides_provider is not None:
            text = "`dependency_overrides_provider=` has no effect: set `dependency_overrides` of the application"
            warnings.warn(text, UnusedOptionWarning, stacklevel=2)
        self.sources = tuple(sources)
        self.stack = RouterStack(f"router {self.shared.prefix}".strip(), middleware, exception_handlers)
        super().__init__(routes, redirect_slashes, default, lifespan)
        add_events(self, on_startup, on_shutdown, stacklevel=2)
        self._build_middleware_stack()
        self.route_class = route_class
        self.frontends = RouteList()
        # Weak references: a module's router must not keep every application alive that a test includes it in.
        self._included_in: list[tuple[weakref.ref[Router], SharedOptions]] = []

    # By identity: its options are part of its routes.
    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__

    def add_api_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        methods: Sequence[str] | None = None,
        *,
        route_class_override: type[TypedRoute] | Any = None,
        **options: Unpack[RouteOptions],
    ) -> None:
        """Add a route for an endpoint. `route_class_override` is its class, in place of `route_class` of the router.

        A path with a runtime expression, such as `{$callback_url}/paid`, declares a callback: it is documented in the
        operations that list it in `callbacks=`, and receives no requests (OpenAPI 3.1 §4.8.20.4).

        Raises:
            SignatureError: invalid endpoint signature; the text has the location, the problem and a hint.
        """
        methods = ("GET",) if methods is None else methods
        check_own_options(options, endpoint)
        if is_in_class_body(endpoint):
            # Not the method of a subclass, which has already changed these arguments.
            add = partial(Router.add_api_route, self, route_class_override=route_class_override, **options)
            self._wait_for_class(endpoint, partial(add, path, endpoint, methods))
            return
        prefix, dependencies, shared, _ = self.shared
        if "{$" in path:
            self.routes.append(WebhookRoute(path, endpoint, methods, merge_options(shared, options)))
            return
        self._add(
            (route_class_override or self.route_class)(
                joined(prefix, path),
                endpoint,
                methods=methods,
                dependencies=dependencies,
                sources=self.sources,
                options=merge_options(shared, options),
            )
        )

    def add_api_websocket_route(
        self, path: str, endpoint: Callable[..., Any], **options: Unpack[WebSocketOptions]
    ) -> None:
        """Add a WebSocket route for an endpoint, which accepts the connection itself.

        Raises:
            SignatureError: invalid endpoint signature; the text has the location, the problem and a hint.
        """
        check_socket_options(options, endpoint)
        if is_in_class_body(endpoint):
            add = partial(Router.add_api_websocket_route, self, **options)
            self._wait_for_class(endpoint, partial(add, path, endpoint))
            return
        prefix, dependencies, shared, _ = self.shared
        self._add(
            TypedWebSocketRoute(
                joined(prefix, path),
                endpoint,
                dependencies=dependencies,
                sources=self.sources,
                options=merge_options(shared, cast(RouteOptions, options)),
            )
        )

    def include(
        self,
        resource: "Resource | type[Resource] | Router",
        *,
        middleware: Sequence[Middleware] | None = None,
        exception_handlers: ExceptionHandlers | None = None,
        **options: Unpack[RouterOptions],
    ) -> None:
        """Add the operations of a resource, or of a router: the same as `include_router`."""
        self.include_router(resource, middleware=middleware, exception_handlers=exception_handlers, **options)

    def include_router(
        self,
        router: "Router | Resource | type[Resource]",
        *,
        middleware: Sequence[Middleware] | None = None,
        exception_handlers: ExceptionHandlers | None = None,
        **options: Unpack[RouterOptions],
    ) -> None:
        """Add the routes of a router, or of a resource, below `prefix`, with the options here as defaults.

        `middleware` and `exception_handlers` are put around those of the router.

        Raises:
            TypeError: not a router of signette or FastAPI; or the router has a `default`, which would be ignored. Mount
                it instead.
            ValueError: the router would include itself, or a route would have an empty path.
            SignatureError: invalid middleware or exception handler, or an invalid resource.
        """
        if is_resource(router):
            router = router_of(router, Router)
        if is_router_of_fastapi(router):
            foreign: Any = router
            router = Router()
            router.lifespan_context = foreign.lifespan_context
            add_routes(foreign, router)
        if not isinstance(router, Router):
            hint = "mount it: `app.mount('/path', app)`" if callable(router) else "pass the `Router` itself"
            if isinstance(router, type):
                hint = f"write `class {router.__name__}(Resource)`, or pass an instance of a `Router`"
            raise TypeError(f"`include_router` takes a `signette.Router` or a `Resource`, not {router!r}; {hint}")
        if router is self or router in self._including_routers():
            raise ValueError("a router cannot include itself, directly or through another router")
        ignored = self._ignored_argument(router)
        if ignored is not None:
            raise TypeError(
                f"`{ignored}=` of a router has no effect when the router is included; "
                f"mount the router: `app.mount('/path', router)`, or pass `{ignored}=` to the application"
            )
        router.check_methods()
        added, own = shared_options(options, "`include_router`"), self.shared
        stack = RouterStack(f"`include_router` {added.prefix}".strip(), middleware, exception_handlers)
        for each in (stack, router.stack):
            each.check_included()
        outer = SharedOptions(
            own.prefix + added.prefix,
            (*own.dependencies, *added.dependencies),
            merge_options(own.options, added.options),
            (router.stack,) if stack.is_empty else (stack, router.stack),
        )
        router._included_in = [each for each in router._included_in if each[0]() is not None]
        router._included_in.append((weakref.ref(self), outer))
        self._includes.append(router)
        self.jobs_by_name()
        for route in list(router.routes):
            self._include_route(route, outer, own=router.shared)
        for route in list(router.frontends):
            self._include_frontend(route, outer)

    def _ignored_argument(self, router: "Router") -> str | None:
        """The first argument of a router that has an effect only where the router itself handles requests."""
        if router.default != router.not_found:
            return "default"
        return "redirect_slashes" if self.redirect_slashes and not router.redirect_slashes else None

    def add_job(self, function: Callable[..., Any], **options: Unpack[JobOptions]) -> None:
        """Add a job, which the applications that include the router have, too.

        Raises:
            SignatureError: invalid signature or option; the text has the location, the problem and a hint.
        """
        if is_in_class_body(function):
            raise job_errors.job_in_class(location_of(function))
        self._jobs_declared.append(JobDefinition(function, options))
        for router in (self, *self._including_routers()):
            router.jobs_by_name()

    def jobs_by_name(self) -> dict[str, JobDefinition]:
        """The jobs of this router and of the routers that it includes.

        Raises SignatureError if two of them have one name.
        """
        found: dict[str, JobDefinition] = {}
        for router in (self, *self._included_routers()):
            for job in router._jobs_declared:
                other = found.setdefault(job.name, job)
                if other is not job:
                    raise job_errors.duplicate_job_name(job.where, job.name, other.where)
        return found

    def _included_routers(self) -> "Iterator[Router]":
        """All routers that this one includes, outer ones first."""
        for router in self._includes:
            yield router
            yield from router._included_routers()

    def _listed(self, routes: Iterable[Any]) -> RouteList:
        return GuardedRoutes(routes, self.shared.dependencies, self.sources, policies_of(self.shared.options))

    @property
    def default(self) -> ASGIApp:
        """The application for requests that match no route."""
        return self._default

    @default.setter
    def default(self, app: ASGIApp) -> None:
        dependencies, policies = self.shared.dependencies, policies_of(self.shared.options)
        is_own = app == self.not_found or not (dependencies or policies)
        self._default: ASGIApp = app if is_own else GuardedApp(app, dependencies, policies, sources=self.sources)

    @property
    def lifespan_context(self) -> LifespanContext:
        """The lifespan of the router together with those of the routers that it includes."""
        included, outermost, innermost = list(self._lifespans()), self._outermost_lifespan, self._innermost_lifespan
        if not (included or outermost or innermost):
            return self._lifespan
        return CombinedLifespan(self._lifespan, included, outermost, innermost)

    @lifespan_context.setter
    def lifespan_context(self, lifespan: LifespanContext) -> None:
        self._lifespan = lifespan

    def _own_lifespan(self) -> LifespanContext:
        return self._lifespan

    def _lifespans(self) -> Iterator[LifespanContext]:
        """The lifespans of all included routers, outer ones first."""
        for router in self._included_routers():
            yield router._lifespan

    def route_lists(self) -> Iterator[GuardedRoutes]:
        """The route lists of this router and of the routers mounted in it."""
        assert isinstance(self.routes, GuardedRoutes)
        yield self.routes
        for route in self.routes:
            mounted = getattr(route, "mounted_app", None)
            if isinstance(mounted, Router):
                yield from mounted.route_lists()

    def _including_routers(self) -> "list[Router]":
        """The routers that include this one, directly or through another router."""
        return [each for router, _ in self._inclusions() for each in (router, *router._including_routers())]

    def _inclusions(self) -> "list[tuple[Router, SharedOptions]]":
        """The routers that include this one directly, each with the options that it adds."""
        return [(router, outer) for ref, outer in self._included_in if (router := ref()) is not None]

    def _add(self, route: Any) -> None:
        self.routes.append(route)
        added = self.routes[-1]  # with the router's dependencies, which the list has put before it
        for router, outer in self._inclusions():
            router._include_route(added, outer, own=self.shared)

    def _include_route(self, route: Any, outer: SharedOptions, own: SharedOptions) -> None:
        """Add a route of an included router. Only typed routes have the options of their router (`own`) already."""
        prefix, dependencies, options, stacks = outer
        check_one_version(options, route.options if isinstance(route, PlannedRoute) else own.options)
        if isinstance(route, TypedRoute | TypedWebSocketRoute):
            self._add(route.under(prefix, dependencies, options, stacks))
            return
        route, inner, inner_policies = unguarded(route)
        route = with_limits(route, merge_options(options, own.options))
        if isinstance(route, Mount | TemplateRoute):
            route = route.moved(prefix)
        elif prefix:
            raise TypeError(f"cannot put the prefix `{prefix}` before {route!r}; include its router without a prefix")
        if not isinstance(route, WebhookRoute):
            policies = combined(policies_of(options), inner_policies)
            route = guarded(route, (*dependencies, *inner), self.sources, policies, stacks)
        self._add(route)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_included_in": self._inclusions()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._included_in = [(weakref.ref(router), outer) for router, outer in state["_included_in"]]


def policies_of(options: RouteOptions) -> tuple[Entry, ...]:
    """The policies among the options of a router."""
    return tuple(options.get("policies") or ())


_LIMITS = ("max_body_size", "form_limits", "request_encodings")


def with_limits(route: Any, options: RouteOptions) -> Any:
    """A copy of a plain route or mount with the limits that a router sets. Typed routes have them as options."""
    if not options.keys() & set(_LIMITS) or isinstance(route, WebSocketRoute):
        return route
    if not hasattr(route, "app"):
        raise TypeError(f"{route!r} has no `app` to limit; include it without {', '.join(map('`{}`'.format, _LIMITS))}")
    route = copy.copy(route)
    route.app = limit_app(route.app, options)
    return route
