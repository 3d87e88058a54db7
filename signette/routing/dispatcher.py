"""A list of routes as an ASGI application: finds the one that answers, and speaks the lifespan protocol."""

from collections.abc import Awaitable, Iterable, Sequence
from typing import Any

from signette._http.paths import MARK, PERCENT, with_slashes
from signette._overrides import overrides
from signette._scope_keys import RUNNER
from signette.datastructures.url import URLPath
from signette.middleware.body_limit import RequestBodyLimitMiddleware
from signette.middleware.handlers import ScopedHandlers
from signette.middleware.registry import Middleware, put_around
from signette.paths import as_sent, get_route_path, quote_path, values_with_slashes
from signette.routing.answers import not_found, other_slash, redirect_to
from signette.routing.base import Handler
from signette.routing.foreign import OneReading, is_foreign
from signette.routing.index import Hit
from signette.routing.lifespan import LifespanContext, as_context, no_lifespan, speak_lifespan
from signette.routing.matching import NoMatchFound
from signette.routing.routelist import RouteList
from signette.types import ASGIApp, Lifespan, Receive, Scope, Send


class Dispatcher:
    """Routes, asked in their order; the first that fits answers.

    Where none does, `default` answers: 404. `redirect_slashes`: a path that fits with a slash more or less at its end
    is redirected there. `lifespan` and the applications mounted in the routes start and stop with the server.
    """

    live_routes: RouteList
    reads_path_as_sent = True

    def __init__(
        self,
        routes: Iterable[Any] | None = None,
        redirect_slashes: bool = True,
        default: ASGIApp | None = None,
        lifespan: Lifespan[Any] | None = None,
        *,
        middleware: Sequence[Middleware] | None = None,
        max_body_size: int | None = None,
    ) -> None:
        self.live_routes = self._listed(routes or ())
        self.redirect_slashes = redirect_slashes
        self.default: ASGIApp = self.not_found if default is None else default
        self.lifespan_context: LifespanContext = no_lifespan if lifespan is None else as_context(lifespan)
        self.middleware_stack: ASGIApp = self.app
        if middleware:
            self.middleware_stack = put_around(ScopedHandlers(self.app), middleware)
        if max_body_size is not None:
            self.middleware_stack = RequestBodyLimitMiddleware(self.middleware_stack, max_body_size)

    @property
    def routes(self) -> RouteList:
        """The routes, a live list: what is appended counts from the next request on."""
        return self.live_routes

    @routes.setter
    def routes(self, routes: Iterable[Any]) -> None:
        self.live_routes = self._listed(routes)

    def _listed(self, routes: Iterable[Any]) -> RouteList:
        """The live list of these routes."""
        return RouteList(routes)

    def is_plain(self) -> bool:
        """Whether asking `find` is all that a request needs: nobody put anything around `app` or in its place."""
        return self.middleware_stack == self.app and not overrides(self, Dispatcher, "app", "__call__", "find")

    def find(self, path: str, scope: Scope) -> Hit:
        """What answers an HTTP request for this route path: a route, or what stands in for one that is missing."""
        raw = scope.get("raw_path")
        if raw and PERCENT in raw and (sent := as_sent(path, scope)) != path:
            runner, values = self._find(sent, scope)
            return runner, values_with_slashes(values)
        routes = self.live_routes
        hit = (routes.http or routes.index_http()).find(path, scope["method"], scope)  # PERF: as in `_find`
        return hit if hit is not None else self._missing(path, scope)

    def _find(self, path: str, scope: Scope) -> Hit:
        """As `find`, with a path whose escaped slashes are marked, and so are those of the values."""
        routes = self.live_routes
        hit = (routes.http or routes.index_http()).find(path, scope["method"], scope)
        return hit if hit is not None else self._missing(path, scope)

    def _missing(self, path: str, scope: Scope) -> Hit:
        if self.redirect_slashes and path != "/":
            other = other_slash(path)
            routes = self.live_routes
            index = routes.http or routes.index_http()
            if other and index.fits(other, _elsewhere(scope, other)):
                return redirecting(scope, other)
        # PERF: no call more for the default of most.
        return Fallback(self.default if self.default == self.not_found else self._fallback()), ()

    def _fallback(self) -> ASGIApp:
        """`default`. One that is not signette's is given paths with one reading only, as what is mounted."""
        default = self.default
        return OneReading(default) if default != self.not_found and is_foreign(default) else default

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route answer."""
        kind = scope["type"]
        if "router" not in scope:
            scope["router"] = self
        if kind == "http":
            path = get_route_path(scope) if scope.get("root_path") else scope["path"]  # PERF: as in `Application`
            runner, values = self.find(path, scope)
            scope[RUNNER] = runner  # for layers that tell of the route: a typed one does not note itself
            await runner.run(scope, receive, send, values)
        elif kind == "websocket":
            routes = self.live_routes
            path = get_route_path(scope)
            if PERCENT in (scope.get("raw_path") or b""):
                path = as_sent(path, scope)
            hit = (routes.websocket or routes.index_websocket()).find(path, "", scope)
            if hit is None:
                await self._fallback()(scope, receive, send)
            else:
                scope[RUNNER] = hit[0]
                values = values_with_slashes(hit[1]) if MARK in path else hit[1]
                await hit[0].run(scope, receive, send, values)
        else:
            assert kind == "lifespan", f"No such scope: {kind!r}"
            await self.lifespan(scope, receive, send)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.middleware_stack(scope, receive, send)

    async def not_found(self, scope: Scope, receive: Receive, send: Send) -> None:
        """404, or a closed socket."""
        await not_found(scope, receive, send)

    async def lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Speak the ASGI lifespan protocol: the own lifespan, and in it those of mounted applications."""
        await speak_lifespan(self, scope, receive, send)

    def path_of(self, name: str, params: dict[str, Any]) -> URLPath | None:
        """As `url_path_for`, None where there is no such route."""
        return self.live_routes.path_of(name, params)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """The path of the first route that has this name and takes exactly these parameters.

        Raises:
            NoMatchFound: there is none.
        """
        url = self.path_of(name, path_params)
        if url is None:
            raise NoMatchFound(name, path_params)
        return url


