"""What stands around an application: `Middleware` names a layer, the modules here hold those that come along."""

from signette.middleware.registry import Middleware as Middleware

__all__ = ["Middleware"]
