"""The messages between an application and the `dispatch` that is around it.

The context variable `delivery` of each task that the application starts is an exchange. Such a task may outlive the
request, so an exchange is emptied at the end: it must not keep the request, its body or a message.
"""

from collections import deque
from contextvars import Context, copy_context
from typing import Any

import anyio

from signette.background import delivery
from signette.exceptions import ClientDisconnect
from signette.requests import Request
from signette.types import ASGIApp, Message, Scope, Send

# How many messages of a body may wait: small, as each may hold a large piece.
_ROOM = 4

_UNSET: Any = object()
_HANDED_UP = Context()
_NO_REQUEST: Any = None
_NO_MESSAGE: Message = {}
_RESPONSE_MESSAGES = frozenset(
    {
        "http.response.start",
        "http.response.body",
        "http.response.pathsend",
        "http.response.zerocopysend",
        "http.response.trailers",
    }
)


class _Discarded(OSError):
    """Raised by `send` once `dispatch` wants no more of the response."""


_DISCARDED = (_Discarded, ClientDisconnect)


def _is_discarded(exc: Exception) -> bool:
    """Whether an application has ended only because its response was discarded; a task group raises it in a group.

    Any other `OSError` is a failure, such as one of a background task.
    """
    return isinstance(exc, _DISCARDED) or (isinstance(exc, ExceptionGroup) and exc.split(_DISCARDED)[1] is None)


class Exchange:
    """The messages of one run of the application, on their way to a response."""

    __slots__ = (
        "_app",
        "_arrived",
        "_context",
        "_last",
        "_messages",
        "_outer",
        "_replays",
        "_request",
        "_room",
        "_send",
        "_start",
        "closed",
        "delivered",
        "ended",
        "failure",
        "left",
        "raised",
        "taken",
        "waiting",
    )

    def __init__(self, app: ASGIApp, request: Request, send: Send, outer: "Exchange | None") -> None:
        self._app = app
        self._outer = outer
        self._request = request
        self._send = send
        self._messages: deque[Message] = deque()
        self._context: Context | None = None
        self._arrived: anyio.Event | None = None
        self._room: anyio.Event | None = None
        self.waiting: anyio.Event | None = None
        self._start = self._last = _NO_MESSAGE
        self._replays = True
        self.failure: Exception | None = None
        self.closed = self.delivered = self.ended = self.left = self.raised = self.taken = False

    async def run(self, scope: Scope) -> None:
        """Run the application to its end, which may be long after its response: background tasks."""
        delivery.set(self)
        try:
            await self._app(scope, self.receive, self.send)
        except Exception as exc:  # noqa: BLE001 - raised where the response is awaited or sent, or at the end
            if self.closed and _is_discarded(exc):
                self.raised = True
            else:
                self.failure = exc
        finally:
            self.ended = True
            self._request, self._send = _NO_REQUEST, _discard  # tasks that outlive it have `self` in their context
            if self._context is None:
                self._context = copy_context()
            if self._arrived is not None:
                self._arrived.set()

    async def send(self, message: Message) -> None:
        """The application's `send`."""
        if message["type"] not in _RESPONSE_MESSAGES:
            # Early hints and messages of the debug extension do not wait for `dispatch`.
            await self._send(message)
            return
        while len(self._messages) >= _ROOM and not self.closed:
            if self._room is None:  # else another task of the application waits, too
                self._room = anyio.Event()
            await self._room.wait()
        if self.closed:
            # `dispatch` returned another response. As if the client had disconnected (ASGI 2.4): an endless stream must
            # stop.
            raise _Discarded("The response is not wanted any more.")
        if self._context is None and message["type"] == "http.response.start":
            self._context = copy_context()
            self._start = message
        self._last = message
        self._messages.append(message)
        if self._arrived is not None:
            self._arrived.set()

    async def receive(self) -> Message:
        """The application's `receive`: what `dispatch` has read of the body, then the server's messages."""
        request = self._request
        if self.closed or self.left or self.ended:
            return {"type": "http.disconnect"}
        if self._replays:
            self._replays = False
            if "_body" in request.__dict__:
                return {"type": "http.request", "body": request._body, "more_body": False}
            if request._stream_consumed:
                return {"type": "http.request", "body": b"", "more_body": False}
        message = await request.receive()
        if message["type"] == "http.disconnect":
            self.left = request._is_disconnected = True
        else:
            # `dispatch` cannot have it any more.
            request._stream_started = True
            request._stream_consumed = not message.get("more_body", False)
        return message

    async def next(self) -> Message | None:
        """The next message of the response; None at its end. Raises what the application raised."""
        while not self._messages:
            if self.ended:
                if self.failure is not None:
                    self.raised = True
                    raise self.failure
                return None
            self._arrived = anyio.Event()
            await self._arrived.wait()
            self._arrived = None
        message = self._messages.popleft()
        if self._room is not None:
            self._room.set()
            self._room = None
        return message

    async def start(self) -> Message:
        """The message that starts the response."""
        message = await self.next()
        if message is None and self.left:
            raise ClientDisconnect  # so there was no client to respond to
        if message is None:
            raise RuntimeError("No response returned.")
        return message

    async def peek(self) -> Message | None:
        """The next message, which stays the next one; None at the end. Raises what the application raised."""
        message = await self.next()
        if message is not None:
            self._messages.appendleft(message)
        return message

    def hand_up_context(self) -> None:
        """Set the context variables of this task that the application has set before its response."""
        context, self._context = self._context, _HANDED_UP  # it holds `delivery`, so it would hold itself
        for variable, value in (context or _HANDED_UP).items():
            if variable.get(_UNSET) is not value and variable is not delivery:
                variable.set(value)

    async def until_sent(self) -> None:
        """Wait until the response was sent, or is not wanted, by this `dispatch` and by those around it.

        `dispatch` waits itself for the end of a response that is incomplete, as the client has disconnected.
        """
        while not (self.delivered or self.closed or not _is_last(self._last, self._start)):
            await self._change()
        if self._outer is not None:
            await self._outer.until_sent()

    async def until_taken(self) -> None:
        """Wait until the response was taken to its end, or is not wanted, by this `dispatch` and by those around it.

        Until then `dispatch` may use what the dependencies of the endpoint have opened. It waits itself for the end of
        a response that is incomplete.
        """
        while not (self.taken or self.closed or not _is_last(self._last, self._start)):
            await self._change()
        if self._outer is not None:
            await self._outer.until_taken()

    async def _change(self) -> None:
        self.waiting = self.waiting or anyio.Event()
        await self.waiting.wait()

    def release(self) -> None:
        """Let dependencies be closed: `dispatch` has the last message, or does not use what they hold."""
        self.taken = True
        if self.waiting is not None:
            self.waiting.set()
            self.waiting = None

    def note_delivered(self) -> None:
        """The response was sent: background tasks of the application may run."""
        self.delivered = True
        self.release()

    def close(self, *, at_end: bool = False) -> None:
        """No more messages will be read. `at_end`: nor asked for, so none is kept."""
        self.closed = True
        if self.waiting is not None:
            self.waiting.set()
        if self._room is not None:
            self._room.set()
        if at_end:
            self._messages.clear()
            self._start = self._last = _NO_MESSAGE


async def _discard(_message: Message) -> None:
    raise _Discarded("The response has ended.")


def _is_last(message: Message, start: Message) -> bool:
    """Whether a message ends the response that began with `start`."""
    if start.get("trailers", False):
        return message["type"] == "http.response.trailers" and not message.get("more_trailers", False)
    return message is not start and not message.get("more_body", False)
