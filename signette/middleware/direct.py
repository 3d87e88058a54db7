"""A stack without middleware, as one coroutine.

What a layered stack does in order (bounds of the request, the route, handlers of exceptions, the 500) is done here in one
place, with nothing between the server's `send` and a route that says by itself when it has started to answer. Answers do not
differ from those of the layered stack: the handlers and the 500 are the same objects, and the tests run on both.
"""

from collections.abc import Awaitable, Sequence

from signette.middleware.body_limit import limit_body
from signette.middleware.bounds import Bounds
from signette.middleware.errors import ServerErrorMiddleware
from signette.middleware.exceptions import ExceptionMiddleware
from signette.middleware.handlers import HandlerTable, Progress
from signette.routing.dispatcher import Dispatcher
from signette.routing.index import Runner
from signette.routing.matching import get_route_path
from signette.types import Message, Receive, Scope, Send


class DirectStack:
    """Answers as `ServerErrorMiddleware` around body limit, `ExceptionMiddleware` and router would.

    The router is one whose `is_plain()` is true.
    """

    def __init__(
        self,
        router: Dispatcher,
        table: HandlerTable,
        errors: ServerErrorMiddleware,
        bounds: Bounds | None,
        max_body_size: int | None,
    ) -> None:
        self._router = router
        self._table = table
        self._errors = errors
        self._bounds = bounds
        self._max_body_size = max_body_size
        self._sockets = ExceptionMiddleware(self._checked_socket, table)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._sockets(scope, receive, send)
            return
        runner: Runner | None = None
        values: Sequence[str] = ()
        try:
            if self._bounds is not None:
                self._bounds.check(scope)
            if "router" not in scope:
                scope["router"] = self._router
            path = get_route_path(scope) if scope.get("root_path") else scope["path"]
            runner, values = self._router.find(path, scope)
            if not runner.limits_itself:
                scope["signette.handlers"] = self._table
                if self._bounds is not None:
                    scope["signette.limits"] = self._bounds.limits
                if self._max_body_size is not None:
                    receive = limit_body(self._max_body_size, scope, receive)
                send = _watched(scope, send)
            await runner.run(scope, receive, send, values)
        except Exception as exc:  # noqa: BLE001 - raised again by `_settle` where there is no handler
            if runner is not None:
                runner.note(scope, values)
            await self._settle(exc, scope, receive, send)

    async def _settle(self, exc: Exception, scope: Scope, receive: Receive, send: Send) -> None:
        progress = Progress(send, answered=scope.get("signette.started", False))
        try:
            await self._table.settle(exc, scope, receive, progress)
        except Exception as final:
            await self._errors.answer(final, scope, receive, progress)
            raise

    async def _checked_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._bounds is not None and scope["type"] == "websocket":
            self._bounds.check(scope)
            scope["signette.limits"] = self._bounds.limits
        await self._router(scope, receive, send)


def _watched(scope: Scope, send: Send) -> Send:
    """`send` that notes in the scope that a response has started."""

    def watch(message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            scope["signette.started"] = True
        return send(message)

    return watch
