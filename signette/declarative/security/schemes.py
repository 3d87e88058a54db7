"""The schemes of OpenAPI as dependencies that give what the client sent, or answer 401.

A scheme is a callable whose signature asks for one header, query parameter or cookie. It is a guard by what it is: the
planner sees `security_scheme` and lets it run before the body is read. What it says of itself stands in the document.
"""

import base64
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from signette._http.tokens import TOKEN
from signette._overrides import overrides
from signette.connection import HTTPConnection
from signette.declarative.signature.markers import Cookie, Header, Marker, Query
from signette.exceptions import HTTPException

# RFC 9110 §5.6.2: what names of fields, of cookies and of authentication schemes are.


class SecurityScheme:
    """Base of the schemes: one value of the request, where `marker` says, made into credentials by `credentials`.

    `about` is the scheme as OpenAPI describes it. `challenge` is what a 401 carries as `WWW-Authenticate`.
    """

    security_scheme: Mapping[str, Any] = {}

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
        marker.include_in_schema = False  # the document tells of the scheme, not of a parameter
        self._marker = marker
        if not overrides(self, SecurityScheme, "__call__"):  # who writes another asks for what that one takes
            kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
            sent = inspect.Parameter("sent", kind, annotation=Annotated[str | None, marker], default=None)
            self.__signature__ = inspect.Signature([sent])

    async def __call__(self, request: Any) -> Any:
        """The credentials in a request or WebSocket, or in the text that it sent.

        Raises what `make_not_authenticated_error` makes where there are none, unless `auto_error=False`: then None.
        """
        sent = self._text_of(request) if isinstance(request, HTTPConnection) else request
        found = self.credentials(sent) if sent and not sent.isspace() else None
        if found is None and self.auto_error:
            raise self.make_not_authenticated_error()
        return found

    def credentials(self, sent: str) -> Any:
        """What the handler gets for the text that was sent; None where that text is of another scheme."""
        return sent

    def make_not_authenticated_error(self) -> HTTPException:
        """The refusal of who sent no credentials; RFC 9110 §11.6.1: a 401 says how to do better."""
        return HTTPException(401, "Not authenticated", {"WWW-Authenticate": self.challenge})

    def _text_of(self, connection: HTTPConnection) -> str | None:
        (name,) = self._marker.wire_names
        if isinstance(self._marker, Header):
            return connection.headers.get(name)
        found: Mapping[str, str] = connection.query_params if isinstance(self._marker, Query) else connection.cookies
        return found.get(name)


class APIKey(SecurityScheme):
    """Base of the keys: one text, in the place that the subclass names."""

    place: ClassVar[str]
    marker: ClassVar[type[Marker]]

    def __init__(
        self, *, name: str, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True
    ) -> None:
        if not (name if self.place == "query" else TOKEN.fullmatch(name)):
            raise ValueError(f"{name!r} cannot be the name of a {self.place} value: use letters, digits and hyphens")
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
    """An `Authorization` header in two parts."""

    scheme: str
    credentials: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(scheme={self.scheme!r}, credentials='**********')"


@dataclass(frozen=True, slots=True)
class HTTPBasicCredentials:
    """User name and password of HTTP Basic."""

    username: str
    password: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(username={self.username!r}, password='**********')"


class HTTPBase(SecurityScheme):
    """A scheme of the `Authorization` header (RFC 9110 §11.4), by its name, in which case does not count."""

    def __init__(
        self,
        *,
        scheme: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        if not TOKEN.fullmatch(scheme):
            raise ValueError(f"{scheme!r} is no name of an authentication scheme: write one word, such as 'Negotiate'")
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
    """HTTP Digest (RFC 7616): gives what stands behind the scheme. To compute and compare it is the handler's part.

    The challenge carries no nonce, which only the application can make: give clients one by `auto_error=False` and a
    401 of your own, or by `make_not_authenticated_error`.
    """

    def __init__(
        self, *, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True
    ) -> None:
        super().__init__(scheme="digest", scheme_name=scheme_name, description=description, auto_error=auto_error)
        self.challenge = "Digest"


class HTTPBasic(HTTPBase):
    """User name and password (RFC 7617). `realm` says in the challenge what they are for."""

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
        except ValueError:  # no ASCII, no base64, or no UTF-8 in it
            return None
        return HTTPBasicCredentials(username, password) if colon else None


def authorization_of(sent: str) -> tuple[str, str]:
    """The scheme and the credentials of an `Authorization` header (RFC 9110 §11.4); "" for what is not there."""
    scheme, _, rest = sent.partition(" ")
    return scheme, "" if rest.isspace() else rest.strip(" \t")


def _quoted(realm: str) -> str:
    """A quoted string (RFC 9110 §5.6.4). Raises ValueError where a header cannot carry it."""
    if not (realm.isascii() and realm.isprintable()):
        raise ValueError(f"the realm {realm!r} cannot stand in a header: use printable ASCII")
    return '"' + realm.replace("\\", "\\\\").replace('"', '\\"') + '"'
