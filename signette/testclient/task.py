"""An application at work on one scope: what HTTP exchanges, WebSockets and the lifespan share.

Theory of operation. The application runs as one task of its event loop. Its task and whoever waits for it
meet in the attributes of an `AppTask`: each side changes them, calls `changed()`, and sleeps in
`until(condition)`. All of this happens on one loop, so nothing needs a lock; a client in another thread
enters the loop through its portal. What the application raises is kept in `error`: the client decides where
it comes out, and no task group is torn down by it.
"""

from collections.abc import Callable

import anyio

from signette.types import ASGIApp, Message, Scope

# How long an application whose client has left may take to notice, before it is cancelled. Servers wait as
# well: an application that only sleeps would otherwise be cut off in the middle of what it does after its
# last message.
DISCONNECT_SECONDS = 0.5

ASGI_VERSION = {"version": "3.0", "spec_version": "2.4"}


class ClientLeftError(OSError):
    """What `send` raises once the client is gone (ASGI, spec version 2.4: a subclass of OSError)."""


class AppTask:
    """Runs `app(scope, receive, send)` once; subclasses say what the two callables do."""

    __slots__ = ("_cancel_scope", "_cancelled", "_end", "_event", "app", "done", "error", "scope")

    def __init__(self, app: ASGIApp, scope: Scope) -> None:
        self.app = app
        self.scope = scope
        self.done = False
        self.error: BaseException | None = None
        # Events are made where they are waited for: a client may be made in a thread that runs another loop.
        self._event: anyio.Event | None = None
        self._end: anyio.Event | None = None
        self._cancelled = False
        self._cancel_scope: anyio.CancelScope | None = None

    async def receive(self) -> Message:
        raise NotImplementedError

    async def send(self, message: Message) -> None:
        raise NotImplementedError

    async def run(self) -> None:
        """The whole life of the task. Never raises what the application raised."""
        # Not made in `__init__`, which may run in a thread without a loop; so `cancel` may come before it is there.
        self._cancel_scope = anyio.CancelScope()
        if self._cancelled:
            self._cancel_scope.cancel()
        try:
            with self._cancel_scope:
                await self.app(self.scope, self.receive, self.send)
        except anyio.get_cancelled_exc_class():
            raise
        except BaseException as exc:  # noqa: BLE001 - kept for the client, `pytest.fail` too
            self.error = exc
        finally:
            self.done = True
            self.changed()
            if self._end is not None:
                self._end.set()

    def changed(self) -> None:
        """Wake everyone who waits: one of the attributes is new."""
        if self._event is not None:
            self._event.set()
            self._event = None

    async def until(self, condition: Callable[[], object]) -> None:
        while not condition():
            self._event = self._event or anyio.Event()
            await self._event.wait()

    async def until_done(self) -> None:
        # An event of its own: an application that sends without end would wake this one without end, and anyio
        # on asyncio cancels only who sleeps.
        if not self.done:
            self._end = self._end or anyio.Event()
            await self._end.wait()

    def cancel(self) -> None:
        self._cancelled = True
        if self._cancel_scope is not None:
            self._cancel_scope.cancel()

    async def part(self) -> None:
        """Wait for an application whose client has left; cancel it when it takes too long."""
        with anyio.CancelScope(shield=True):
            with anyio.move_on_after(DISCONNECT_SECONDS):
                await self.until_done()
            if not self.done:
                self.cancel()
                await self.until_done()

    async def abort(self) -> None:
        """Cancel the application and wait for its end: the one who waited for it was cancelled."""
        self.cancel()
        with anyio.CancelScope(shield=True):
            await self.until_done()

    def take_error(self) -> BaseException | None:
        """What the application raised, once. That it noticed the client's leaving is no error."""
        error, self.error = self.error, None
        return None if error is None or is_disconnect(error) else error


def is_disconnect(error: BaseException | None, seen: frozenset[int] = frozenset()) -> bool:
    """Whether an exception comes from `send` having told that the client left, however it was wrapped.

    `seen` are the exceptions on the way here: one that a task group collected may have the group as its context.
    """
    while error is not None and id(error) not in seen:
        if isinstance(error, ClientLeftError):
            return True
        seen |= {id(error)}
        if isinstance(error, BaseExceptionGroup) and all(is_disconnect(each, seen) for each in error.exceptions):
            return True
        error = error.__cause__ or error.__context__
    return False
