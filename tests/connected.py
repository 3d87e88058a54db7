"""Clients that stay connected: of a stream of server-sent events, and of a WebSocket, called as a server would.

async with streaming(app, "/events") as client:
    assert await client.event() == {"data": "1"}
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream

from tests.asgi import CONNECT, Headers, Message, disconnect, scope_of
from tests.timeouts import SECONDS

_MANY = 10_000


class Client:
    """What the application has sent so far, and what the client sends."""

    def __init__(self, sent: MemoryObjectReceiveStream[Message], received: Any, leave: anyio.Event) -> None:
        self._sent = sent
        self._received = received
        self._leave = leave
        self.reads = anyio.Event()
        """Set: the client reads. A client that does not read stops the application when it sends."""
        self.reads.set()
        self.error: Exception | None = None
        self.has_ended = anyio.Event()

    async def message(self) -> Message:
        """The next ASGI message of the application."""
        with anyio.fail_after(SECONDS):
            return await self._sent.receive()

    async def event(self, *, comments: bool = False) -> dict[str, str] | None:
        """The fields of the next event that is no comment; None at the end of the stream."""
        while True:
            message = await self.message()
            if message["type"] == "http.response.start":
                assert message["status"] == 200, message
                continue
            if not message.get("body"):
                return None
            lines = message["body"].decode().splitlines()
            fields = dict(line.split(": ", 1) for line in lines if line)
            if comments or fields.keys() - {"", "retry"}:
                return fields

    async def text(self) -> Any:
        """The JSON of the next text message of a WebSocket; the code if it is closed."""
        while True:
            message = await self.message()
            if message["type"] == "websocket.send":
                return json.loads(message["text"])
            if message["type"] == "websocket.close":
                return message["code"]

    async def send(self, text: str) -> None:
        """Send a text message."""
        await self._received.send({"type": "websocket.receive", "text": text})

    async def leave(self) -> None:
        """Disconnect, and wait until the application has ended."""
        self._leave.set()
        with anyio.fail_after(SECONDS):
            await self.has_ended.wait()


@asynccontextmanager
async def connected(app: Any, scope: dict[str, Any]) -> AsyncIterator[Client]:
    """A client of one connection, which leaves at the end of the block. Raises what the application raises."""
    sends, sent = anyio.create_memory_object_stream[Message](_MANY)
    receives, received = anyio.create_memory_object_stream[Message](_MANY)
    leave = anyio.Event()
    client = Client(sent, receives, leave)
    first: list[Message] = [CONNECT] if scope["type"] == "websocket" else [{"type": "http.request", "body": b""}]

    async def receive() -> Message:
        if first:
            return first.pop()
        found: list[Message] = []
        async with anyio.create_task_group() as group:

            async def until_left() -> None:
                await leave.wait()
                found.append(disconnect(scope))
                group.cancel_scope.cancel()

            group.start_soon(until_left)
            found.append(await received.receive())
            group.cancel_scope.cancel()
        return found[0]

    async def send(message: Message) -> None:
        await client.reads.wait()
        await sends.send(dict(message))

    async def run() -> None:
        try:
            await app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - raised below
            client.error = error
        client.has_ended.set()

    with sends, sent, receives, received:
        async with anyio.create_task_group() as group:
            group.start_soon(run)
            try:
                yield client
            finally:
                client.reads.set()
                leave.set()
                with anyio.move_on_after(SECONDS, shield=True) as timer:
                    await client.has_ended.wait()
                group.cancel_scope.cancel()
            assert not timer.cancelled_caught, "the application has not ended after the client left"
    if client.error is not None:
        raise client.error


def streaming(app: Any, path: str, headers: Headers = (), query: bytes = b"") -> Any:
    """A client of a stream."""
    return connected(app, scope_of(path, headers=headers, query_string=query, version="2.3"))


def talking(app: Any, path: str, query: bytes = b"") -> Any:
    """A client of a WebSocket."""
    return connected(app, scope_of(path, kind="websocket", query_string=query))
