"""URLs, from text, from components, or from an ASGI scope (RFC 3986)."""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import Any, Literal, NamedTuple, Self
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from signette._http.host import has_port_in_range, split_port, valid_host
from signette._http.paths import MARK, PERCENT, path_as_sent
from signette._http.query import encode_pairs, parse_pairs
from signette.datastructures.headers import Field, fields_of

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_SECURE = {"https", "wss"}
_AUTHORITY: tuple[str, ...] = ("username", "password", "hostname", "port")

# Characters that would change the meaning of a path or a query string in a URL: the delimiters, the backslash (browsers
# treat it as a slash), and control characters (parsers drop some of them, so that `/\t/host` becomes `//host`).
_CONTROLS = {code: f"%{code:02X}" for code in (*range(0x20), 0x7F)}
_IN_QUERY = {**_CONTROLS, ord("#"): "%23"}
_IN_PATH = {**_IN_QUERY, ord("?"): "%3F", ord("\\"): "%5C"}

_QUERY_ASCII = "%/:?#[]@!$&'()*+,;=~ \"<>^`{|}\\"  # with letters, digits and `-._`: all printable characters
_USERINFO_SAFE = "%!$&'()*+,;=~"  # with `%`, so that escapes stay unchanged

Parts = tuple[str, str, str, str, str]  # scheme, netloc, path, query, fragment; a SplitResult is one too
_NOTHING = SplitResult("", "", "", "", "")


class Address(NamedTuple):
    """Host and port of a client or server.

    Attributes:
        host: The name or the IP address, as text.
        port: The number of the port.
    """

    host: str
    port: int


class URL:
    """A URL, from text, from an ASGI `scope`, or from components.

    Is equal to the same URL as a string. `repr` hides the password. The host of a scope is that of a valid `Host`
    header, else the address of the server; without either, the URL is only a path. No request makes the URL of its
    scope raise.

    Raises:
        TypeError: more than one of text, scope and components is set.
    """

    __slots__ = ("_parts", "_url")

    _url: str | None
    _parts: Parts | None

    def __init__(self, url: str = "", scope: MutableMapping[str, Any] | None = None, **components: Any) -> None:
        if scope is not None:
            if url:
                raise TypeError('Cannot set both "url" and "scope".')
            if components:
                raise TypeError('Cannot set both "scope" and "**components".')
            self._parts = _from_scope(scope)
            self._url = None
        elif components:
            if url:
                raise TypeError('Cannot set both "url" and "**components".')
            self._parts = _replaced(_NOTHING, components)
            self._url = None
        else:
            self._url = url
            self._parts = None

    @property
    def components(self) -> SplitResult:
        """The five components. Raises ValueError if the text is not a valid URL, for example with an unclosed `[`."""
        parts = self._split()
        if not isinstance(parts, SplitResult):
            parts = self._parts = SplitResult(*parts)
        return parts

    @property
    def scheme(self) -> str:
        """The scheme in lower case; empty in a relative URL."""
        return self._split()[0]

    @property
    def netloc(self) -> str:
        """User, host and port, still escaped."""
        return self._split()[1]

    @property
    def path(self) -> str:
        """The path, still escaped."""
        return self._split()[2]

    @property
    def query(self) -> str:
        """The query string without `?`."""
        return self._split()[3]

    @property
    def fragment(self) -> str:
        """The fragment without `#`. Clients do not send it."""
        return self._split()[4]

    @property
    def username(self) -> str | None:
        """The user name, still escaped."""
        return self.components.username

    @property
    def password(self) -> str | None:
        """The password, still escaped. The `repr` of the URL hides it."""
        return self.components.password

    @property
    def hostname(self) -> str | None:
        """The host in lower case, without brackets around an IPv6 address."""
        return self.components.hostname

    @property
    def port(self) -> int | None:
        """The port, or None. Raises ValueError unless it is a number up to 65535."""
        return self.components.port

    @property
    def is_secure(self) -> bool:
        """Whether the scheme is `https` or `wss`."""
        return self.scheme in _SECURE

    def replace(self, **kwargs: Any) -> "URL":
        """The URL with other components: those of `components`, and `username`, `password`, `hostname`, `port`.

        None removes a user name (and the password), a password or a port. Escapes user names and passwords, and adds
        brackets to an IPv6 address. `hostname` may have a port: `example.org:8080`.

        Raises:
            ValueError: a colon in `hostname` is not part of an IPv6 address and does not begin a port, or both
                `hostname` and `port` set a port.
        """
        url = type(self)()
        url._url = None
        url._parts = _replaced(self.components, kwargs)
        return url

    def include_query_params(self, **kwargs: Any) -> "URL":
        """The URL with these query parameters set. Keeps the others."""
        added = {key: str(value) for key, value in kwargs.items()}
        pairs = [pair for pair in self._query_pairs() if pair[0] not in added]
        return self.replace(query=encode_pairs([*pairs, *added.items()]))

    def replace_query_params(self, **kwargs: Any) -> "URL":
        """The URL with only these query parameters."""
        return self.replace(query=encode_pairs([(key, str(value)) for key, value in kwargs.items()]))

    def remove_query_params(self, keys: str | Sequence[str]) -> "URL":
        """The URL without these query parameters."""
        removed = {keys} if isinstance(keys, str) else set(keys)
        return self.replace(query=encode_pairs([pair for pair in self._query_pairs() if pair[0] not in removed]))

    def __str__(self) -> str:
        url = self._url
        if url is None:
            url = self._url = _joined(self._split())
        return url

    def __repr__(self) -> str:
        return f"{type(self).__name__}({_masked(self)!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (URL, str)):
            return NotImplemented
        return str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))  # the hash of the string that it is equal to

    def _split(self) -> Parts:
        parts = self._parts
        if parts is None:
            parts = self._parts = urlsplit(self._url or "")
        return parts

    def _query_pairs(self) -> list[tuple[str, str]]:
        return parse_pairs(self.query.encode("utf-8", "surrogatepass"))


