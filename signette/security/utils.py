"""Reads an `Authorization` header."""

from signette.declarative.security.schemes import authorization_of

__all__ = ["get_authorization_scheme_param"]


def get_authorization_scheme_param(authorization_header_value: str | None) -> tuple[str, str]:
    """The scheme and the credentials of an `Authorization` header (RFC 9110 §11.4); "" if one is missing."""
    return authorization_of(authorization_header_value or "")
