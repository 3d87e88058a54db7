"""The typed router: routes by verbs, under a prefix, with what all of them share."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Unpack

from signette.declarative.depends import Dependency
from signette.declarative.ir import Source
from signette.declarative.lifespans import Joined
from signette.declarative.options import RouteOptions
from signette.declarative.outgoing import Outgoing
from signette.declarative.routes import TypedRoute, TypedWebSocketRoute, layered
from signette.declarative.sources.table import SOURCES
from signette.declarative.verbs import Verbs
from signette.routing.lifespan import LifespanContext
from signette.routing.mount import Mount
from signette.routing.route import TemplateRoute
from signette.routing.router import Router as PlainRouter


class Layer(NamedTuple):
    """What a router, or an `include_router`, adds to the routes in it."""

    prefix: str
    dependencies: tuple[Dependency, ...]
    options: RouteOptions


def layer(
    prefix: str,
    tags: Sequence[str] | None,
    dependencies: Sequence[Dependency] | None,
    responses: Mapping[int | str, Mapping[str, Any]] | None,
    default_response_class: type[Any] | None,
    deprecated: bool | None,
    include_in_schema: bool,
) -> Layer:
    """A layer of what was said. What was not said is left to the routes."""
    if prefix and (not prefix.startswith("/") or prefix.endswith("/")):
        raise ValueError(f"the prefix {prefix!r} begins with a slash and ends without one: '/{prefix.strip('/')}'")
    options = RouteOptions()
    if tags:
        options["tags"] = list(tags)
    if responses:
        options["responses"] = dict(responses)
    if default_response_class is not None:
        options["response_class"] = default_response_class
    if deprecated is not None:
        options["deprecated"] = deprecated
    if not include_in_schema:
        options["include_in_schema"] = False
    return Layer(prefix, tuple(dependencies or ()), options)


class Router(Verbs, PlainRouter):
    """A router with typed verbs. Include it in an `App` or in another router: `app.include_router(router)`.

    What it is included in sees routes that are added later, too.
    """

    def __init__(
        self,
        routes: Sequence[Any] | None = None,
        *,
        prefix: str = "",
        tags: Sequence[str] | None = None,
        dependencies: Sequence[Dependency] | None = None,
        responses: Mapping[int | str, Mapping[str, Any]] | None = None,
        default_response_class: type[Any] | None = None,
        deprecated: bool | None = None,
        include_in_schema: bool = True,
        sources: tuple[Source, ...] = SOURCES,
        **plain: Any,
    ) -> None:
        self._includes: list[Router] = []
        self.inmost: LifespanContext | None = None
        super().__init__(routes, **plain)
        self.layer = layer(prefix, tags, dependencies, responses, default_response_class, deprecated, include_in_schema)
        self.sources = sources
        self._included_in: list[tuple[Router, Layer]] = []

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
            self.routes.append(Outgoing(path, endpoint, methods, layered(shared, options)))
            return
        self._add(
            TypedRoute(
                _joined(prefix, path),
                endpoint,
                methods=methods,
                dependencies=dependencies,
                sources=self.sources,
                options=layered(shared, options),
            )
        )

    def add_api_websocket_route(self, path: str, endpoint: Callable[..., Any], **options: Unpack[RouteOptions]) -> None:
        """Make a WebSocket route of an endpoint."""
        prefix, dependencies, shared = self.layer
        self._add(
            TypedWebSocketRoute(
                _joined(prefix, path),
                endpoint,
                dependencies=dependencies,
                sources=self.sources,
                options=layered(shared, options),
            )
        )

    def include_router(
        self,
        router: "Router",
        *,
        prefix: str = "",
        tags: Sequence[str] | None = None,
        dependencies: Sequence[Dependency] | None = None,
        responses: Mapping[int | str, Mapping[str, Any]] | None = None,
        default_response_class: type[Any] | None = None,
        deprecated: bool | None = None,
        include_in_schema: bool = True,
    ) -> None:
        """Answer what the router answers, under a prefix, with what is said here put around its own."""
        if router is self or router in self._outers():
            raise ValueError("a router cannot be included in itself, nor in one that it includes")
        added = layer(prefix, tags, dependencies, responses, default_response_class, deprecated, include_in_schema)
        own = self.layer
        around = Layer(
            own.prefix + added.prefix,
            (*own.dependencies, *added.dependencies),
            layered(own.options, added.options),
        )
        router._included_in.append((self, around))
        self._includes.append(router)
        for route in list(router.routes):
            self._take(route, around)

    @property
    def lifespan_context(self) -> LifespanContext:
        """The router's own lifespan and those of the routers in it, as one."""
        included = list(self._lifespans())
        return Joined(self._lifespan, included, self.inmost) if included or self.inmost else self._lifespan

    @lifespan_context.setter
    def lifespan_context(self, lifespan: LifespanContext) -> None:
        self._lifespan = lifespan

    def _lifespans(self) -> Iterator[LifespanContext]:
        """The lifespans of the routers in this one, each behind those around it."""
        for router in self._includes:
            yield router._lifespan
            yield from router._lifespans()

    def _outers(self) -> "list[Router]":
        """The routers that answer what this one answers, near and far."""
        return [each for outer, _ in self._included_in for each in (outer, *outer._outers())]

    def _add(self, route: Any) -> None:
        self.routes.append(route)
        for outer, around in self._included_in:
            outer._take(route, around)

    def _take(self, route: Any, around: Layer) -> None:
        """A route of an included router, with what is put around it."""
        prefix, dependencies, options = around
        if isinstance(route, TypedRoute | TypedWebSocketRoute):
            self._add(route.under(prefix, dependencies, options))
        elif isinstance(route, Mount | TemplateRoute):
            self._add(route.moved(prefix))
        elif prefix:
            raise TypeError(
                f"{route!r} has no path that `{prefix}` could stand before; include its router without a prefix"
            )
        else:
            self._add(route)


def _joined(prefix: str, path: str) -> str:
    if path and not path.startswith("/"):
        raise ValueError(f"the path {path!r} begins with a slash: '/{path}'")
    if not (prefix or path):
        raise ValueError("a route needs a path: '/'")
    return prefix + path
