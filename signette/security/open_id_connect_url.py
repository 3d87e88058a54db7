"""OpenID Connect."""

from signette.declarative.security.oauth2 import OpenIdConnect

__all__ = ["OpenIdConnect"]
