"""HTTP routes: a path template, an endpoint and its methods."""

import copy
import functools
import inspect
import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Self

from signette._http.paths import is_ambiguous, with_slashes
from signette._overrides import overrides
from signette._scope_keys import REQUEST, STARTED
from signette.concurrency import call_in_worker, is_async_callable
from signette.datastructures.url import URLPath
from signette.limits import max_body_size_of
from signette.middleware.body_limit import RequestBodyLimitMiddleware
from signette.middleware.handlers import ScopedHandlers, with_started_flag
from signette.middleware.registry import Middleware, put_around
from signette.paths import sent_route_path
from signette.requests import Request
from signette.responses.plain import Response
from signette.routing.base import IndexEntry, NamedRoute, is_unchanged
from signette.routing.foreign import OneReading, is_foreign
from signette.routing.frameworks import exception_for, match_for
from signette.routing.matching import (
    Match,
    Template,
    get_name,
    read_path,
    replace_params,
)
from signette.routing.responses import method_not_allowed, not_found
from signette.types import ASGIApp, Receive, Scope, Send


def request_response(func: Callable[[Request], Any]) -> ASGIApp:
    """Convert a function that takes a request and returns a response to an ASGI application.

    A function that is not `async` runs in a worker thread. The application sets `scope[STARTED]` before the response
    starts, and closes the files of a form that the function has read.
    """
    if is_async_callable(func):

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            request = Request(scope, receive, send)
            try:
                response = await func(request)
                if type(response).__call__ is Response.__call__:
                    # PERF: it starts the response at once, so `send` need not be wrapped. `overrides` would take
                    # three times as long as this comparison.
                    scope[STARTED] = True
                    await response(scope, receive, send)
                else:
                    await response(scope, receive, with_started_flag(scope, send))
            except Exception:
                scope[REQUEST] = request
                raise
            finally:
                if request._form is not None:
                    await request.close()

    else:

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            request = Request(scope, receive, send)
            try:
                response = await call_in_worker(scope, func, request)
                await response(scope, receive, with_started_flag(scope, send))
            except Exception:
                scope[REQUEST] = request
                raise
            finally:
                if request._form is not None:
                    await request.close()

    return app


def unwrap_partials(endpoint: Any) -> Any:
    """The function inside of `functools.partial` objects."""
    while isinstance(endpoint, functools.partial):
        endpoint = endpoint.func
    return endpoint


class TemplateRoute(NamedRoute):
    """The base class of HTTP and WebSocket routes: a path template whose parameters are converted."""

    path: str
    endpoint: Callable[..., Any]
    name: str
    app: ASGIApp

    def _read(self, path: str) -> None:
        self._set_template(read_path(path))

    def _set_template(self, template: Template) -> None:
        self._template = template
        self.__dict__.pop("_own_regex", None)
        self.path = template.path
        self.path_format = self.template = self._template.format
        self.param_convertors = self._template.convertors
        self._conversions = self._template.conversions()

    @property
    def path_regex(self) -> re.Pattern[str]:
        """The template as a regular expression. One that is set is used in place of it."""
        own: re.Pattern[str] | None = self.__dict__.get("_own_regex")
        return self._template.regex if own is None else own

    @path_regex.setter
    def path_regex(self, regex: re.Pattern[str]) -> None:
        self.__dict__["_own_regex"] = regex

    def moved(self, prefix: str) -> Self:
        """A copy of the route below a prefix, with its middleware and limits."""
        route = copy.copy(self)
        route._read(prefix + self.path)
        return route

    def _uses_template(self) -> bool:
        """Whether the route still has the path, expression and convertors of its template."""
        template: Template | None = getattr(self, "_template", None)
        return (
            template is not None
            and self.path == template.path
            and not self._has_own_regex()
            and self.param_convertors is template.convertors
        )

    def _has_own_regex(self) -> bool:
        # PERF: a route that the index finds never compiles the expression of its template.
        own = self.__dict__.get("_own_regex")
        return own is not None and own is not self._template.regex

    def _match_path(self, scope: Scope) -> Scope | None:
        """The keys to add to the scope. None if the path does not match, or a value cannot be converted."""
        fullmatch = self.path_regex.fullmatch if self._has_own_regex() else self._template.fullmatch
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

    def _set_scope(self, scope: Scope, values: Sequence[str]) -> bool:
        """Add the keys of a matched route to the scope. Returns False if a value cannot be converted."""
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
        """Set the scope keys that exception handlers read, unless `run` has set them."""
        if scope.get("route") is not self:
            self._set_scope(scope, values)

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        """Handle a request that the index has matched. `values` are the path parameters before conversion, in order."""
        if values:
            if not self._set_scope(scope, values):
                return not_found(scope, receive, send)
        else:
            # PERF: inlined from `_set_scope`.
            if "path_params" not in scope:
                scope["path_params"] = {}
            scope["endpoint"] = self.endpoint
            scope["route"] = self
        return self.app(scope, receive, send)

    def only_name(self) -> str | None:
        """The name of the route."""
        return self.name

    def reverse(self, name: str, params: dict[str, Any]) -> URLPath | None:
        """The URL path, or None if this route has another name or other parameters."""
        if name != self.name or params.keys() != self.param_convertors.keys():
            return None
        path, _ = replace_params(self.path_format, self.param_convertors, params)
        return URLPath(path=path, protocol=self._protocol())

    def _protocol(self) -> Any:
        """The `protocol` of this route's URLPath: `http` or `websocket`."""
        raise NotImplementedError

    def _wrap_foreign(self, app: ASGIApp) -> ASGIApp:
        """Wrap a foreign application so that it gets unambiguous paths only, if the path has parameters."""
        takes_any = self.param_convertors and not is_ambiguous(self.path)
        return OneReading(app) if takes_any and is_foreign(app) else app

    def _wrap(self, app: ASGIApp, middleware: Sequence[Middleware] | None) -> ASGIApp:
        return put_around(ScopedHandlers(app), middleware) if middleware else app


