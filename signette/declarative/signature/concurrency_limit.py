"""Turns: how many may be in the same place at once. What waits, waits on either event loop."""

from anyio import Semaphore

from signette._per_loop import PerLoop


class ConcurrencyLimit:
    """At most so many at once, in each event loop. What survives pickling is the number alone."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._semaphores = PerLoop(_make_semaphore)

    def semaphore(self) -> Semaphore:
        """The semaphore of the running event loop: `async with turns.semaphore():`."""
        return self._semaphores.get(self.most)


def _make_semaphore(most: int) -> Semaphore:
    return Semaphore(most, max_value=most)
