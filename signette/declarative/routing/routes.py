"""Routes that own a plan: made from a signature, answered by its binder."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from signette.declarative.adapters.model_fields import fields_of_all
from signette.declarative.binding.binder import BindContext, Binder, bind, written
from signette.declarative.binding.wrappers import rejection_handler, with_error_format, with_undeclared_errors_logged
from signette.declarative.checks.sources import all_sources
from signette.declarative.errors import base as errors
from signette.declarative.errors.base import UnresolvedForwardRef
from signette.declarative.inspection.explain import explain_plan
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.declarative.plan.steps import Plan, Read, ReadModel
from signette.declarative.routing.merging import merge_options
from signette.declarative.routing.option_checks import check_endpoint, check_methods, check_options, check_path
from signette.declarative.routing.options import RouteOptions, copied
from signette.declarative.signature.annotations import class_of, item_type, union_members
from signette.declarative.signature.callables import location_of
from signette.declarative.signature.depends import Dependency
from signette.declarative.sources.operation_limits import operation_limits, own_limits
from signette.declarative.sources.source import Source
from signette.declarative.sources.table import SOURCES
from signette.limits import Limits
from signette.routing.matching import read_template
from signette.routing.route import Route
from signette.routing.websocket import WebSocketRoute
from signette.types import Receive, Scope, Send

# What is made from the plan where it is needed; none of it survives pickling.
_DERIVED = ("run", "_plan", "_apps", "_binders")


class _Nowhere:
    """Stands for the application of a route that answers by itself."""


_NOWHERE = _Nowhere()


class PlannedRoute:
    """What HTTP and WebSocket routes share: an endpoint, its plan, and the plan's binder, made at first use."""

    path: str
    name: str
    endpoint: Any
    options: RouteOptions
    outer: tuple[Dependency, ...]
    """Dependencies of the router or application around it; its own stand in the options."""
    source: Endpoint
    _plan: Plan | None = None

    @cached_property
    def _apps(self) -> "WeakSet[Any]":
        """The applications that answer by this route."""
        return WeakSet()

    @cached_property
    def _binders(self) -> "WeakKeyDictionary[Any, Binder]":
        """The plan's binder for each of them: limits, handlers and overrides are the application's own."""
        return WeakKeyDictionary()

    def _read(self, path: str) -> None:
        """A route of a router may have no path of its own, only the prefix that it is to be included under."""
        route: Any = super()
        if path:
            route._read(path)
        else:
            route._take_template(read_template(""))

    def _compile(self, source: Endpoint) -> None:
        """Plan at once, so that mistakes show where the route is made; names that come later wait for `resolve`."""
        self.source = source
        if unknown := source.options.keys() - RouteOptions.__annotations__.keys() - {"default_response_class"}:
            raise errors.unknown_option(location_of(source.function), min(unknown), RouteOptions.__annotations__)
        check_options(source.options, source.function)
        try:
            self._plan = plan_endpoint(source)
        except UnresolvedForwardRef:
            self._plan = None

    @property
    def plan(self) -> Plan:
        """The signature as it was read.

        Raises PlanError where an annotation names what still does not exist.
        """
        self.resolve()
        assert self._plan is not None
        return self._plan

    def resolve(self) -> None:
        """Make the plan if it waited for a name."""
        if self._plan is None:
            self._plan = plan_endpoint(self.source)

    def plan_under(self, overrides: Mapping[Any, Any]) -> Plan:
        """The plan with some dependencies exchanged for others."""
        return plan_endpoint(replace(self.source, overrides=dict(overrides))) if overrides else self.plan

    def explain(self, source: bool = False) -> str:
        """What happens at a request, step by step; with `source=True` the generated binder's own text behind it."""
        text = explain_plan(self.plan)
        return f"{text}\n\n{written(self.plan, self._bind_context(None)).source}" if source else text

    @property
    def tags(self) -> list[str]:
        """What groups its operation in the document."""
        return list(self.options.get("tags", ()))

    @property
    def secret_query_names(self) -> list[str]:
        """Names of the query parameters that no trace may show: API keys, and those whose type is a secret."""
        about = [scheme.security_scheme for scheme, _ in self.plan.security]
        keys = [each.get("name") for each in about if each.get("type") == "apiKey" and each.get("in") == "query"]
        names = [name for read in self.plan.reads if read.source.place == "query" for name in _secrets_of(read)]
        return [name for name in (*keys, *names) if name]

    def attach(self, app: Any) -> None:
        """Say that an application is about to answer by this route."""
        if app not in self._apps:
            self._apps.add(app)
            self.__dict__.pop("run", None)  # another's binder, even if that one is gone

    def reset(self) -> None:
        """Forget the binders, as what they were made from has changed."""
        self.__dict__.pop("run", None)
        self._binders.clear()

    def _bind_context(self, app: Any) -> BindContext:
        application: Limits = getattr(app, "limits", None) or Limits()
        if (most := getattr(app, "max_body_size", None)) is not None:
            application = replace(application, body_bytes=most)
        own = own_limits(self.options.get("max_body_size"), self.options.get("form_limits"))
        limits = operation_limits(application, own)
        strict = self.options.get("strict_content_type", True)
        return BindContext(limits, self._fill_scope, rejection_handler(app, self.options.get("errors")), strict)

    def _fill_scope(self, scope: Scope, values: Sequence[str]) -> None:
        """Set the keys that a `Request` reads its route, endpoint and path parameters from."""
        if "router" not in scope and "app" in scope:
            scope["router"] = scope["app"].router
        self.populate_scope(scope, values)  # type: ignore[attr-defined]  # routes have it

    def _binder(self, app: Any) -> Callable[..., Awaitable[None]]:
        """The binder for an application, made when it is first asked for."""
        home = _NOWHERE if app is None else app
        binder = self._binders.get(home)
        if binder is None:
            binder = self._binders[home] = self._bound(app)
        self._apps.add(home)
        own: Any = type(self)
        # Not in a subclass that runs in its own way: it would be asked only once.
        if len(self._apps) == 1 and own.run in (TypedRoute.run, TypedWebSocketRoute.run):
            self.__dict__["run"] = binder  # PERF: found on the instance from now on, one call less a request
        return binder

    def _bound(self, app: Any) -> Binder:
        binder = bind(self.plan_under(getattr(app, "dependency_overrides", {})), self._bind_context(app))
        if getattr(app, "debug", False) and not self.plan.socket:
            binder = with_undeclared_errors_logged(binder, self.plan, self.options.get("responses") or {})
        if (telling := self.options.get("errors")) is not None:
            binder = with_error_format(binder, telling, app)
        return binder

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in _DERIVED}


