"""OpenAPI's security schemes as dependencies that return the credentials of a request, or raise a 401.

A scheme is a callable with one parameter: a header, a query parameter or a cookie. It is always a guard: the planner
sees `security_scheme`, and calls it before the body is read. `security_scheme` is also in the OpenAPI document.
"""

import base64
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from signette._http.tokens import TOKEN
from signette._overrides import overrides
from signette.connection import HTTPConnection
from signette.declarative.security.base import SecurityBase
from signette.declarative.signature.markers import Cookie, Header, Marker, Query
from signette.exceptions import HTTPException


class SecurityScheme(SecurityBase):
    """Base class of security schemes that read one header, query parameter or cookie.

    `marker` is the source of the value that the client sends, and `credentials` converts it. `about` is the scheme's
    OpenAPI object, `challenge` the `WWW-Authenticate` header of a 401.
    """

    security_scheme: Mapping[str, Any] = {}

    @property
    def model(self) -> Mapping[str, Any]:
        """The OpenAPI object of the scheme."""
        return self.security_scheme

    def __init__(
        self,
        marker: Marker,
        about: Mapping[str, Any],
        *,
        challenge: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        self.scheme_name = scheme_name or type(self).__name__
        self.auto_error = auto_error
        self.challenge = challenge
        self.security_scheme = {**about, **({"description": description} if description else {})}
        marker.include_in_schema = False  # the OpenAPI document has the scheme instead of a parameter
        self._marker = marker
        if not overrides(self, SecurityScheme, "__call__"):  # a custom `__call__` has its own signature
            kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
            sent = inspect.Parameter("sent", kind, annotation=Annotated[str | None, marker], default=None)
            self.__signature__ = inspect.Signature([sent])

    async def __call__(self, request: Any) -> Any:
        """Return the credentials of a request or WebSocket, or of the value that the client sent.

        Without credentials, raises the exception that `make_not_authenticated_error` returns, or returns None with
        `auto_error=False`.
        """
        sent = self._text_of(request) if isinstance(request, HTTPConnection) else request
        found = self.credentials(sent) if sent and not sent.isspace() else None
        if found is None and self.auto_error:
            raise self.make_not_authenticated_error()
        return found

    def credentials(self, sent: str) -> Any:
        """Convert the value that the client sent to credentials. None if it is of another scheme."""
        return sent

    def make_not_authenticated_error(self) -> HTTPException:
        """The exception for missing credentials: a 401 with a challenge (RFC 9110 §11.6.1)."""
        return HTTPException(401, "Not authenticated", {"WWW-Authenticate": self.challenge})

    def _text_of(self, connection: HTTPConnection) -> str | None:
        (name,) = self._marker.wire_names
        if isinstance(self._marker, Header):
            return connection.headers.get(name)
        found: Mapping[str, str] = connection.query_params if isinstance(self._marker, Query) else connection.cookies
        return found.get(name)


class APIKey(SecurityScheme):
    """Base class of API keys: one value, in the place that the subclass names."""

    place: ClassVar[str]
    marker: ClassVar[type[Marker]]

    def __init__(
        self, *, name: str, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True
    ) -> None:
        if not (name if self.place == "query" else TOKEN.fullmatch(name)):
            kind = "query parameter" if self.place == "query" else self.place
            raise ValueError(f"{name!r} is not a valid name of a {kind}; use letters, digits and hyphens")
        super().__init__(
            self.marker(alias=name),
            {"type": "apiKey", "in": self.place, "name": name},
            challenge="APIKey",
            scheme_name=scheme_name,
            description=description,
            auto_error=auto_error,
        )


class APIKeyHeader(APIKey):
    """An API key in a header: `key: Annotated[str, Depends(APIKeyHeader(name="X-API-Key"))]`."""

    place = "header"
    marker = Header


class APIKeyQuery(APIKey):
    """An API key in the query string."""

    place = "query"
    marker = Query


class APIKeyCookie(APIKey):
    """An API key in a cookie."""

    place = "cookie"
    marker = Cookie


@dataclass(frozen=True, slots=True)
class HTTPAuthorizationCredentials:
    """The scheme and the credentials of an `Authorization` header."""

    scheme: str
    credentials: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(scheme={self.scheme!r}, credentials='**********')"


@dataclass(frozen=True, slots=True)
class HTTPBasicCredentials:
    """The user name and password of HTTP Basic authentication."""

    username: str
    password: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(username={self.username!r}, password='**********')"


class HTTPBase(SecurityScheme):
    """A scheme of the `Authorization` header (RFC 9110 §11.4), by its case-insensitive name."""

    def __init__(
        self,
        *,
        scheme: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        if not TOKEN.fullmatch(scheme):
            raise ValueError(f"{scheme!r} is not a valid authentication scheme; use one word, such as 'Negotiate'")
        super().__init__(
            Header(alias="Authorization"),
            {"type": "http", "scheme": scheme},
            challenge=scheme,
            scheme_name=scheme_name,
            description=description,
            auto_error=auto_error,
        )
        self.scheme = scheme.lower()

    def credentials(self, sent: str) -> Any:
        scheme, rest = authorization_of(sent)
        return HTTPAuthorizationCredentials(scheme, rest) if scheme.lower() == self.scheme and rest else None


class HTTPBearer(HTTPBase):
    """A bearer token (RFC 6750)."""

    def __init__(
        self,
        *,
        bearerFormat: str | None = None,  # noqa: N803 - OpenAPI's spelling
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(scheme="bearer", scheme_name=scheme_name, description=description, auto_error=auto_error)
        self.challenge = "Bearer"
        if bearerFormat:
            self.security_scheme = {**self.security_scheme, "bearerFormat": bearerFormat}


class HTTPDigest(HTTPBase):
    """HTTP Digest authentication (RFC 7616). It returns the credentials after the scheme; the endpoint verifies them.

    The challenge has no nonce. To send one, override `make_not_authenticated_error`, or raise a 401 in the endpoint
    with `auto_error=False`.
    """

    def __init__(
        self, *, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True
    ) -> None:
        super().__init__(scheme="digest", scheme_name=scheme_name, description=description, auto_error=auto_error)
        self.challenge = "Digest"


class HTTPBasic(HTTPBase):
    """HTTP Basic authentication by user name and password (RFC 7617). `realm` is sent in the challenge."""

    def __init__(
        self,
        *,
        realm: str | None = None,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(scheme="basic", scheme_name=scheme_name, description=description, auto_error=auto_error)
        self.challenge = f"Basic realm={_quoted(realm)}" if realm else "Basic"

    def credentials(self, sent: str) -> HTTPBasicCredentials | None:
        scheme, rest = authorization_of(sent)
        if scheme.lower() != self.scheme:
            return None
        try:
            username, colon, password = base64.b64decode(rest, validate=True).decode("utf-8").partition(":")
        except ValueError:  # not ASCII, not Base64, or not UTF-8 inside
            return None
        return HTTPBasicCredentials(username, password) if colon else None


def authorization_of(sent: str) -> tuple[str, str]:
    """The scheme and the credentials of an `Authorization` header (RFC 9110 §11.4); "" if one is missing."""
    scheme, _, rest = sent.partition(" ")
    return scheme, "" if rest.isspace() else rest.strip(" \t")


def _quoted(realm: str) -> str:
    """A quoted string (RFC 9110 §5.6.4). Raises ValueError for characters that a header cannot contain."""
    if not (realm.isascii() and realm.isprintable()):
        raise ValueError(f"the realm {realm!r} cannot be sent in a header; use printable ASCII")
    return '"' + realm.replace("\\", "\\\\").replace('"', '\\"') + '"'
