"""The client side of a WebSocket: a synchronous and an asynchronous session with the same methods."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from types import TracebackType
from typing import Any, Literal, Self

import anyio.lowlevel
from anyio.from_thread import BlockingPortal

from signette._app_tasks.task_group import TaskGroupHolder
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
from signette.types import Message, Scope
from signette.websockets import WebSocketDisconnect

Mode = Literal["text", "binary"]


class SocketSession:
    """Base class of both sessions: the scope, and the accepted subprotocol and headers."""

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
        """Raise the exception of the application. A `WebSocketDisconnect` must not hide an error of the test."""
        error = self._channel.take_error()
        if error is not None and (body_error is None or not isinstance(error, WebSocketDisconnect)):
            raise error


class WebSocketTestSession(SocketSession):
    """A WebSocket of `TestClient.websocket_connect`, open in its `with` block.

    Receiving raises `WebSocketDisconnect` after the application has closed. The end of the block closes with 1000,
    waits until the application ends, and raises the exception of the application.
    """

    def __init__(
        self,
        target: Target,
        request: httpx.Request,
        portal_factory: Callable[[], AbstractContextManager[BlockingPortal]],
        open_sessions: "dict[WebSocketTestSession, Callable[[], object]]",
    ) -> None:
        super().__init__(target, request)
        self._portal_factory = portal_factory
        self._open_sessions = open_sessions

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._portal = stack.enter_context(self._portal_factory())
            stack.push(self._end)
            self._portal.start_task_soon(self._channel.run)
            self._accepted(self._portal.call(self._channel.connect))
            self._stack = stack.pop_all()
        # How to disconnect, without waiting for the application.
        self._open_sessions[self] = partial(self._portal.start_task_soon, self._channel.end)
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
        self._open_sessions.pop(self, None)
        self._portal.call(self._channel.end)
        self._raise_error(exc)

    def send(self, message: Message) -> None:
        """Send an ASGI message to the application."""
        self._portal.call(self._channel.deliver, message)

    def send_text(self, data: str) -> None:
        """Send a text message to the application."""
        self.send(text_message(data))

    def send_bytes(self, data: bytes) -> None:
        """Send a binary message to the application."""
        self.send(bytes_message(data))

    def send_json(self, data: Any, mode: Mode = "text") -> None:
        """Send a value as JSON to the application, in a text message, or with `mode="binary"` in a binary one."""
        self.send(json_message(data, mode))

    def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close the WebSocket as a client: the application receives `websocket.disconnect` with this code."""
        self._portal.call(self._channel.close, code, reason)

    def receive(self) -> Message:
        """The next ASGI message of the application, including `websocket.close`."""
        return self._portal.call(self._channel.next_message)

    def receive_text(self) -> str:
        """Receive a text message.

        Raises:
            WebSocketDisconnect: the application has closed the WebSocket.
            AssertionError: the message is binary.
        """
        return str(payload_of(self.receive(), "text"))

    def receive_bytes(self) -> bytes:
        """Receive a binary message.

        Raises:
            WebSocketDisconnect: the application has closed the WebSocket.
            AssertionError: the message is text.
        """
        return bytes(payload_of(self.receive(), "bytes"))

    def receive_json(self, mode: Mode = "text") -> Any:
        """Receive a text message, or with `mode="binary"` a binary one, and parse it as JSON.

        Raises:
            WebSocketDisconnect: the application has closed the WebSocket.
            ValueError: the message is not valid JSON.
        """
        return json_of(self.receive(), mode)


class AsyncWebSocketTestSession(SocketSession):
    """A WebSocket of `AsyncTestClient.websocket_connect`: `WebSocketTestSession` with async methods."""

    async def __aenter__(self) -> Self:
        self._task_group_holder = TaskGroupHolder()
        tasks = await self._task_group_holder.__aenter__()
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
            await self._task_group_holder.__aexit__(None, None, None)
        self._raise_error(exc)

    async def send(self, message: Message) -> None:
        """Send an ASGI message to the application."""
        self._channel.deliver(message)
        await anyio.lowlevel.checkpoint()

    async def send_text(self, data: str) -> None:
        """Send a text message to the application."""
        await self.send(text_message(data))

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary message to the application."""
        await self.send(bytes_message(data))

    async def send_json(self, data: Any, mode: Mode = "text") -> None:
        """Send a value as JSON to the application, in a text message, or with `mode="binary"` in a binary one."""
        await self.send(json_message(data, mode))

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close the WebSocket as a client: the application receives `websocket.disconnect` with this code."""
        self._channel.close(code, reason)
        await anyio.lowlevel.checkpoint()

    async def receive(self) -> Message:
        """The next ASGI message of the application, including `websocket.close`."""
        return await self._channel.next_message()

    async def receive_text(self) -> str:
        """Receive a text message.

        Raises:
            WebSocketDisconnect: the application has closed the WebSocket.
            AssertionError: the message is binary.
        """
        return str(payload_of(await self.receive(), "text"))

    async def receive_bytes(self) -> bytes:
        """Receive a binary message.

        Raises:
            WebSocketDisconnect: the application has closed the WebSocket.
            AssertionError: the message is text.
        """
        return bytes(payload_of(await self.receive(), "bytes"))

    async def receive_json(self, mode: Mode = "text") -> Any:
        """Receive a text message, or with `mode="binary"` a binary one, and parse it as JSON.

        Raises:
            WebSocketDisconnect: the application has closed the WebSocket.
            ValueError: the message is not valid JSON.
        """
        return json_of(await self.receive(), mode)
