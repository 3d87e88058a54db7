"""The router: dispatches to routes, with methods to add them."""

from collections.abc import Callable, Collection
from typing import Any

from signette.routing.decorators import RouteDecorators
from signette.routing.dispatcher import Dispatcher
from signette.routing.host import Host
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.routing.websocket import WebSocketRoute
from signette.types import ASGIApp


class Router(RouteDecorators, Dispatcher):
    """An ASGI application of routes. The first route that matches handles the request.

    `default` handles requests that match no route: by default, a 404. With `redirect_slashes`, a path that only matches
    with or without its trailing slash is redirected. The server runs `lifespan` and the lifespans of mounted
    applications. Two routers are equal if their routes are.

    Attributes:
        redirect_slashes: Redirect to the path with or without a trailing slash if only that matches.
        default: The application for requests that no route matches, by default `not_found`. Paths are passed to it
            as by `Mount`.
        reads_path_as_sent: Declares to a `Mount` around it that it accepts any path.
        lifespan_context: The lifespan.
        middleware_stack: The router with its middleware.
    """

    def _add(self, route: Any) -> None:
        """Add a route. The methods below call this."""
        self.routes.append(route)

    def mount(self, path: str, app: ASGIApp, name: str | None = None, *, escaped_slashes: bool = False) -> None:
        """Mount an application below a path. See `Mount`."""
        self._add(Mount(path, app=app, name=name, escaped_slashes=escaped_slashes))

    def host(self, host: str, app: ASGIApp, name: str | None = None, *, escaped_slashes: bool = False) -> None:
        """Add an application for a host. See `Host`."""
        self._add(Host(host, app=app, name=name, escaped_slashes=escaped_slashes))

    def add_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        methods: Collection[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
    ) -> None:
        """Add an HTTP route."""
        self._add(Route(path, endpoint, methods=methods, name=name, include_in_schema=include_in_schema))

    def add_websocket_route(self, path: str, endpoint: Callable[..., Any], name: str | None = None) -> None:
        """Add a WebSocket route."""
        self._add(WebSocketRoute(path, endpoint, name=name))
