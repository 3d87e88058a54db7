"""Middleware as a function of a request and of what comes next.

Theory of operation. `dispatch` runs in the task of the request; `call_next` starts the application in a task of its
own, as it has to go on sending while `dispatch` looks at its response. Between the two stands an `Exchange`: a few
messages of room, so that a short response passes without one task waiting for the other, and an event only where a task
does wait. Messages of the application reach the server as they are, one by one, unless `dispatch` put another
`body_iterator` in their place.

A task has its own context variables, copied at its start. What the application has set when its response starts, or
when it fails, is set in the task of `dispatch`, too: after `call_next` they are as if it had been a plain call.
"""

from collections.abc import AsyncIterator, Awaitable, Callable

import anyio

from signette._scope_keys import ERRORS, EXCHANGE, STARTED
from signette.background import delivery, is_background_failure, run_after
from signette.exceptions import ClientDisconnect
from signette.middleware.exchange import Exchange
from signette.middleware.failed_request import forget_request, keep_request
from signette.requests import Request
from signette.responses.plain import Response
from signette.responses.streaming import StreamingResponse, raising_client_disconnect
from signette.responses.wire import has_no_body
from signette.types import ASGIApp, Message, Receive, Scope, Send

RequestResponseEndpoint = Callable[[Request], Awaitable[Response]]
DispatchFunction = Callable[[Request, RequestResponseEndpoint], Awaitable[Response]]


def _reject(result: object, function: DispatchFunction) -> Response:
    """Raise TypeError for a result that cannot be sent, such as None after a forgotten `return`."""
    name = getattr(function, "__name__", type(function).__name__)
    raise TypeError(f"the middleware `{name}` returned a `{type(result).__name__}`: return a `Response`")


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
        outer: Exchange | None = scope.get(EXCHANGE)
        exchanges: list[Exchange] = []
        token = None if delivery.get() is outer else delivery.set(outer)  # PERF: mostly it is
        failure: Exception | None = None
        try:
            async with anyio.create_task_group() as group:

                async def call_next(request_: Request) -> AppResponse:
                    for earlier in exchanges:
                        earlier.release()  # the next run may need what the dependencies of this one hold
                        request_.scope.pop(STARTED, None)  # that was the response of the earlier run
                    exchange = request_.scope[EXCHANGE] = Exchange(self.app, request, send, outer)
                    exchanges.append(exchange)
                    group.start_soon(exchange.run, request_.scope, name="call_next")
                    try:
                        return AppResponse(exchange, await exchange.start())
                    finally:
                        exchange.hand_up_context()

                try:
                    response = await self.dispatch_func(request, call_next)
                    response = response if callable(response) else _reject(response, self.dispatch_func)
                    await response(scope, request.receive, send)
                except Exception as exc:  # noqa: BLE001 - raised below, outside the group that would wrap it
                    failure = exc
                    if not is_background_failure(exc):  # else the tasks of the application still run
                        group.cancel_scope.cancel()
                finally:
                    # Cancelled or not: a thread of the application may wait for room, which cancellation does not end.
                    for each in exchanges:
                        each.close(at_end=True)
                    if outer is not None:
                        scope[EXCHANGE] = outer
                    else:
                        scope.pop(EXCHANGE, None)
                    if token is not None:
                        delivery.reset(token)
            if failure is None:
                failure = _unseen_failure(exchanges, scope)
            if failure is not None:
                _leave_to_handlers(scope, request, send)
                raise failure
        finally:
            for each in exchanges:
                each.failure = None  # its traceback holds the exchange
            del failure  # and this frame

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Respond to a request. Subclasses implement it."""
        raise NotImplementedError


def _unseen_failure(exchanges: list[Exchange], scope: Scope) -> Exception | None:
    """What the application has raised and `dispatch` was not given. What it was given is its own: it has handled it."""
    handled = False
    for exchange in exchanges:
        if exchange.raised:
            handled = True
        elif exchange.failure is not None:
            return exchange.failure
    if handled:
        forget_request(scope)
    return None


def _leave_to_handlers(scope: Scope, request: Request, send: Send) -> None:
    """Leave what an exception handler further out needs."""
    keep_request(scope, request)
    errors = scope.get(ERRORS)
    if errors is not None:
        errors.relay = send  # what the application had to send by leads through an exchange, which has ended


class _Body(AsyncIterator[bytes]):
    """The chunks of a body that the application sends."""

    __slots__ = ("_exchange", "is_over")

    def __init__(self, exchange: Exchange) -> None:
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

    def __init__(self, exchange: Exchange, start: Message) -> None:
        self._exchange = exchange
        self._start = start
        self._own_body = _Body(exchange)
        super().__init__(self._own_body, start["status"])
        self._fields = list(start.get("headers", ()))

    async def whole_body(self) -> bytes | None:
        """The body, if the application sends its length and then all of it in one message. It stays to be sent."""
        has_length = any(name == b"content-length" for name, _ in self._fields)
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
        await send({**self._start, "status": self.status_code, "headers": self._fields})
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
