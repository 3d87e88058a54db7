"""Dispatches requests to routes, and handles the ASGI lifespan protocol."""

from collections.abc import Awaitable, Iterable, Sequence
from typing import Any

from signette._http.paths import MARK, PERCENT, with_slashes
from signette._overrides import overrides
from signette._scope_keys import MATCHED
from signette.datastructures.url import URLPath
from signette.limits import max_body_size_of
from signette.middleware.body_limit import RequestBodyLimitMiddleware
from signette.middleware.handlers import ScopedHandlers
from signette.middleware.registry import Middleware, put_around
from signette.paths import as_sent, get_route_path, quote_path, values_with_slashes
from signette.routing.base import Handler
from signette.routing.events import EventFunction, EventLifespan, EventMethods, add_events
from signette.routing.foreign import OneReading, is_foreign
from signette.routing.frameworks import exception_for, no_match_found
from signette.routing.index import Hit
from signette.routing.lifespan import LifespanContext, as_context, handle_lifespan, no_lifespan
from signette.routing.responses import not_found, redirect_to, toggle_trailing_slash
from signette.routing.routelist import RouteList
from signette.types import ASGIApp, Lifespan, Receive, Scope, Send


class Dispatcher(EventMethods):
    """An ASGI application of routes. The first route that matches handles the request.

    `default` handles requests that match no route: by default, a 404. With `redirect_slashes`, a path that only matches
    with or without its trailing slash is redirected. The server runs `lifespan` and the lifespans of mounted
    applications.
    """

    live_routes: RouteList
    reads_path_as_sent = True
    _event_lifespan: EventLifespan | None = None

    def __init__(
        self,
        routes: Iterable[Any] | None = None,
        redirect_slashes: bool = True,
        default: ASGIApp | None = None,
        lifespan: Lifespan[Any] | None = None,
        *,
        middleware: Sequence[Middleware] | None = None,
        max_body_size: int | None = None,
        on_startup: Sequence[EventFunction] | None = None,
        on_shutdown: Sequence[EventFunction] | None = None,
    ) -> None:
        self.live_routes = self._listed(routes or ())
        self.redirect_slashes = redirect_slashes
        self.default: ASGIApp = self.not_found if default is None else default
        self.lifespan_context: LifespanContext = no_lifespan if lifespan is None else as_context(lifespan)
        add_events(self, on_startup, on_shutdown, stacklevel=2)
        self.middleware_stack: ASGIApp = self.app
        if middleware:
            self.middleware_stack = put_around(ScopedHandlers(self.app), middleware)
        if max_body_size is not None:
            self.middleware_stack = RequestBodyLimitMiddleware(
                self.middleware_stack, max_body_size_of("the router", max_body_size)
            )

    @property
    def on_startup(self) -> list[EventFunction]:
        """The functions that run at startup, if there is no `lifespan=`. Deprecated."""
        return self._events().startup

    @property
    def on_shutdown(self) -> list[EventFunction]:
        """The functions that run at shutdown, if there is no `lifespan=`. Deprecated."""
        return self._events().shutdown

    def _encodings(self) -> Sequence[str]:
        """The encodings of request bodies that an application with this router decodes."""
        return ()

    def _events(self) -> EventLifespan:
        events = self._event_lifespan
        if events is None:
            events = self._event_lifespan = EventLifespan()
            if self._own_lifespan() is no_lifespan:
                self.lifespan_context = events
        events.has_effect = self._own_lifespan() is events
        return events

    def _own_lifespan(self) -> LifespanContext:
        return self.lifespan_context

    @property
    def routes(self) -> RouteList:
        """The routes. You can change this list: changes apply from the next request on."""
        return self.live_routes

    @routes.setter
    def routes(self, routes: Iterable[Any]) -> None:
        self._replace_routes(routes)

    def _replace_routes(self, routes: Iterable[Any]) -> None:
        known = self.live_routes.known
        self.live_routes = self._listed(routes)
        if known is not None:  # the stack of an application looks there
            known.forget()
            self.live_routes.known = known

    def _listed(self, routes: Iterable[Any]) -> RouteList:
        """Make the live list of routes."""
        return RouteList(routes)

    def __eq__(self, other: object) -> bool:
        """Whether the routes are equal."""
        return self.routes == other.routes if isinstance(other, Dispatcher) else NotImplemented

    def __hash__(self) -> int:
        # Equal for equal routers, and constant while their routes change: routers are keys of caches.
        return hash(Dispatcher)

    def is_plain(self) -> bool:
        """Whether `find` alone can dispatch requests: the router has no middleware, and no subclass overrides it."""
        return self.middleware_stack == self.app and not overrides(
            self, Dispatcher, "app", "dispatch", "__call__", "find", "find_socket"
        )

    def find(self, path: str, scope: Scope) -> Hit:
        """The handler of an HTTP request for this route path: a route, a redirect, or `default`."""
        raw = scope.get("raw_path")
        if raw and PERCENT in raw and (sent := as_sent(path, scope)) != path:
            handler, values = self._find(sent, scope)
            return handler, values_with_slashes(values)
        routes = self.live_routes
        hit = (routes.http or routes.index_http()).find(path, scope["method"], scope)  # PERF: as in `_find`
        return hit if hit is not None else self.missing(path, scope)

    def _find(self, path: str, scope: Scope) -> Hit:
        """Like `find`, for a path with marked escaped slashes. They are marked in the values, too."""
        routes = self.live_routes
        hit = (routes.http or routes.index_http()).find(path, scope["method"], scope)
        return hit if hit is not None else self.missing(path, scope)

    def missing(self, path: str, scope: Scope) -> Hit:
        """What `find` returns if no route matches the path: a redirect, or `default`."""
        if self.redirect_slashes and path != "/":
            other = toggle_trailing_slash(path)
            routes = self.live_routes
            index = routes.http or routes.index_http()
            if other and index.fits(other, _with_route_path(scope, other)):
                return redirect_hit(scope, other)
        # PERF: `_fallback` is not called for the usual default.
        return Fallback(self.default if self.default == self.not_found else self._fallback()), ()

    def _fallback(self) -> ASGIApp:
        """`default`. If it is a foreign application, it gets unambiguous paths only, as mounted applications do."""
        default = self.default
        return OneReading(default) if default != self.not_found and is_foreign(default) else default

    def find_socket(self, scope: Scope) -> Hit:
        """The handler of a WebSocket: a route, or `default`."""
        routes = self.live_routes
        path = get_route_path(scope) if scope.get("root_path") else scope["path"]
        if PERCENT in (scope.get("raw_path") or b""):
            path = as_sent(path, scope)
        hit = (routes.websocket or routes.index_websocket()).find(path, "", scope)
        if hit is None:
            return Fallback(self._fallback()), ()
        scope[MATCHED] = hit[0]  # for middleware, also where no route has set `scope["route"]`
        return (hit[0], values_with_slashes(hit[1])) if MARK in path else hit

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch a connection to its route."""
        await self.dispatch(scope, receive, send)

    def dispatch(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """What `app` awaits. PERF: not a coroutine, which middleware need not wait for if the router is plain."""
        kind = scope["type"]
        if "router" not in scope:
            scope["router"] = self
        if "path_params" not in scope:
            scope["path_params"] = {}
        if kind == "http":
            path = get_route_path(scope) if scope.get("root_path") else scope["path"]  # PERF: as in `Application`
            handler, values = self.find(path, scope)
            scope[MATCHED] = handler  # as in `find_socket`
        elif kind == "websocket":
            handler, values = self.find_socket(scope)
        else:
            assert kind == "lifespan", f"No such scope: {kind!r}"
            return self.lifespan(scope, receive, send)
        return handler.run(scope, receive, send, values)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.middleware_stack(scope, receive, send)
        except Exception as exc:
            if (theirs := exception_for(scope, exc)) is not exc:  # in an application of another framework
                raise theirs from exc
            raise

    async def not_found(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a 404, or close the WebSocket. The default of `default`."""
        await not_found(scope, receive, send)

    async def lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle the ASGI lifespan protocol for this router and the applications mounted in it."""
        await handle_lifespan(self, scope, receive, send)

    def path_of(self, name: str, params: dict[str, Any]) -> URLPath | None:
        """Like `url_path_for`, but returns None if no route matches."""
        return self.live_routes.path_of(name, params)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """The URL path of the first route with this name and exactly these path parameters.

        Raises:
            NoMatchFound: no route has this name and these parameters.
        """
        url = self.path_of(name, path_params)
        if url is None:
            raise no_match_found(name, path_params)
        return url


class Fallback(Handler):
    """Handles a request that matches no route, with an ASGI application."""

    __slots__ = ("_app",)

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:  # noqa: ARG002 - the signature of `Handler`
        return self._app(scope, receive, send)

    def populate_scope(self, scope: Scope, values: Sequence[str]) -> None:
        """Do nothing: no route has matched."""


def redirect_hit(scope: Scope, route_path: str) -> Hit:
    """A redirect to another path of these routes."""
    return Fallback(redirect_to(_public_path(scope, route_path), scope)), ()


def is_fallback_to(hit: Hit, app: ASGIApp) -> bool:
    """Whether no route has matched, so that this application handles the request."""
    return isinstance(hit[0], Fallback) and hit[0]._app in (app, OneReading(app))


def _with_route_path(scope: Scope, route_path: str) -> Scope:
    """A copy of the scope with another route path."""
    path: str = scope["path"]
    start = len(path) - len(get_route_path(scope))
    if PERCENT not in (scope.get("raw_path") or b""):
        return {**scope, "path": path[:start] + route_path}
    sent = as_sent(path, scope)[:start] + route_path
    return {**scope, "path": with_slashes(sent), "raw_path": quote_path(sent, "/").encode("ascii")}


def _public_path(scope: Scope, route_path: str) -> str:
    """The path that a client requests. It begins with `root_path`, even if the path from the server does not."""
    path = as_sent(scope["path"], scope)
    path = path[: len(path) - len(get_route_path(scope))] + route_path
    root = scope.get("root_path", "").rstrip("/")
    has_root = f"{with_slashes(path)}/".startswith(f"{root}/")
    return path if not root or has_root else root + path
