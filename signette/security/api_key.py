"""API keys in a header, a query parameter or a cookie."""

from signette.declarative.security.schemes import APIKeyCookie, APIKeyHeader, APIKeyQuery

__all__ = ["APIKeyCookie", "APIKeyHeader", "APIKeyQuery"]
