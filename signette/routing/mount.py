"""Mounts: applications and groups of routes below a path."""

import copy
from collections.abc import Awaitable, Sequence
from typing import Any, Self

from signette._http.paths import with_slashes
from signette._scope_keys import APP_ROOT, MOUNTED
from signette.datastructures.url import URLPath
from signette.limits import max_body_size_of
from signette.middleware.body_limit import RequestBodyLimitMiddleware
from signette.middleware.handlers import ScopedHandlers
from signette.middleware.registry import Middleware, put_around
from signette.paths import get_route_path, sent_route_path
from signette.routing.base import IndexEntry, NamedRoute, is_unchanged
from signette.routing.dispatcher import Dispatcher
from signette.routing.frameworks import match_for
from signette.routing.matching import Match, read_path, replace_params
from signette.routing.nested import Nested
from signette.routing.responses import not_found
from signette.types import ASGIApp, Receive, Scope, Send


class Mount(Nested):
    """An application, or routes, below `path`. They see the rest of the path.

    Reverse a route of the mount by `name:route`, or by `route` if the mount has no name. The lifespan of the
    application runs inside the lifespan of the outer application; with `run_lifespan=False`, you run it yourself.

    A foreign application (one that is not signette's) gets unambiguous paths only: a path with an escaped slash, a
    backslash, an empty segment, or a segment `.` or `..` is a 404. `escaped_slashes=True` lets all of these but the
    dots pass; then a route before the mount, such as one that requires authentication, cannot protect paths in it.

    Attributes:
        path: The path template. Its parameters are available in the mounted application.
        path_regex: The template as a regular expression.
        path_format: The template without convertors.
        param_convertors: The convertor of each path parameter.
        app: The application with its middleware.
        mounted_app: The application without its middleware.
        escaped_slashes: An application of another package receives paths with escaped and doubled slashes.
        name: The prefix of the names in the mount.
    """

    def __init__(
        self,
        path: str,
        app: ASGIApp | None = None,
        routes: Sequence[Any] | None = None,
        name: str | None = None,
        *,
        middleware: Sequence[Middleware] | None = None,
        max_body_size: int | None = None,
        run_lifespan: bool = True,
        escaped_slashes: bool = False,
    ) -> None:
        assert not path or path.startswith("/"), "Routed paths must start with '/'"
        assert app is not None or routes is not None, "Either 'app=...', or 'routes=' must be specified"
        if app is not None and not callable(app):
            raise TypeError(
                f"`app` must be an ASGI application, got {app!r}; to serve a folder, mount `StaticFiles(...)`"
            )
        self.name = name
        self.starts_mounted = run_lifespan
        self._set_app(Dispatcher(routes) if app is None else app, escaped_slashes=escaped_slashes)
        if middleware:
            self.app = put_around(ScopedHandlers(self.mounted_app), middleware)
        if max_body_size is not None:
            self.app = RequestBodyLimitMiddleware(self.app, max_body_size_of("the mount", max_body_size))
        self._read(path)

    def _read(self, path: str) -> None:
        self.path = path.rstrip("/")
        self._template = read_path(self.path + "/{path:path}")
        self.path_regex = self._template.regex
        self.path_format = self._template.format
        self.param_convertors = self._template.convertors

    def moved(self, prefix: str) -> Self:
        """A copy of the mount below a prefix."""
        mount = copy.copy(self)
        mount._read(prefix + self.path)
        return mount

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """`Match.FULL` for all paths below the mount, with any method."""
        if scope["type"] not in {"http", "websocket"}:
            return match_for(scope, Match.NONE), {}
        regex = self.path_regex
        fullmatch = self._template.fullmatch if regex is self._template.regex else regex.fullmatch
        match = fullmatch(sent_route_path(scope))
        if match is None:
            return match_for(scope, Match.NONE), {}
        child_scope = self._child_scope(scope, [with_slashes(match[name]) for name in self.param_convertors])
        if child_scope is None:
            return match_for(scope, Match.NONE), {}
        return match_for(scope, Match.FULL), child_scope

    def _child_scope(self, scope: Scope, values: Sequence[str]) -> Scope | None:
        """The keys to add to the scope. None if a value cannot be converted."""
        params = dict(scope.get("path_params", {}))
        rest = values[-1]
        if len(values) > 1:
            try:
                for (name, convertor), value in zip(self.param_convertors.items(), values[:-1], strict=False):
                    params[name] = convertor.convert(value)
            except ValueError:  # more digits than Python converts
                return None
        path: str = scope["path"]
        root: str = scope.get("root_path", "")
        route_path = get_route_path(scope)
        outer = scope.get(APP_ROOT)
        child_scope: Scope = {
            "path_params": params,
            "app_root_path": scope.get("app_root_path", root),
            "root_path": root.rstrip("/") + route_path[: len(route_path) - len(rest) - 1],
            "endpoint": self.app,
            APP_ROOT: outer if outer is not None and outer[0] is scope.get("app") else (scope.get("app"), root),
            MOUNTED: scope.get(MOUNTED, "") + self.path_format.removesuffix("/{path}"),
        }
        if root and route_path == path:
            # The ASGI specification includes `root_path` in `path`, but the server has left it out. Without it, the
            # mounted application could not compute its route path.
            child_scope["path"] = root.rstrip("/") + path
        return child_scope

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        """Call the application. The last of `values` is the path that it sees, without the leading slash."""
        child_scope = self._child_scope(scope, values)
        if child_scope is None or (self._is_foreign and not self._accepts_path(scope)):
            return not_found(scope, receive, send)
        scope.update(child_scope)
        self.add_state(scope)
        return self.app(scope, receive, send)

    def index_entry(self, kind: str) -> IndexEntry | None:
        """The entry of this mount in the index. None if `matches` must be called."""
        if kind not in {"http", "websocket"} or not is_unchanged(self, Mount):
            return None
        template = self._template
        read = self.path_regex is template.regex and self.param_convertors is template.convertors
        return IndexEntry(template.segments, None) if read and template.segments is not None else None

    def reverse(self, name: str, params: dict[str, Any]) -> URLPath | None:
        """The URL path of the mount itself (`path=...` is the path below it), or of a route in it."""
        if self.name is not None and name == self.name and "path" in params:
            below = {**params, "path": str(params["path"]).lstrip("/")}
            if below.keys() != self.param_convertors.keys():
                return None
            return URLPath(path=replace_params(self.path_format, self.param_convertors, below)[0])
        inner_name = self.inner_name(name)
        if inner_name is None:
            return None
        # A missing parameter of the mount stays as `{name}`. A `path` is a parameter of the inner route.
        prefix, rest = replace_params(self.path_format, self.param_convertors, {**params, "path": ""})
        if "path" in params:
            rest["path"] = params["path"]
        url = self.reverse_inner(inner_name, rest)
        return url and URLPath(path=prefix.rstrip("/") + str(url), protocol=url.protocol, host=url.host)  # type: ignore[arg-type]  # copied from another URLPath

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Mount) and self.path == other.path and self.app == other.app and self.name == other.name
        )

    __hash__ = NamedRoute.__hash__

    def __repr__(self) -> str:
        return f"{type(self).__name__}(path={self.path!r}, name={self.name or ''!r}, app={self.app!r})"
