"""A stack without middleware of the user's: one coroutine does what the layers of `layers` do one after the other.

These are the limits of the request, the route, the exception handlers and the 500. Nothing stands between the server's
`send` and a route that notes by itself when its response starts. Responses do not differ from those of the layers: the
handlers and the 500 are the same objects, and the tests run on both.

The coroutine is `Application.__call__`, as one more would cost time. Here stands what it works with, and all that is
not on the way of a request that goes well.
"""

from collections.abc import Sequence

from signette._scope_keys import HANDLERS, LIMITS, STARTED
from signette.body import limit_body
from signette.exceptions import ClientDisconnect, LimitExceeded
from signette.limits import limits_within
from signette.middleware.bounds import RequestLimits
from signette.middleware.errors import ServerErrorMiddleware
from signette.middleware.handlers import HandlerTable, ResponseTracker, log_disconnect, log_limit_exceeded, watched
from signette.routing.base import Handler
from signette.routing.dispatcher import Dispatcher
from signette.types import Receive, Scope, Send


class DirectStack:
    """What `Application.__call__` needs to respond without the layers. Called as an application it is the layers.

    They serve WebSockets and the lifespan, and HTTP to what somebody has put around the stack. The router is one whose
    `is_plain()` is true.
    """

    __slots__ = ("_max_body_size", "_table", "bounds", "layers", "router")

    def __init__(
        self,
        layers: ServerErrorMiddleware,
        router: Dispatcher,
        table: HandlerTable,
        bounds: RequestLimits | None,
        max_body_size: int | None,
    ) -> None:
        self.layers = layers
        self.router = router
        self.bounds = bounds
        self._table = table
        self._max_body_size = max_body_size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.layers(scope, receive, send)

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
            await self.layers.answer(remaining, scope, receive, progress)
        return remaining
