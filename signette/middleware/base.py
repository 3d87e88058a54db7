"""Middleware as a function of a request and of what comes next.

Theory of operation. `dispatch` runs in the task of the request; `call_next` starts the application in a task of its
own, as it has to go on sending while `dispatch` looks at its response. Between the two stands an `_Exchange`: a few
messages of room, so that a short response passes without one task waiting for the other, and an event only where a task
does wait. Messages of the application reach the server as they are, one by one, unless `dispatch` put another
`body_iterator` in their place.

A task has its own context variables, copied at its start. What the application has set when its response starts, or
when it fails, is set in the task of `dispatch`, too: after `call_next` they are as if it had been a plain call.
"""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import Context, copy_context
from typing import Any

import anyio

from signette._scope_keys import ERRORS, EXCHANGE
from signette.background import delivery, is_background_failure, run_after
from signette.exceptions import ClientDisconnect
from signette.middleware.failed_request import keep_request
from signette.requests import Request
from signette.responses.plain import Response
from signette.responses.streaming import StreamingResponse, raising_client_disconnect
from signette.responses.wire import has_no_body
from signette.types import ASGIApp, Message, Receive, Scope, Send

RequestResponseEndpoint = Callable[[Request], Awaitable[Response]]
DispatchFunction = Callable[[Request, RequestResponseEndpoint], Awaitable[Response]]

# How many messages of a body may wait: small, as each may hold a large piece.
_ROOM = 4

_UNSET: Any = object()
_RESPONSE_MESSAGES = frozenset(
    {
        "http.response.start",
        "http.response.body",
        "http.response.pathsend",
        "http.response.zerocopysend",
        "http.response.trailers",
    }
)


