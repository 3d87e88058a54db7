"""Middleware. `Middleware` describes one with its arguments; each module here holds one."""

from signette.middleware.registry import Middleware as Middleware

__all__ = ["Middleware"]
