"""Resources that a worker thread may still use after its task was cancelled.

Theory of operation. A task that is cancelled by anyio or trio waits for its worker thread. A task that asyncio cancels
natively (`task.cancel()`, as in `asyncio.wait_for`, and in servers at shutdown) does not: its `finally` blocks run
while the thread is running, or before it has started. The resource of the thread, a generator or a file, must not be
closed while it is in use, and must not be used after it was closed. So there are two rules:

* A lock: the task waits for the thread before it closes the resource (`release`), or the thread closes it when it is
  done (`release_soon`).
* A released resource is never used again: a thread that starts later does nothing, as no task needs its result.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")


class ThreadOwned:
    """A resource that one thread at a time uses, and that is released once."""

    _is_released = False
    _close_later: Callable[[], object] | None = None

    def __init__(self) -> None:
        self._lock = Lock()

    def use(self, work: Callable[..., T], *args: Any) -> T | None:
        """Do the work in this thread, and return its result. Returns None without doing it after a release."""
        try:
            with self._lock:
                return None if self._is_released else work(*args)
        finally:
            close = self._close_later
            if close is not None:
                self.release_soon(close)

    def release(self, close: Callable[..., T], *args: Any) -> T | None:
        """Wait until no thread uses the resource, then close it, and return the result; None if released before."""
        with self._lock:
            if self._is_released:
                return None
            self._is_released = True
            return close(*args)

    def release_soon(self, close: Callable[[], object]) -> None:
        """Close the resource now, or in the thread that uses it, when it is done. Never blocks."""
        if self._is_released and self._close_later is None:
            return
        self._is_released, self._close_later = True, close
        # If this fails, a thread has the lock, and calls this method when it has released the lock.
        if self._lock.acquire(blocking=False):
            try:
                if self._close_later is not None:
                    self._close_later = None
                    close()
            finally:
                self._lock.release()