class BaseHTTPMiddleware:
    """Middleware that is written as `async def dispatch(self, request, call_next)`, or given as that function.

    `await call_next(request)` gives the response of the application, whose `body_iterator` is what it sends. What
    `dispatch` returns is sent. It may read the body of the request; the application can still read it, too. Pure
    ASGI middleware costs far less.
    """

    def __init__(self, app: ASGIApp, dispatch: DispatchFunction | None = None) -> None:
        self.app = app
        self.dispatch_func: DispatchFunction = self.dispatch if dispatch is None else dispatch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive, send)
        outer: _Exchange | None = scope.get(EXCHANGE)
        exchanges: list[_Exchange] = []
        token = delivery.set(outer)
        failure: Exception | None = None
        async with anyio.create_task_group() as group:

            async def call_next(request_: Request) -> AppResponse:
                for earlier in exchanges:
                    earlier.release()  # the next run may need what the dependencies of this one hold
                exchange = request_.scope[EXCHANGE] = _Exchange(self.app, request, send, outer)
                exchanges.append(exchange)
                group.start_soon(exchange.run, request_.scope, name="call_next")
                try:
                    return AppResponse(exchange, await exchange.start())
                finally:
                    exchange.hand_up_context()

            try:
                response = await self.dispatch_func(request, call_next)
                await response(scope, request.receive, send)
            except Exception as exc:  # noqa: BLE001 - raised below, outside the group that would wrap it
                failure = exc
                if not is_background_failure(exc):  # else the tasks of the application still run
                    group.cancel_scope.cancel()
            finally:
                # Cancelled or not: a thread of the application may wait for room, which cancellation does not end.
                for exchange in exchanges:
                    exchange.close()
                if outer is not None:
                    scope[EXCHANGE] = outer
                else:  # it holds the request, which holds the scope
                    scope.pop(EXCHANGE, None)
                delivery.reset(token)
        if failure is None:
            # What `dispatch` was given is its own: it may have handled it.
            failure = next((each.failure for each in exchanges if each.failure is not None and not each.raised), None)
        if failure is not None:
            keep_request(scope, request)
            errors = scope.get(ERRORS)
            if errors is not None:
                errors.relay = send  # what the application had to send by leads through the exchange, which has ended
            raise failure

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Respond to a request. Subclasses implement it."""
        raise NotImplementedError


class _Discarded(OSError):
    """Raised by `send` once `dispatch` wants no more of the response."""


_DISCARDED = (_Discarded, ClientDisconnect)


def _is_discarded(exc: Exception) -> bool:
    """Whether an application has ended only because its response was discarded; a task group raises it in a group.

    Any other `OSError` is a failure, such as one of a background task.
    """
    return isinstance(exc, _DISCARDED) or (isinstance(exc, ExceptionGroup) and exc.split(_DISCARDED)[1] is None)


class _Exchange:
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

    def __init__(self, app: ASGIApp, request: Request, send: Send, outer: "_Exchange | None") -> None:
        self._app = app
        self._outer = outer
        self._request = request
        self._send = send
        self._messages: deque[Message] = deque()
        self._arrived: anyio.Event | None = None
        self._context: Context | None = None
        self._start: Message = {}
        self._last: Message = self._start
        self.waiting: anyio.Event | None = None
        self._room: anyio.Event | None = None
        self._replays = True
        self.closed = False
        self.delivered = False
        self.ended = False
        self.left = False
        self.failure: Exception | None = None
        self.raised = False
        self.taken = False

    async def run(self, scope: Scope) -> None:
        """Run the application to its end, which may be long after its response: background tasks."""
        delivery.set(self)
        try:
            await self._app(scope, self.receive, self.send)
        except Exception as exc:  # noqa: BLE001 - raised where the response is awaited or sent, or at the end
            if not (self.closed and _is_discarded(exc)):
                self.failure = exc
        finally:
            self.ended = True
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
        if self.closed or self.left:
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
        for variable, value in (self._context or {}).items():
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

    def close(self) -> None:
        """No more messages will be read."""
        self.closed = True
        if self.waiting is not None:
            self.waiting.set()
        if self._room is not None:
            self._room.set()


def _is_last(message: Message, start: Message) -> bool:
    """Whether a message ends the response that began with `start`."""
    if start.get("trailers", False):
        return message["type"] == "http.response.trailers" and not message.get("more_trailers", False)
    return message is not start and not message.get("more_body", False)


class _Body(AsyncIterator[bytes]):
    """The chunks of a body that the application sends."""

    __slots__ = ("_exchange", "is_over")

    def __init__(self, exchange: _Exchange) -> None:
        self._exchange = exchange
        self.is_over = False

    async def __anext__(self) -> bytes:
        while not self.is_over:
            message = await self._exchange.next()
            if message is None and self._exchange.left:
                raise ClientDisconnect  # or what is here would pass for the whole
            if message is None:
                break
            self.is_over = message["type"] == "http.response.body" and not message.get("more_body", False)
            if self.is_over:
                self._exchange.release()
            if message.get("body"):
                chunk: bytes = message["body"]
                return chunk
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """End the body. For the application it is as if the client had disconnected."""
        if not self.is_over:
            self.is_over = True
            self._exchange.close()


class AppResponse(StreamingResponse):
    """The response of the application; its status, header fields and body may be changed."""

    def __init__(self, exchange: _Exchange, start: Message) -> None:
        self._exchange = exchange
        self._start = start
        self._own_body = _Body(exchange)
        super().__init__(self._own_body, start["status"])
        self.raw_headers = list(start.get("headers", ()))

    async def whole_body(self) -> bytes | None:
        """The body, if the application sends its length and then all of it in one message. It stays to be sent."""
        has_length = any(name == b"content-length" for name, _ in self.raw_headers)
        if not has_length and not has_no_body(self.status_code):
            return None
        message = await self._exchange.peek()
        if message is None or message["type"] != "http.response.body" or message.get("more_body", False):
            return None
        body: bytes = message.get("body", b"")
        return body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.body_iterator is not self._own_body:
            await super().__call__(scope, receive, send)
            self._exchange.note_delivered()
            return
        send = raising_client_disconnect(send)
        await send({**self._start, "status": self.status_code, "headers": self.raw_headers})
        awaits_trailers = self._start.get("trailers", False)
        if self._own_body.is_over:  # `dispatch` has read it, or closed it
            await send({"type": "http.response.body", "body": b""})
            awaits_more = awaits_trailers and not self._exchange.closed
        else:
            awaits_more = True
        while awaits_more and (message := await self._exchange.next()) is not None:
            await send(message)
            is_trailers = message["type"] == "http.response.trailers"
            more = message.get("more_trailers" if is_trailers else "more_body", False)
            awaits_more = more or (awaits_trailers and not is_trailers)
        self._exchange.taken = self._exchange.delivered = True  # PERF: mostly nothing waits for it
        if self._exchange.waiting is not None:
            self._exchange.note_delivered()
        if self.background is not None:
            await run_after(self.background, scope)