class URLPath(str):
    """A path with the protocol of its route, and its host if it has one.

    Attributes:
        protocol: `http`, `websocket`, or empty if unknown.
        host: The host of the route, or empty.
    """

    __slots__ = ("host", "protocol")

    protocol: str
    host: str

    def __new__(cls, path: str, protocol: Literal["http", "websocket", ""] = "", host: str = "") -> Self:
        if protocol not in {"http", "websocket", ""}:
            raise ValueError(f'The protocol must be "http", "websocket" or "", not {protocol!r}.')
        self = super().__new__(cls, path)
        self.protocol = protocol
        self.host = host
        return self

    def make_absolute_url(self, base_url: str | URL) -> URL:
        """The URL of this path below `base_url`. The scheme is https or wss if that of `base_url` is secure."""
        base = URL(base_url) if isinstance(base_url, str) else base_url
        scheme = base.scheme
        if self.protocol:
            scheme = {"http": "http", "websocket": "ws"}[self.protocol] + ("s" if base.is_secure else "")
        path = str(self)
        if path.startswith("//"):
            path = "/%2F" + path[2:]  # `//host` would be another host
        return URL(scheme=scheme, netloc=self.host or base.netloc, path=base.path.rstrip("/") + path)


def host_of(headers: Iterable[Field]) -> str | None:
    """The value of the first `Host` header; None if it is missing or invalid, or its port is above 65535."""
    for name, value in headers:
        if name == b"host":
            # PERF: ":" as a number takes a tenth of the time of `b":"`.
            is_usable = valid_host(value) and (0x3A not in value or has_port_in_range(value))
            return value.decode("ascii") if is_usable else None
    return None


