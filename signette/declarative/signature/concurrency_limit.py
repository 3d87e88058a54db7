"""Turns: how many may be in the same place at once. What waits, waits on either event loop."""

from typing import Any

from anyio import Semaphore
from anyio.lowlevel import RunVar


class Turns:
    """At most so many at once, in each event loop. What survives pickling is the number alone."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._semaphores: RunVar[Semaphore] | None = None

    def semaphore(self) -> Semaphore:
        """The semaphore of the running event loop: `async with turns.semaphore():`."""
        if self._semaphores is None:
            self._semaphores = RunVar("signette turns")
        try:
            return self._semaphores.get()
        except LookupError:
            semaphore = Semaphore(self.most, max_value=self.most)
            self._semaphores.set(semaphore)
            return semaphore

    def __getstate__(self) -> dict[str, Any]:
        return {"most": self.most, "_semaphores": None}
