"""What requests and WebSockets share: the ASGI scope, with names and types."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from signette._http.cookies import parse_cookies
from signette.datastructures.headers import Headers
from signette.datastructures.multidict import QueryParams
from signette.datastructures.session import Session
from signette.datastructures.state import State
from signette.datastructures.url import URL, Address
from signette.types import Receive, Scope

if TYPE_CHECKING:
    # The checkers know defaults for any Python, the running 3.11 does not: a bare `Request` has the state
    # that all have.
    StateT = TypeVar("StateT", bound=Mapping[str, Any] | State, default=State)
else:
    StateT = TypeVar("StateT", bound=Mapping[str, Any] | State)


class HTTPConnection(Mapping[str, Any], Generic[StateT]):
    """What requests and WebSockets share: the ASGI scope, as a mapping and by attributes.

    Attributes are made when first asked for, and kept. Two connections are equal only if they are one.
    """

    _types: tuple[str, ...] = ("http", "websocket")

    _url: URL | None = None
    _base_url: URL | None = None
    _headers: Headers | None = None
    _query_params: QueryParams | None = None
    _cookies: dict[str, str] | None = None
    _state: Any = None

    def __init__(self, scope: Scope, receive: Receive | None = None) -> None:  # noqa: ARG002 - as documented
        if scope["type"] not in self._types:
            # The class of exception that users of this API know.
            raise AssertionError(f"{type(self).__name__} cannot stand for a scope of type {scope['type']!r}")
        self.scope = scope

    def __getitem__(self, key: str) -> Any:
        return self.scope[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.scope)

    def __len__(self) -> int:
        return len(self.scope)

    # A mapping would compare by content and have no hash.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @property
    def app(self) -> Any:
        """The application that answers."""
        return self.scope["app"]

    @property
    def url(self) -> URL:
        """The whole URL, by the Host header where there is a valid one."""
        url = self._url
        if url is None:
            url = self._url = URL(scope=self.scope)
        return url

    @property
    def base_url(self) -> URL:
        """The URL at which the application is mounted; ends in `/`."""
        url = self._base_url
        if url is None:
            scope = self.scope
            root_path = scope.get("app_root_path", scope.get("root_path", ""))
            path = root_path if root_path.endswith("/") else f"{root_path}/"
            url = self._base_url = URL(scope={**scope, "path": path, "raw_path": None, "query_string": b""})
        return url

    @property
    def headers(self) -> Headers:
        """The header fields; names in any case."""
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
        """What the path template of the route took from the path, converted."""
        params: dict[str, Any] = self.scope.get("path_params", {})
        return params

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies; of a malformed one as much as can be read."""
        cookies = self._cookies
        if cookies is None:
            # HTTP/2 may split the field (RFC 9113 §8.2.3).
            fields = [value for name, value in self.scope.get("headers", ()) if name == b"cookie"]
            cookies = self._cookies = parse_cookies(b"; ".join(fields).decode("latin-1")) if fields else {}
        return cookies

    @property
    def client(self) -> Address | None:
        """Host and port of the client, where the server knows them."""
        client = self.scope.get("client")
        return None if client is None else Address(*client)

    @property
    def session(self) -> Session:
        """The session. Raises AssertionError: there is no `SessionMiddleware`."""
        session: Session = self._from_middleware("session", "SessionMiddleware")
        # Read at the first look, whatever is done with it then; what other middleware puts there is a plain dictionary.
        mark_accessed = getattr(session, "mark_accessed", None)
        if mark_accessed is not None:
            mark_accessed()
        return session

    @property
    def auth(self) -> Any:
        """What the client may do. Raises AssertionError: there is no `AuthenticationMiddleware`."""
        return self._from_middleware("auth", "AuthenticationMiddleware")

    @property
    def user(self) -> Any:
        """Who the client is. Raises AssertionError: there is no `AuthenticationMiddleware`."""
        return self._from_middleware("user", "AuthenticationMiddleware")

    def _from_middleware(self, key: str, middleware: str) -> Any:
        try:
            return self.scope[key]
        except KeyError:
            # The class of exception that users of this API know.
            raise AssertionError(f"{middleware} must be installed to access request.{key}") from None

    @property
    def state(self) -> StateT:
        """A place for values of this connection; begins with what the lifespan yielded."""
        if self._state is None:
            # Not a copy: what is set here is seen by everyone who has this scope.
            self._state = State(self.scope.setdefault("state", {}))
        state: StateT = self._state
        return state

    def url_for(self, name: str, /, **path_params: Any) -> URL:
        """The absolute URL of the route of that name.

        Raises:
            NoMatchFound: no route of that name takes these parameters.
            RuntimeError: the connection has gone through neither an application nor a router.
        """
        router = self.scope.get("router") or self.scope.get("app")
        if router is None:
            raise RuntimeError("The `url_for` method can only be used inside a signette application or with a router.")
        url: URL = router.url_path_for(name, **path_params).make_absolute_url(base_url=self.base_url)
        return url
