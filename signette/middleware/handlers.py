"""Exception handlers: which one handles an exception, with which arguments, and what becomes of its result.

One table serves all places where exceptions are caught (the middleware stack, the single coroutine that replaces
it, routes and mounts with their own middleware), so that they cannot differ.
"""

import logging
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from typing import Any

from signette._scope_keys import ERRORS, HANDLERS, REQUEST, STARTED
from signette._tracking import ResponseTracker, StartTracker
from signette.body import StreamConsumedError
from signette.concurrency import call_in_worker, is_async_callable
from signette.exceptions import ClientDisconnect, HTTPException, LimitExceeded, WebSocketException
from signette.limits import log_exceeded
from signette.middleware.failed_request import failed_request
from signette.middleware.outage import OutageLog, service_unavailable
from signette.problems import Problem
from signette.requests import Request
from signette.responses.plain import PlainTextResponse, Response
from signette.responses.wire import BODILESS
from signette.state.unavailable import StateUnavailable
from signette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send
from signette.websockets import WebSocket, WebSocketDisconnect

# A handler may raise what another handler is for; and what that one raises is an error of the application.
_ROUNDS = 2


# A client disconnect is not an error of the application, and there is no client left to respond to.
DISCONNECTS = (ClientDisconnect, WebSocketDisconnect)
_log = logging.getLogger("signette.connection")


def is_disconnect(exc: Exception) -> bool:
    """Whether an exception says no more than that the client left; a task group raises it in a group."""
    return isinstance(exc, DISCONNECTS) or (isinstance(exc, ExceptionGroup) and exc.split(DISCONNECTS)[1] is None)


def log_disconnect(scope: Scope) -> None:
    """Log a client disconnect at debug level."""
    _log.debug("the client left: %r %r", scope["type"], scope.get("path"))


def log_limit_exceeded(exc: LimitExceeded, scope: Scope) -> None:
    """Log which setting raises the limit that was exceeded."""
    log_exceeded(scope, str(exc.detail), exc.hint)


def as_signette_exception(exc: Exception) -> Exception:
    """The exception, or signette's equivalent of an `HTTPException` or `WebSocketException` of another framework.

    A `StateUnavailable` is a 503. Others are recognized by name and attributes, since no framework is imported.
    """
    if isinstance(exc, HTTPException | WebSocketException):
        return exc
    own: Exception | None = service_unavailable() if isinstance(exc, StateUnavailable) else None
    names = {cls.__name__ for cls in type(exc).__mro__}
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


