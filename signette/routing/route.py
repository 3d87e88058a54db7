"""Routes that answer HTTP: a path, an endpoint, its methods."""

import copy
import functools
import inspect
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Self

from signette._http.paths import is_ambiguous, with_slashes
from signette._overrides import overrides
from signette._scope_keys import STARTED
from signette.concurrency import is_async_callable
from signette.datastructures.url import URLPath
from signette.middleware.body_limit import RequestBodyLimitMiddleware
from signette.middleware.calling import call_in_worker
from signette.middleware.handlers import ScopedHandlers, with_started_flag
from signette.middleware.registry import Middleware, put_around
from signette.paths import sent_route_path
from signette.requests import Request
from signette.responses.plain import Response
from signette.routing.answers import not_found, wrong_method
from signette.routing.base import IndexEntry, NamedRoute, is_unchanged
from signette.routing.foreign import OneReading, is_foreign
from signette.routing.matching import (
    Match,
    Template,
    get_name,
    read_path,
    replace_params,
)
from signette.types import ASGIApp, Receive, Scope, Send


def request_response(func: Callable[[Request], Any]) -> ASGIApp:
    """An ASGI application of a function that takes a request and returns a response; not `async`, it gets a thread.

    It notes in the scope when the response starts, and closes the files of a form that the function has read.
    """
    if is_async_callable(func):

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            request = Request(scope, receive, send)
            try:
                response = await func(request)
                if type(response).__call__ is Response.__call__:
                    # PERF: its first step is to send the start, so that `send` needs no watching. `overrides` would
                    # take three times as long.
                    scope[STARTED] = True
                    await response(scope, receive, send)
                else:
                    await response(scope, receive, with_started_flag(scope, send))
            finally:
                if request._form is not None:
                    await request.close()

    else:

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            request = Request(scope, receive, send)
            try:
                response = await call_in_worker(scope, func, request)
                await response(scope, receive, with_started_flag(scope, send))
            finally:
                if request._form is not None:
                    await request.close()

    return app


def unwrap_partials(endpoint: Any) -> Any:
    """What `functools.partial` was put around."""
    while isinstance(endpoint, functools.partial):
        endpoint = endpoint.func
    return endpoint


class TemplateRoute(NamedRoute):
    """A route with a path template, whose parameters are converted. The base of those for HTTP and for WebSockets."""

    path: str
    endpoint: Callable[..., Any]
    name: str
    app: ASGIApp

    def _read(self, path: str) -> None:
        self._take_template(read_path(path))

    def _take_template(self, template: Template) -> None:
        self._template = template
        self.path = template.path
        self.path_regex = self._template.regex
        self.path_format = self.template = self._template.format
        self.param_convertors = self._template.convertors
        self._conversions = self._template.conversions()

    def moved(self, prefix: str) -> Self:
        """The same route below a prefix, with its middleware and bounds."""
        route = copy.copy(self)
        route._read(prefix + self.path)
        return route

    def _is_as_read(self) -> bool:
        """Whether nobody has put another expression or other convertors in place of the template's."""
        template: Template | None = getattr(self, "_template", None)
        return (
            template is not None
            and self.path == template.path
            and self.path_regex is template.regex
            and self.param_convertors is template.convertors
        )

    def _match_path(self, scope: Scope) -> Scope | None:
        """The keys for the scope if the path fits, and its parameters are what their convertors take."""
        regex = self.path_regex
        fullmatch = self._template.fullmatch if regex is self._template.regex else regex.fullmatch
        match = fullmatch(sent_route_path(scope))
        if match is None:
            return None
        try:
            params = {name: one.convert(with_slashes(match[name])) for name, one in self.param_convertors.items()}
        except ValueError:  # more digits than Python converts
            return None
        return {
            "endpoint": self.endpoint,
            "path_params": {**scope.get("path_params", {}), **params},
            "route": self,
        }

    def _enter(self, scope: Scope, values: Sequence[str]) -> bool:
        """Set the keys of a scope whose path was matched. False: a value cannot be converted."""
        if values:
            outer = scope.get("path_params")
            params = dict(outer) if outer else {}
            try:
                for (name, convert), value in zip(self._conversions, values, strict=True):
                    params[name] = value if convert is None else convert(value)
            except ValueError:  # more digits than Python converts
                return False
            scope["path_params"] = params
        elif "path_params" not in scope:
            scope["path_params"] = {}
        scope["endpoint"] = self.endpoint
        scope["route"] = self
        return True

    def populate_scope(self, scope: Scope, values: Sequence[str]) -> None:
        """Give the scope the keys that a handler of exceptions may want, if `run` did not."""
        if scope.get("route") is not self:
            self._enter(scope, values)

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        """Answer a request that the index has matched; `values` are the raw texts of the path parameters, in order."""
        if values:
            if not self._enter(scope, values):
                return not_found(scope, receive, send)
        else:
            # PERF: as `_enter`, without the call.
            if "path_params" not in scope:
                scope["path_params"] = {}
            scope["endpoint"] = self.endpoint
            scope["route"] = self
        return self.app(scope, receive, send)

    def only_name(self) -> str | None:
        """The one name that the route is reversed by."""
        return self.name

    def reverse(self, name: str, params: dict[str, Any]) -> URLPath | None:
        """The path, None where this is another route or takes other parameters."""
        if name != self.name or params.keys() != self.param_convertors.keys():
            return None
        path, _ = replace_params(self.path_format, self.param_convertors, params)
        return URLPath(path=path, protocol=self._protocol())

    def _protocol(self) -> Any:
        """What a URL of this route begins with, roughly: `http` or `websocket`."""
        raise NotImplementedError

    def _guarded(self, app: ASGIApp) -> ASGIApp:
        """An application as an endpoint; one that is not signette's is given paths with one reading only."""
        takes_any = self.param_convertors and not is_ambiguous(self.path)
        return OneReading(app) if takes_any and is_foreign(app) else app

    def _wrap(self, app: ASGIApp, middleware: Sequence[Middleware] | None) -> ASGIApp:
        return put_around(ScopedHandlers(app), middleware) if middleware else app


