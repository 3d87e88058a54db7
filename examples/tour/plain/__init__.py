"""The tour on the plain toolkit: `signette run examples.tour.plain:app`."""

from examples.tour.plain.application import app

__all__ = ["app"]
