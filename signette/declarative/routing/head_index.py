"""The index of routes in which some handle HEAD explicitly, and others because they handle GET.

A route for GET handles HEAD, too. A later route that lists HEAD is still meant: it goes first.
"""

from collections.abc import Callable, Iterable
from typing import Any

from signette.declarative.routing.routes import TypedRoute
from signette.routing.base import BaseRoute, Handler
from signette.routing.index import Hit, RouteIndex
from signette.types import Scope


def index_of(routes: Iterable[Any], kind: str, handler_of: Callable[[BaseRoute], Handler]) -> RouteIndex:
    """The index of typed routes, and of others between them."""
    listed = list(routes)
    if kind == "http" and any(map(_lists_head, listed)) and any(map(_has_implied_head, listed)):
        return ExplicitHeadIndex(listed, kind, handler_of)
    return RouteIndex(listed, kind, handler_of)


class ExplicitHeadIndex(RouteIndex):
    """An index that prefers explicit HEAD routes. Others are not slowed down by them."""

    __slots__ = ("_explicit",)

    def __init__(self, routes: list[Any], kind: str, handler_of: Callable[[BaseRoute], Handler]) -> None:
        super().__init__(routes, kind, handler_of)
        explicit = [route for route in routes if not _has_implied_head(route)]
        self._explicit = RouteIndex(explicit, kind, handler_of)
        self.only_walks = False
        for path, hits in self.exact.items():
            head = hits.get("HEAD")
            if head is not None and _has_implied_head(_route_of(head)):
                # A route whose `matches` must be called, or one with parameters, may be an explicit one.
                del hits["HEAD"]
                if (other := self._explicit.exact.get(path, {}).get("HEAD")) and _lists_head(_route_of(other)):
                    hits["HEAD"] = other

    def find(self, path: str, method: str, scope: Scope) -> Hit | None:
        """The route as in any index, but for HEAD the first explicit one."""
        hit = super().find(path, method, scope)
        if method == "HEAD" and hit is not None and _has_implied_head(_route_of(hit)):
            other = self._explicit.find(path, method, scope)
            if other is not None and _lists_head(_route_of(other)):
                return other
        return hit


def _route_of(hit: Hit) -> Any:
    """The route of a hit. Its handler may be a substitute."""
    return getattr(hit[0], "route", hit[0])


def _lists_head(route: Any) -> bool:
    """Whether it handles HEAD because its methods were written so: a route of the toolkit adds HEAD to GET."""
    if isinstance(route, TypedRoute):
        return "HEAD" in route.explicit_methods
    methods = getattr(route, "methods", None) or ()
    return "HEAD" in methods and "GET" not in methods


def _has_implied_head(route: Any) -> bool:
    """Whether it handles HEAD only because it handles GET."""
    return isinstance(route, TypedRoute) and route.has_implied_head