def _from_scope(scope: MutableMapping[str, Any]) -> Parts:
    path: str = scope.get("path", "")
    raw: bytes | None = scope.get("raw_path")
    if raw and PERCENT in raw:
        # Only slashes stay escaped: middleware must see the path that is matched with routes.
        path = path_as_sent(path, raw).replace(MARK, "%2F")
    if "?" in path or "#" in path or "\\" in path or not path.isprintable():
        path = path.translate(_IN_PATH)
    query = _query_of(scope)
    scheme: str = scope.get("scheme") or ("ws" if scope.get("type") == "websocket" else "http")
    netloc = host_of(fields_of(scope)) or _server_of(scope, scheme)
    if path and not path.startswith("/"):
        path = "/" + path  # the text before the first slash could be a scheme
    if not netloc:
        if path.startswith("//"):
            path = "/%2F" + path[2:]  # without a host, the first segment would be the host
        return "", "", path, query, ""
    return scheme, netloc, path, query, ""


def _query_of(scope: Mapping[str, Any]) -> str:
    raw: bytes = scope.get("query_string", b"")
    if not raw:
        return ""
    try:
        query = raw.decode("utf-8")
    except UnicodeDecodeError:
        query = quote(raw, safe=_QUERY_ASCII)  # escapes bytes that are not UTF-8
    if "#" in query or not query.isprintable():
        query = query.translate(_IN_QUERY)
    return query


def _server_of(scope: Mapping[str, Any], scheme: str) -> str:
    server = scope.get("server")
    if not server:
        return ""
    host, port = server
    if port is None:
        return ""  # the path of a Unix socket
    if ":" in host:
        host = f"[{host}]"
    return host if port == _DEFAULT_PORTS.get(scheme) else f"{host}:{port}"


def _replaced(old: SplitResult, parts: dict[str, Any]) -> SplitResult:
    authority: dict[str, Any] = {}
    for name in _AUTHORITY:
        if name in parts:
            authority[name] = parts.pop(name)
    if authority:
        parts["netloc"] = _netloc(parts.get("netloc", old.netloc), authority)
    return old._replace(**parts)


def _netloc(netloc: str, authority: dict[str, Any]) -> str:
    userinfo, at, address = netloc.rpartition("@")
    name, colon, secret = userinfo.partition(":")
    username: str | None = name if at else None
    password: str | None = secret if colon else None
    if "username" in authority:
        username = _escaped(authority["username"])
        password = None if username is None else password
    if "password" in authority:
        password = _escaped(authority["password"])
    # The port begins at the first colon after the brackets of an IPv6 address.
    split = address.find(":", address.find("]") + 1)
    hostname, port = (address, "") if split < 0 else (address[:split], address[split + 1 :])
    if "port" in authority:
        port = "" if authority["port"] is None else str(authority["port"])
    if authority.get("hostname") is not None:
        hostname, own_port = split_port(authority["hostname"])
        if own_port and authority.get("port") is not None:
            message = (
                f"The hostname {authority['hostname']!r} has a port. Set the port there or in `port`, not in both."
            )
            raise ValueError(message)
        port = own_port or port
    if password or (username and password is not None):
        hostname = f"{username or ''}:{password}@{hostname}"
    elif username:
        hostname = f"{username}@{hostname}"
    return f"{hostname}:{port}" if port else hostname


def _escaped(text: str | None) -> str | None:
    return None if text is None else quote(text, safe=_USERINFO_SAFE)


def _joined(parts: Parts) -> str:
    scheme, netloc, path, query, fragment = parts
    if not (scheme and netloc and path.startswith("/")):
        return urlunsplit(parts)
    url = f"{scheme}://{netloc}{path}"
    if query:
        url = f"{url}?{query}"
    return f"{url}#{fragment}" if fragment else url


def _masked(url: URL) -> str:
    text = str(url)
    if "@" not in text:
        return text
    try:
        components = url.components
    except ValueError:
        return "********@" + text.rpartition("@")[2]  # the URL is invalid, so all text before the host is masked
    userinfo, _, address = components.netloc.rpartition("@")
    username, _, password = userinfo.partition(":")
    if not password:
        return text
    return _joined(components._replace(netloc=f"{username}:********@{address}"))
