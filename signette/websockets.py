"""WebSockets: the ASGI messages of one connection, kept in their order by a small state machine.

Two states are kept, one a side. A side goes from CONNECTING to CONNECTED to DISCONNECTED; the application
may take the way by RESPONSE instead, where it refuses the handshake with a response of its own. `_SENDS`
says what may be sent in each.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from enum import Enum
from typing import Any, NoReturn, TypeVar

from signette._http.json import dumps, loads_request
from signette._http.tokens import TOKEN
from signette.connection import HTTPConnection, StateT
from signette.exceptions import WebSocketException
from signette.types import ASGIApp, Message, Receive, Scope, Send

T = TypeVar("T")

# RFC 6455 §5.5.1 and §5.5: a control frame has at most 125 bytes, of which the code takes two.
_REASON_BYTES = 123

_breaks_a_field = re.compile(b"[\r\n\0]").search


class WebSocketState(Enum):
    """How far one side of a connection has come."""

    CONNECTING = 0
    CONNECTED = 1
    DISCONNECTED = 2
    RESPONSE = 3

    __hash__ = object.__hash__  # PERF: that of `Enum` is a call of Python, twice a message


_CONNECTING = WebSocketState.CONNECTING
_CONNECTED = WebSocketState.CONNECTED
_DISCONNECTED = WebSocketState.DISCONNECTED
_RESPONSE = WebSocketState.RESPONSE

# What the application may send in each of its states, and the state that follows.
_SENDS = {
    _CONNECTING: {
        "websocket.accept": _CONNECTED,
        "websocket.close": _DISCONNECTED,
        "websocket.http.response.start": _RESPONSE,
    },
    _CONNECTED: {"websocket.send": _CONNECTED, "websocket.close": _DISCONNECTED},
    _RESPONSE: {"websocket.http.response.body": _RESPONSE},
}
_RECEIVES = {
    # A client may have gone before anyone looked.
    _CONNECTING: {"websocket.connect": _CONNECTED, "websocket.disconnect": _DISCONNECTED},
    _CONNECTED: {"websocket.receive": _CONNECTED, "websocket.disconnect": _DISCONNECTED},
}
_EXPECTED = {
    ("send", _CONNECTING): '"websocket.accept", "websocket.close" or "websocket.http.response.start"',
    ("send", _CONNECTED): '"websocket.send" or "websocket.close"',
    ("send", _RESPONSE): '"websocket.http.response.body"',
    ("receive", _CONNECTING): '"websocket.connect"',
    ("receive", _CONNECTED): '"websocket.receive" or "websocket.disconnect"',
}


class WebSocketDisconnect(Exception):
    """The client left, or the connection broke (1006). `code` and `reason` are those of RFC 6455 §7.4."""

    def __init__(self, code: int = 1000, reason: str | None = None) -> None:
        self.code = code
        self.reason = reason or ""


class WebSocketDisconnected(RuntimeError):
    """A WebSocket was used that is not connected, or no longer."""


class WebSocketDataError(WebSocketException, ValueError):
    """A message that is not what was asked for: 1003 where it is of the other kind, 1007 for bad JSON.

    Close with `code`; an application does so itself where nobody catches it.
    """


class WebSocket(HTTPConnection[StateT]):
    """A WebSocket connection: `accept` it, then send and receive, then `close` it."""

    _types = ("websocket",)

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        super().__init__(scope)
        self._receive = receive
        self._send = send
        self.client_state = _CONNECTING
        self.application_state = _CONNECTING

    async def receive(self) -> Message:
        """The next ASGI message.

        Raises:
            WebSocketDisconnected: the client's leave was received before.
            RuntimeError: the server sent a message out of order.
        """
        state = self.client_state
        if state is _DISCONNECTED:
            raise WebSocketDisconnected('Cannot call "receive" once a disconnect message has been received.')
        message = await self._receive()
        following = _RECEIVES[state].get(message["type"])
        if following is None:
            _out_of_order("receive", state, message)
        self.client_state = following
        return message

    async def send(self, message: Message) -> None:
        """Send one ASGI message.

        Raises:
            WebSocketDisconnect: the connection is broken (1006).
            WebSocketDisconnected: the application has closed it.
            RuntimeError: the message is out of order.
        """
        state = self.application_state
        if state is _DISCONNECTED:
            raise WebSocketDisconnected('Cannot call "send" once a close message has been sent.')
        following = _SENDS[state].get(message["type"])
        if following is None:
            _out_of_order("send", state, message)
        if following is _RESPONSE and state is _RESPONSE and not message.get("more_body", False):
            following = _DISCONNECTED
        self.application_state = following
        try:
            await self._send(message)
        except OSError as exc:
            self.application_state = _DISCONNECTED
            raise WebSocketDisconnect(1006) from exc

    async def accept(
        self, subprotocol: str | None = None, headers: Iterable[tuple[bytes, bytes]] | None = None
    ) -> None:
        """Accept the connection, with one of the subprotocols that the client offered.

        Raises:
            WebSocketDisconnect: the client has left already.
            ValueError: the subprotocol or a header has characters that would split the answer.
        """
        fields = [] if headers is None else list(headers)
        _check_handshake(subprotocol, fields)
        if self.client_state is _CONNECTING:
            message = await self.receive()
            self._raise_on_disconnect(message)
        await self.send({"type": "websocket.accept", "subprotocol": subprotocol, "headers": fields})

    def _raise_on_disconnect(self, message: Message) -> None:
        if message["type"] == "websocket.disconnect":
            # ASGI: 1005, "no status received", is what a missing code means.
            raise WebSocketDisconnect(message.get("code", 1005), message.get("reason"))

    async def receive_text(self) -> str:
        """The next message, which is text.

        Raises:
            WebSocketDisconnect: the client left.
            WebSocketDataError: 1003, the message is binary.
        """
        # PERF: a frame less for each message than with a method for what this and `receive_bytes` have in common.
        if self.application_state is not _CONNECTED:
            _not_connected()
        message = await self.receive()
        if message["type"] != "websocket.receive":
            self._raise_on_disconnect(message)
        text: str | None = message.get("text")
        if text is None:
            raise WebSocketDataError(1003, "Expected a text message, received a binary one")
        return text

    async def receive_bytes(self) -> bytes:
        """The next message, which is binary.

        Raises:
            WebSocketDisconnect: the client left.
            WebSocketDataError: 1003, the message is text.
        """
        if self.application_state is not _CONNECTED:
            _not_connected()
        message = await self.receive()
        if message["type"] != "websocket.receive":
            self._raise_on_disconnect(message)
        data: bytes | None = message.get("bytes")
        if data is None:
            raise WebSocketDataError(1003, "Expected a binary message, received a text one")
        return data

    async def receive_json(self, mode: str = "text") -> Any:
        """The next message, parsed as JSON; it is text, or binary with `mode="binary"`.

        Raises:
            WebSocketDisconnect: the client left.
            WebSocketDataError: 1003, a message of the other kind; 1007, no JSON.
        """
        _check_mode(mode)
        data = await (self.receive_text() if mode == "text" else self.receive_bytes())
        try:
            return loads_request(data)
        except ValueError as exc:
            raise WebSocketDataError(1007, "The message is not valid JSON") from exc

    def iter_text(self) -> AsyncIterator[str]:
        """The text messages, until the client leaves."""
        return Messages(self.receive_text)

    def iter_bytes(self) -> AsyncIterator[bytes]:
        """The binary messages, until the client leaves."""
        return Messages(self.receive_bytes)

    def iter_json(self) -> AsyncIterator[Any]:
        """The messages, parsed as JSON, until the client leaves."""
        return Messages(self.receive_json)

    async def send_text(self, data: str) -> None:
        """Send a text message."""
        await self.send({"type": "websocket.send", "text": data})

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary message."""
        await self.send({"type": "websocket.send", "bytes": data})

    async def send_json(self, data: Any, mode: str = "text") -> None:
        """Send a value as JSON, as text, or as bytes with `mode="binary"`.

        Raises:
            ValueError: it holds NaN or an infinity.
        """
        _check_mode(mode)
        encoded = dumps(data)
        if mode == "text":
            await self.send({"type": "websocket.send", "text": encoded.decode()})
        else:
            await self.send({"type": "websocket.send", "bytes": encoded})

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close the connection; before `accept`, refuse it (403). A reason is cut to 123 bytes."""
        await self.send({"type": "websocket.close", "code": code, "reason": _fit_reason(reason)})

    async def send_denial_response(self, response: ASGIApp) -> None:
        """Refuse the handshake with a response.

        Raises:
            RuntimeError: the server cannot; `close` instead.
        """
        if "websocket.http.response" not in self.scope.get("extensions", ()):
            raise RuntimeError("The server doesn't support the Websocket Denial Response extension.")
        await response(self.scope, self.receive, self.send)


class Messages(AsyncIterator[T]):
    """What `receive` gives, until the client leaves.

    No generator: who stops halfway leaves nothing behind that an event loop would have to close.
    """

    __slots__ = ("_ended", "_receive")

    def __init__(self, receive: Callable[[], Awaitable[T]]) -> None:
        self._receive = receive
        self._ended = False

    async def __anext__(self) -> T:
        if not self._ended:
            try:
                return await self._receive()
            except WebSocketDisconnect:
                self._ended = True
        raise StopAsyncIteration


class WebSocketClose:
    """An application that closes any WebSocket, with code and reason."""

    def __init__(self, code: int = 1000, reason: str | None = None) -> None:
        self.code = code
        self.reason = reason or ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        try:
            await send({"type": "websocket.close", "code": self.code, "reason": _fit_reason(self.reason)})
        except OSError as gone:  # the client has left
            raise WebSocketDisconnect(1006) from gone


def _not_connected() -> NoReturn:
    raise WebSocketDisconnected('WebSocket is not connected. Need to call "accept" first.')


def _out_of_order(verb: str, state: WebSocketState, message: Message) -> NoReturn:
    raise RuntimeError(f"Expected ASGI message {_EXPECTED[verb, state]}, but got {message['type']!r}")


def _check_mode(mode: str) -> None:
    if mode not in {"text", "binary"}:
        raise RuntimeError('The "mode" argument should be "text" or "binary".')


def _check_handshake(subprotocol: str | None, fields: list[tuple[bytes, bytes]]) -> None:
    # Of a subprotocol: RFC 6455 §4.1.
    if subprotocol is not None and not TOKEN.fullmatch(subprotocol):
        raise ValueError("A subprotocol is a token: letters, digits and !#$%&'*+-.^_`|~")
    for name, value in fields:
        if not TOKEN.fullmatch(name.decode("latin-1")) or _breaks_a_field(value):
            raise ValueError(f"The header {name!r} has characters that would split the answer")


def _fit_reason(reason: str | None) -> str:
    if not reason:
        return ""
    # A surrogate is no text that can travel.
    encoded = reason.encode("utf-8", "replace")
    return encoded[:_REASON_BYTES].decode("utf-8", "ignore")
