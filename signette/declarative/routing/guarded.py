"""Plain routes, mounts and hosts behind the dependencies of the layers around them.

A typed route has those dependencies in its plan. Anything else gets a plan that consists of the dependencies and an
endpoint that passes the connection on. So errors, overrides in tests and generators work as they do for a typed route.
Whatever enters the list of routes of a router with dependencies, in whatever way, is put behind them there.
"""

import copy
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from weakref import WeakSet

from signette._overrides import overrides
from signette._scope_keys import LIMITS, PASSED, RECEIVE
from signette.connection import HTTPConnection
from signette.declarative.binding.binder import bind
from signette.declarative.binding.runtime import merged
from signette.declarative.errors.base import SignatureError, UnresolvedForwardRef
from signette.declarative.errors.guards import body_dependency_on_plain_route, dependencies_on_custom_route
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.declarative.plan.steps import Call, Plan, Split
from signette.declarative.routing.routes import BoundRoute, PlannedRoute, TypedRoute, TypedWebSocketRoute
from signette.declarative.routing.webhooks import WebhookRouter
from signette.declarative.signature.callables import location_of
from signette.declarative.signature.depends import Dependency
from signette.declarative.signature.model import SourceLocation
from signette.declarative.sources.injected import REQUEST
from signette.declarative.sources.source import Phase, Source
from signette.declarative.sources.table import SOURCES
from signette.exceptions import HTTPException
from signette.responses.plain import Response
from signette.routing.base import BaseRoute, Handler
from signette.routing.foreign import is_foreign
from signette.routing.host import Host
from signette.routing.matching import read_template
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.routing.routelist import RouteList
from signette.routing.websocket import WebSocketRoute
from signette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("signette.guards")

# Limits that a dependency which takes the `Request` sets in the scope for itself.
_LIMITS = (RECEIVE, LIMITS)
_KINDS: tuple[tuple[type, tuple[str, ...]], ...] = (
    (Route, ("http",)),
    (WebSocketRoute, ("websocket",)),
    (Mount, ("http", "websocket")),
    (Host, ("http", "websocket")),
)


class GuardedApp:
    """An ASGI application that is reached through dependencies.

    `path` is the template whose parameters the dependencies may read.
    """

    def __init__(
        self,
        app: ASGIApp,
        dependencies: Sequence[Dependency],
        *,
        path: str = "",
        kinds: tuple[str, ...] = ("http", "websocket"),
        sources: tuple[Source, ...] = SOURCES,
    ) -> None:
        self.app = app
        self.reads_path_as_sent = not is_foreign(app)
        self.dependencies = tuple(dependencies)
        self._plans: dict[str, GuardPlan] = {}
        for kind in kinds:
            plan = self._plans[kind] = GuardPlan(app, path, self.dependencies, sources, socket=kind == "websocket")
            # Few mounted applications have WebSockets: they are refused where the dependencies take none.
            plan.is_needed = kind == kinds[0]
            plan.begin()

    def plans(self) -> Iterator[PlannedRoute]:
        """The plans of the dependencies: for requests, for WebSockets, or for both."""
        return (plan for plan in self._plans.values() if not plan.is_impossible)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        plan = self._plans[scope["type"]]
        if plan.is_impossible:
            _log.error("a WebSocket is refused, as a dependency takes the `Request`: let it take an `HTTPConnection`")
            raise HTTPException(403)
        if scope.get("endpoint") is self:  # a mount names what it leads to
            scope["endpoint"] = self.app
        await plan.run(scope, receive, send, plan.texts(scope))

    def __eq__(self, other: object) -> bool:
        """Routes are compared by what they lead to, guarded or not."""
        return self.app == (other.app if isinstance(other, GuardedApp) else other)

    def __hash__(self) -> int:
        return hash(self.app)

    def __repr__(self) -> str:
        return repr(self.app)


