"""An API for the list of about 28,000 airports: `signette run examples.airports:app`."""

from examples.airports.application import app

__all__ = ["app"]