class TypedRoute(PlannedRoute, Route):
    """A route whose endpoint is bound by its signature."""

    enforces_limits = True

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Sequence[str] = ("GET",),
        dependencies: Sequence[Dependency] = (),
        sources: Sequence[Source] = SOURCES,
        options: RouteOptions | None = None,
    ) -> None:
        self.options = copied(options or {})
        check_endpoint(endpoint, path)
        check_path(path, endpoint)
        check_methods(methods, endpoint)
        super().__init__(
            path,
            _ASGIEndpoint(self),
            methods=list(methods),
            name=self.options.get("name") or getattr(endpoint, "__name__", type(endpoint).__name__),
            include_in_schema=self.options.get("include_in_schema", True),
        )
        self.endpoint = endpoint
        self.outer = tuple(dependencies)
        every = (*self.outer, *_listed(self.options.get("dependencies", ()), endpoint))
        own = all_sources(sources, endpoint)
        self._compile(Endpoint(endpoint, path, _verbs(self.methods), every, {}, own, self.options))

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        """Answer through the binder, which takes this method's place."""
        return self._binder(scope.get("app"))(scope, receive, send, values)

    def under(self, prefix: str, dependencies: Sequence[Dependency], options: RouteOptions) -> "TypedRoute":
        """The same endpoint behind a prefix, with what a router or application adds to it."""
        return type(self)(
            prefix + self.path,
            self.endpoint,
            methods=self.source.methods,
            dependencies=(*dependencies, *self.outer),
            sources=self.source.sources,
            options=merge_options(options, self.options),
        )


