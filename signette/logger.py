"""The logger above all those of signette, to set a level or a handler for all of them."""

import logging

__all__ = ["logger"]

logger = logging.getLogger("signette")
