"""The typed router: routes by verbs, under a prefix, with what all of them share."""

import copy
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Unpack, cast

from signette.declarative.errors.base import closest_match
from signette.declarative.routing.frontend import Frontend
from signette.declarative.routing.guarded import GuardedApp, GuardedRoutes, guarded, unguarded
from signette.declarative.routing.lifespans import CombinedLifespan
from signette.declarative.routing.merging import merge_options
from signette.declarative.routing.option_checks import check_layer, check_socket_options
from signette.declarative.routing.options import RouteOptions, RouterOptions, WebSocketOptions, copied
from signette.declarative.routing.routes import TypedRoute, TypedWebSocketRoute
from signette.declarative.routing.verbs import Verbs
from signette.declarative.routing.webhooks import WebhookRouter
from signette.declarative.signature.depends import Dependency
from signette.declarative.sources.operation_limits import form_fields
from signette.declarative.sources.source import Source
from signette.declarative.sources.table import SOURCES
from signette.middleware.body_limit import FormLimitsMiddleware, RequestBodyLimitMiddleware
from signette.middleware.registry import Middleware
from signette.routing.dispatcher import falls_back, redirecting
from signette.routing.index import Hit
from signette.routing.lifespan import LifespanContext
from signette.routing.mount import Mount
from signette.routing.route import TemplateRoute
from signette.routing.routelist import RouteList
from signette.routing.router import Router as PlainRouter
from signette.routing.websocket import WebSocketRoute
from signette.staticfiles import PathLike
from signette.types import ASGIApp, Lifespan, Scope


class Layer(NamedTuple):
    """What a router, or an `include_router`, adds to the routes in it."""

    prefix: str
    dependencies: tuple[Dependency, ...]
    options: RouteOptions


def check_words(said: RouterOptions, besides: Iterable[str]) -> None:
    """Refuse an argument that is none of a layer's. Raises TypeError with the nearest of these and of `besides`."""
    for word in said.keys() - RouterOptions.__annotations__.keys():
        near = closest_match(word, [*RouterOptions.__annotations__, *besides])
        raise TypeError(f"`{word}=` is no argument here" + (f"; it may be `{near}=`" if near else ""))


def layer(said: RouterOptions) -> Layer:
    """A layer of what was said. What was not said is left to the routes.

    Raises:
        TypeError: an argument is none of a layer's, or no kind of value that it takes.
        ValueError: the prefix does not begin with a slash, or ends with one.
    """
    check_words(said, ())
    check_layer(said)
    options: dict[str, Any] = {word: copied(value) for word, value in said.items() if value is not None}
    prefix, dependencies = options.pop("prefix", ""), options.pop("dependencies", ())
    if prefix and (not prefix.startswith("/") or prefix.endswith("/")):
        mend = f"write '/{inner}'" if (inner := prefix.strip("/")) else "leave it out"
        raise ValueError(f"the prefix {prefix!r} has to begin with a slash and to end without one; {mend}")
    if options.get("include_in_schema", False):
        del options["include_in_schema"]  # nothing is said by saying so
    return Layer(prefix, tuple(dependencies), cast(RouteOptions, options))


