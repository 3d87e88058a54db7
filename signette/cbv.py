"""Class-based views: `@cbv(router)` makes endpoints of the methods of a class."""

from signette.declarative.routing.class_views import cbv

__all__ = ["cbv"]
