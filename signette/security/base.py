"""The base of custom security schemes."""

from signette.declarative.security.base import SecurityBase

__all__ = ["SecurityBase"]
