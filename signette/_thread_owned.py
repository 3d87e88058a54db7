"""What a worker thread may still use after the task that sent it there is gone.

Theory of operation. A task that is cancelled by anyio or trio waits for its thread. One that asyncio cancels natively
(`task.cancel()`: what `asyncio.wait_for` does, and servers at their shutdown) does not. It comes to its `finally` while
the thread is at work, or before the thread has begun. What the thread works on, a generator or a file, must then not be
closed while it is in use, and not be opened after it was closed. So there are two rules:

* A lock: what closes waits for the thread (`leave`), or the thread closes when it is done (`leave_soon`).
* What was left is not used again: a thread that comes too late does nothing. Its result has no reader anyway.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")


class ThreadOwned:
    """An object that one thread at a time uses, and that is left once."""

    _is_left = False
    _close_later: Callable[[], object] | None = None

    def __init__(self) -> None:
        self._using = Lock()

    def use(self, work: Callable[..., T], *args: Any) -> T | None:
        """What the work returns, done in this thread. None, and nothing is done, if the object was left."""
        try:
            with self._using:
                return None if self._is_left else work(*args)
        finally:
            close = self._close_later
            if close is not None:
                self.leave_soon(close)

    def leave(self, close: Callable[..., T], *args: Any) -> T | None:
        """Close when no thread uses the object any more, and give the result; None if it was left before. Blocks."""
        with self._using:
            if self._is_left:
                return None
            self._is_left = True
            return close(*args)

    def leave_soon(self, close: Callable[[], object]) -> None:
        """Close now, or else in the thread that uses the object, when it is done. Never blocks."""
        if self._is_left and self._close_later is None:
            return
        self._is_left, self._close_later = True, close
        # If this fails, a thread holds the lock: it comes here when it has released it.
        if self._using.acquire(blocking=False):
            try:
                if self._close_later is not None:
                    self._close_later = None
                    close()
            finally:
                self._using.release()
