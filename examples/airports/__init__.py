"""An API over the real list of some 28,000 airports: `signette run examples.airports:app`."""

from examples.airports.application import app

__all__ = ["app"]
