"""A typed route in the index of its only application."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from weakref import ref

from signette.declarative.binding.binder import limits_headers, runs_directly
from signette.declarative.routing.routes import TypedRoute, TypedWebSocketRoute
from signette.routing.base import Handler
from signette.types import Receive, Scope, Send


class CompiledRoute(Handler):
    """A route in the index of its only application. After the first request, `run` is the binder itself."""

    __slots__ = (
        "_application",
        "app",
        "enforces_limits",
        "limits_headers",
        "populate_scope",
        "route",
        "run",
        "runs_directly",
        "template",
    )

    run: Callable[..., Awaitable[None]]
    populate_scope: Callable[..., None]

    def __init__(self, route: TypedRoute | TypedWebSocketRoute, application: Any) -> None:
        self._application = ref(application)
        self.route = route
        self.app = route.app
        self.enforces_limits = route.enforces_limits
        self.limits_headers = self.runs_directly = False  # until the binder is made, which knows it
        self.template = route.template
        self.populate_scope = route.populate_scope
        self.run = self._bind  # PERF: replaced, so that a request costs no call more than the binder's

    def _bind(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        if not self._make_binder(scope):
            return self.route.run(scope, receive, send, values)
        return self.run(scope, receive, send, values)

    def _make_binder(self, scope: Scope) -> bool:
        """Make the binder, unless the router is called without its application."""
        application = scope.get("app")
        if application is not self._application():
            return False
        self.run = self.route.binder_for(application)
        self.limits_headers = limits_headers(self.run)
        self.runs_directly = self.enforces_limits and runs_directly(self.run)
        return True

    def does_limit_headers(self, scope: Scope) -> bool:
        return self._make_binder(scope) and self.limits_headers

    def accept_post(self) -> str:
        return self.route.accept_post()

    def accept_patch(self) -> str:
        return self.route.accept_patch()
