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

    def began(self, exc: Exception) -> None:
        """Log the failure, unless the outage has begun already."""
        if not self.is_on:
            self.is_on = True
            _log.error("state engine unavailable: %s", exc)

    def ended(self) -> None:
        """Log that the engine works again."""
        self.is_on = False
        _log.warning("state engine available again")


_outages: "WeakKeyDictionary[Backend, dict[str, Outage]]" = WeakKeyDictionary()


def outage_of(backend: Backend, purpose: str | None) -> Outage:
    """The outage of the engine that a backend has for a purpose. Purposes with one engine share it."""
    try:
        engine = backend.url(purpose or "")
    except ValueError:  # no URL, but an object; or no purpose
        engine = f"object for {purpose}"
    return _outages.setdefault(backend, {}).setdefault(engine, Outage())
