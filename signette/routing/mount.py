"""Whole applications below a path."""

import copy
from collections.abc import Awaitable, Sequence
from typing import Any, Self

from signette._http.paths import with_slashes
from signette._scope_keys import MOUNTED
from signette.datastructures.url import URLPath
from signette.middleware.body_limit import RequestBodyLimitMiddleware
from signette.middleware.handlers import ScopedHandlers
from signette.middleware.registry import Middleware, put_around
from signette.paths import get_route_path, sent_route_path
from signette.routing.answers import not_found
from signette.routing.base import IndexEntry, NamedRoute, is_unchanged
from signette.routing.dispatcher import Dispatcher
from signette.routing.matching import Match, read_path, replace_params
from signette.routing.nested import Nested
from signette.types import ASGIApp, Receive, Scope, Send


class Mount(Nested):
    """An application, or routes, at all paths below `path`; they see what follows it.

    Their names are reversed as `name:theirs`, without `name` as their own. `run_lifespan=False` leaves it to you to
    start and stop the application; else that happens with the one around it.

    An application that is not signette's gets no path that it could read as another one than the routes before it did:
    one with an escaped slash, a back slash, an empty segment, or a segment `.` or `..` is a 404. `escaped_slashes=True`
    hands on all of these but the dots: no route before the mount then guards what is in it.
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
            raise TypeError(f"what is mounted is an ASGI application, and not {app!r}; for a folder `StaticFiles(...)`")
        self.name = name
        self.starts_mounted = run_lifespan
        self._lead_to(Dispatcher(routes) if app is None else app, escaped_slashes=escaped_slashes)
        if middleware:
            self.app = put_around(ScopedHandlers(self.mounted_app), middleware)
        if max_body_size is not None:
            self.app = RequestBodyLimitMiddleware(self.app, max_body_size)
        self._read(path)

    def _read(self, path: str) -> None:
        self.path = path.rstrip("/")
        self._template = read_path(self.path + "/{path:path}")
        self.path_regex = self._template.regex
        self.path_format = self._template.format
        self.param_convertors = self._template.convertors

    def moved(self, prefix: str) -> Self:
        """The same mount below a prefix."""
        mount = copy.copy(self)
        mount._read(prefix + self.path)
        return mount

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """FULL for each path below, whatever the method."""
        if scope["type"] not in {"http", "websocket"}:
            return Match.NONE, {}
        regex = self.path_regex
        fullmatch = self._template.fullmatch if regex is self._template.regex else regex.fullmatch
        match = fullmatch(sent_route_path(scope))
        if match is None:
            return Match.NONE, {}
        child_scope = self._child_scope(scope, [with_slashes(match[name]) for name in self.param_convertors])
        return (Match.NONE, {}) if child_scope is None else (Match.FULL, child_scope)

    def _child_scope(self, scope: Scope, values: Sequence[str]) -> Scope | None:
        """The keys for the scope. None: a value cannot be converted."""
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
        child_scope: Scope = {
            "path_params": params,
            "app_root_path": scope.get("app_root_path", root),
            "root_path": root.rstrip("/") + route_path[: len(route_path) - len(rest) - 1],
            "endpoint": self.app,
            MOUNTED: scope.get(MOUNTED, "") + self.path_format.removesuffix("/{path}"),
        }
        if root and route_path == path:
            # The server left `root_path` out of the path (the ASGI text has it in): put in, or what is mounted could
            # not tell where its own part of the path begins.
            child_scope["path"] = root.rstrip("/") + path
        return child_scope

    def run(self, scope: Scope, receive: Receive, send: Send, values: Sequence[str]) -> Awaitable[None]:
        """Let the application answer; the last of `values` is the path that it sees, without its first slash."""
        child_scope = self._child_scope(scope, values)
        if child_scope is None or (self._is_foreign and not self._admits(scope)):
            return not_found(scope, receive, send)
        scope.update(child_scope)
        self.add_state(scope)
        return self.app(scope, receive, send)

    def index_entry(self, kind: str) -> IndexEntry | None:
        """This mount for the index, if nobody changed how it matches."""
        if kind not in {"http", "websocket"} or not is_unchanged(self, Mount):
            return None
        template = self._template
        read = self.path_regex is template.regex and self.param_convertors is template.convertors
        return IndexEntry(template.segments, None) if read and template.segments is not None else None

    def reverse(self, name: str, params: dict[str, Any]) -> URLPath | None:
        """The path of the mount itself (`path=` is what follows), or of a route in it."""
        if self.name is not None and name == self.name and "path" in params:
            below = {**params, "path": str(params["path"]).lstrip("/")}
            if below.keys() != self.param_convertors.keys():
                return None
            return URLPath(path=replace_params(self.path_format, self.param_convertors, below)[0])
        inner_name = self.inner_name(name)
        if inner_name is None:
            return None
        # A parameter of ours that is missing stays as `{name}`; a `path` is meant for the inner route.
        prefix, rest = replace_params(self.path_format, self.param_convertors, {**params, "path": ""})
        if "path" in params:
            rest["path"] = params["path"]
        url = self.reverse_inner(inner_name, rest)
        return url and URLPath(path=prefix.rstrip("/") + str(url), protocol=url.protocol, host=url.host)  # type: ignore[arg-type]  # it was one

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Mount) and self.path == other.path and self.app == other.app and self.name == other.name
        )

    __hash__ = NamedRoute.__hash__

    def __repr__(self) -> str:
        return f"{type(self).__name__}(path={self.path!r}, name={self.name or ''!r}, app={self.app!r})"