class GuardPlan(PlannedRoute):
    """The plan of the dependencies before an ASGI application, and its binders."""

    is_needed = True
    is_impossible = False

    def __init__(
        self,
        app: ASGIApp,
        path: str,
        dependencies: tuple[Dependency, ...],
        sources: tuple[Source, ...],
        *,
        socket: bool,
    ) -> None:
        self.path = path
        self.name = "guard"
        self.options = {}
        self.outer = dependencies
        self.endpoint = _PassSocketOn(app) if socket else _PassOn(app)
        self.source = Endpoint(self.endpoint, path, ("GUARD",), dependencies, sources=sources, socket=socket)
        self._convertors = tuple(read_template(path).convertors.items())

    def begin(self) -> None:
        """Plan, if all names are there.

        Raises PlanError.
        """
        try:
            self.resolve()
        except UnresolvedForwardRef:
            self._plan = None

    def resolve(self) -> None:
        """Make the plan, unless the dependencies cannot be asked for WebSockets, and need not."""
        if self.is_impossible:
            return
        try:
            super().resolve()
            assert self._plan is not None
            self._plan = self._checked(self._plan, {})
        except UnresolvedForwardRef:
            raise
        except SignatureError:
            if self.is_needed:
                raise
            self.is_impossible = True

    def plan_under(self, overrides: Any) -> Plan:
        """The plan with some dependencies exchanged for others."""
        return self._checked(super().plan_under(overrides), overrides)

    def _checked(self, plan: Plan, overrides: Any) -> Plan:
        """The plan, with an endpoint that hands on header fields where a dependency sets any.

        Raises PlanError for a dependency that would take the body from the application behind it.
        """
        for read in plan.reads:
            if read.source.phase is Phase.BODY:
                raise body_dependency_on_plain_route(*_taker_of(plan, read.into), self.path)
        if plan.reply.merges and isinstance(self.endpoint, _PassOn):
            setting = _PassOnWithFields(self.endpoint.app)
            return plan_endpoint(replace(self.source, function=setting, overrides=dict(overrides)))
        return plan

    def texts(self, scope: Scope) -> tuple[str, ...]:
        """The values of the path as texts, in the order of the template."""
        params = scope.get("path_params", {})
        return tuple(convertor.to_string(params[name]) for name, convertor in self._convertors)

    def populate_scope(self, scope: Scope, values: Sequence[str]) -> None:
        """Nothing: the route has filled the scope."""

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        """Ask the dependencies, and then the application."""
        return self.binder_for(scope.get("app"))(scope, receive, send, values)

    def _compile_binder(self, app: Any) -> Callable[..., Awaitable[None]]:
        plan = self.plan_under(getattr(app, "dependency_overrides", {}))
        binder: Callable[..., Awaitable[None]] = bind(plan, self._bind_context(app))
        # A dependency that takes the `Request` may read the body, which the application must find whole.
        takes_request = any(REQUEST in (read.source, *read.source.opener.after) for read in plan.reads)

        def passing(scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
            cached = _Kept(receive) if takes_request else None
            limits = {key: scope.get(key) for key in _LIMITS}
            scope[PASSED] = cached.again if cached else receive, send, limits
            return binder(scope, cached or receive, send, values)

        return passing


def _taker_of(plan: Plan, variable: str) -> tuple[SourceLocation, str]:
    """Where the callable stands that takes a value, or a member of it, and the name of its parameter."""
    splits = [step for step in plan.steps if isinstance(step, Split) and step.source == variable]
    variables = {variable, *(part for split in splits for part, _ in split.parts)}
    calls = [step for step in plan.steps if isinstance(step, Call)]
    return next((call.where, each.name) for call in calls for each in call.arguments if each.value in variables)


class _PassOn:
    """The endpoint of the plan: the application answers in its place."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, connection: HTTPConnection) -> Response:
        return _Passed(self.app, *_channels(connection.scope))


class _PassOnWithFields(_PassOn):
    """The same with the response whose header fields the dependencies have set."""

    async def __call__(self, connection: HTTPConnection, response: Response) -> Response:  # type: ignore[override]
        receive, send = _channels(connection.scope)

        def send_with_fields(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                own = Response(status_code=message["status"])
                own.raw_headers = list(message.get("headers", ()))
                response.status_code = 0  # the application says its status itself
                message = {**message, "headers": merged(own, response).raw_headers}
            return send(message)

        return _Passed(self.app, receive, send_with_fields)


class _PassSocketOn:
    """The same for a WebSocket, which has no response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, connection: HTTPConnection) -> None:
        receive, send = _channels(connection.scope)
        await self.app(connection.scope, receive, send)


class _Passed(Response):
    """What the application answers, by the channels that it would have without dependencies."""

    def __init__(self, app: ASGIApp, receive: Receive, send: Send) -> None:
        super().__init__()
        self._app, self._receive, self._send = app, receive, send

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as a response's
        await self._app(scope, self._receive, self._send)


