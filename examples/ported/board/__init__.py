"""A chat and live figures: `signette run examples.ported.board:app`."""

from examples.ported.board.application import app

__all__ = ["app"]
