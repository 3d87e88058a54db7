"""A flea market: members offer items with pictures, others buy them, and a WebSocket sends notices."""

from examples.market.application import app

__all__ = ["app"]
