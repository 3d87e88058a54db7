"""Runs an application up to any of its awaits, then disconnects the client or cancels the task.

A step is a point at which the application waits: its own task or that of inner middleware, or, as it may have other
tasks, where a message is received or sent.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel

from tests.timeouts import SECONDS


class Watched:
    """A coroutine that reports each time that it waits."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], on_wait: Callable[[], None]) -> None:
        self._coroutine = coroutine
        self._on_wait = on_wait

    def __await__(self) -> Generator[Any, Any, Any]:
        def steps() -> Generator[Any, Any, Any]:
            step = self._coroutine.__await__()
            resume = step.__next__
            while True:
                try:
                    waits_for = resume()
                except StopIteration as end:
                    return end.value
                self._on_wait()
                try:
                    value = yield waits_for
                except BaseException as exc:  # noqa: BLE001 - handed on to where it belongs
                    resume = _thrower(step, exc)
                else:
                    resume = _sender(step, value)

        return steps()


def _thrower(step: Any, exc: BaseException) -> Callable[[], Any]:
    return lambda: step.throw(exc)


def _sender(step: Any, value: Any) -> Callable[[], Any]:
    return lambda: step.send(value)


@dataclass
class Driver:
    """One connection, to which something happens at the step `at`.

    `ends` is "cancel", "native" (a cancellation of asyncio, raised once), or the ASGI version of a disconnect: in
    "2.4" `send` raises an OSError, in "2.3" it does not.
    """

    messages: list[dict[str, Any]]
    ends: str
    at: int
    steps: int = 0
    received: int = 0
    sent: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.left = anyio.Event()
        self.scope = anyio.CancelScope()
        self.socket = self.messages[0]["type"].startswith("websocket")

    @property
    def happened(self) -> bool:
        """Whether the application came as far as that step."""
        return self.steps > self.at

    def step(self) -> None:
        """Count a step; at the one that is meant, end the connection."""
        self.steps += 1
        if self.steps == self.at + 1:
            if self.ends == "cancel":
                self.scope.cancel()
            elif self.ends == "native":
                self.task.cancel()
            else:
                self.left.set()

    async def receive(self) -> dict[str, Any]:
        """The next message, or that the client has left."""
        self.step()
        await anyio.lowlevel.checkpoint()
        if not self.left.is_set() and self.received < len(self.messages):
            self.received += 1
            return self.messages[self.received - 1]
        if not self.socket or self.received < len(self.messages):
            await self.left.wait()
        return {"type": "websocket.disconnect", "code": 1006} if self.socket else {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        """Take a message, if the client is still there."""
        self.step()
        await anyio.lowlevel.checkpoint()
        if self.left.is_set() and self.ends == "2.4":
            raise OSError("the client has left")
        self.sent.append(message)

    async def run(self, app: Callable[..., Awaitable[None]], **scope: Any) -> None:
        """From the first message to the last. Raises what comes out to the server."""
        scope = {
            "type": "websocket" if self.socket else "http",
            "asgi": {"version": "3.0", "spec_version": "2.3" if self.ends == "2.3" else "2.4"},
            "http_version": "1.1",
            "query_string": b"",
            "root_path": "",
            "driver": self,
            **scope,
        }
        watched = Watched(_called(app, scope, self.receive, self.send), self.step)
        with anyio.fail_after(SECONDS), self.scope:
            if self.ends != "native":
                await watched
                return
            self.task = asyncio.create_task(_waiting_for(watched))
            await asyncio.wait([self.task])
            if not self.task.cancelled():
                self.task.result()


async def _called(function: Callable[..., Any], *arguments: Any) -> None:
    await function(*arguments)


async def _waiting_for(watched: Watched) -> None:
    await watched


class WatchedMiddleware:
    """Middleware whose waiting counts as steps too, as it may run in another task."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hand on, watched."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        else:
            await Watched(_called(self.app, scope, receive, send), scope["driver"].step)


def open_files() -> int:
    """How many file descriptors this process has, temporary files without a name among them."""
    return len(list(Path("/dev/fd").iterdir()))


def running_tasks() -> set[int]:
    """Every task of the event loop."""
    return {task.id for task in anyio.get_running_tasks()}
