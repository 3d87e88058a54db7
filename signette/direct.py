"""The stack of an application without middleware: one coroutine does what `layers` does in several.

These are the limits of the request, the route, the exception handlers and the 500. Nothing is between the server's
`send` and a route that records when its response starts. Responses are the same as those of `layers`: the
handlers and the 500 are the same objects, and the tests run on both.

The coroutine is `Application.__call__`, as one more would cost time. Here stands what it works with, and all that is
not on the way of a request that goes well.
"""

from collections.abc import Sequence

from signette._scope_keys import ERRORS, HANDLERS, LIMITS, RECEIVE, REQUEST, STARTED
from signette._tracking import ResponseTracker, SocketTracker
from signette.body import limit_body
from signette.exceptions import ClientDisconnect, LimitExceeded
from signette.limits import limits_within
from signette.middleware.decompression import decode_body
from signette.middleware.errors import ServerErrorMiddleware
from signette.middleware.handlers import (
    HandlerTable,
    StartedSend,
    is_disconnect,
    log_disconnect,
    log_limit_exceeded,
    remains,
    uses_request,
)
from signette.middleware.request_limits import UNLIMITED, RequestLimits
from signette.routing.base import Handler
from signette.routing.dispatcher import Dispatcher
from signette.types import Receive, Scope, Send


class DirectStack:
    """What `Application.__call__` needs to respond without `layers`. Called as an application it serves WebSockets.

    `layers` serve the lifespan, and HTTP to what somebody has put around the stack. The router is one whose
    `is_plain()` is true.
    """

    __slots__ = (
        "_encodings",
        "_handles_errors",
        "_max_body_size",
        "_table",
        "harmless_query",
        "known",
        "layers",
        "limits",
        "path_chars",
        "router",
    )

    def __init__(
        self,
        layers: ServerErrorMiddleware,
        router: Dispatcher,
        table: HandlerTable,
        request_limits: RequestLimits | None,
        max_body_size: int | None,
        encodings: Sequence[str] = (),
    ) -> None:
        self.layers = layers
        self.router = router
        self.known = router.live_routes.known_paths()
        self.known.forget()  # paths within the limits of an earlier stack
        self.limits = request_limits
        # A path of so many characters has no more bytes than the limit.
        self.path_chars = UNLIMITED if request_limits is None else request_limits.path_bytes // 4
        self.harmless_query = UNLIMITED if request_limits is None else request_limits.harmless_query
        self._table = table
        self._handles_errors = uses_request(layers.handler)
        self._max_body_size = max_body_size
        self._encodings = encodings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket" or not self._is_within_limits(scope):
            await self.layers(scope, receive, send)
            return
        # PERF: what `self.layers` do for a WebSocket, in one coroutine. Theirs take 6 % more for one message.
        tracker = SocketTracker(receive, send)
        scope[HANDLERS] = self._table
        if "router" not in scope:
            scope["router"] = self.router
        if "path_params" not in scope:
            scope["path_params"] = {}
        try:
            try:
                handler, values = self.router.find_socket(scope)
                await handler.run(scope, tracker.receive, tracker.send, values)
            except Exception as exc:
                remaining = await self._table.handle(exc, scope, tracker.receive, tracker)
                if remaining is not None and tracker.started:  # before that the server responds with 500
                    await tracker.close(1011)
                if remains(exc, remaining):
                    raise
            await tracker.close(1000)
        except Exception as exc:
            if not is_disconnect(exc):
                raise
            log_disconnect(scope)

    def _is_within_limits(self, scope: Scope) -> bool:
        if self.limits is None:
            return True
        try:
            self.limits.check(scope)
        except LimitExceeded:
            return False
        scope[LIMITS] = limits_within(self.limits.limits, scope.get(LIMITS))
        return True

    def note(self, scope: Scope, runner: Handler) -> None:
        """Note a handler that runs directly, so that the application calls it at once the next time.

        The index found it without a walk, so that the request has no `root_path` and no escaped path.
        """
        if scope.get("raw_path") is None:
            return  # the next request of this server will not be looked up either
        routes = self.router.live_routes
        index = routes.http
        if index is not None:
            self.known.note(index, scope["path"], scope["method"], runner)
            if routes.http is not index:  # another thread has changed the routes
                self.known.forget()

    def prepare(self, runner: Handler, scope: Scope, receive: Receive, send: Send) -> tuple[Receive, Send]:
        """`receive` and `send` for a route that does not limit the body and record the start of its response itself.

        For any other only where the application is inside of what has limits.
        """
        if "router" not in scope:
            scope["router"] = self.router
        if self.limits is not None:
            scope[LIMITS] = limits_within(self.limits.limits, scope.get(LIMITS))
        if self.limits is not None or self._max_body_size is not None:
            receive = limit_body(self._max_body_size, scope, receive)
        if runner.enforces_limits:
            return receive, send
        if self._encodings:
            receive = decode_body(scope, receive, self._encodings)
        tracks_start = runner.tracks_start
        if tracks_start is None or tracks_start is not runner.app:
            scope[HANDLERS] = self._table
            if self._handles_errors:  # middleware of a route may pass a copy of the scope on
                scope[ERRORS] = ResponseTracker(send)
            send = StartedSend(send)
        return receive, send

    async def handles(
        self, exc: Exception, scope: Scope, receive: Receive, send: Send, route: Handler, values: Sequence[str]
    ) -> bool:
        """Respond to an exception of a route that runs directly. False: raise it for the server."""
        if LIMITS in scope and "router" not in scope:  # for handlers that read the body, which the route did not
            receive, send = self.prepare(route, scope, receive, send)
        remaining = await self.recover(exc, scope, receive, send, route, values, limits_headers=True)
        return remaining is None or not remains(exc, remaining)

    async def recover(
        self,
        exc: Exception,
        scope: Scope,
        receive: Receive,
        send: Send,
        runner: Handler | None,
        values: Sequence[str],
        *,
        limits_headers: bool = False,
    ) -> Exception | None:
        """Respond to an exception; returns the exception to raise for the server.

        `limits_headers`: the limits of headers were checked for what `runner` reads alone, as `runner.limits_headers`.
        """
        # The flag says that a route has started its response; middleware in between may have kept it back.
        started = send.started if type(send) is StartedSend else STARTED in scope
        if not started and (response := self._table.respond_sync(exc)) is not None:
            if isinstance(exc, LimitExceeded):
                log_limit_exceeded(exc, scope)
            exc.__traceback__ = None
            scope.pop(REQUEST, None)
            try:
                await response(scope, receive, send)
            except ClientDisconnect:
                log_disconnect(scope)
            return None
        if "router" not in scope:
            scope["router"] = self.router
        if runner is not None:
            runner.populate_scope(scope, values)
        if self._max_body_size is not None and RECEIVE not in scope:
            receive = limit_body(self._max_body_size, scope, receive)  # for handlers that read a body nothing has read
        if runner is not None and (limits_headers or runner.limits_headers) and self.limits is not None:
            scope = self.limits.cut(scope)  # for handlers that read headers which nothing has checked
        tracker = ResponseTracker(send)
        tracker.started = started
        if ERRORS in scope:
            tracker.request = scope[ERRORS].request
        remaining = await self._table.handle(exc, scope, receive, tracker)
        if remaining is not None:
            await self.layers.send_error_response(remaining, scope, receive, tracker)
        return remaining
