"""Routes of typed endpoints, for HTTP and WebSockets."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, cast

from signette._overrides import overrides
from signette.convertors import text_of
from signette.declarative.binding.route_handlers import RouteHandler, original_handler
from signette.declarative.checks.sources import all_sources
from signette.declarative.errors import base as errors
from signette.declarative.errors import options as option_errors
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.steps import Read
from signette.declarative.routing.deprecation import apply_deprecated
from signette.declarative.routing.merging import merge_options
from signette.declarative.routing.option_checks import check_endpoint, check_methods, check_path
from signette.declarative.routing.options import RouteOptions, copied
from signette.declarative.routing.planned import PlannedRoute
from signette.declarative.routing.policy_switches import apply_policy_switches
from signette.declarative.routing.route_attributes import RouteAttributes
from signette.declarative.routing.router_stack import RouterStack
from signette.declarative.signature.callables import location_of
from signette.declarative.signature.depends import Dependency
from signette.declarative.sources.content import accept_of
from signette.declarative.sources.encodings import SharedEncodings
from signette.declarative.sources.patch import JSON_PATCH, accept_patch_of
from signette.declarative.sources.source import Source
from signette.declarative.sources.table import SOURCES
from signette.routing.route import Route
from signette.routing.websocket import WebSocketRoute
from signette.types import Receive, Scope, Send


class TypedRoute(RouteAttributes, PlannedRoute, Route):
    """A route of a typed endpoint. Options may be arguments, or in `options`: `TypedRoute("/", read, tags=["a"])`."""

    @cached_property
    def enforces_limits(self) -> bool:  # type: ignore[override]  # not of the class
        """Whether the binder enforces the limits of the body: nothing outside of it may read that."""
        for stack in self.stacks:
            stack.start()  # so that the result stays true
        return self._route_handler is None and all(stack.is_empty for stack in self.stacks)

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Sequence[str] | None = None,
        dependencies: Sequence[Dependency] | None = None,
        sources: Sequence[Source] = SOURCES,
        options: RouteOptions | None = None,
        **more: Any,
    ) -> None:
        methods = ("GET",) if methods is None else methods
        if "version" in more:
            raise option_errors.router_option(location_of(endpoint), "version")
        self.options = copied(merge_options({} if options is None else options, cast(RouteOptions, more)))
        check_endpoint(endpoint, path)
        check_path(path, endpoint)
        check_methods(methods, endpoint)
        if self.options:
            where = location_of(endpoint)
            apply_deprecated(cast(dict[str, Any], self.options), where)
            apply_policy_switches(cast(dict[str, Any], self.options), where)
        self.explicit_methods = frozenset(method.upper() for method in methods)
        super().__init__(
            path,
            _ASGIEndpoint(self),
            methods=list(methods),
            name=self.options.get("name") or getattr(endpoint, "__name__", type(endpoint).__name__),
            include_in_schema=self.options.get("include_in_schema", True),
        )
        self.endpoint = endpoint
        self.outer = tuple(dependencies or ())
        every = (*self.outer, *_listed(self.options.get("dependencies", ()), endpoint))
        own = all_sources(sources, endpoint)
        has_own_handler = overrides(self, TypedRoute, "get_route_handler")
        if (encodings := self.options.get("request_encodings")) and has_own_handler:
            self.options["request_encodings"] = SharedEncodings(encodings)  # the handler may read the body
        verbs = _verbs(self.methods)
        self._compile(Endpoint(endpoint, path, verbs, every, {}, own, self.options, has_own_handler=has_own_handler))
        _ = self._route_handler  # made now, so that an error is raised where the route is created

    @cached_property
    def _route_handler(self) -> RouteHandler | None:
        return self.get_route_handler() if overrides(self, TypedRoute, "get_route_handler") else None

    @property
    def has_implied_head(self) -> bool:  # type: ignore[override]  # not of the class
        """Whether the route handles HEAD only because it handles GET."""
        return "HEAD" in (self.methods or ()) and "HEAD" not in self.explicit_methods

    def get_route_handler(self) -> RouteHandler:
        """The function that handles requests to the route. Subclasses wrap it; it is called when the route is made.

        It takes a `Request`, which may be one of a subclass, and returns the `Response`, before that is sent.
        """
        return original_handler

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        """Handle a request or connection by the binder for its application."""
        return self.binder_for(scope.get("app"))(scope, receive, send, values)

    def accept_post(self) -> str:
        """The media types of bodies in one of several formats; "" for none."""
        reads = () if self._plan is None else self._plan.reads
        formatted = [read for read in reads if isinstance(read, Read) and read.formats and read.source != JSON_PATCH]
        return next((accept_of(read.source) for read in formatted), "")

    def accept_patch(self) -> str:
        """The media types of patches that the endpoint accepts; "" for none."""
        reads = () if self._plan is None else self._plan.reads
        return next((text for read in reads if (text := accept_patch_of(read.source))), "")

    def under(
        self,
        prefix: str,
        dependencies: Sequence[Dependency],
        options: RouteOptions,
        stacks: Sequence[RouterStack] = (),
    ) -> "TypedRoute":
        """The route below a prefix, with dependencies, options and middleware of a router or application."""
        route = type(self)(
            prefix + self.path,
            self.endpoint,
            methods=sorted(self.explicit_methods),
            dependencies=(*dependencies, *self.outer),
            sources=self.source.sources,
            options=merge_options(options, self.options),
        )
        route.stacks = (*stacks, *self.stacks)
        return route


class TypedWebSocketRoute(PlannedRoute, WebSocketRoute):
    """A WebSocket route of a typed endpoint."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        dependencies: Sequence[Dependency] = (),
        sources: Sequence[Source] = SOURCES,
        options: RouteOptions | None = None,
    ) -> None:
        self.options = copied({} if options is None else options)
        check_endpoint(endpoint, path)
        check_path(path, endpoint)
        where = location_of(endpoint)
        apply_deprecated(cast(dict[str, Any], self.options), where)
        apply_policy_switches(cast(dict[str, Any], self.options), where)
        name = self.options.get("name") or getattr(endpoint, "__name__", type(endpoint).__name__)
        super().__init__(path, _ASGIEndpoint(self), name=name)
        self.endpoint = endpoint
        self.outer = tuple(dependencies)
        every = (*self.outer, *_listed(self.options.get("dependencies", ()), endpoint))
        own = all_sources(sources, endpoint)
        self._compile(Endpoint(endpoint, path, (), every, {}, own, self.options, socket=True))

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        """Handle a request or connection by the binder for its application."""
        return self.binder_for(scope.get("app"))(scope, receive, send, values)

    def under(
        self,
        prefix: str,
        dependencies: Sequence[Dependency],
        options: RouteOptions,
        stacks: Sequence[RouterStack] = (),
    ) -> "TypedWebSocketRoute":
        """The route below a prefix, with dependencies, options and middleware of a router or application."""
        route = type(self)(
            prefix + self.path,
            self.endpoint,
            dependencies=(*dependencies, *self.outer),
            sources=self.source.sources,
            options=merge_options(options, self.options),
        )
        route.stacks = (*stacks, *self.stacks)
        return route


class _ASGIEndpoint:
    """A planned route's endpoint as an ASGI application."""

    reads_path_as_sent = True

    def __init__(self, route: Any) -> None:
        self.route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        params = scope.get("path_params", {})
        convertors = self.route.param_convertors
        values = tuple(text_of(convertors[name], params[name]) for name in convertors)
        await self.route.run(scope, receive, send, values)


def _listed(dependencies: Any, endpoint: Callable[..., Any]) -> Sequence[Dependency]:
    """The entries of `dependencies=`, which must be a list."""
    if not isinstance(dependencies, Iterable):
        raise errors.dependency_without_depends(location_of(endpoint), dependencies)
    return tuple(dependencies)


def _verbs(methods: Any) -> tuple[str, ...]:
    """The methods in a fixed order, without HEAD if there is GET."""
    return tuple(sorted(method for method in methods if method != "HEAD" or "GET" not in methods))
