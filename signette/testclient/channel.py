"""The server side of a WebSocket: queues in both directions, and the handshake."""

from collections import deque
from typing import Any, Literal

import anyio
import anyio.lowlevel

from signette._app_tasks.task import AppTask, ClientDisconnectedError
from signette._http.json import dumps, loads
from signette.testclient._httpx import httpx
from signette.testclient.target import Target
from signette.types import Message
from signette.websockets import WebSocketDisconnect

# RFC 6455 §7.4.1: the code of a connection that ends without a close frame.
ABNORMAL_CLOSURE = 1006


class WebSocketDenialResponse(httpx.Response, WebSocketDisconnect):  # type: ignore[misc]  # both have their own `__init__`, called below
    """The HTTP response with which the application rejects a handshake, raised as an exception.

    Has `status_code`, `headers`, `text` and the other attributes of a response. It is a `WebSocketDisconnect`, too.
    """

    def __init__(
        self, status_code: int, headers: list[tuple[bytes, bytes]], content: bytes, request: httpx.Request
    ) -> None:
        WebSocketDisconnect.__init__(self, ABNORMAL_CLOSURE)
        stream = httpx.ByteStream(content)  # with `content`, httpx would add a content-length
        httpx.Response.__init__(self, status_code, headers=headers, stream=stream, request=request)
        self.read()


class Channel(AppTask):
    """Runs the application for a WebSocket. `inbox` has messages for the application, `outbox` those for the client."""

    __slots__ = ("_abandoned", "_disconnect_received", "_request", "client_closed", "inbox", "outbox")

    def __init__(self, target: Target, request: httpx.Request) -> None:
        super().__init__(target.app, target.socket_scope(request))
        self._request = request
        self.inbox: deque[Message] = deque([{"type": "websocket.connect"}])
        self.outbox: deque[Message] = deque()
        self.client_closed = False
        self._disconnect_received = False
        self._abandoned = False

    async def receive(self) -> Message:
        if self._disconnect_received and not self.inbox:
            self.cancel()  # no more messages can arrive: the application would wait forever
        await self.until(lambda: self.inbox)
        message = self.inbox.popleft()
        self._disconnect_received |= message["type"] == "websocket.disconnect"
        return message

    async def send(self, message: Message) -> None:
        if self._disconnect_received:
            raise ClientDisconnectedError("The client has disconnected.")
        if not self._abandoned:
            self.outbox.append(message)
            self.changed()
        # A loop that only sends must let other tasks run.
        await anyio.lowlevel.checkpoint()

    async def connect(self) -> Message:
        """Wait for the application's `websocket.accept`.

        Raises `WebSocketDisconnect` if the application closes instead, `WebSocketDenialResponse` if it sends a
        response, or the exception of the application.
        """
        message = await self._next()
        match message["type"]:
            case "websocket.accept":
                return message
            case "websocket.close":
                raise disconnect_of(message)
            case "websocket.http.response.start":
                raise await self._denial(message)
            case unexpected:
                raise AssertionError(f'Received "{unexpected}" before "websocket.accept".')

    async def _denial(self, start: Message) -> WebSocketDenialResponse:
        parts = []
        more = True
        while more:
            message = await self._next()
            parts.append(message.get("body", b""))
            more = message.get("more_body", False)
        headers = list(start.get("headers", ()))
        return WebSocketDenialResponse(start["status"], headers, b"".join(parts), self._request)

    async def _next(self) -> Message:
        """The next message of the handshake."""
        await self.until(lambda: self.outbox or self.done)
        if self.outbox:
            return self.outbox.popleft()
        if (error := self.take_error()) is not None:
            raise error
        raise AssertionError("TestClient did not receive any response.")

    async def next_message(self) -> Message:
        """The next message after the handshake; a close with 1006 if the application ends without closing."""
        await self.until(lambda: self.outbox or self.done)
        if self.outbox:
            return self.outbox.popleft()
        if (error := self.take_error()) is not None:
            raise error
        return {"type": "websocket.close", "code": ABNORMAL_CLOSURE, "reason": ""}

    def deliver(self, message: Message) -> None:
        if self.client_closed:
            raise RuntimeError("Cannot send: the client has closed this WebSocket.")
        self.inbox.append(message)
        self.changed()

    def close(self, code: int, reason: str | None) -> None:
        """Disconnect the client. Does nothing if it is disconnected already."""
        if not self.client_closed:
            self.client_closed = True
            self.inbox.append({"type": "websocket.disconnect", "code": code, "reason": reason})
            self.changed()

    async def end(self) -> None:
        """Disconnect the client, and wait until the application ends."""
        self.close(1000, None)
        self._abandoned = True
        await self.end_after_disconnect()


def disconnect_of(message: Message) -> WebSocketDisconnect:
    return WebSocketDisconnect(message.get("code", 1000), message.get("reason") or "")


def payload_of(message: Message, kind: Literal["text", "bytes"]) -> Any:
    """The text or the bytes of a message. Raises `WebSocketDisconnect` if it is a close message."""
    if message["type"] == "websocket.close":
        raise disconnect_of(message)
    payload = message.get(kind)
    if payload is None:
        actual = "text" if message.get("text") is not None else "bytes"
        raise AssertionError(f"Expected {kind}, the application sent {actual}: {message!r}")
    return payload


def text_message(data: str) -> Message:
    return {"type": "websocket.receive", "text": data}


def bytes_message(data: bytes) -> Message:
    return {"type": "websocket.receive", "bytes": data}


def json_message(data: Any, mode: Literal["text", "binary"]) -> Message:
    encoded = dumps(data)
    return text_message(encoded.decode()) if mode == "text" else bytes_message(encoded)


def json_of(message: Message, mode: Literal["text", "binary"]) -> Any:
    return loads(payload_of(message, "text" if mode == "text" else "bytes"))
