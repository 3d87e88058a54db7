"""Routes by host name: `Host` dispatches to an application by the `Host` header field."""

from typing import Any
from urllib.parse import quote

from signette._http.host import host_name
from signette.datastructures.url import URLPath
from signette.paths import escape_value, keep_on_host
from signette.routing.frameworks import match_for
from signette.routing.matching import Match, fill_format, read_host
from signette.routing.nested import Nested
from signette.types import ASGIApp, Scope


class Host(Nested):
    """An application for requests to a host. The host may have parameters: `{subdomain}.example.org`.

    Letter case and port are ignored. A request with a missing or invalid `Host` field does not match. See `Mount` for
    `escaped_slashes`.

    Attributes:
        host: The template of the host.
        host_regex: The template as a regular expression.
        host_format: The template without convertors.
        param_convertors: The convertor of each parameter of the host.
        app: The application with its middleware.
        mounted_app: The application without its middleware.
        name: The prefix of the names in the application.
        escaped_slashes: An application of another package receives paths with escaped and doubled slashes.
    """

    def __init__(self, host: str, app: ASGIApp, name: str | None = None, *, escaped_slashes: bool = False) -> None:
        assert not host.startswith("/"), "Host must not start with '/'"
        self.host = host
        self._set_app(app, escaped_slashes=escaped_slashes)
        self.name = name
        template = self._template = read_host(host)
        self.host_regex = template.regex
        self.host_format = template.format
        self.param_convertors = template.convertors

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """`Match.FULL` if the host matches, for any path and method."""
        if scope["type"] not in {"http", "websocket"}:
            return match_for(scope, Match.NONE), {}
        field = next((value for name, value in scope.get("headers", ()) if name == b"host"), None)
        host = None if field is None else host_name(field)
        regex = self.host_regex
        fullmatch = self._template.fullmatch if regex is self._template.regex else regex.fullmatch
        match = None if host is None else fullmatch(host)
        if match is None:
            return match_for(scope, Match.NONE), {}
        try:
            params = {name: one.convert(match[name]) for name, one in self.param_convertors.items()}
        except ValueError:
            return match_for(scope, Match.NONE), {}
        return match_for(scope, Match.FULL), {
            "path_params": {**scope.get("path_params", {}), **params},
            "endpoint": self.app,
        }

    def reverse(self, name: str, params: dict[str, Any]) -> URLPath | None:
        """The URL of a path at this host (`path=...`), or of a route of the application."""
        if self.name is not None and name == self.name and "path" in params:
            if params.keys() != {"path", *self.param_convertors}:
                return None
            path = keep_on_host(escape_value(str(params["path"])))
            return URLPath(path=path, host=self._fill({key: params[key] for key in self.param_convertors}))
        inner_name = self.inner_name(name)
        if inner_name is None:
            return None
        own = {key: value for key, value in params.items() if key in self.param_convertors}
        url = self.reverse_inner(inner_name, {key: value for key, value in params.items() if key not in own})
        return url and URLPath(path=str(url), protocol=url.protocol, host=self._fill(own))  # type: ignore[arg-type]  # copied from another URLPath

    def _fill(self, params: dict[str, Any]) -> str:
        texts = {key: quote(self.param_convertors[key].to_string(value), safe="") for key, value in params.items()}
        return fill_format(self.host_format, texts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Host) and self.host == other.host and self.app == other.app

    __hash__ = Nested.__hash__

    def __repr__(self) -> str:
        return f"{type(self).__name__}(host={self.host!r}, name={self.name or ''!r}, app={self.app!r})"
