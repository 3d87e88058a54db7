"""WebSockets: the ASGI messages of a connection, and a state machine that checks their order.

Theory of operation. Client and application each have a state, which goes from CONNECTING to CONNECTED to DISCONNECTED.
The application goes through RESPONSE instead if it rejects the handshake with its own response. `_SENDS` and
`_RECEIVES` have the allowed messages for each state, and the next state.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from enum import Enum
from typing import Any, NoReturn, TypeVar

from signette._http.json import dumps, loads_request
from signette._http.tokens import TOKEN
from signette._tracking import SocketTracker, socket_tracker
from signette.connection import HTTPConnection, StateT
from signette.exceptions import WebSocketException
from signette.types import ASGIApp, Message, Receive, Scope, Send

T = TypeVar("T")

# RFC 6455 §5.5.1 and §5.5: a control frame has at most 125 bytes, of which the code takes two.
_REASON_BYTES = 123

_find_line_break = re.compile(b"[\r\n\0]").search


class WebSocketState(Enum):
    """The state of the client or of the application in a connection.

    Attributes:
        CONNECTING: The handshake is not accepted yet.
        CONNECTED: Messages can be sent.
        RESPONSE: The application rejects the handshake with a response, whose body is being sent.
        DISCONNECTED: The connection is closed.
    """

    CONNECTING = 0
    CONNECTED = 1
    DISCONNECTED = 2
    RESPONSE = 3

    __hash__ = object.__hash__  # PERF: the hash of `Enum` is a Python function, called twice a message


_CONNECTING = WebSocketState.CONNECTING
_CONNECTED = WebSocketState.CONNECTED
_DISCONNECTED = WebSocketState.DISCONNECTED
_RESPONSE = WebSocketState.RESPONSE

# The messages that the application may send in each state, and the next state.
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
    # A client may disconnect before the first message is received.
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
    """The client disconnected, or the connection broke (1006). `code` and `reason` are those of RFC 6455 §7.4.

    Attributes:
        code: The code of the client; 1005 without a code.
        reason: The reason of the client, or an empty text.
    """

    def __init__(self, code: int = 1000, reason: str | None = None) -> None:
        self.code = code
        self.reason = reason or ""


class WebSocketDisconnected(RuntimeError):
    """A WebSocket was used before it was connected, or after it was disconnected."""


class WebSocketDataError(WebSocketException, ValueError):
    """A message has the wrong type (1003: text instead of binary or the reverse) or invalid JSON (1007).

    If it is not handled, the application closes the WebSocket with `code`.
    """


class WebSocket(HTTPConnection[StateT]):
    """A WebSocket connection: `accept` it, send and receive messages, `close` it.

    Attributes:
        client_state: The `WebSocketState` of the client.
        application_state: The `WebSocketState` of the application.
    """

    _types = ("websocket",)
    _tracker: SocketTracker | None = None

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        super().__init__(scope)
        # PERF: it reports to the tracker what that needs, which saves a call for each message in both directions.
        tracker = socket_tracker(receive, send)
        if tracker is not None:
            self._tracker = tracker
            receive, send = tracker.channels()
        self._receive = receive
        self._send = send
        self.client_state = _CONNECTING
        self.application_state = _CONNECTING

    async def receive(self) -> Message:
        """The next ASGI message.

        Raises:
            WebSocketDisconnected: the disconnect message was received before.
            RuntimeError: the server sent a message out of order.
        """
        state = self.client_state
        if state is _DISCONNECTED:
            raise WebSocketDisconnected('Cannot call "receive" once a disconnect message has been received.')
        message = await self._receive()
        kind = message["type"]
        if kind == "websocket.receive" and state is _CONNECTED:  # PERF: nearly all messages
            return message
        if kind == "websocket.disconnect" and self._tracker is not None:
            self._tracker.closed = True
        following = _RECEIVES[state].get(kind)
        if following is None:
            _out_of_order("receive", state, message)
        self.client_state = following
        return message

    async def send(self, message: Message) -> None:
        """Send one ASGI message.

        Raises:
            WebSocketDisconnect: the connection is broken (1006).
            WebSocketDisconnected: the application has closed the WebSocket.
            RuntimeError: the message is out of order.
        """
        if self.application_state is not _CONNECTED or message["type"] != "websocket.send":  # PERF: nearly no message
            self._change_state(message)
        try:
            await self._send(message)
        except OSError as exc:
            self.application_state = _DISCONNECTED
            raise WebSocketDisconnect(1006) from exc

    def _change_state(self, message: Message) -> None:
        """Check that this message may be sent now, and set the state after it."""
        state, kind = self.application_state, message["type"]
        if state is _DISCONNECTED:
            raise WebSocketDisconnected('Cannot call "send" once a close message has been sent.')
        following = _SENDS[state].get(kind)
        if following is None:
            _out_of_order("send", state, message)
        if following is _RESPONSE and state is _RESPONSE and not message.get("more_body", False):
            following = _DISCONNECTED
        self.application_state = following
        if self._tracker is not None:
            self._tracker.note(kind)

    def _channels(self) -> tuple[Receive, Send]:
        """`receive` and `send` for another WebSocket of this connection."""
        tracker = self._tracker
        if tracker is None:
            return self._receive, self._send
        receive, send = tracker.channels()
        return (
            tracker.receive if self._receive is receive else self._receive,
            tracker.send if self._send is send else self._send,
        )

    async def accept(
        self, subprotocol: str | None = None, headers: Iterable[tuple[bytes, bytes]] | None = None
    ) -> None:
        """Accept the connection, with one of the subprotocols that the client offers.

        Raises:
            WebSocketDisconnect: the client has disconnected.
            ValueError: the subprotocol or a header contains invalid characters.
        """
        fields = [] if headers is None else list(headers)
        _check_handshake(subprotocol, fields)
        if self.client_state is _CONNECTING:
            message = await self.receive()
            self._raise_on_disconnect(message)
        await self.send({"type": "websocket.accept", "subprotocol": subprotocol, "headers": fields})

    def _raise_on_disconnect(self, message: Message) -> None:
        if message["type"] == "websocket.disconnect":
            # ASGI: a missing code is 1005, "no status received".
            raise WebSocketDisconnect(message.get("code", 1005), message.get("reason"))

    async def receive_text(self) -> str:
        """Receive a text message.

        Raises:
            WebSocketDisconnect: the client disconnected.
            WebSocketDataError: 1003, the message is binary.
        """
        # PERF: repeats code of `receive_bytes`, which saves a call for each message.
        if self.application_state is not _CONNECTED:
            _not_connected()
        message = await self.receive()
        if message["type"] != "websocket.receive":
            self._raise_on_disconnect(message)
        text: str | None = message.get("text")
        if text is None:
            raise WebSocketDataError(1003, "Expected a text message, got a binary message")
        return text

    async def receive_bytes(self) -> bytes:
        """Receive a binary message.

        Raises:
            WebSocketDisconnect: the client disconnected.
            WebSocketDataError: 1003, the message is text.
        """
        if self.application_state is not _CONNECTED:
            _not_connected()
        message = await self.receive()
        if message["type"] != "websocket.receive":
            self._raise_on_disconnect(message)
        data: bytes | None = message.get("bytes")
        if data is None:
            raise WebSocketDataError(1003, "Expected a binary message, got a text message")
        return data

    async def receive_json(self, mode: str = "text") -> Any:
        """Receive a text message, or with `mode="binary"` a binary one, and parse it as JSON.

        Raises:
            WebSocketDisconnect: the client disconnected.
            WebSocketDataError: 1003, the message has the other type; 1007, it is not valid JSON.
        """
        _check_mode(mode)
        data = await (self.receive_text() if mode == "text" else self.receive_bytes())
        try:
            return loads_request(data)
        except ValueError as exc:
            raise WebSocketDataError(1007, "The message is not valid JSON") from exc

    def iter_text(self) -> AsyncIterator[str]:
        """Iterate over text messages until the client disconnects."""
        return Messages(self.receive_text)

    def iter_bytes(self) -> AsyncIterator[bytes]:
        """Iterate over binary messages until the client disconnects."""
        return Messages(self.receive_bytes)

    def iter_json(self) -> AsyncIterator[Any]:
        """Iterate over text messages, parsed as JSON, until the client disconnects."""
        return Messages(self.receive_json)

    async def send_text(self, data: str) -> None:
        """Send a text message."""
        await self.send({"type": "websocket.send", "text": data})

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary message."""
        await self.send({"type": "websocket.send", "bytes": data})

    async def send_json(self, data: Any, mode: str = "text") -> None:
        """Send a value as JSON, in a text message, or with `mode="binary"` in a binary one.

        Raises:
            ValueError: the value contains NaN or an infinity.
        """
        _check_mode(mode)
        encoded = dumps(data)
        if mode == "text":
            await self.send({"type": "websocket.send", "text": encoded.decode()})
        else:
            await self.send({"type": "websocket.send", "bytes": encoded})

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close the connection; before `accept`, reject it (403). Cuts the reason to 123 bytes."""
        await self.send({"type": "websocket.close", "code": code, "reason": _cut_reason(reason)})

    async def send_denial_response(self, response: ASGIApp) -> None:
        """Reject the handshake with a response.

        Raises:
            RuntimeError: the server does not support it; use `close` instead.
        """
        if "websocket.http.response" not in self.scope.get("extensions", ()):
            raise RuntimeError("The server doesn't support the Websocket Denial Response extension.")
        await response(self.scope, self.receive, self.send)


class Messages(AsyncIterator[T]):
    """Iterates over the results of `receive` until the client disconnects.

    Not a generator, which the event loop would have to close after an early `break`.
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
    """An ASGI application that closes the WebSocket with a code and a reason.

    Attributes:
        code: The code of the close.
        reason: The reason of the close.
    """

    def __init__(self, code: int = 1000, reason: str | None = None) -> None:
        self.code = code
        self.reason = reason or ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        try:
            await send({"type": "websocket.close", "code": self.code, "reason": _cut_reason(self.reason)})
        except OSError as exc:  # the client has disconnected
            raise WebSocketDisconnect(1006) from exc


