"""Security schemes for `Depends` and `Security`: API keys, HTTP Basic, bearer tokens."""

from signette.declarative.depends import Security, SecurityScopes
from signette.declarative.security.schemes import (
    APIKeyCookie,
    APIKeyHeader,
    APIKeyQuery,
    HTTPAuthorizationCredentials,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
    SecurityScheme,
)

__all__ = [
    "APIKeyCookie",
    "APIKeyHeader",
    "APIKeyQuery",
    "HTTPAuthorizationCredentials",
    "HTTPBasic",
    "HTTPBasicCredentials",
    "HTTPBearer",
    "Security",
    "SecurityScheme",
    "SecurityScopes",
]
