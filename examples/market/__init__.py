"""A flea market: members offer things with pictures, others buy them, and who watches is told at once."""

from examples.market.application import app

__all__ = ["app"]
