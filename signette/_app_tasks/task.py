"""Runs an application for one scope: the base class of HTTP exchanges, WebSockets and lifespans.

Theory of operation. The application runs as one task of the event loop. This task and the tasks that wait for it
communicate through the attributes of an `AppTask`: each side changes them, calls `changed()`, and waits in
`until(condition)`. There are no locks, as all tasks run in one event loop; a client in another thread uses a portal.
An exception of the application is stored in `error` and raised by the client, so that it does not cancel a task group.
"""

from collections.abc import Callable

import anyio

from signette.types import ASGIApp, Message, Scope

# How long an application may run after a disconnect before it is cancelled. Without this time, like that of servers, an
# application would be cancelled while it works after its last message.
DISCONNECT_SECONDS = 0.5

ASGI_VERSION = {"version": "3.0", "spec_version": "2.4"}


class ClientDisconnectedError(OSError):
    """Raised by `send` after a disconnect (ASGI, spec version 2.4: a subclass of OSError)."""


class AppTask:
    """Runs `app(scope, receive, send)` once. Subclasses implement `receive` and `send`."""

    __slots__ = ("_cancel_scope", "_cancelled", "_end", "_event", "app", "done", "error", "scope")

    def __init__(self, app: ASGIApp, scope: Scope) -> None:
        self.app = app
        self.scope = scope
        self.done = False
        self.error: BaseException | None = None
        # Events are created when they are waited for, as `__init__` may run in the thread of another event loop.
        self._event: anyio.Event | None = None
        self._end: anyio.Event | None = None
        self._cancelled = False
        self._cancel_scope: anyio.CancelScope | None = None

    async def receive(self) -> Message:
        raise NotImplementedError

    async def send(self, message: Message) -> None:
        raise NotImplementedError

    async def run(self) -> None:
        """Run the application. Stores its exception instead of raising it."""
        # Not in `__init__`, which may run in a thread without an event loop. `cancel` may be called before.
        self._cancel_scope = anyio.CancelScope()
        if self._cancelled:
            self._cancel_scope.cancel()
        try:
            with self._cancel_scope:
                await self.app(self.scope, self.receive, self.send)
        except anyio.get_cancelled_exc_class():
            raise
        except BaseException as exc:  # noqa: BLE001 - raised by the client, including that of `pytest.fail`
            self.error = exc
        finally:
            self.done = True
            self.changed()
            if self._end is not None:
                self._end.set()

    def changed(self) -> None:
        """Wake all waiting tasks after a change of an attribute."""
        if self._event is not None:
            self._event.set()
            self._event = None

    async def until(self, condition: Callable[[], object]) -> None:
        while not condition():
            self._event = self._event or anyio.Event()
            await self._event.wait()

    async def until_done(self) -> None:
        # A separate event: an endless stream would set `_event` again and again, and anyio on asyncio cancels only
        # tasks that wait.
        if not self.done:
            self._end = self._end or anyio.Event()
            await self._end.wait()

    def cancel(self) -> None:
        self._cancelled = True
        if self._cancel_scope is not None:
            self._cancel_scope.cancel()

    async def end_after_disconnect(self) -> None:
        """Wait until the application ends after a disconnect. Cancels it after a timeout."""
        with anyio.CancelScope(shield=True):
            with anyio.move_on_after(DISCONNECT_SECONDS):
                await self.until_done()
            if not self.done:
                self.cancel()
                await self.until_done()

    async def abort(self) -> None:
        """Cancel the application and wait until it ends, after the task that waited for it was cancelled."""
        self.cancel()
        with anyio.CancelScope(shield=True):
            await self.until_done()

    def take_error(self) -> BaseException | None:
        """Return the exception of the application, once. None for a disconnect, which is not an error."""
        error, self.error = self.error, None
        return None if error is None or is_disconnect(error) else error


def is_disconnect(error: BaseException | None, seen: frozenset[int] = frozenset()) -> bool:
    """Whether an exception is a `ClientDisconnectedError`, or was raised because of one.

    `seen` prevents endless recursion: an exception in a group may have the group as its context.
    """
    while error is not None and id(error) not in seen:
        if isinstance(error, ClientDisconnectedError):
            return True
        seen |= {id(error)}
        if isinstance(error, BaseExceptionGroup) and all(is_disconnect(each, seen) for each in error.exceptions):
            return True
        error = error.__cause__ or error.__context__
    return False
