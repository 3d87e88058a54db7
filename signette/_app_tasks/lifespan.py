"""The lifespan of an application: a task that starts it, waits, and shuts it down."""

from typing import Any

import anyio

from signette._app_tasks.task import AppTask
from signette.types import ASGIApp, Message

_OUTCOMES = {
    "lifespan.startup.complete",
    "lifespan.startup.failed",
    "lifespan.shutdown.complete",
    "lifespan.shutdown.failed",
}


class LifespanTask(AppTask):
    """Runs the application for a lifespan scope. All connections have its `state`."""

    __slots__ = ("_failure", "_receive_count", "_shutting_down", "_started")

    def __init__(self, app: ASGIApp, state: dict[str, Any]) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": state}
        super().__init__(app, scope)
        self._receive_count = 0
        self._started = False
        self._shutting_down = False
        self._failure: str | None = None

    async def run(self) -> None:
        # Shielded, so that `shut_down` can run after the test was cancelled.
        with anyio.CancelScope(shield=True):
            await super().run()

    async def receive(self) -> Message:
        self._receive_count += 1
        if self._receive_count == 1:
            return {"type": "lifespan.startup"}
        if self._failure is not None:
            self.cancel()  # it has failed: no more messages will arrive
        await self.until(lambda: self._shutting_down and self._receive_count == 2)
        return {"type": "lifespan.shutdown"}

    async def send(self, message: Message) -> None:
        kind = message["type"]
        assert kind in _OUTCOMES, f'Received "{kind}" in a lifespan.'
        if kind == "lifespan.startup.complete":
            self._started = True
        elif kind.endswith(".failed"):
            self._failure = message.get("message", "")
        self.changed()

    async def start(self) -> None:
        """Wait until the application has started. An application that returns at once does not support lifespans.

        Raises the exception of the application, or RuntimeError if the application reports a failure.
        """
        try:
            await self.until(lambda: self._started or self.done)
        except BaseException:  # the test was cancelled
            await self.abort()
            raise
        self._raise("start")

    async def shut_down(self) -> None:
        """Shut down the application, and wait until it ends. Raises as `start` does."""
        self._shutting_down = True
        self.changed()
        try:
            await self.until_done()
        except BaseException:  # the test was cancelled
            await self.end_after_disconnect()
            raise
        self._raise("shut down")

    def _raise(self, stage: str) -> None:
        if (error := self.take_error()) is not None:
            raise error
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise RuntimeError(f"The application failed to {stage}: {failure or 'no reason given'}")
