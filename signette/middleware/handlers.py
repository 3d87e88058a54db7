"""Exceptions become answers: which handler is meant, what it is given, what is done with its result.

One table serves all places where exceptions are caught (the layers of a stack, the one coroutine that stands for a
stack, routes and mounts with middleware of their own), so that they cannot differ.
"""

import logging
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from typing import Any

from signette._scope_keys import HANDLERS, STARTED
from signette.concurrency import is_async_callable
from signette.exceptions import ClientDisconnect, HTTPException, LimitExceeded, WebSocketException
from signette.limits import log_exceeded
from signette.middleware.calling import call_in_worker
from signette.requests import Request
from signette.responses.plain import PlainTextResponse, Response
from signette.responses.wire import BODILESS
from signette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send
from signette.websockets import WebSocket, WebSocketDisconnect

# A handler may raise what another handler is for; and what that one raises is an error of the application.
_ROUNDS = 2


# A client that leaves is no error of the application: nobody is left to be told, and nothing to be mended.
DISCONNECTS = (ClientDisconnect, WebSocketDisconnect)
_log = logging.getLogger("signette.connection")


def is_disconnect(exc: Exception) -> bool:
    """Whether an exception says no more than that the client left; a task group raises it in a group."""
    return isinstance(exc, DISCONNECTS) or (isinstance(exc, ExceptionGroup) and exc.split(DISCONNECTS)[1] is None)


def log_disconnect(scope: Scope) -> None:
    """What is left of a client that left: a line for who debugs."""
    _log.debug("the client left: %r %r", scope["type"], scope.get("path"))


def log_limit_exceeded(exc: LimitExceeded, scope: Scope) -> None:
    """Tell the log which setting raises the limit that was exceeded."""
    log_exceeded(scope, str(exc.detail), exc.hint)


def own_exception(exc: Exception) -> Exception:
    """The exception; for an `HTTPException` or `WebSocketException` of another framework ours that says the same.

    Known by its class's name and its attributes, as no framework is imported.
    """
    if isinstance(exc, HTTPException | WebSocketException):
        return exc
    names = {cls.__name__ for cls in type(exc).__mro__}
    own: Exception | None = None
    if "HTTPException" in names and _is_in(getattr(exc, "status_code", None), range(100, 600)):
        headers = getattr(exc, "headers", None)
        detail, status = getattr(exc, "detail", None), exc.status_code  # type: ignore[attr-defined]  # it has one
        own = HTTPException(status, detail, headers if isinstance(headers, Mapping) else None)
    elif "WebSocketException" in names and _is_in(getattr(exc, "code", None), range(1000, 5000)):
        own = WebSocketException(exc.code, getattr(exc, "reason", None))  # type: ignore[attr-defined]  # as above
    if own is None:
        return exc
    own.__cause__ = exc
    return own


def _is_in(number: Any, numbers: range) -> bool:
    return isinstance(number, int) and number in numbers


class ResponseTracker:
    """A `send` that knows how far the answer has come.

    `answered`: a response has started, or a socket was accepted. `closed`: the socket was closed, denied, or left by
    the client. Of an exception that nobody had a handler for, `unhandled`, the innermost layer leaves its own way out
    in `relay`.
    """

    # PERF: defaults of the class; there is one of these for each layer and request, and most stay as they are.
    answered = False
    closed = False
    unhandled: Exception | None = None
    relay: Send | None = None

    def __init__(self, send: Send) -> None:
        self._send = send

    def send(self, message: Message) -> Awaitable[None]:
        """Hand the message on."""
        kind = message["type"]
        if kind == "http.response.start":  # PERF: first, as it passes each layer of each request
            self.answered = True
        elif kind in _TELLING:
            self.answered = self.answered or kind in _BEGINS
            self.closed = self.closed or kind in _ENDS
        return self._send(message)

    async def close(self, code: int) -> None:
        """Close the socket, unless that was done, or the client left."""
        if not self.closed:
            with suppress(OSError):  # it has left just now
                await self.send({"type": "websocket.close", "code": code, "reason": ""})


# Of the messages of a WebSocket.
_BEGINS = frozenset({"websocket.accept", "websocket.http.response.start"})
_ENDS = frozenset({"websocket.close", "websocket.http.response.start"})
_TELLING = _BEGINS | _ENDS


