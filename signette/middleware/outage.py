"""A state engine that does not work, as an error response: what the handlers of `StateUnavailable` share."""

import logging
import time
from collections.abc import Callable

from signette.exceptions import HTTPException

_log = logging.getLogger("signette.state")
_RETRY_AFTER_SECONDS = 1
# How long an outage is not logged again.
_LOG_SECONDS = 10


def service_unavailable() -> HTTPException:
    """The error response of a request that needs the state."""
    return HTTPException(503, headers={"Retry-After": str(_RETRY_AFTER_SECONDS)})


class OutageLog:
    """Logs an outage when it begins, and now and then while it lasts; not for each request."""

    __slots__ = ("_clock", "_next")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next = float("-inf")

    def note(self, exc: Exception) -> None:
        """Log the exception, unless another one was logged just before."""
        now = self._clock()
        if now >= self._next:
            self._next = now + _LOG_SECONDS
            _log.error("requests are rejected with 503, because the state cannot be used: %s", exc)