def _channels(scope: Scope) -> tuple[Receive, Send]:
    receive, send, limits = scope.pop(PASSED)
    for key, value in limits.items():
        if value is not None:
            scope[key] = value
        else:
            scope.pop(key, None)
    return receive, send


class _Kept:
    """A `receive` that keeps what it gives, for who comes `again`."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._given: list[Message] = []

    async def __call__(self) -> Message:
        message = await self._receive()
        self._given.append(message)
        return message

    async def again(self) -> Message:
        return self._given.pop(0) if self._given else await self._receive()


# -- routes ------------------------------------------------------------------------------------------------------------


def guarded(route: Any, dependencies: tuple[Dependency, ...], sources: tuple[Source, ...]) -> Any:
    """The route behind these dependencies, in front of those that it has already; itself where there are none.

    Raises:
        PlanError: nothing can be put before such a route, or a dependency reads the body.
    """
    if not dependencies:
        return route
    kinds = next((kinds for cls, kinds in _KINDS if _answers_by_app(route, cls)), None)
    if kinds is None:
        raise dependencies_on_custom_route(location_of(type(route)), dependencies[0].dependency)
    before: GuardedApp | None = getattr(route, "guard", None)
    app = route.app if before is None else before.app
    route = copy.copy(route)
    route.app = route.guard = GuardedApp(
        app,
        dependencies if before is None else (*dependencies, *before.dependencies),
        path=getattr(route, "path", ""),
        kinds=kinds,
        sources=sources,
    )
    return route


def unguarded(route: Any) -> tuple[Any, tuple[Dependency, ...]]:
    """The route without the dependencies before it, and these."""
    guard: GuardedApp | None = getattr(route, "guard", None)
    if guard is None:
        return route, ()
    route = copy.copy(route)
    route.app = guard.app
    del route.guard
    return route, guard.dependencies


def _answers_by_app(route: Any, cls: type[Any]) -> bool:
    """Whether whatever a route answers goes through its `app`: no subclass answers in another way."""
    return isinstance(route, cls) and not overrides(route, cls, "handle", "run")


class DocumentRoute(Route):
    """A route of the OpenAPI document or of its page. Dependencies of the application do not run for it."""


class GuardedRoutes(RouteList):
    """A list of routes that puts all that enters it behind the dependencies of its router.

    What is behind them already stays as it is; so do the routes of an application's document and of its page.
    """

    # On the class, as unpickling fills a list before it gets its attributes.
    dependencies: tuple[Dependency, ...] = ()
    sources: tuple[Source, ...] = SOURCES
    _apps: "WeakSet[Any] | None" = None

    def __init__(
        self,
        routes: Iterable[Any] = (),
        dependencies: tuple[Dependency, ...] = (),
        sources: tuple[Source, ...] = SOURCES,
    ) -> None:
        self.dependencies = dependencies
        self.sources = sources
        super().__init__(routes)

    def serve(self, app: Any) -> None:
        """Note an application that serves these routes. The only one gets an index of bound routes."""
        if self._apps is None:
            self._apps = WeakSet()
        if app not in self._apps:
            self._apps.add(app)
            self.forget_indexes()

    def _handler_of(self, route: BaseRoute) -> Handler:
        if self._apps is None or len(self._apps) != 1:
            return route
        for cls in (TypedRoute, TypedWebSocketRoute):
            # A subclass with its own `run` expects that each request calls it.
            if isinstance(route, cls) and not overrides(route, cls, "run"):
                return BoundRoute(route)
        return route

    def _entered(self, route: Any) -> Any:
        outer = self.dependencies
        if not outer or isinstance(route, DocumentRoute | WebhookRouter):
            return super()._entered(route)
        is_typed = isinstance(route, TypedRoute | TypedWebSocketRoute)
        guard: GuardedApp | None = getattr(route, "guard", None)
        has = route.outer if is_typed else guard.dependencies if guard is not None else ()
        if has[: len(outer)] == outer:
            return super()._entered(route)
        return super()._entered(route.under("", outer, {}) if is_typed else guarded(route, outer, self.sources))

    def __getstate__(self) -> dict[str, Any]:
        return {"dependencies": self.dependencies, "sources": self.sources}
