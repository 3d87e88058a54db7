"""A larger application: routers, middleware, exception handlers, a lifespan, a mounted application."""

from examples.ported.topics.bigger.application import app

__all__ = ["app"]