class TypedWebSocketRoute(PlannedRoute, WebSocketRoute):
    """A WebSocket route whose endpoint is bound by its signature."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        dependencies: Sequence[Dependency] = (),
        sources: Sequence[Source] = SOURCES,
        options: RouteOptions | None = None,
    ) -> None:
        self.options = copied(options or {})
        check_endpoint(endpoint, path)
        check_path(path, endpoint)
        name = self.options.get("name") or getattr(endpoint, "__name__", type(endpoint).__name__)
        super().__init__(path, _ASGIEndpoint(self), name=name)
        self.endpoint = endpoint
        self.outer = tuple(dependencies)
        every = (*self.outer, *_listed(self.options.get("dependencies", ()), endpoint))
        own = all_sources(sources, endpoint)
        self._compile(Endpoint(endpoint, path, (), every, {}, own, self.options, socket=True))

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        """Answer through the binder, which takes this method's place."""
        return self._binder(scope.get("app"))(scope, receive, send, values)

    def under(self, prefix: str, dependencies: Sequence[Dependency], options: RouteOptions) -> "TypedWebSocketRoute":
        """The same endpoint behind a prefix, with what a router or application adds to it."""
        return type(self)(
            prefix + self.path,
            self.endpoint,
            dependencies=(*dependencies, *self.outer),
            sources=self.source.sources,
            options=merge_options(options, self.options),
        )


class _ASGIEndpoint:
    """A planned route's endpoint for those who have only scope, receive and send: it asks the route's `run`."""

    reads_path_as_sent = True

    def __init__(self, route: Any) -> None:
        self.route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        params = scope.get("path_params", {})
        convertors = self.route.param_convertors
        values = tuple(convertors[name].to_string(params[name]) for name in convertors)
        await self.route.run(scope, receive, send, values)


def planned_routes(routes: Iterable[Any], app: Any = None) -> Iterator[PlannedRoute]:
    """The planned routes among these and in what is mounted among them; of an `app` only those that it answers."""
    for route in routes:
        if (guard := getattr(route, "guard", None)) is not None:
            yield from guard.plans()
        if isinstance(route, PlannedRoute):
            yield route
        elif app is None or not hasattr(getattr(route, "mounted_app", None), "router"):
            yield from planned_routes(getattr(route, "routes", None) or (), app)


def _secrets_of(read: Read | ReadModel) -> list[str]:
    """The names of a read, or of the fields of its model, whose type is a secret (pydantic's `SecretStr`)."""
    if isinstance(read, Read):
        return [*read.keys] if _is_secret(read.annotation) else []
    fields = [each for each in fields_of_all(read.annotation) if _is_secret(each.annotation)]
    return [name for each in fields for name in (*each.aliases, each.name)]


def _is_secret(annotation: Any) -> bool:
    members = (*union_members(annotation), *union_members(item_type(annotation)))
    return any(hasattr(class_of(each), "get_secret_value") for each in members)


def _listed(dependencies: Any, endpoint: Callable[..., Any]) -> Sequence[Dependency]:
    """`dependencies=` of a route, which is a list also where it holds one alone."""
    if not isinstance(dependencies, Iterable):
        raise errors.dependency_without_depends(location_of(endpoint), dependencies)
    return tuple(dependencies)


def _verbs(methods: Any) -> tuple[str, ...]:
    """The methods in a fixed order; HEAD stands with GET and is not told."""
    return tuple(sorted(method for method in methods if method != "HEAD" or "GET" not in methods))
