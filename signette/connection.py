"""The base class of requests and WebSockets: the ASGI scope as attributes."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from signette._http.cookies import parse_cookies
from signette._scope_keys import APP_ROOT
from signette.datastructures.headers import Headers
from signette.datastructures.multidict import QueryParams
from signette.datastructures.session import Session
from signette.datastructures.state import State
from signette.datastructures.url import URL, Address, URLPath
from signette.types import Receive, Scope

if TYPE_CHECKING:
    # The default makes `Request` the same as `Request[State]`. Type checkers support it, Python 3.11 does not.
    StateT = TypeVar("StateT", bound=Mapping[str, Any] | State, default=State)
else:
    StateT = TypeVar("StateT", bound=Mapping[str, Any] | State)


class HTTPConnection(Mapping[str, Any], Generic[StateT]):
    """The base class of requests and WebSockets: the ASGI scope, as a mapping and as attributes.

    Attributes are created on first use, and kept. Connections are compared by identity.

    Attributes:
        scope: The ASGI scope itself, not a copy. Any other type than `http` or `websocket` is an AssertionError.
    """

    _types: tuple[str, ...] = ("http", "websocket")

    _url: URL | None = None
    _base_url: URL | None = None
    _headers: Headers | None = None
    _query_params: QueryParams | None = None
    _cookies: dict[str, str] | None = None
    _state: Any = None

    def __init__(self, scope: Scope, receive: Receive | None = None) -> None:  # noqa: ARG002 - documented parameter
        if scope["type"] not in self._types:
            # Starlette raises AssertionError too.
            raise AssertionError(f"{type(self).__name__} does not support scopes of type {scope['type']!r}")
        self.scope = scope

    def __getitem__(self, key: str) -> Any:
        return self.scope[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.scope)

    def __len__(self) -> int:
        return len(self.scope)

    # A mapping compares by content and has no hash.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @property
    def app(self) -> Any:
        """The application that handles the connection."""
        return self.scope["app"]

    @property
    def url(self) -> URL:
        """The full URL. Uses the Host header if it is valid."""
        url = self._url
        if url is None:
            url = self._url = URL(scope=self.scope)
        return url

    @property
    def base_url(self) -> URL:
        """The URL at which the application is mounted, with a slash at the end."""
        url = self._base_url
        if url is None:
            scope = self.scope
            root_path = scope.get("app_root_path", scope.get("root_path", ""))
            path = root_path if root_path.endswith("/") else f"{root_path}/"
            url = self._base_url = URL(scope={**scope, "path": path, "raw_path": None, "query_string": b""})
        return url

    @property
    def headers(self) -> Headers:
        """The header fields. Names are case-insensitive."""
        headers = self._headers
        if headers is None:
            headers = self._headers = Headers(scope=self.scope)
        return headers

    @property
    def query_params(self) -> QueryParams:
        """The parameters of the query string."""
        params = self._query_params
        if params is None:
            params = self._query_params = QueryParams(self.scope.get("query_string", b""))
        return params

    @property
    def path_params(self) -> dict[str, Any]:
        """The path parameters, converted by the convertors of the route."""
        params: dict[str, Any] = self.scope.get("path_params", {})
        return params

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies. Malformed ones are parsed as far as possible; of a repeated name the last value counts."""
        cookies = self._cookies
        if cookies is None:
            # HTTP/2 may split the field (RFC 9113 §8.2.3).
            fields = [value for name, value in self.scope.get("headers", ()) if name == b"cookie"]
            cookies = self._cookies = parse_cookies(b"; ".join(fields).decode("latin-1")) if fields else {}
        return cookies

    @property
    def client(self) -> Address | None:
        """Host and port of the client, or None if the server does not know them."""
        client = self.scope.get("client")
        return None if client is None else Address(*client)

    @property
    def session(self) -> Session:
        """The session. Raises AssertionError without `SessionMiddleware`."""
        session: Session = self._from_middleware("session", "SessionMiddleware")
        # Any use counts as access. The session of other middleware may be a plain dictionary.
        mark_accessed = getattr(session, "mark_accessed", None)
        if mark_accessed is not None:
            mark_accessed()
        return session

    @property
    def auth(self) -> Any:
        """The credentials of the client. Raises AssertionError without `AuthenticationMiddleware`."""
        return self._from_middleware("auth", "AuthenticationMiddleware")

    @property
    def user(self) -> Any:
        """The user. Raises AssertionError without `AuthenticationMiddleware`."""
        return self._from_middleware("user", "AuthenticationMiddleware")

    def _from_middleware(self, key: str, middleware: str) -> Any:
        try:
            return self.scope[key]
        except KeyError:
            # Starlette raises AssertionError too.
            raise AssertionError(f"{middleware} must be installed to access request.{key}") from None

    @property
    def state(self) -> StateT:
        """The state of this connection. Begins with the state that the lifespan yielded."""
        if self._state is None:
            # Not a copy: all connection objects of this scope share the state.
            self._state = State(self.scope.setdefault("state", {}))
        state: StateT = self._state
        return state

    def url_for(self, name: str, /, **path_params: Any) -> URL:
        """The absolute URL of a route.

        Raises:
            NoMatchFound: no route has this name and these path parameters.
            RuntimeError: the connection was not passed through an application or a router.
        """
        app: Any = self.scope.get("app")
        router: Any = self.scope.get("router") or app
        if router is None:
            raise RuntimeError("The `url_for` method can only be used inside a signette application or with a router.")
        try:
            path = router.url_path_for(name, **path_params)
        except Exception as exc:
            # The router is the outermost one. If it reaches this application by another name, or does not know its
            # routes, the application itself finds them.
            if type(exc).__name__ != "NoMatchFound" or app is None or app in (router, getattr(router, "app", None)):
                raise
            return self._url_in(app, name, path_params)
        return own_path(path).make_absolute_url(base_url=self.base_url)

    def _url_in(self, app: Any, name: str, path_params: dict[str, Any]) -> URL:
        """The absolute URL of a route of an application that is mounted."""
        path = own_path(app.url_path_for(name, **path_params))
        root_path: str = self.scope.get("root_path", "")
        inner_app, inner_root = self.scope.get(APP_ROOT, (None, ""))  # of a mount in this application
        root = inner_root if inner_app is app else root_path
        below = root.rstrip("/").removeprefix(self.scope.get("app_root_path", root_path).rstrip("/"))
        whole = path if path.host else URLPath(below + path, path.protocol)  # type: ignore[arg-type]  # as it was
        return whole.make_absolute_url(base_url=self.base_url)


def own_path(path: Any) -> URLPath:
    """The path that a router has returned, also a router of another framework."""
    if isinstance(path, URLPath):
        return path
    return URLPath(path, getattr(path, "protocol", ""), getattr(path, "host", ""))