class Router(Verbs, PlainRouter):
    """A router with typed verbs. Include it in an `App` or in another router: `app.include_router(router)`.

    What it is included in sees routes that are added later, too.
    """

    def __init__(
        self,
        routes: Iterable[Any] | None = None,
        *,
        redirect_slashes: bool = True,
        default: ASGIApp | None = None,
        lifespan: Lifespan[Any] | None = None,
        middleware: Sequence[Middleware] | None = None,
        sources: Sequence[Source] = SOURCES,
        route_class: type[TypedRoute] = TypedRoute,
        **said: Unpack[RouterOptions],
    ) -> None:
        self._includes: list[Router] = []
        self.inmost: LifespanContext | None = None
        self.layer = layer(said)
        self.sources = tuple(sources)
        super().__init__(routes, redirect_slashes, default, lifespan, middleware=middleware)
        self._has_middleware = bool(middleware)
        self.middleware_stack = limited(self.middleware_stack, self.layer.options)
        self.route_class = route_class
        self.frontends = RouteList()
        # Weakly: a router of a module does not keep each application that a test has put it in.
        self._included_in: list[tuple[weakref.ref[Router], Layer]] = []

    def add_api_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        methods: Sequence[str] = ("GET",),
        **options: Unpack[RouteOptions],
    ) -> None:
        """Make a route of an endpoint.

        A path with a runtime expression, as `{$callback_url}/paid`, is that of a callback: it is told in the document
        of the operations that name it in `callbacks=`, and answers nothing (OpenAPI 3.1 §4.8.20.4).
        """
        prefix, dependencies, shared = self.layer
        if "{$" in path:
            self.routes.append(WebhookRouter(path, endpoint, methods, merge_options(shared, options)))
            return
        self._add(
            self.route_class(
                _joined(prefix, path),
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
        """Make a WebSocket route of an endpoint."""
        check_socket_options(options, endpoint)
        prefix, dependencies, shared = self.layer
        self._add(
            TypedWebSocketRoute(
                _joined(prefix, path),
                endpoint,
                dependencies=dependencies,
                sources=self.sources,
                options=merge_options(shared, cast(RouteOptions, options)),
            )
        )

    def include_router(self, router: "Router", **said: Unpack[RouterOptions]) -> None:
        """Answer what the router answers, under a prefix, with what is said here put around its own.

        Raises:
            TypeError: it is no router of ours; what else there is can be mounted. So can a router that has middleware
                or a `default`: neither is asked where only its routes are included.
            ValueError: it would be included in itself.
        """
        if not isinstance(router, Router):
            mend = "mount it: `app.mount('/path', app)`" if callable(router) else "give the `Router` itself"
            raise TypeError(f"`include_router` takes a `signette.Router`, and was given {router!r}; {mend}")
        if router is self or router in self._outers():
            raise ValueError("a router cannot be included in itself, nor in one that it includes")
        unheard = self._unheard_of(router)
        if unheard is not None:
            raise TypeError(
                f"`{unheard}=` of a router has no effect where its routes are included; "
                f"mount the router: `app.mount('/path', router)`, or give `{unheard}=` to the application"
            )
        added, own = layer(said), self.layer
        around = Layer(
            own.prefix + added.prefix,
            (*own.dependencies, *added.dependencies),
            merge_options(own.options, added.options),
        )
        router._included_in = [each for each in router._included_in if each[0]() is not None]
        router._included_in.append((weakref.ref(self), around))
        self._includes.append(router)
        for route in list(router.routes):
            self._take(route, around, own=router.layer)
        for route in list(router.frontends):
            self._take_frontend(route, around)

    def _unheard_of(self, router: "Router") -> str | None:
        """The first argument of a router that is about all requests that reach it, and not about its routes."""
        if router._has_middleware:
            return "middleware"
        if router.default != router.not_found:
            return "default"
        return "redirect_slashes" if self.redirect_slashes and not router.redirect_slashes else None

    def frontend(
        self,
        path: str,
        directory: PathLike,
        *,
        fallback: str | None = "auto",
        check_dir: bool = True,
        dependencies: Sequence[Dependency] | None = None,
    ) -> None:
        """Serve a folder of a single-page application below a path, wherever no route answers.

        A page of it that is no file is answered by `fallback`: "index.html", where a browser asks for a page;
        "404.html", with this status; "auto", the second where it is there, else the first; None, nothing.

        Raises:
            RuntimeError: the folder, or the named file in it, is not there; at the first request with
                `check_dir=False`.
        """
        endpoint = Frontend(directory, fallback, check_dir=check_dir)
        prefix, outer, shared = self.layer
        options: RouteOptions = {"name": "frontend", "include_in_schema": False}
        if dependencies is not None:
            options["dependencies"] = dependencies
        whole = _joined(prefix, path.rstrip("/") + "/{path:path}")
        own = TypedRoute(
            whole, endpoint, dependencies=outer, sources=self.sources, options=merge_options(shared, options)
        )
        self._add_frontend(own)

    def _listed(self, routes: Iterable[Any]) -> RouteList:
        return GuardedRoutes(routes, self.layer.dependencies, self.sources)

    @property
    def default(self) -> ASGIApp:
        """What answers where no route does."""
        return self._default

    @default.setter
    def default(self, app: ASGIApp) -> None:
        is_own = app == self.not_found or not self.layer.dependencies
        self._default: ASGIApp = app if is_own else GuardedApp(app, self.layer.dependencies, sources=self.sources)

    def _missing(self, path: str, scope: Scope) -> Hit:
        hit = super()._missing(path, scope)
        if not self.frontends or not falls_back(hit, self.default) or scope["method"] not in {"GET", "HEAD"}:
            return hit
        index = self.frontends.http or self.frontends.index_http()
        if (found := index.find(path, "GET", scope)) is not None:
            return found
        # The folder itself, without its slash: a page's relative links would lead beside it.
        folder = index.find(f"{path}/", "GET", scope)
        return redirecting(scope, f"{path}/") if folder is not None and self.redirect_slashes else hit

    def _add_frontend(self, route: TypedRoute) -> None:
        self.frontends.append(route)
        self.frontends.sort(key=lambda each: -each.path.count("/"))  # the nearer folder answers first
        for outer, around in self._around():
            outer._take_frontend(route, around)

    def _take_frontend(self, route: TypedRoute, around: Layer) -> None:
        self._add_frontend(route.under(*around))

    @property
    def lifespan_context(self) -> LifespanContext:
        """The router's own lifespan and those of the routers in it, as one."""
        included = list(self._lifespans())
        return CombinedLifespan(self._lifespan, included, self.inmost) if included or self.inmost else self._lifespan

    @lifespan_context.setter
    def lifespan_context(self, lifespan: LifespanContext) -> None:
        self._lifespan = lifespan

    def _lifespans(self) -> Iterator[LifespanContext]:
        """The lifespans of the routers in this one, each behind those around it."""
        for router in self._includes:
            yield router._lifespan
            yield from router._lifespans()

    def route_lists(self) -> Iterator[RouteList]:
        """The routes of this router, and those of the routers that are mounted in it, each list by itself."""
        yield self.routes
        for route in self.routes:
            mounted = getattr(route, "mounted_app", None)
            if isinstance(mounted, Router):
                yield from mounted.route_lists()

    def _outers(self) -> "list[Router]":
        """The routers that answer what this one answers, near and far."""
        return [each for outer, _ in self._around() for each in (outer, *outer._outers())]

    def _around(self) -> "list[tuple[Router, Layer]]":
        """The routers that this one is included in, each with what it puts around the routes."""
        return [(outer, around) for known, around in self._included_in if (outer := known()) is not None]

    def _add(self, route: Any) -> None:
        self.routes.append(route)
        cached = self.routes[-1]  # behind the router's own dependencies
        for outer, around in self._around():
            outer._take(cached, around, own=self.layer)

    def _take(self, route: Any, around: Layer, own: Layer) -> None:
        """A route of an included router, with what is put around it. A typed one has what is its router's `own`."""
        prefix, dependencies, options = around
        if isinstance(route, TypedRoute | TypedWebSocketRoute):
            self._add(route.under(prefix, dependencies, options))
            return
        route, inner = unguarded(route)
        route = with_limits(route, merge_options(options, own.options))
        if isinstance(route, Mount | TemplateRoute):
            route = route.moved(prefix)
        elif prefix:
            raise TypeError(
                f"{route!r} has no path that `{prefix}` could stand before; include its router without a prefix"
            )
        self._add(route if isinstance(route, WebhookRouter) else guarded(route, (*dependencies, *inner), self.sources))

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_included_in": self._around()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._included_in = [(weakref.ref(outer), around) for outer, around in state["_included_in"]]


def limited(app: ASGIApp, options: RouteOptions) -> ASGIApp:
    """The application inside of the limits that a router sets for what is in it."""
    if (most := options.get("max_body_size")) is not None:
        app = RequestBodyLimitMiddleware(app, most)
    if own := form_fields(options.get("form_limits")):
        app = FormLimitsMiddleware(app, own)
    return app


def with_limits(route: Any, options: RouteOptions) -> Any:
    """A plain route, or a mount, inside of the limits that a router sets. Typed routes have them as options."""
    if not options.keys() & {"max_body_size", "form_limits"} or isinstance(route, WebSocketRoute):
        return route
    if not hasattr(route, "app"):
        raise TypeError(
            f"{route!r} has no `app` that the limits of its router could be put around; include it without them"
        )
    route = copy.copy(route)
    route.app = limited(route.app, options)
    return route


def _joined(prefix: str, path: str) -> str:
    if path and not path.startswith("/"):
        raise ValueError(f"the path {path!r} has to begin with a slash; write '/{path}'")
    return prefix + path
