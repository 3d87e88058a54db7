"""The tour with typed endpoints: `signette run examples.tour.typed:app`."""

from examples.tour.typed.application import app

__all__ = ["app"]
