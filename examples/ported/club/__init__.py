"""A club's site: who joined sees more than who did not: `signette run examples.ported.club:app`."""

from examples.ported.club.application import app

__all__ = ["app"]
