"""Foreign applications and routes: those that are not signette's. They get unambiguous paths only.

Theory of operation. Signette matches the path as it was sent, where an escaped slash does not separate segments. Other
frameworks read the decoded path, and many normalize it: they merge slashes, resolve dots, treat a backslash as a slash.
So `/admin%2Fusers` and `//admin/users` do not match a route `/admin/{rest:path}` that requires authentication, but a
foreign application mounted after it would read `/admin/users`. Foreign applications therefore get only paths that all
read alike; any other path is a 404.
"""

from typing import Any

from signette.paths import has_one_reading
from signette.responses.plain import Response
from signette.routing.base import BaseRoute
from signette.routing.matching import Match
from signette.routing.responses import not_found
from signette.types import ASGIApp, Receive, Scope, Send

_MIDDLEWARE = "signette.middleware."


def is_foreign(app: Any) -> bool:
    """Whether an application may read a path differently from signette's routes.

    It does not if it has a true attribute `reads_path_as_sent`, or is a response. Signette's middleware is unwrapped.
    """
    while type(app).__module__.startswith(_MIDDLEWARE) and hasattr(app, "app"):
        app = app.app
    return not (getattr(app, "reads_path_as_sent", False) or isinstance(app, Response))


class OneReading:
    """Calls an application for unambiguous paths. Other paths are a 404."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or has_one_reading(scope):
            await self.app(scope, receive, send)
        else:
            await not_found(scope, receive, send)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OneReading) and self.app == other.app

    def __hash__(self) -> int:
        return hash(self.app)


class ForeignRoute(BaseRoute):
    """A route of another framework, with `matches` and `handle`. Its `Match` members are identified by name."""

    def __init__(self, route: Any) -> None:
        self.route = route

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The match of the route. `Match.NONE` for an ambiguous path."""
        if not has_one_reading(scope):
            return Match.NONE, {}
        match, child_scope = self.route.matches(scope)
        return (match, child_scope) if isinstance(match, Match) else (Match[match.name], child_scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle the connection with the route."""
        await self.route.handle(scope, receive, send)


def checked_route(route: Any) -> Any:
    """The route itself.

    Raises:
        TypeError: it is not a route, or it is a route that only works inside a FastAPI application.
    """
    if isinstance(route, BaseRoute):
        return route
    if not (callable(getattr(route, "matches", None)) and callable(getattr(route, "handle", None))):
        raise TypeError(
            f"`routes` takes routes, got {route!r}; write `Route(path, endpoint)`, or `Mount(path, app)` for an"
            " application"
        )
    if hasattr(route, "get_route_handler"):
        raise TypeError(f"{route!r} only works inside its FastAPI application; mount that: `Mount(path, fastapi_app)`")
    return route
