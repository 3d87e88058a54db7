"""Webhooks and callbacks: requests that the application sends. They are documented, not routed."""

from collections.abc import Callable, Sequence
from typing import Any, Unpack

from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.routing.merging import merge_options
from signette.declarative.routing.options import RouteOptions, copied
from signette.declarative.routing.routes import PlannedRoute
from signette.declarative.routing.verbs import Verbs
from signette.routing.base import BaseRoute
from signette.routing.matching import Match
from signette.types import Scope


class WebhookRoute(PlannedRoute, BaseRoute):
    """A webhook or callback: the signature declares the request, the return type the expected response.

    `path` is the name of a webhook, or the runtime expression of a callback URL (OpenAPI 3.1 §4.8.18.1).
    """

    def __init__(
        self, path: str, endpoint: Callable[..., Any], methods: Sequence[str], options: RouteOptions | None = None
    ) -> None:
        self.path = path
        self.endpoint = endpoint
        self.options = copied(options or {})
        self.name = str(self.options.get("name") or getattr(endpoint, "__name__", type(endpoint).__name__))
        self.include_in_schema = self.options.get("include_in_schema", True)
        self.outer = ()
        verbs = tuple(sorted(method.upper() for method in methods))
        every = tuple(self.options.get("dependencies", ()))
        self._compile(Endpoint(endpoint, path, verbs, every, options=self.options))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:  # noqa: ARG002 - as a route's
        """Never: the application does not receive these requests."""
        return Match.NONE, {}

    def fits_type(self, kind: str) -> bool:  # noqa: ARG002
        """Never: see `matches`."""
        return False


class Webhooks(Verbs):
    """The webhooks of an application: `@app.webhooks.post("new-order")` (OpenAPI 3.1 §4.8.1)."""

    def __init__(self) -> None:
        self.routes: list[WebhookRoute] = []

    def add_api_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        methods: Sequence[str] = ("POST",),
        **options: Unpack[RouteOptions],
    ) -> None:
        """Add a webhook; `path` is its name."""
        self.routes.append(WebhookRoute(path, endpoint, methods, merge_options({}, options)))
