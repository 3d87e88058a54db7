"""What mounts and hosts have in common: an application with routes and a lifespan of its own."""

from collections.abc import Mapping
from typing import Any

from signette.datastructures.url import URLPath
from signette.routing.base import NamedRoute, reverse_route
from signette.routing.routelist import RouteList
from signette.types import ASGIApp, Receive, Scope, Send


class Nested(NamedRoute):
    """A route that leads to an application."""

    name: str | None
    app: ASGIApp
    mounted_app: ASGIApp
    starts_mounted = True
    lifespan_state: Mapping[str, Any] | None = None

    @property
    def routes(self) -> list[Any]:
        """The routes of the application, if it has any."""
        routes: list[Any] = getattr(self.mounted_app, "routes", None) or []
        return routes

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer."""
        self.add_state(scope)
        await self.app(scope, receive, send)

    def add_state(self, scope: Scope) -> None:
        """What the application's lifespan yielded, for requests to it."""
        if self.lifespan_state:
            scope["state"] = {**scope.get("state", {}), **self.lifespan_state}

    def forget_state(self) -> None:
        """The application's lifespan has ended."""
        self.lifespan_state = None

    def inner_name(self, name: str) -> str | None:
        """What a name says of a route of the application. None: it is no name of ours."""
        if self.name is None:
            return name
        return name[len(self.name) + 1 :] if name.startswith(f"{self.name}:") else None

    def reverse_inner(self, name: str, params: dict[str, Any]) -> URLPath | None:
        """The path of a route of the application."""
        routes = self.routes
        if isinstance(routes, RouteList):
            return routes.path_of(name, params)
        found = (reverse_route(route, name, params) for route in routes)
        return next((url for url in found if url is not None), None)

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "lifespan_state"}