def with_started_flag(scope: Scope, send: Send) -> Send:
    """`send` that sets a flag in the scope when a response starts."""

    def watch(message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            scope[STARTED] = True
        return send(message)

    return watch


class StartedSend:
    """A `send` that notes whether a response has started, where the flag of the scope may not hold.

    Middleware of a route, or the handler of its class, may get the response that the route has started, and raise.
    """

    __slots__ = ("_send", "started")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    def __call__(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.started = True
        return self._send(message)


def uses_request(handler: ExceptionHandler | None) -> bool:
    """Whether a handler may use its request, unlike those that make their responses from the exception alone."""
    return handler not in (None, handle_http_exception) and not hasattr(handler, "respond_sync")


class UnavailableHandler:
    """The default handler of `StateUnavailable`: a 503, and one line in the log for many requests."""

    def __init__(self) -> None:
        self._outages = OutageLog()

    async def __call__(self, _: Any, exc: Exception) -> Response:
        return self.respond_sync(exc)

    def respond_sync(self, exc: Exception) -> Response:
        """The response to an exception."""
        self._outages.note(exc)
        return plain_response(service_unavailable())


class HandlerTable:
    """Handlers by status, and by class of exception."""

    __slots__ = ("by_class", "by_status")

    def __init__(self, handlers: Mapping[Any, ExceptionHandler]) -> None:
        self.by_status: dict[int, ExceptionHandler] = {}
        self.by_class: dict[type[Exception], ExceptionHandler] = {
            HTTPException: handle_http_exception,
            WebSocketException: handle_websocket_exception,
            StateUnavailable: UnavailableHandler(),
        }
        for key, handler in handlers.items():
            self.add(key, handler)

    def add(self, key: int | type[Exception], handler: ExceptionHandler) -> None:
        """Register a handler; it replaces an earlier one for the same key.

        Raises TypeError if the key is neither a status code nor an exception class.
        """
        if isinstance(key, int):
            self.by_status[key] = handler
        elif isinstance(key, type) and issubclass(key, Exception):
            self.by_class[key] = handler
        else:
            raise TypeError(
                f"cannot register a handler for {key!r}; use a status code, such as 404, or an exception class"
            )

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

    def _as_signette_exception(self, exc: Exception) -> Exception:
        """The exception converted to signette's, unless its class has a handler and its status has none."""
        own = as_signette_exception(exc)
        if own is exc or getattr(own, "status_code", None) in self.by_status:
            return own
        has_handler = any(cls in self.by_class for cls in type(exc).__mro__ if cls is not Exception)
        return exc if has_handler else own

    def respond_sync(self, exc: Exception) -> Response | None:
        """The response of a handler that does not use the request and can be called synchronously."""
        handler = self.find(exc)
        respond = plain_response if handler is handle_http_exception else getattr(handler, "respond_sync", None)
        if respond is None:
            return None
        try:
            response: Response = respond(exc)
        except Exception:  # noqa: BLE001 - `settle` asks the handler again, and deals with what it raises
            return None
        return response

    async def handle(self, exc: Exception, scope: Scope, receive: Receive, tracker: StartTracker) -> Exception | None:
        """Send the response of the exception's handler.

        Returns the exception to raise if there is no handler, or if it is too late for a response.
        """
        called: list[ExceptionHandler] = []
        for _ in range(_ROUNDS):
            if not isinstance(exc, HTTPException):
                exc = self._as_signette_exception(exc)
            handler = self.find(exc)
            if handler is None and is_disconnect(exc):
                log_disconnect(scope)
                scope.pop(REQUEST, None)  # the request holds the scope
                tracker.note_disconnect()
                return None
            if handler is None:
                return exc
            if tracker.started and scope["type"] == "http":
                late = RuntimeError("Caught handled exception, but response already started.")
                late.__cause__ = exc
                return late
            if isinstance(exc, LimitExceeded):
                if handler in called:
                    break
                log_limit_exceeded(exc, scope)
            called.append(handler)
            try:
                await _call_handler(handler, exc, scope, receive, tracker)
            except Exception as second:  # noqa: BLE001 - it is looked up like the first, or given to the caller
                if self._lacks_body(exc, second, scope, tracker):
                    await _send_default(exc, scope, receive, tracker)
                    return second
                exc = second  # Python has put the first one into its `__context__`
            else:
                _forget(exc, scope)
                return None
        if isinstance(exc, LimitExceeded) and scope["type"] == "http" and not tracker.started:
            # A handler has read a body that is too large: the client's error, whichever handler it was.
            log_limit_exceeded(exc, scope)
            await _send_default(exc, scope, receive, tracker)
            _forget(exc, scope)
            return None
        return exc

    def _lacks_body(self, exc: Exception, second: Exception, scope: Scope, tracker: StartTracker) -> bool:
        """Whether a handler of `exc` fails as it has read a body that is gone, so that the client gets `exc` itself."""
        is_plain = isinstance(second, StreamConsumedError) and self.find(second) is None
        if not is_plain or scope["type"] != "http" or tracker.started:
            return False
        return isinstance(exc, HTTPException) or (isinstance(exc, Problem) and _error_format(scope) is not None)


def _forget(exc: Exception, scope: Scope) -> None:
    """Release what a handled exception holds.

    The frames hold the request and its body; keeping the exception must not keep them alive. The request holds the
    scope.
    """
    exc.__traceback__ = None
    scope.pop(REQUEST, None)


def _error_format(scope: Scope) -> Any:
    """The `errors=` of the route, or that of the application; None in an application of the toolkit."""
    route, app = scope.get("route"), scope.get("app")
    return getattr(route, "options", {}).get("errors") or getattr(app, "errors", None)


def default_response(exc: Exception, scope: Scope) -> Response:
    """The response to an exception in the error format of the route or application, as if it had no handlers."""
    own = _error_format(scope)
    respond = getattr(own, "respond", None)
    if respond is not None:
        response: Response = respond(exc)
        return response
    return plain_response(exc if isinstance(exc, HTTPException) else HTTPException(500))


async def _send_default(exc: Exception, scope: Scope, receive: Receive, tracker: StartTracker) -> None:
    try:
        await default_response(exc, scope)(scope, receive, tracker.send)
    except ClientDisconnect:
        log_disconnect(scope)
        tracker.note_disconnect()


def remains(exc: Exception, remaining: Exception | None) -> bool:
    """Whether `exc` is what `settle` gave back. Raises what it gave back in its place.

    To be asked where `exc` is handled: `raise` there adds no line to a traceback, which `raise exc` does; and another
    exception finds its cause or context as it has to be.
    """
    if remaining is not None and remaining is not exc:
        raise remaining
    return remaining is exc


async def _call_handler(
    handler: ExceptionHandler, exc: Exception, scope: Scope, receive: Receive, tracker: StartTracker
) -> None:
    send = tracker.send
    is_http = scope["type"] == "http"
    connection = failed_request(scope, receive, send) if is_http else WebSocket(scope, receive, send)
    if is_async_callable(handler):
        response = await handler(connection, exc)
    else:
        response = await call_in_worker(scope, handler, connection, exc)
    if response is None or (tracker.closed and not is_http):
        return
    if not callable(response):
        name = getattr(handler, "__name__", type(handler).__name__)
        raise TypeError(
            f"the exception handler `{name}` returned a `{type(response).__name__}`: return a `Response`"
        ) from None
    if is_http or (not tracker.started and "websocket.http.response" in (scope.get("extensions") or ())):
        await response(scope, receive, send)
    else:
        # A WebSocket cannot carry a response: before `accept` the server turns this into a 403; after it, 1008 means a
        # policy violation (RFC 6455 §7.4.1).
        with suppress(OSError):  # the client has left
            await send({"type": "websocket.close", "code": 1008, "reason": ""})


async def handle_http_exception(request: Request | WebSocket, exc: Exception) -> Response:  # noqa: ARG001 - a handler's shape
    """Respond with the status and its detail as plain text, or without a body if the status allows none."""
    return plain_response(exc)


def plain_response(exc: Exception) -> Response:
    """The response of `handle_http_exception`."""
    assert isinstance(exc, HTTPException)
    if exc.status_code in BODILESS:
        return Response(status_code=exc.status_code, headers=exc.headers)
    return PlainTextResponse(str(exc.detail), status_code=exc.status_code, headers=exc.headers)


async def handle_websocket_exception(websocket: WebSocket, exc: Exception) -> None:
    """Close the socket with the code."""
    assert isinstance(exc, WebSocketException)
    await websocket.close(code=exc.code, reason=exc.reason)


class ScopedHandlers:
    """Handles exceptions with the handlers of the surrounding application, if there is one.

    It is placed inside the middleware of a route, mount or router, so that this middleware sees responses, not
    exceptions.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        table: HandlerTable | None = scope.get(HANDLERS)
        if table is None or scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        tracker = ResponseTracker(send)
        try:
            await self.app(scope, receive, tracker.send)
        except Exception as exc:
            remaining = await table.handle(exc, scope, receive, tracker)
            outermost: ResponseTracker | None = scope.get(ERRORS)
            if remaining is not None and outermost is not None:
                outermost.request = scope.get(REQUEST)
            if remains(exc, remaining):
                raise