def watched(scope: Scope, send: Send) -> Send:
    """`send` that notes in the scope that a response has started."""

    def watch(message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            scope[STARTED] = True
        return send(message)

    return watch


class HandlerTable:
    """Handlers by status, and by class of exception."""

    __slots__ = ("by_class", "by_status")

    def __init__(self, handlers: Mapping[Any, ExceptionHandler]) -> None:
        self.by_status: dict[int, ExceptionHandler] = {}
        self.by_class: dict[type[Exception], ExceptionHandler] = {
            HTTPException: answer_http_exception,
            WebSocketException: answer_websocket_exception,
        }
        for key, handler in handlers.items():
            self.add(key, handler)

    def add(self, key: int | type[Exception], handler: ExceptionHandler) -> None:
        """Register a handler; it replaces an earlier one for the same key.

        Raises TypeError where the key is neither a status nor a class of exceptions.
        """
        if isinstance(key, int):
            self.by_status[key] = handler
        elif isinstance(key, type) and issubclass(key, Exception):
            self.by_class[key] = handler
        else:
            raise TypeError(f"a handler is given for {key!r}; it stands for a status, as 404, or a class of exceptions")

    def find(self, exc: Exception) -> ExceptionHandler | None:
        """The handler: of the status first, then of the nearest class."""
        if isinstance(exc, HTTPException):
            handler = self.by_status.get(exc.status_code)
            if handler is not None:
                return handler
        for cls in type(exc).__mro__:
            if cls in self.by_class:
                return self.by_class[cls]
        return None

    def _as_ours(self, exc: Exception) -> Exception:
        """An exception of another framework as ours; unless a handler is for its class, and none for its status."""
        own = own_exception(exc)
        if own is exc or getattr(own, "status_code", None) in self.by_status:
            return own
        has_handler = any(cls in self.by_class for cls in type(exc).__mro__ if cls is not Exception)
        return exc if has_handler else own

    def respond_sync(self, exc: Exception) -> Response | None:
        """The answer of a handler that needs nothing of the request, and can be asked on the spot."""
        handler = self.find(exc)
        respond = plain_answer if handler is answer_http_exception else getattr(handler, "respond_sync", None)
        if respond is None:
            return None
        try:
            response: Response = respond(exc)
        except Exception:  # noqa: BLE001 - `settle` asks the handler again, and deals with what it raises
            return None
        return response

    async def settle(
        self, exc: Exception, scope: Scope, receive: Receive, progress: ResponseTracker
    ) -> Exception | None:
        """Answer an exception by its handler.

        Gives the exception that remains, to be raised, where there is no handler or no answer can be given any more.
        """
        for _ in range(_ROUNDS):
            if not isinstance(exc, HTTPException):
                exc = self._as_ours(exc)
            handler = self.find(exc)
            if handler is None and is_disconnect(exc):
                log_disconnect(scope)
                progress.closed = True
                return None
            if handler is None:
                return exc
            if progress.answered and scope["type"] == "http":
                late = RuntimeError("Caught handled exception, but response already started.")
                late.__cause__ = exc
                return late
            if isinstance(exc, LimitExceeded):
                log_limit_exceeded(exc, scope)
            try:
                await _answer(handler, exc, scope, receive, progress)
            except Exception as second:  # noqa: BLE001 - it is looked up like the first, or given to the caller
                exc = second  # Python has put the first one into its `__context__`
            else:
                # The frames hold the request with its body; whoever keeps the exception must not keep these.
                exc.__traceback__ = None
                return None
        return exc


def remains(exc: Exception, remaining: Exception | None) -> bool:
    """Whether `exc` is what `settle` gave back. Raises what it gave back in its place.

    To be asked where `exc` is handled: `raise` there adds no line to a traceback, which `raise exc` does; and another
    exception finds its cause or context as it has to be.
    """
    if remaining is not None and remaining is not exc:
        raise remaining
    return remaining is exc


async def _answer(
    handler: ExceptionHandler, exc: Exception, scope: Scope, receive: Receive, progress: ResponseTracker
) -> None:
    send = progress.send
    is_http = scope["type"] == "http"
    connection = Request(scope, receive, send) if is_http else WebSocket(scope, receive, send)
    if is_async_callable(handler):
        response = await handler(connection, exc)
    else:
        response = await call_in_worker(scope, handler, connection, exc)
    if response is None or progress.closed:
        return
    if is_http or (not progress.answered and "websocket.http.response" in (scope.get("extensions") or ())):
        await response(scope, receive, send)
    else:
        # No room for a response: before `accept` the server makes this a 403, after it RFC 6455 §7.4.1 (1008) says
        # "policy".
        with suppress(OSError):  # the client has left
            await send({"type": "websocket.close", "code": 1008, "reason": ""})


async def answer_http_exception(request: Request | WebSocket, exc: Exception) -> Response:  # noqa: ARG001 - a handler's shape
    """The status with its detail as plain text; no body where the status has none."""
    return plain_answer(exc)


def plain_answer(exc: Exception) -> Response:
    """The answer of `answer_http_exception`."""
    assert isinstance(exc, HTTPException)
    if exc.status_code in BODILESS:
        return Response(status_code=exc.status_code, headers=exc.headers)
    return PlainTextResponse(str(exc.detail), status_code=exc.status_code, headers=exc.headers)


async def answer_websocket_exception(websocket: WebSocket, exc: Exception) -> None:
    """Close the socket with the code."""
    assert isinstance(exc, WebSocketException)
    await websocket.close(code=exc.code, reason=exc.reason)


class ScopedHandlers:
    """Answers exceptions of what is inside by the handlers of the application around, if there is one.

    It stands inside the middleware of a route, mount or router, so that this middleware sees answers, not exceptions.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        table: HandlerTable | None = scope.get(HANDLERS)
        if table is None or scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        progress = ResponseTracker(send)
        try:
            await self.app(scope, receive, progress.send)
        except Exception as exc:
            if remains(exc, await table.settle(exc, scope, receive, progress)):
                raise