class Route(TemplateRoute):
    """An HTTP route: a path template and its endpoint.

    An endpoint is a function that takes a request and returns a response, or an ASGI application (a class or another
    object). By default, functions handle GET, and ASGI applications all methods. A route for GET also handles HEAD.

    Args:
        middleware: The middleware of this route only.
        max_body_size: The limit of request bodies in bytes, instead of the limit around it.

    Attributes:
        endpoint: The function or the ASGI application. A function that is not async runs in a worker thread.
        methods: The methods, in upper case; None: all methods.
        name: The name for URLs; by default that of the function or class.
        include_in_schema: `SchemaGenerator` includes the route.
        path: The path template.
        path_regex: The template as a regular expression.
        path_format: The template without convertors.
        param_convertors: The convertor of each path parameter.
        app: The ASGI application with its middleware.
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
            app = self._wrap_foreign(endpoint)
        app = self._wrap(app, middleware)
        if max_body_size is not None:
            app = RequestBodyLimitMiddleware(app, max_body_size_of("the route", max_body_size))
        self.app = app
        self.methods: set[str] | None = None
        if methods is not None:
            self.methods = {method.upper() for method in methods}
            if "GET" in self.methods:
                self.methods.add("HEAD")

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """`Match.PARTIAL` if the path matches, but not the method."""
        if scope["type"] != "http" or (child_scope := self._match_path(scope)) is None:
            return match_for(scope, Match.NONE), {}
        if self.methods and scope["method"] not in self.methods:
            return match_for(scope, Match.PARTIAL), child_scope
        return match_for(scope, Match.FULL), child_scope

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the endpoint. Send a 405 if the method does not match."""
        try:
            if self.methods and scope["method"] not in self.methods:
                await method_not_allowed(
                    self.methods, scope, receive, send, accept_patch=self.accept_patch(), accept_post=self.accept_post()
                )
            else:
                await self.app(scope, receive, send)
        except Exception as exc:
            if (theirs := exception_for(scope, exc)) is not exc:  # in an application of another framework
                raise theirs from exc
            raise

    def fits_type(self, kind: str) -> bool:
        """HTTP only, unless a subclass overrides `matches` or `handle`."""
        return kind == "http" or not is_unchanged(self, Route)

    def index_entry(self, kind: str) -> IndexEntry | None:
        """The entry of this route in the index. None if `matches` must be called."""
        if kind != "http" or not is_unchanged(self, Route) or not self._uses_template():
            return None
        segments = self._template.segments
        return None if segments is None else IndexEntry(segments, frozenset(self.methods) if self.methods else None)

    def allowed(self) -> frozenset[str] | None:
        """The methods for the `Allow` header of a 405. None if a subclass overrides `handle`."""
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

    __hash__ = None  # type: ignore[assignment]  # not hashable, because the compared attributes may change

    def __repr__(self) -> str:
        return f"{type(self).__name__}(path={self.path!r}, name={self.name!r}, methods={sorted(self.methods or ())!r})"
