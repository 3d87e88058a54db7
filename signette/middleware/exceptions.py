"""The layer that turns exceptions into answers."""

from collections.abc import Mapping
from typing import Any

from signette._scope_keys import ERRORS, HANDLERS
from signette.exceptions import HTTPException, WebSocketException
from signette.middleware.handlers import (
    HandlerTable,
    ResponseTracker,
    answer_http_exception,
    answer_websocket_exception,
    remains,
)
from signette.requests import Request
from signette.responses.plain import Response
from signette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send
from signette.websockets import WebSocket


class ExceptionMiddleware:
    """Answers the exceptions that there are handlers for; the others pass.

    `handlers` are keyed by status or class of exception. A handler of the status goes before those of the class, and
    the nearest class before its bases.
    """

    def __init__(
        self, app: ASGIApp, handlers: Mapping[Any, ExceptionHandler] | HandlerTable | None = None, debug: bool = False
    ) -> None:
        self.app = app
        self.debug = debug
        if isinstance(handlers, HandlerTable):
            self._table = handlers  # one for several layers
            return
        own: dict[Any, Any] = {HTTPException: self.http_exception, WebSocketException: self.websocket_exception}
        self._table = HandlerTable(own)
        for key, handler in (handlers or {}).items():
            self._table.add(key, handler)

    def add_exception_handler(self, exc_class_or_status_code: int | type[Exception], handler: ExceptionHandler) -> None:
        """Register a handler; it replaces an earlier one for the same key."""
        self._table.add(exc_class_or_status_code, handler)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "http":
            progress = ResponseTracker(send)
            scope[HANDLERS] = self._table
            try:
                await self.app(scope, receive, progress.send)
            except Exception as exc:
                if remains(exc, await self._settle(exc, scope, receive, progress)):
                    raise
        elif kind == "websocket":
            await self._closed(scope, receive, ResponseTracker(send))
        else:
            await self.app(scope, receive, send)

    async def _settle(
        self, exc: Exception, scope: Scope, receive: Receive, progress: ResponseTracker
    ) -> Exception | None:
        """Answer an exception; gives what is to be raised."""
        outermost: ResponseTracker | None = scope.get(ERRORS)
        if outermost is not None and outermost.unhandled is exc:
            return exc  # a layer further in has looked for a handler
        remaining = await self._table.settle(exc, scope, receive, progress)
        if remaining is not None and outermost is not None:
            outermost.unhandled, outermost.relay = remaining, progress.send
        return remaining

    async def _closed(self, scope: Scope, receive: Receive, progress: ResponseTracker) -> None:
        """Servers differ in how they end a socket that its application left open, and some just drop it."""

        async def heard() -> Message:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                progress.closed = True
            return message

        scope[HANDLERS] = self._table
        try:
            await self.app(scope, heard, progress.send)
        except Exception as exc:
            remaining = await self._settle(exc, scope, heard, progress)
            if remaining is not None and progress.answered:  # before that the server has a 500 to answer with
                await progress.close(1011)
            if remains(exc, remaining):
                raise
        await progress.close(1000)

    async def http_exception(self, request: Request, exc: HTTPException) -> Response:
        """The status with its detail as plain text; no body where the status has none."""
        return await answer_http_exception(request, exc)

    async def websocket_exception(self, websocket: WebSocket, exc: WebSocketException) -> None:
        """Close the socket with the code."""
        await answer_websocket_exception(websocket, exc)
