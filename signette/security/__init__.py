"""Security schemes for `Depends` and `Security`: API keys, HTTP Basic, Digest and Bearer, OAuth 2, OpenID Connect."""

from signette.declarative.security.base import SecurityBase
from signette.declarative.security.login_form import OAuth2PasswordRequestForm, OAuth2PasswordRequestFormStrict
from signette.declarative.security.oauth2 import (
    OAuth2,
    OAuth2AuthorizationCodeBearer,
    OAuth2PasswordBearer,
    OpenIdConnect,
)
from signette.declarative.security.schemes import (
    APIKeyCookie,
    APIKeyHeader,
    APIKeyQuery,
    HTTPAuthorizationCredentials,
    HTTPBase,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
    HTTPDigest,
    SecurityScheme,
)
from signette.declarative.signature.depends import Security, SecurityScopes

__all__ = [
    "APIKeyCookie",
    "APIKeyHeader",
    "APIKeyQuery",
    "HTTPAuthorizationCredentials",
    "HTTPBase",
    "HTTPBasic",
    "HTTPBasicCredentials",
    "HTTPBearer",
    "HTTPDigest",
    "OAuth2",
    "OAuth2AuthorizationCodeBearer",
    "OAuth2PasswordBearer",
    "OAuth2PasswordRequestForm",
    "OAuth2PasswordRequestFormStrict",
    "OpenIdConnect",
    "Security",
    "SecurityBase",
    "SecurityScheme",
    "SecurityScopes",
]
