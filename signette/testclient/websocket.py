"""The client's side of a WebSocket: one session for threads, one for event loops, with the same methods."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Any, Literal, Self

import anyio.lowlevel
from anyio.from_thread import BlockingPortal

from signette.testclient._httpx import httpx
from signette.testclient.channel import (
    Channel,
    bytes_message,
    json_message,
    json_of,
    payload_of,
    text_message,
)
from signette.testclient.target import Target
from signette.testclient.task_group import TaskGroupHolder
from signette.types import Message, Scope
from signette.websockets import WebSocketDisconnect

Mode = Literal["text", "binary"]


class SocketSession:
    """What both sessions know: the scope, and after the handshake what the application accepted."""

    def __init__(self, target: Target, request: httpx.Request) -> None:
        self._channel = Channel(target, request)
        self.accepted_subprotocol: str | None = None
        self.extra_headers: list[tuple[bytes, bytes]] | None = None

    @property
    def scope(self) -> Scope:
        return self._channel.scope

    def _accepted(self, message: Message) -> None:
        self.accepted_subprotocol = message.get("subprotocol")
        self.extra_headers = message.get("headers")

    def _raise_error(self, body_error: BaseException | None) -> None:
        """Raise what the application raised. That it noticed the client's leaving hides no failure of the test."""
        error = self._channel.take_error()
        if error is not None and (body_error is None or not isinstance(error, WebSocketDisconnect)):
            raise error


class WebSocketTestSession(SocketSession):
    """A WebSocket of `TestClient.websocket_connect`, open inside its `with` block.

    Receiving raises `WebSocketDisconnect` when the application has closed. Leaving the block closes with
    1000, waits for the application's end, and raises what the application raised.
    """

    def __init__(
        self,
        target: Target,
        request: httpx.Request,
        portal_factory: Callable[[], AbstractContextManager[BlockingPortal]],
    ) -> None:
        super().__init__(target, request)
        self._portal_factory = portal_factory

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._portal = stack.enter_context(self._portal_factory())
            stack.push(self._end)
            self._portal.start_task_soon(self._channel.run)
            self._accepted(self._portal.call(self._channel.connect))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        return self._stack.__exit__(exc_type, exc, traceback)

    def _end(
        self,
        exc_type: type[BaseException] | None,  # noqa: ARG002 - the protocol of context managers
        exc: BaseException | None,
        traceback: TracebackType | None,  # noqa: ARG002 - the protocol of context managers
    ) -> None:
        self._portal.call(self._channel.end)
        self._raise_error(exc)

    def send(self, message: Message) -> None:
        """Hand the application an ASGI message as it is."""
        self._portal.call(self._channel.deliver, message)

    def send_text(self, data: str) -> None:
        """Send the application a text message."""
        self.send(text_message(data))

    def send_bytes(self, data: bytes) -> None:
        """Send the application a binary message."""
        self.send(bytes_message(data))

    def send_json(self, data: Any, mode: Mode = "text") -> None:
        """Send the application a value as JSON, as text, or as bytes with `mode="binary"`."""
        self.send(json_message(data, mode))

    def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Leave, as a client does: the application reads a `websocket.disconnect` with this code."""
        self._portal.call(self._channel.close, code, reason)

    def receive(self) -> Message:
        """The application's next ASGI message, a `websocket.close` too."""
        return self._portal.call(self._channel.next_message)

    def receive_text(self) -> str:
        """The next message, which is text.

        Raises:
            WebSocketDisconnect: the application has closed.
            AssertionError: the message is binary.
        """
        return str(payload_of(self.receive(), "text"))

    def receive_bytes(self) -> bytes:
        """The next message, which is binary.

        Raises:
            WebSocketDisconnect: the application has closed.
            AssertionError: the message is text.
        """
        return bytes(payload_of(self.receive(), "bytes"))

    def receive_json(self, mode: Mode = "text") -> Any:
        """The next message, parsed as JSON; it is text, or binary with `mode="binary"`.

        Raises:
            WebSocketDisconnect: the application has closed.
            ValueError: it is no JSON.
        """
        return json_of(self.receive(), mode)


class AsyncWebSocketTestSession(SocketSession):
    """A WebSocket of `AsyncTestClient.websocket_connect`: `WebSocketTestSession` with methods to await."""

    async def __aenter__(self) -> Self:
        self._home = TaskGroupHolder()
        tasks = await self._home.__aenter__()
        tasks.start_soon(self._channel.run)
        try:
            self._accepted(await self._channel.connect())
        except BaseException as exc:
            await self.__aexit__(type(exc), exc, None)
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self._channel.end()
        finally:
            await self._home.__aexit__(None, None, None)
        self._raise_error(exc)

    async def send(self, message: Message) -> None:
        """Hand the application an ASGI message as it is."""
        self._channel.deliver(message)
        await anyio.lowlevel.checkpoint()

    async def send_text(self, data: str) -> None:
        """Send the application a text message."""
        await self.send(text_message(data))

    async def send_bytes(self, data: bytes) -> None:
        """Send the application a binary message."""
        await self.send(bytes_message(data))

    async def send_json(self, data: Any, mode: Mode = "text") -> None:
        """Send the application a value as JSON, as text, or as bytes with `mode="binary"`."""
        await self.send(json_message(data, mode))

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Leave, as a client does: the application reads a `websocket.disconnect` with this code."""
        self._channel.close(code, reason)
        await anyio.lowlevel.checkpoint()

    async def receive(self) -> Message:
        """The application's next ASGI message, a `websocket.close` too."""
        return await self._channel.next_message()

    async def receive_text(self) -> str:
        """The next message, which is text.

        Raises:
            WebSocketDisconnect: the application has closed.
            AssertionError: the message is binary.
        """
        return str(payload_of(await self.receive(), "text"))

    async def receive_bytes(self) -> bytes:
        """The next message, which is binary.

        Raises:
            WebSocketDisconnect: the application has closed.
            AssertionError: the message is text.
        """
        return bytes(payload_of(await self.receive(), "bytes"))

    async def receive_json(self, mode: Mode = "text") -> Any:
        """The next message, parsed as JSON; it is text, or binary with `mode="binary"`.

        Raises:
            WebSocketDisconnect: the application has closed.
            ValueError: it is no JSON.
        """
        return json_of(await self.receive(), mode)
