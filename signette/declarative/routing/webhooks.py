"""Webhooks and callbacks: requests that the application sends. They are documented, not routed."""

from collections.abc import Callable, Sequence
from typing import Any, Unpack, cast

from signette.declarative.errors import formats as format_errors
from signette.declarative.errors import policies as policy_errors
from signette.declarative.formats.options import SharedOption
from signette.declarative.plan.endpoint import Endpoint
from signette.declarative.policies.base import Off
from signette.declarative.policies.entries import SharedPolicy
from signette.declarative.routing.deprecation import apply_deprecated, declares_deprecated
from signette.declarative.routing.merging import merge_options
from signette.declarative.routing.option_checks import check_options
from signette.declarative.routing.options import RouteOptions, copied
from signette.declarative.routing.planned import PlannedRoute
from signette.declarative.routing.policy_switches import apply_policy_switches
from signette.declarative.routing.resolving import check_whole_path
from signette.declarative.routing.verbs import Verbs
from signette.declarative.signature.callables import location_of
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
        self.options.pop("request_encodings", None)  # of what receives the request
        apply_deprecated(cast(dict[str, Any], self.options), location_of(endpoint))
        apply_policy_switches(cast(dict[str, Any], self.options), location_of(endpoint))
        policies = self.options.pop("policies", None) or ()
        check_options({"policies": policies}, endpoint)
        if declares_deprecated(each for each in policies if isinstance(each, SharedPolicy)):
            self.options["deprecated"] = True  # the document has that of a router; no response has its fields
        for policy in policies:
            if not isinstance(policy, SharedPolicy | Off):
                raise policy_errors.policy_on_outgoing_request(location_of(endpoint), policy)
        for name in ("renders", "envelope", "tool"):
            if not isinstance(self.options.pop(name, None), SharedOption | None):  # type: ignore[misc]  # a known key
                raise format_errors.option_of_outgoing_request(location_of(endpoint), name)
        self._compile(Endpoint(endpoint, path, verbs, every, options=self.options))
        check_whole_path(self)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:  # noqa: ARG002 - as a route's
        """Never: the application does not receive these requests."""
        return Match.NONE, {}

    def fits_type(self, kind: str) -> bool:  # noqa: ARG002
        """Never: see `matches`."""
        return False


class Webhooks(Verbs):
    """The webhooks of an application: `@app.webhooks.post("new-order")` (OpenAPI 3.1 §4.8.1)."""

    def __init__(self, router: Any = None) -> None:
        if router is not None and not isinstance(getattr(router, "routes", None), list):
            raise TypeError(f"`webhooks=` takes a `Router`, not {router!r}")
        self._router = router
        self._own: list[WebhookRoute] = []

    @property
    def routes(self) -> list[WebhookRoute]:
        """The webhooks: those of the router of `webhooks=`, and those that are declared here."""
        routes = () if self._router is None else self._router.routes
        planned = [route for route in routes if isinstance(route, PlannedRoute)]
        of_router = [WebhookRoute(each.path, each.endpoint, each.source.methods, each.options) for each in planned]
        return [*of_router, *self._own]

    def add_api_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        methods: Sequence[str] | None = None,
        *,
        route_class_override: Any = None,  # noqa: ARG002 - as of a router
        **options: Unpack[RouteOptions],
    ) -> None:
        """Add a webhook; `path` is its name. It receives no requests, so the class of routes does not count."""
        self._own.append(
            WebhookRoute(path, endpoint, ("POST",) if methods is None else methods, merge_options({}, options))
        )