def _not_connected() -> NoReturn:
    raise WebSocketDisconnected('WebSocket is not connected. Need to call "accept" first.')


def _out_of_order(verb: str, state: WebSocketState, message: Message) -> NoReturn:
    raise RuntimeError(f"Expected ASGI message {_EXPECTED[verb, state]}, but got {message['type']!r}")


def _check_mode(mode: str) -> None:
    if mode not in {"text", "binary"}:
        raise RuntimeError('The "mode" argument should be "text" or "binary".')


def _check_handshake(subprotocol: str | None, fields: list[tuple[bytes, bytes]]) -> None:
    # RFC 6455 §4.1: a subprotocol is a token.
    if subprotocol is not None and not TOKEN.fullmatch(subprotocol):
        raise ValueError("Invalid subprotocol: use letters, digits and !#$%&'*+-.^_`|~")
    for name, value in fields:
        if not TOKEN.fullmatch(name.decode("latin-1")) or _find_line_break(value):
            raise ValueError(f"The header {name!r} contains invalid characters")


def _cut_reason(reason: str | None) -> str:
    if not reason:
        return ""
    # A lone surrogate cannot be encoded.
    encoded = reason.encode("utf-8", "replace")
    return encoded[:_REASON_BYTES].decode("utf-8", "ignore")
