"""Middleware that limits the size of a request body."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from signette._scope_keys import LIMITS
from signette.body import limit_body
from signette.limits import PLAIN_LIMITS
from signette.types import ASGIApp, Receive, Scope, Send


class RequestBodyLimitMiddleware:
    """Rejects bodies of more than `max_body_size` bytes with 413; None lifts the limit. The innermost limit counts.

    A body is counted as it is read, its Content-Length before that.
    """

    def __init__(self, app: ASGIApp, max_body_size: int | None) -> None:
        self.app = app
        self.max_body_size = max_body_size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            receive = limit_body(self.max_body_size, scope, receive)
        await self.app(scope, receive, send)


class FormLimitsMiddleware:
    """Sets fields of `Limits` that limit forms, in place of those further out."""

    def __init__(self, app: ASGIApp, limits: Mapping[str, int]) -> None:
        self.app = app
        self._limits: Mapping[str, Any] = dict(limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope[LIMITS] = replace(scope.get(LIMITS) or PLAIN_LIMITS, **self._limits)
        await self.app(scope, receive, send)
