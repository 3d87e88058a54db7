"""The schemes of OpenAPI as dependencies that give what the client sent, or answer 401.

A scheme is a callable whose signature asks for one header, query parameter or cookie. It is a guard by what it is: the
planner sees `security_scheme` and lets it run before the body is read. What it says of itself stands in the document.
"""

import base64
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from signette.declarative.markers import Cookie, Header, Marker, Query
from signette.exceptions import HTTPException


class SecurityScheme:
    """Base of the schemes: one value of the request, `read`, made into credentials by `credentials`."""

    def __init__(
        self,
        marker: Marker,
        description: Mapping[str, Any],
        *,
        scheme_name: str | None,
        note: str | None,
        auto_error: bool,
        challenge: str,
    ) -> None:
        self.scheme_name = scheme_name or type(self).__name__
        self.auto_error = auto_error
        self.challenge = challenge
        self.security_scheme = {**description, **({"description": note} if note else {})}
        marker.include_in_schema = False  # the document tells of the scheme, not of a parameter
        annotation = Annotated[str | None, marker]
        self.__signature__ = inspect.Signature(
            [inspect.Parameter("sent", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation, default=None)]
        )

    async def __call__(self, sent: str | None = None) -> Any:
        found = self.credentials(sent) if sent else None
        if found is None and self.auto_error:
            # RFC 9110 §11.6.1: a 401 says how to do better.
            raise HTTPException(401, "Not authenticated", {"WWW-Authenticate": self.challenge})
        return found

    def credentials(self, sent: str) -> Any:
        """What the handler gets for the text that was sent; None where that text is of another scheme."""
        return sent


class APIKey(SecurityScheme):
    """Base of the keys: one text, in the place that the subclass names."""

    place: ClassVar[str]
    marker: ClassVar[type[Marker]]

    def __init__(
        self, *, name: str, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True
    ) -> None:
        super().__init__(
            self.marker(alias=name),
            {"type": "apiKey", "in": self.place, "name": name},
            scheme_name=scheme_name,
            note=description,
            auto_error=auto_error,
            challenge="APIKey",
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


class HTTPBearer(SecurityScheme):
    """A bearer token (RFC 6750)."""

    def __init__(
        self,
        *,
        bearerFormat: str | None = None,  # noqa: N803 - OpenAPI's spelling
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        about = {"type": "http", "scheme": "bearer"} | ({"bearerFormat": bearerFormat} if bearerFormat else {})
        super().__init__(
            Header(alias="Authorization"),
            about,
            scheme_name=scheme_name,
            note=description,
            auto_error=auto_error,
            challenge="Bearer",
        )

    def credentials(self, sent: str) -> HTTPAuthorizationCredentials | None:
        scheme, _, rest = sent.partition(" ")
        if scheme.lower() != "bearer" or not rest.strip():
            return None
        return HTTPAuthorizationCredentials(scheme, rest.strip())


class HTTPBasic(SecurityScheme):
    """User name and password (RFC 7617)."""

    def __init__(
        self,
        *,
        realm: str = "",
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        quoted = realm.replace("\\", "\\\\").replace('"', '\\"')
        super().__init__(
            Header(alias="Authorization"),
            {"type": "http", "scheme": "basic"},
            scheme_name=scheme_name,
            note=description,
            auto_error=auto_error,
            challenge=f'Basic realm="{quoted}"' if realm else "Basic",
        )

    def credentials(self, sent: str) -> HTTPBasicCredentials | None:
        scheme, _, rest = sent.partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            username, colon, password = base64.b64decode(rest.strip(), validate=True).decode("utf-8").partition(":")
        except ValueError:  # no ASCII, no base64, or no UTF-8 in it
            return None
        return HTTPBasicCredentials(username, password) if colon else None
