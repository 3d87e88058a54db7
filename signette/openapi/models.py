"""OpenAPI objects that applications write themselves: security schemes, OAuth 2 flows, and metadata.

Each is a dictionary with its members, so a plain dictionary is as good. `type_` and `in_` are the members `type` and
`in`.
"""

from enum import StrEnum
from typing import Any, ClassVar

__all__ = [
    "APIKey",
    "APIKeyIn",
    "Contact",
    "Example",
    "ExternalDocumentation",
    "HTTPBase",
    "HTTPBearer",
    "License",
    "OAuth2",
    "OAuthFlow",
    "OAuthFlowAuthorizationCode",
    "OAuthFlowClientCredentials",
    "OAuthFlowImplicit",
    "OAuthFlowPassword",
    "OAuthFlows",
    "OpenIdConnect",
    "SecurityBase",
    "SecuritySchemeType",
    "Server",
    "Tag",
]


class APIKeyIn(StrEnum):
    """Where an API key is sent."""

    query = "query"
    header = "header"
    cookie = "cookie"


class SecuritySchemeType(StrEnum):
    """The type of a security scheme."""

    apiKey = "apiKey"  # noqa: N815 - OpenAPI's spelling
    http = "http"
    oauth2 = "oauth2"
    openIdConnect = "openIdConnect"  # noqa: N815


class OpenAPIObject(dict[str, Any]):
    """An OpenAPI object. Its members are attributes as well; one that is not set is None.

    Raises TypeError for a missing member.
    """

    required: ClassVar[tuple[str, ...]] = ()
    optional: ClassVar[tuple[str, ...]] = ("description",)
    defaults: ClassVar[dict[str, Any]] = {}

    def __init__(self, **members: Any) -> None:
        named = {_key(name): value for name, value in members.items()}
        missing = [repr(name) for name in self.required if named.get(name) is None and name not in self.defaults]
        if missing:
            raise TypeError(f"`{type(self).__name__}` requires {' and '.join(missing)}")
        super().__init__({name: value for name, value in {**self.defaults, **named}.items() if value is not None})

    def __getattr__(self, name: str) -> Any:
        key = _key(name)
        if key in self or key in (*self.required, *self.optional):
            return self.get(key)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)


def _key(name: str) -> str:
    return name[:-1] if name in ("type_", "in_") else name


class SecurityBase(OpenAPIObject):
    """A security scheme of any type (OpenAPI 3.1 §4.8.27)."""

    required: ClassVar[tuple[str, ...]] = ("type",)


class APIKey(SecurityBase):
    """An API key: `APIKey(in_=APIKeyIn.header, name="X-Key")`."""

    required = ("type", "in", "name")
    defaults: ClassVar[dict[str, Any]] = {"type": SecuritySchemeType.apiKey}


class HTTPBase(SecurityBase):
    """A scheme of the `Authorization` header."""

    required = ("type", "scheme")
    defaults: ClassVar[dict[str, Any]] = {"type": SecuritySchemeType.http}


class HTTPBearer(HTTPBase):
    """A bearer token."""

    optional = ("description", "bearerFormat")
    defaults: ClassVar[dict[str, Any]] = {"type": SecuritySchemeType.http, "scheme": "bearer"}


class OAuthFlow(OpenAPIObject):
    """A flow of OAuth 2 (OpenAPI 3.1 §4.8.29)."""

    optional = ("refreshUrl",)
    defaults: ClassVar[dict[str, Any]] = {"scopes": {}}


class OAuthFlowImplicit(OAuthFlow):
    """The implicit flow."""

    required = ("authorizationUrl",)


class OAuthFlowPassword(OAuthFlow):
    """The flow for a user name and a password."""

    required = ("tokenUrl",)


class OAuthFlowClientCredentials(OAuthFlow):
    """The flow for the credentials of a client."""

    required = ("tokenUrl",)


class OAuthFlowAuthorizationCode(OAuthFlow):
    """The flow for an authorization code."""

    required = ("authorizationUrl", "tokenUrl")


class OAuthFlows(OpenAPIObject):
    """The flows of a scheme: `OAuthFlows(password={"tokenUrl": "token", "scopes": {}})`."""

    optional = ("implicit", "password", "clientCredentials", "authorizationCode")


class OAuth2(SecurityBase):
    """OAuth 2."""

    required = ("type", "flows")
    defaults: ClassVar[dict[str, Any]] = {"type": SecuritySchemeType.oauth2}


class OpenIdConnect(SecurityBase):
    """OpenID Connect."""

    required = ("type", "openIdConnectUrl")
    defaults: ClassVar[dict[str, Any]] = {"type": SecuritySchemeType.openIdConnect}


class Example(OpenAPIObject):
    """A named example, for `openapi_examples=` of a marker."""

    optional = ("summary", "description", "value", "externalValue")


class Contact(OpenAPIObject):
    """The contact of an API."""

    optional = ("name", "url", "email")


class License(OpenAPIObject):
    """The license of an API."""

    required = ("name",)
    optional = ("identifier", "url")


class ExternalDocumentation(OpenAPIObject):
    """A link to further documentation."""

    required = ("url",)


class Tag(OpenAPIObject):
    """A tag of operations."""

    required = ("name",)
    optional = ("description", "externalDocs")


class Server(OpenAPIObject):
    """A server of an API."""

    required = ("url",)
    optional = ("description", "variables")
