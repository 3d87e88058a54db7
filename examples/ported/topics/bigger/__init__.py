"""A bigger application: routers, layers, handlers of errors, a lifespan, an application inside."""

from examples.ported.topics.bigger.application import app

__all__ = ["app"]