class Fallback(Handler):
    """Answers in the place of a route: an ASGI application for a path that no route fits."""

    __slots__ = ("_app",)

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:  # noqa: ARG002 - as a route's
        return self._app(scope, receive, send)

    def populate_scope(self, scope: Scope, values: Sequence[str]) -> None:
        """There is no route to tell of."""


def redirecting(scope: Scope, route_path: str) -> Hit:
    """What sends the client to another path of these routes."""
    return Fallback(redirect_to(_public_path(scope, route_path), scope)), ()


def falls_back(hit: Hit, app: ASGIApp) -> bool:
    """Whether it is this application that answers, as no route does."""
    return isinstance(hit[0], Fallback) and hit[0]._app in (app, OneReading(app))


def _elsewhere(scope: Scope, route_path: str) -> Scope:
    """The scope with another route path."""
    path: str = scope["path"]
    start = len(path) - len(get_route_path(scope))
    if PERCENT not in (scope.get("raw_path") or b""):
        return {**scope, "path": path[:start] + route_path}
    sent = as_sent(path, scope)[:start] + route_path
    return {**scope, "path": with_slashes(sent), "raw_path": quote_path(sent, "/").encode("ascii")}


def _public_path(scope: Scope, route_path: str) -> str:
    """The path that a client would ask for, which has `root_path` before it, whether the server's has it or not."""
    path = as_sent(scope["path"], scope)
    path = path[: len(path) - len(get_route_path(scope))] + route_path
    root = scope.get("root_path", "").rstrip("/")
    has_root = f"{with_slashes(path)}/".startswith(f"{root}/")
    return path if not root or has_root else root + path
