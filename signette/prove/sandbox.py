"""The application of a run: it is started again for each operation, so that no operation sees what another one did.

Hypothesis calls functions of one thread; the application runs in the event loop of another one, for the whole run.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

from anyio.from_thread import BlockingPortal, start_blocking_portal

from signette.prove.credentials import Auth, Credentials
from signette.prove.in_process import Running
from signette.prove.law import Exchange, Law, ProvedOperation, Request, Send, Violation
from signette.prove.translation import Translation

Before = Callable[[Send], Awaitable[Mapping[str, str] | None]]
Reset = Callable[[], object]


@dataclass(frozen=True)
class Surroundings:
    """What a run needs besides the application."""

    headers: Mapping[str, str] = field(default_factory=dict)
    auth: Auth | None = None
    before: Before | None = None
    reset: Reset | None = None
    timeout: float = 5.0
    host: str = "testserver"


@dataclass(frozen=True)
class Step:
    """A request of an operation, without its credentials, and what became of it when it was sent first."""

    operation: ProvedOperation
    request: Request
    exchange: Exchange | None = None
    intent: Literal["valid", "invalid", "other"] = "other"


class Sandbox:
    """Starts the application, sends it requests, and starts it again."""

    def __init__(self, app: Any, surroundings: Surroundings, note: Callable[[Exchange], object] | None = None) -> None:
        self.app = app
        self.surroundings = surroundings
        self.credentials = Credentials(surroundings.headers, surroundings.auth)
        self.more_headers: Mapping[str, str] = {}
        """Those that `before` has returned."""
        self._note = note
        self._stack = ExitStack()
        self._portal: BlockingPortal | None = None
        self._running: Running | None = None
        self._ended: Future[Any] | None = None

    def __enter__(self) -> Self:
        self._portal = self._stack.enter_context(start_blocking_portal())
        self._stack.callback(self.stop)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def portal(self) -> BlockingPortal:
        assert self._portal is not None, "enter the sandbox with `with`"
        return self._portal

    @property
    def running(self) -> Running:
        assert self._running is not None, "start the sandbox first"
        return self._running

    def start(self) -> None:
        """Start the application again, in the state that `reset` and `before` make."""
        self.stop()
        around = self.surroundings
        if around.reset is not None:
            result = around.reset()  # in this thread, where it may block
            if inspect.isawaitable(result):
                self.portal.call(_awaited, result)
        running = Running(self.app, host=around.host, timeout=around.timeout)
        self._ended, self._running = self.portal.start_task(running.serve)
        if around.before is not None:
            self.more_headers = self.portal.call(_prepared, around.before, self._quiet_send)

    def stop(self) -> None:
        """End the lifespan of the application."""
        if self._running is not None and self._ended is not None:
            self.portal.call(self._running.stop)
            self._running = None
            self._ended.result()

    def send(self, step: Step, *, has_credentials: bool = True) -> Exchange:
        """Send the request of a step, with credentials or without."""
        change = self.credentials.added if has_credentials else self.credentials.removed
        request = change(step.operation, step.request, self.more_headers)
        return self.send_as_it_is(request, step.intent)

    def send_as_it_is(self, request: Request, intent: Literal["valid", "invalid", "other"] = "other") -> Exchange:
        """Send a request without a change of its credentials."""
        return self.portal.call(self._send, request, intent)

    def replay(self, steps: Iterable[Step]) -> tuple[list[Exchange], Translation]:
        """Send steps again. Ids that the server has made differ now, and are replaced in later requests."""
        translation, exchanges = Translation(), []
        for step in steps:
            exchange = self.send(replace(step, request=translation.applied(step.request)))
            if step.exchange is not None:
                translation.learn(step.exchange, exchange)
            exchanges.append(exchange)
        return exchanges, translation

    def check(self, law: Law, operation: ProvedOperation, exchange: Exchange) -> list[Violation]:
        """The violations that an exchange shows. The requests that the law sends are sent."""
        return list(self.portal.call(law.check, operation, exchange, self._send))

    def prepare(self, law: Law, operation: ProvedOperation) -> list[Violation]:
        """The violations that a law finds without a generated request."""
        return list(self.portal.call(law.prepare, operation, self._send))

    async def _send(self, request: Request, intent: Literal["valid", "invalid", "other"] = "other") -> Exchange:
        exchange = await self.running.send(request, intent)
        if self._note is not None:
            self._note(exchange)
        return exchange

    async def _quiet_send(self, request: Request) -> Exchange:
        return await self.running.send(request)


async def _awaited(result: Awaitable[object]) -> None:
    await result


async def _prepared(before: Before, send: Send) -> Mapping[str, str]:
    return await before(send) or {}
