"""The base class of `Mount` and `Host`: a route to an application with its own routes and lifespan."""

from collections.abc import Mapping
from typing import Any

from signette.convertors import Convertor
from signette.datastructures.url import URLPath
from signette.paths import has_one_reading
from signette.routing.base import NamedRoute, reverse_route
from signette.routing.foreign import is_foreign
from signette.routing.frameworks import exception_for
from signette.routing.responses import not_found
from signette.routing.routelist import RouteList
from signette.types import ASGIApp, Receive, Scope, Send


class Nested(NamedRoute):
    """A route that leads to an application."""

    name: str | None
    param_convertors: dict[str, Convertor[Any]]
    app: ASGIApp
    mounted_app: ASGIApp
    starts_mounted = True
    lifespan_state: Mapping[str, Any] | None = None
    escaped_slashes = False
    _is_foreign = False

    def _set_app(self, app: ASGIApp, *, escaped_slashes: bool) -> None:
        """Set the mounted application, and whether it is foreign: foreign applications get unambiguous paths only."""
        self.app = self.mounted_app = app
        self.escaped_slashes = escaped_slashes
        self._is_foreign = is_foreign(app)

    def _accepts_path(self, scope: Scope) -> bool:
        """Whether a foreign application gets this path."""
        return has_one_reading(scope, slashes=self.escaped_slashes)

    @property
    def routes(self) -> list[Any]:
        """The routes of the application. Empty if it has none."""
        routes: list[Any] = getattr(self.mounted_app, "routes", None) or []
        return routes

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application."""
        try:
            if self._is_foreign and not self._accepts_path(scope):
                await not_found(scope, receive, send)
                return
            self.add_state(scope)
            await self.app(scope, receive, send)
        except Exception as exc:
            if (theirs := exception_for(scope, exc)) is not exc:  # in an application of another framework
                raise theirs from exc
            raise

    def add_state(self, scope: Scope) -> None:
        """Add the state that the application's lifespan has yielded to the scope."""
        if self.lifespan_state:
            scope["state"] = {**scope.get("state", {}), **self.lifespan_state}

    def forget_state(self) -> None:
        """Remove the state after the application's lifespan has ended."""
        self.lifespan_state = None

    def inner_name(self, name: str) -> str | None:
        """The name of a route inside the application: `name:route` -> `route`. None if the prefix differs."""
        if self.name is None:
            return name
        return name[len(self.name) + 1 :] if name.startswith(f"{self.name}:") else None

    def reverse_inner(self, name: str, params: dict[str, Any]) -> URLPath | None:
        """The URL path of a route of the application."""
        routes = self.routes
        if isinstance(routes, RouteList):
            return routes.path_of(name, params)
        found = (reverse_route(route, name, params) for route in routes)
        return next((url for url in found if url is not None), None)

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "lifespan_state"}


def outer_convertors(route: Any) -> dict[str, Convertor[Any]]:
    """The convertors of the path parameters that a mount or host puts into the scope."""
    if not isinstance(route, Nested):
        return {}
    rest_of_path = "path" if hasattr(route, "path") else None  # of a mount
    return {name: each for name, each in route.param_convertors.items() if name != rest_of_path}
