"""The router: a list of routes, and the ways to add to it."""

from collections.abc import Callable, Collection
from typing import Any

from signette.routing.dispatcher import Dispatcher
from signette.routing.host import Host
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.routing.websocket import WebSocketRoute
from signette.types import ASGIApp


class Router(Dispatcher):
    """Routes, asked in their order; the first that fits answers.

    Where none does, `default` answers: 404. `redirect_slashes`: a path that fits with a slash more or less at its end
    is redirected there. `lifespan` and the applications mounted in the routes start and stop with the server.
    """

    def _add(self, route: Any) -> None:
        """What each of the ways below ends in."""
        self.routes.append(route)

    def mount(self, path: str, app: ASGIApp, name: str | None = None, *, escaped_slashes: bool = False) -> None:
        """Add an application below a path. `escaped_slashes` is that of `Mount`."""
        self._add(Mount(path, app=app, name=name, escaped_slashes=escaped_slashes))

    def host(self, host: str, app: ASGIApp, name: str | None = None, *, escaped_slashes: bool = False) -> None:
        """Add an application for a host. `escaped_slashes` is that of `Mount`."""
        self._add(Host(host, app=app, name=name, escaped_slashes=escaped_slashes))

    def add_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        methods: Collection[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
    ) -> None:
        """Add a route."""
        self._add(Route(path, endpoint, methods=methods, name=name, include_in_schema=include_in_schema))

    def add_websocket_route(self, path: str, endpoint: Callable[..., Any], name: str | None = None) -> None:
        """Add a route for WebSockets."""
        self._add(WebSocketRoute(path, endpoint, name=name))
