"""A state engine that does not work, as an error response."""

import logging
import time
from collections.abc import Callable

from signette.exceptions import HTTPException
from signette.state.unavailable import StateUnavailable

_log = logging.getLogger("signette.state")
_RETRY_AFTER = "5"
_SECONDS_BETWEEN_LINES = 30


class OutageLog:
    """Logs an outage once, and again while it lasts; not for each request."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next = float("-inf")

    def note(self, exc: StateUnavailable) -> None:
        """Log the exception, unless one was logged a short time ago."""
        now = self._clock()
        if now >= self._next:
            self._next = now + _SECONDS_BETWEEN_LINES
            _log.error("requests are answered with 503: %s", exc)


_outages = OutageLog()


def as_unavailable(exc: StateUnavailable) -> HTTPException:
    """The error response of a request that needs the state."""
    _outages.note(exc)
    return HTTPException(503, headers={"Retry-After": _RETRY_AFTER})
