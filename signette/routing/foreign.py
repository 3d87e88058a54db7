"""Applications and routes that are not signette's, and which paths they are given.

Theory of operation. Routes of ours are matched with the path as it was sent, where an escaped slash divides nothing.
Others read the decoded path, and many fold it: they merge slashes, resolve dots, take a back slash for a slash. So
`/admin%2Fusers` and `//admin/users` do not fit a route `/admin/{rest:path}` that guards what stands behind it, and are
`/admin/users` there. What is not ours is therefore given paths with one reading only; any other path is not found.
"""

from typing import Any

from signette.paths import has_one_reading
from signette.responses.plain import Response
from signette.routing.answers import not_found
from signette.routing.base import BaseRoute
from signette.routing.matching import Match
from signette.types import ASGIApp, Receive, Scope, Send

_MIDDLEWARE = "signette.middleware."


def is_foreign(app: Any) -> bool:
    """Whether an application may read a path in another way than the routes before it.

    It does not if it says `reads_path_as_sent`, if it is a response, or middleware of ours around such a one.
    """
    while type(app).__module__.startswith(_MIDDLEWARE) and hasattr(app, "app"):
        app = app.app
    return not (getattr(app, "reads_path_as_sent", False) or isinstance(app, Response))


class OneReading:
    """An application that is given paths with one reading only."""

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
    """A route of another framework: anything with `matches` and `handle`. Its results are known by their names."""

    def __init__(self, route: Any) -> None:
        self.route = route

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """What the route says; NONE for a path that it may read in another way."""
        if not has_one_reading(scope):
            return Match.NONE, {}
        match, child_scope = self.route.matches(scope)
        return (match, child_scope) if isinstance(match, Match) else (Match[match.name], child_scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route respond."""
        await self.route.handle(scope, receive, send)


def checked_route(route: Any) -> Any:
    """The route, if it is one. Raises TypeError where it could never respond."""
    if isinstance(route, BaseRoute):
        return route
    if not (callable(getattr(route, "matches", None)) and callable(getattr(route, "handle", None))):
        raise TypeError(
            f"`routes` takes routes, and was given {route!r}; write `Route(path, endpoint)`, or `Mount(path, app)` for"
            " an application"
        )
    if hasattr(route, "get_route_handler"):
        raise TypeError(
            f"{route!r} responds inside of its FastAPI application only; mount that: `Mount(path, fastapi_app)`"
        )
    return route
