"""Middleware that limits the size of a request body."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from signette._scope_keys import HANDLERS, LIMITS
from signette._tracking import ResponseTracker
from signette.body import limit_body
from signette.exceptions import LimitExceeded
from signette.limits import PLAIN_LIMITS, max_body_size_of
from signette.middleware.handlers import HandlerTable, remains
from signette.types import ASGIApp, Receive, Scope, Send

# The handler of the 413 where no application is around.
_PLAIN_HANDLERS = HandlerTable({})


class BodyLimit:
    """Limits the bodies that an application reads. Those around it handle the error."""

    def __init__(self, app: ASGIApp, limit_bytes: int | None) -> None:
        self.app = app
        self._limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            receive = limit_body(self._limit_bytes, scope, receive)
        await self.app(scope, receive, send)


class RequestBodyLimitMiddleware:
    """Rejects bodies of more than `max_body_size` bytes with 413; None lifts the limit. The innermost limit counts.

    A body is counted as it is read, its Content-Length before that. The handlers of the surrounding application send
    the response; without an application the middleware sends it, as plain text.
    """

    def __init__(self, app: ASGIApp, max_body_size: int | None) -> None:
        self.app = app
        self.max_body_size = max_body_size_of("`RequestBodyLimitMiddleware`", max_body_size)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        receive = limit_body(self.max_body_size, scope, receive)
        if HANDLERS in scope:
            await self.app(scope, receive, send)
        else:
            await self._respond_alone(scope, receive, send)

    async def _respond_alone(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application, and send the 413 if the body exceeds the limit."""
        tracker = ResponseTracker(send)
        try:
            await self.app(scope, receive, tracker.send)
        except LimitExceeded as exc:
            if exc.limit != "body_bytes" or remains(exc, await _PLAIN_HANDLERS.handle(exc, scope, receive, tracker)):
                raise


class FormLimitsMiddleware:
    """Sets fields of `Limits` that limit forms, in place of those further out."""

    def __init__(self, app: ASGIApp, limits: Mapping[str, int]) -> None:
        self.app = app
        self._limits: Mapping[str, Any] = dict(limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope[LIMITS] = replace(scope.get(LIMITS) or PLAIN_LIMITS, **self._limits)
        await self.app(scope, receive, send)
