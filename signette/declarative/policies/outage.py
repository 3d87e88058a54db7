"""Outages of a state engine: one log line when it fails, one when it works again, and a problem for clients."""

import logging
from weakref import WeakKeyDictionary

from signette.problems import Problem
from signette.state.backend import Backend

_log = logging.getLogger("signette.policies")


class ServiceUnavailable(Problem, status=503, headers={"Retry-After": "5"}):
    """A service that this operation needs is not available. Try again later."""


class Outage:
    """Whether an engine is out of order. Requests that fail meanwhile are not logged again."""

    is_on = False

    def began(self, exc: Exception, on_failure: str) -> None:
        """Log the failure, unless the outage has begun already."""
        if not self.is_on:
            self.is_on = True
            _log.error("state engine unavailable, policies are %r: %s", on_failure, exc)

    def ended(self) -> None:
        """Log that the engine works again."""
        self.is_on = False
        _log.warning("state engine available again")


_outages: "WeakKeyDictionary[Backend, Outage]" = WeakKeyDictionary()


def outage_of(backend: Backend) -> Outage:
    """The outage of a backend, which all its policies share."""
    return _outages.setdefault(backend, Outage())
