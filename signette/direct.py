"""A stack without middleware, as one coroutine.

What a layered stack does in order (bounds of the request, the route, handlers of exceptions, the 500) is done in one
place, with nothing between the server's `send` and a route that says by itself when it has started to answer.
Answers do not differ from those of the layered stack: the handlers and the 500 are the same objects, and the tests
run on both.

The one place is `Application.__call__`: a coroutine of its own would cost a tenth of a small request. Here stands what
it works with, and all that is not on the way of a request that goes well.
"""

from collections.abc import Sequence

from signette._scope_keys import HANDLERS, LIMITS, STARTED
from signette.body import limit_body
from signette.exceptions import ClientDisconnect, LimitExceeded
from signette.limits import limits_within
from signette.middleware.bounds import RequestLimits
from signette.middleware.errors import ServerErrorMiddleware
from signette.middleware.exceptions import ExceptionMiddleware
from signette.middleware.handlers import HandlerTable, ResponseTracker, log_disconnect, log_limit_exceeded, watched
from signette.routing.base import Handler
from signette.routing.dispatcher import Dispatcher
from signette.types import ASGIApp, Receive, Scope, Send


class DirectStack:
    """Answers as `ServerErrorMiddleware` around body limit, `ExceptionMiddleware` and router would.

    The router is one whose `is_plain()` is true. `app` is the application whose `__call__` answers HTTP.
    """

    __slots__ = ("_errors", "_max_body_size", "_sockets", "_table", "app", "bounds", "router")

    def __init__(
        self,
        app: ASGIApp,
        router: Dispatcher,
        table: HandlerTable,
        errors: ServerErrorMiddleware,
        bounds: RequestLimits | None,
        max_body_size: int | None,
    ) -> None:
        self.app = app
        self.router = router
        self.bounds = bounds
        self._table = table
        self._errors = errors
        self._max_body_size = max_body_size
        self._sockets = ExceptionMiddleware(self._checked_socket, table)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self.app if scope["type"] == "http" else self._sockets)(scope, receive, send)

    def prepare(self, runner: Handler, scope: Scope, receive: Receive, send: Send) -> tuple[Receive, Send]:
        """`receive` and `send` for a route that does not itself limit the body and say when it answers.

        For any other only where the application is inside of what has limits.
        """
        if "router" not in scope:
            scope["router"] = self.router
        if self.bounds is not None:
            scope[LIMITS] = limits_within(self.bounds.limits, scope.get(LIMITS))
        if self.bounds is not None or self._max_body_size is not None:
            receive = limit_body(self._max_body_size, scope, receive)
        if runner.enforces_limits:
            return receive, send
        tracks_start = runner.tracks_start
        if tracks_start is None or tracks_start is not runner.app:
            scope[HANDLERS] = self._table
            send = watched(scope, send)
        return receive, send

    async def recover(
        self, exc: Exception, scope: Scope, receive: Receive, send: Send, runner: Handler | None, values: Sequence[str]
    ) -> Exception | None:
        """Answer an exception; gives what is to be raised for the server."""
        if STARTED not in scope and (response := self._table.respond_sync(exc)) is not None:
            if isinstance(exc, LimitExceeded):
                log_limit_exceeded(exc, scope)
            exc.__traceback__ = None
            try:
                await response(scope, receive, send)
            except ClientDisconnect:
                log_disconnect(scope)
            return None
        if "router" not in scope:
            scope["router"] = self.router
        if runner is not None:
            runner.populate_scope(scope, values)
        progress = ResponseTracker(send)
        progress.answered = scope.get(STARTED, False)
        remaining = await self._table.settle(exc, scope, receive, progress)
        if remaining is not None:
            await self._errors.answer(remaining, scope, receive, progress)
        return remaining

    async def _checked_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.bounds is not None and scope["type"] == "websocket":
            self.bounds.check(scope)
            scope[LIMITS] = limits_within(self.bounds.limits, scope.get(LIMITS))
        await self.router(scope, receive, send)
