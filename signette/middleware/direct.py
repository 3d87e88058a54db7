"""A stack without middleware, as one coroutine.

What a layered stack does in order (bounds of the request, the route, handlers of exceptions, the 500) is done here in
one place, with nothing between the server's `send` and a route that says by itself when it has started to answer.
Answers do not differ from those of the layered stack: the handlers and the 500 are the same objects, and the tests
run on both.
"""

from collections.abc import Sequence

from signette.body import ClientDisconnect
from signette.middleware.body_limit import limit_body
from signette.middleware.bounds import Bounds
from signette.middleware.errors import ServerErrorMiddleware
from signette.middleware.exceptions import ExceptionMiddleware
from signette.middleware.handlers import HandlerTable, Progress, note_departure, watched
from signette.routing.base import Runner
from signette.routing.dispatcher import Dispatcher
from signette.routing.matching import get_route_path
from signette.types import Receive, Scope, Send


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
        self._limits = bounds and bounds.limits
        self._max_body_size = max_body_size
        self._sockets = ExceptionMiddleware(self._checked_socket, table)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: C901, PLR0912 - PERF: one frame
        if scope["type"] != "http":
            await self._sockets(scope, receive, send)
            return
        runner: Runner | None = None
        values: Sequence[str] = ()
        try:
            bounds = self._bounds
            if bounds is not None:
                # PERF: `bounds.check` in this frame; it is asked only for what it is going to refuse.
                if query := scope.get("query_string"):
                    bounds.check_query(query)
                size, headers = 0, scope.get("headers", ())
                for name, value in headers:
                    size += len(name) + len(value)
                if size > bounds.header_bytes or len(headers) > bounds.header_fields:
                    bounds.check(scope)
            router = self._router
            path = get_route_path(scope) if scope.get("root_path") else scope["path"]
            # PERF: the commonest answer of `router.find`, without the calls.
            index = router.live_routes.http
            answers = None if index is None else index.exact.get(path)
            hit = None if answers is None else answers.get(scope["method"])
            runner, values = hit if hit is not None else router.find(path, scope)
            if not runner.limits_itself:
                if "router" not in scope:
                    scope["router"] = router
                if self._limits is not None:
                    scope["signette.limits"] = self._limits
                if self._max_body_size is not None:
                    receive = limit_body(self._max_body_size, scope, receive)
                telling_app = runner.telling_app
                if telling_app is None or telling_app is not runner.app:
                    scope["signette.handlers"] = self._table
                    send = watched(scope, send)
            await runner.run(scope, receive, send, values)
        except Exception as exc:
            if "signette.started" not in scope and (response := self._table.prompt_answer(exc)) is not None:
                exc.__traceback__ = None
                try:
                    await response(scope, receive, send)
                except ClientDisconnect:
                    note_departure(scope)
                return
            remaining = await self._recover(exc, scope, receive, send, runner, values)
            if remaining is exc:
                raise
            if remaining is not None:
                raise remaining  # noqa: B904 - it has its own cause or context

    async def _recover(
        self, exc: Exception, scope: Scope, receive: Receive, send: Send, runner: Runner | None, values: Sequence[str]
    ) -> Exception | None:
        """Answer an exception by a handler that wants the request; gives what is to be raised for the server."""
        if "router" not in scope:
            scope["router"] = self._router
        if runner is not None:
            runner.note(scope, values)
        progress = Progress(send, answered=scope.get("signette.started", False))
        remaining = await self._table.settle(exc, scope, receive, progress)
        if remaining is not None:
            await self._errors.answer(remaining, scope, receive, progress)
        return remaining

    async def _checked_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._bounds is not None and scope["type"] == "websocket":
            self._bounds.check(scope)
            scope["signette.limits"] = self._bounds.limits
        await self._router(scope, receive, send)
