"""Trackers: what a middleware knows of the messages that have passed it.

They are below the middleware, as a `WebSocket` reports to its tracker in place of sending through it.
"""

from collections.abc import Awaitable
from contextlib import suppress
from types import MethodType
from typing import Any

from signette.types import Message, Receive, Send


class StartTracker:
    """A `send` that tracks whether a response has started. Who makes it sets `_send` and `started`.

    `closed` is of WebSockets, and always false here: a middleware may pretend to those inside of it that the client has
    disconnected, and it may share its tracker with them.
    """

    # PERF: there is one per middleware and request. Slots, and no `__init__`, which is a call more.
    __slots__ = ("_send", "started")

    _send: Send
    started: bool
    closed = False

    def send(self, message: Message) -> Awaitable[None]:
        """Pass the message on."""
        if message["type"] == "http.response.start":
            self.started = True
        send = self._send  # PERF: Python 3.11 calls a variable in fewer instructions than an attribute
        return send(message)

    def note_disconnect(self) -> None:
        """Note that the client has disconnected, which has an effect for WebSockets only."""


class ResponseTracker(StartTracker):
    """A tracker for requests and WebSockets.

    `started`: a response has started, or a WebSocket was accepted. `closed`: the WebSocket was closed or denied, or its
    client disconnected. `unhandled` is an exception without a handler, `relay` the `send` of the innermost middleware
    that saw it, and `request` what was left in the scope of that. `body_is_lost`: see `mark_body_lost`.
    """

    # PERF: defaults of the class; most never change.
    body_is_lost = False
    unhandled: Exception | None = None
    relay: Send | None = None
    request: Any = None

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    def send(self, message: Message) -> Awaitable[None]:
        """Pass the message on."""
        kind = message["type"]
        if kind == "http.response.start":  # PERF: first, as it passes at every request
            self.started = True
        elif kind in _STATE_MESSAGES:
            self.note(kind)
        send = self._send  # PERF: as above
        return send(message)

    def note(self, kind: str) -> None:
        """Note a message of a WebSocket that begins or ends it."""
        self.started = self.started or kind in _BEGINS
        self.closed = self.closed or kind in _ENDS

    def note_disconnect(self) -> None:
        """Note that the client has disconnected: a WebSocket need not be closed any more."""
        self.closed = True

    async def close(self, code: int) -> None:
        """Close the WebSocket unless it is closed already."""
        if not self.closed:
            with suppress(OSError):  # it has left just now
                await self.send({"type": "websocket.close", "code": code, "reason": ""})


# Of the messages of a WebSocket.
_BEGINS = frozenset({"websocket.accept", "websocket.http.response.start"})
_ENDS = frozenset({"websocket.close", "websocket.http.response.start"})
_STATE_MESSAGES = _BEGINS | _ENDS


class SocketTracker(ResponseTracker):
    """A tracker that is the `receive` of a WebSocket too.

    A `WebSocket` made with both of its methods notes its messages here, and exchanges them without these methods.
    """

    def __init__(self, receive: Receive, send: Send) -> None:
        super().__init__(send)
        self._receive = receive

    async def receive(self) -> Message:
        """Receive a message."""
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            self.closed = True
        return message

    def channels(self) -> tuple[Receive, Send]:
        """The `receive` and `send` that it wraps."""
        return self._receive, self._send


def socket_tracker(receive: Receive, send: Send) -> SocketTracker | None:
    """The tracker whose methods these are; None if either is another, as middleware may have wrapped it."""
    if type(receive) is not MethodType or type(send) is not MethodType:
        return None
    owner = receive.__self__
    return owner if type(owner) is SocketTracker and send.__self__ is owner else None
