"""Guards: dependencies and policies of routers and applications in front of plain routes, mounts and hosts.

A typed route has these in its plan. Other routes get a plan of the dependencies and policies alone, whose endpoint
forwards the connection; so errors, overrides and generators work as in typed routes. A router with dependencies or
policies adds the guard to each route that enters its list of routes.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from signette._scope_keys import LIMITS, PASSED, RECEIVE
from signette.connection import HTTPConnection
from signette.convertors import text_of
from signette.declarative.binding.binder import bind
from signette.declarative.binding.runtime import merged
from signette.declarative.binding.wrappers import error_responses
from signette.declarative.errors import guards as guard_errors
from signette.declarative.errors.base import SignatureError, UnknownPathParameter, UnresolvedForwardRef
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.plan.planner import plan_endpoint
from signette.declarative.plan.steps import Call, Plan, Split
from signette.declarative.policies.around import with_policies
from signette.declarative.policies.entries import Entry
from signette.declarative.routing.outer_path import OuterPath, check_below_any_path, with_outer_values
from signette.declarative.routing.planned import PlannedRoute
from signette.declarative.routing.router_stack import RouterStack
from signette.declarative.signature.depends import Dependency
from signette.declarative.signature.model import SourceLocation
from signette.declarative.sources.injected import REQUEST
from signette.declarative.sources.source import Phase, Source
from signette.declarative.sources.table import SOURCES
from signette.exceptions import HTTPException
from signette.responses.plain import Response
from signette.routing.foreign import is_foreign
from signette.routing.matching import read_template
from signette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("signette.guards")

# The keys for limits that a dependency with a `Request` parameter sets in the scope.
_LIMITS = (RECEIVE, LIMITS)


class GuardedApp:
    """An ASGI application behind dependencies and policies.

    `path` is the path template whose parameters the dependencies may read; `methods` are those of a plain route.
    """

    def __init__(
        self,
        app: ASGIApp,
        dependencies: Sequence[Dependency],
        policies: Sequence[Entry] = (),
        *,
        path: str = "",
        methods: Iterable[str] = (),
        kinds: tuple[str, ...] = ("http", "websocket"),
        sources: tuple[Source, ...] = SOURCES,
        stacks: tuple[RouterStack, ...] = (),
    ) -> None:
        self.app = app
        self.reads_path_as_sent = not is_foreign(app)
        self.dependencies = tuple(dependencies)
        self.policies = tuple(policies)
        self.stacks = stacks
        self._plans: dict[str, GuardPlan] = {}
        for kind in kinds:
            plan = self._plans[kind] = GuardPlan(
                app, path, self.dependencies, self.policies, sources, methods, socket=kind == "websocket"
            )
            # Few mounted applications have WebSockets. Dependencies that do not support them reject them.
            plan.is_needed = kind == kinds[0]
            plan.stacks = stacks
            plan.begin()

    def plans(self) -> Iterator[PlannedRoute]:
        """The plans for requests, for WebSockets, or for both."""
        return (plan for plan in self._plans.values() if not plan.is_impossible)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        plan = self._plans[scope["type"]]
        if plan.is_impossible:
            _log.error(
                "WebSocket rejected: a dependency has a `Request` parameter; declare an `HTTPConnection` instead"
            )
            raise HTTPException(403)
        if scope.get("endpoint") is self:  # set by a mount
            scope["endpoint"] = self.app
        await plan.run(scope, receive, send, plan.texts(scope))

    def __eq__(self, other: object) -> bool:
        """Equal to the application itself: guards do not count when routes are compared."""
        return self.app == (other.app if isinstance(other, GuardedApp) else other)

    def __hash__(self) -> int:
        return hash(self.app)

    def __repr__(self) -> str:
        return repr(self.app)


class GuardPlan(PlannedRoute):
    """The plan of the dependencies of a `GuardedApp`, and its binders."""

    is_needed = True
    is_impossible = False

    def __init__(
        self,
        app: ASGIApp,
        path: str,
        dependencies: tuple[Dependency, ...],
        policies: tuple[Entry, ...],
        sources: tuple[Source, ...],
        methods: Iterable[str],
        *,
        socket: bool,
    ) -> None:
        self.path = path
        self.name = "guard"
        self.options = {"policies": policies} if policies else {}
        self.outer = dependencies
        self.endpoint = _ForwardSocket(app) if socket else _Forward(app)
        self.source = Endpoint(
            self.endpoint,
            path,
            ("GUARD",),
            dependencies,
            sources=sources,
            options=self.options,
            socket=socket,
            forwarded_methods=tuple(sorted(each for each in methods if each != "HEAD" or "GET" not in methods)),
        )
        self._convertors = tuple(read_template(path).convertors.items())

    def begin(self) -> None:
        """Make the plan, unless an annotation has an undefined name, or a path parameter may be one of a prefix.

        Raises SignatureError.
        """
        try:
            self.resolve()
        except UnresolvedForwardRef:
            self._plan = None
        except UnknownPathParameter as error:
            check_below_any_path(self.source, error)
            self._plan = None

    def resolve(self, outer_path: OuterPath | None = None) -> None:
        """Make the plan, if it is possible or needed."""
        if self.is_impossible:
            return
        try:
            super().resolve(outer_path)
            assert self._plan is not None
            self._plan = self._checked(self._plan, {})
        except (UnresolvedForwardRef, UnknownPathParameter):
            raise
        except SignatureError:
            if self.is_needed:
                raise
            self.is_impossible = True

    def plan_under(self, overrides: Any) -> Plan:
        """The plan with dependency overrides."""
        return self._checked(super().plan_under(overrides), overrides)

    def _checked(self, plan: Plan, overrides: Any) -> Plan:
        """The plan; if a dependency sets header fields, with an endpoint that adds them to the response.

        Raises SignatureError for a dependency that would read the body of the guarded application.
        """
        for read in plan.reads:
            if read.source.phase is Phase.BODY:
                raise guard_errors.body_dependency_on_plain_route(*_taker_of(plan, read.into), self.path)
        if plan.reply.merges and isinstance(self.endpoint, _Forward):
            setting = _ForwardWithFields(self.endpoint.app)
            return plan_endpoint(replace(self.source, function=setting, overrides=dict(overrides)))
        return plan

    def texts(self, scope: Scope) -> tuple[str, ...]:
        """The path parameters as strings, in the order of the template."""
        params = scope.get("path_params", {})
        return tuple(text_of(convertor, params[name]) for name, convertor in self._convertors)

    def _scope_keys(self) -> None:
        """None: the guarded route has populated the scope."""

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        """Run the dependencies, then the application."""
        return self.binder_for(scope.get("app"))(scope, receive, send, values)

    def _compile_binder(self, app: Any) -> Callable[..., Awaitable[None]]:
        plan, context = self.plan_under(getattr(app, "dependency_overrides", {})), self._bind_context(app)
        binder: Callable[..., Awaitable[None]] = bind(plan, context)
        # A dependency with a `Request` parameter may read the body, which the application must be able to read again.
        takes_request = any(REQUEST in (read.source, *read.source.opener.after) for read in plan.reads)

        def passing(scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
            recorder = _ReplayedReceive(receive) if takes_request else None
            limits = {key: scope.get(key) for key in _LIMITS}
            scope[PASSED] = recorder.replay if recorder else receive, send, limits
            return binder(scope, recorder or receive, send, values)

        wrapped: Callable[..., Awaitable[None]] = passing
        stacks = self._applied_stacks(app)
        if any(each.applies for each in plan.policies):
            respond = error_responses(app, None) if stacks is None else stacks.handlers.handle
            wrapped = with_policies(passing, plan, app, respond, context.limits.body_bytes)
        wrapped = with_outer_values(wrapped, self.source)
        return wrapped if stacks is None else stacks.around(wrapped, None)


def _taker_of(plan: Plan, variable: str) -> tuple[SourceLocation, str]:
    """The location of the callable that takes a value, or a member of it, and the name of its parameter."""
    splits = [step for step in plan.steps if isinstance(step, Split) and step.source == variable]
    variables = {variable, *(part for split in splits for part, _ in split.parts)}
    calls = [step for step in plan.steps if isinstance(step, Call)]
    return next((call.where, each.name) for call in calls for each in call.arguments if each.value in variables)


class _Forward:
    """The endpoint of the plan: forwards the request to the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, connection: HTTPConnection) -> Response:
        return _ForwardedResponse(self.app, *_channels(connection.scope))


class _ForwardWithFields(_Forward):
    """Forwards the request, and adds header fields that dependencies have set to the response."""

    async def __call__(self, connection: HTTPConnection, response: Response) -> Response:  # type: ignore[override]
        receive, send = _channels(connection.scope)

        def send_with_fields(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                own = Response(status_code=message["status"])
                own.raw_headers = list(message.get("headers", ()))
                response.status_code = 0  # keep the status of the application
                message = {**message, "headers": merged(own, response).raw_headers}
            return send(message)

        return _ForwardedResponse(self.app, receive, send_with_fields)


class _ForwardSocket:
    """Forwards a WebSocket to the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, connection: HTTPConnection) -> None:
        receive, send = _channels(connection.scope)
        await self.app(connection.scope, receive, send)


class _ForwardedResponse(Response):
    """Runs the application with the `receive` and `send` that it would have without dependencies."""

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


class _ReplayedReceive:
    """A `receive` that records its messages. `replay` returns them again, then receives more."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[Message] = []

    async def __call__(self) -> Message:
        message = await self._receive()
        self._messages.append(message)
        return message

    async def replay(self) -> Message:
        return self._messages.pop(0) if self._messages else await self._receive()
