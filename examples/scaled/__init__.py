"""An application for many processes: `signette run examples.scaled:app`."""

from examples.scaled.application import app

__all__ = ["app"]
