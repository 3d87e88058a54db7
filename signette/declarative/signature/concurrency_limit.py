"""Concurrency limits of dependencies."""

from anyio import Semaphore

from signette._per_loop import PerLoop


class ConcurrencyLimit:
    """At most `limit` requests run the dependency at once, in each event loop. Pickling keeps the number only."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._semaphores = PerLoop(_make_semaphore)

    def semaphore(self) -> Semaphore:
        """The semaphore of the running event loop: `async with limit.semaphore():`."""
        return self._semaphores.get(self.limit)


def _make_semaphore(limit: int) -> Semaphore:
    return Semaphore(limit, max_value=limit)