class Route(TemplateRoute):
    """A path, and what answers it.

    A function gets a request and returns a response; anything else (a class, an object) is an ASGI application.
    Functions answer GET if nothing else is said, and whatever answers GET answers HEAD; ASGI applications answer all
    methods.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Collection[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
        middleware: Sequence[Middleware] | None = None,
        max_body_size: int | None = None,
    ) -> None:
        self._read(path)
        self.endpoint = endpoint
        self.name = get_name(endpoint) if name is None else name
        self.include_in_schema = include_in_schema
        inner = unwrap_partials(endpoint)
        if inspect.isfunction(inner) or inspect.ismethod(inner):
            app = self.tracks_start = request_response(endpoint)
            methods = ["GET"] if methods is None else methods
        else:
            app = self._guarded(endpoint)
        app = self._wrap(app, middleware)
        self.app = app if max_body_size is None else RequestBodyLimitMiddleware(app, max_body_size)
        self.methods: set[str] | None = None
        if methods is not None:
            self.methods = {method.upper() for method in methods}
            if "GET" in self.methods:
                self.methods.add("HEAD")

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """PARTIAL where all but the method fits."""
        if scope["type"] != "http" or (child_scope := self._match_path(scope)) is None:
            return Match.NONE, {}
        if self.methods and scope["method"] not in self.methods:
            return Match.PARTIAL, child_scope
        return Match.FULL, child_scope

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, by 405 if the method does not fit."""
        if self.methods and scope["method"] not in self.methods:
            await wrong_method(self.methods, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def fits_type(self, kind: str) -> bool:
        """HTTP only, unless a subclass has its own mind."""
        return kind == "http" or not is_unchanged(self, Route)

    def index_entry(self, kind: str) -> IndexEntry | None:
        """This route for the index, if nobody changed how it matches."""
        if kind != "http" or not is_unchanged(self, Route) or not self._is_as_read():
            return None
        segments = self._template.segments
        return None if segments is None else IndexEntry(segments, frozenset(self.methods) if self.methods else None)

    def allowed(self) -> frozenset[str] | None:
        """The methods that a 405 names. None: a subclass refuses in its own way."""
        return frozenset(self.methods or ()) if not overrides(self, Route, "handle") else None

    def _protocol(self) -> Any:
        return "http"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Route)
            and self.path == other.path
            and self.endpoint == other.endpoint
            and self.methods == other.methods
        )

    __hash__ = None  # type: ignore[assignment]  # equal by what may change: as a list of routes, it has no hash

    def __repr__(self) -> str:
        return f"{type(self).__name__}(path={self.path!r}, name={self.name!r}, methods={sorted(self.methods or ())!r})"
