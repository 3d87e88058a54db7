"""`CancelOnDisconnect`: an endpoint is cancelled when its client disconnects.

Theory of operation. A server reports a disconnect by a message that `receive` returns, so a task must wait for it. But
`receive` also has the body, and only one task may wait for it. So the watcher takes it over when the body has been
read; if the request has no body, at once. What it has read ahead is kept for the endpoint, which may ask for it.

The watcher starts when the request waits for the first time. A request that never waits has no watcher.
"""

import logging
from collections import deque
from functools import partial
from typing import ClassVar

import anyio

from signette.concurrency import run_alongside
from signette.declarative.policies.base import Around, CannotApply, Operation, Policy
from signette.declarative.policies.exchange import CallNext, Exchange
from signette.declarative.signature.executors import Process
from signette.declarative.signature.model import Kind
from signette.exceptions import ClientDisconnect
from signette.types import Message, Receive, Scope, Send

_log = logging.getLogger("signette.policies")


class CancelOnDisconnect(Policy):
    """Cancel the endpoint when the client disconnects. Dependencies are closed, and no response is sent.

    The option `cancel_on_disconnect=True` is short for it. It ends when the response starts: background tasks are not
    cancelled. A client that disconnects before its body has been read ends the request without it.

    Sync endpoints in a worker thread cannot be cancelled; those in a worker process can. Streams end at a disconnect
    without it.
    """

    order: ClassVar[int] = 15

    def check(self, operation: Operation) -> CannotApply | None:
        """Not for streams, nor for endpoints in threads."""
        if operation.streams:
            return CannotApply("the response is a stream, which ends when the client disconnects, in any case")
        endpoint = operation.plan.calls[-1]
        if endpoint.kind is Kind.SYNC and not isinstance(endpoint.executor, Process):
            return CannotApply(
                "the endpoint is sync, and a worker thread cannot be cancelled",
                "write `async def`, or run it in a worker process: `executor=Process(limit=2)`",
            )
        return None

    def around_for(self, operation: Operation) -> Around:
        """With the name of the operation, for the log."""
        return partial(self._around, operation.name)

    async def _around(
        self, operation: str, exchange: Exchange, receive: Receive, send: Send, call_next: CallNext
    ) -> None:
        if exchange.scope["type"] != "http":  # of a mount
            await call_next(receive, send)
            return
        client = WatchedClient(receive, send)
        if not exchange.watch_body(client.start_watching) and has_no_body(exchange.scope):
            client.start_watching()
        await run_alongside(partial(call_next, client.receive, client.send), client.watch)
        if client.has_left and not client.has_started:
            _log.debug("the client left, and the endpoint was cancelled: %s", operation)
            raise ClientDisconnect


def has_no_body(scope: Scope) -> bool:
    """Whether a request has no body, by its header fields. A request of HTTP/2 may have one without these fields."""
    return all(name != b"transfer-encoding" and (name != b"content-length" or value == b"0")
               for name, value in scope["headers"])  # fmt: skip


class WatchedClient:
    """The `receive` and `send` of a request whose client is watched."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._kept: deque[Message] = deque()
        """What the watcher has read ahead."""
        self._is_watching = False
        self._news = anyio.Event()
        self.has_left = False
        self.has_started = False
        """The response has started."""

    def start_watching(self) -> None:
        """Let the watcher call `receive`: the body has been read, or the request has no body."""
        self._is_watching = True
        self._announce()

    def _announce(self) -> None:
        self._news.set()
        self._news = anyio.Event()

    async def watch(self) -> None:
        """Wait until the client disconnects, and return if the response has not started yet."""
        while not self.has_left:
            if not self._is_watching:
                await self._news.wait()
                continue
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.has_left = True
            else:
                self._kept.append(message)
                self._is_watching = not message.get("more_body", False)
            self._announce()
        if self.has_started:
            await anyio.sleep_forever()

    async def receive(self) -> Message:
        """The next message, also if the watcher has read it."""
        while True:
            if self._kept:
                return self._kept.popleft()
            if self.has_left:
                return {"type": "http.disconnect"}
            if not self._is_watching:
                break
            await self._news.wait()
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            self.start_watching()
        return message

    async def send(self, message: Message) -> None:
        """Send a message. Raises ClientDisconnect if the client left before the response started."""
        if not self.has_started:
            if self.has_left:
                raise ClientDisconnect
            self.has_started = True
        await self._send(message)
