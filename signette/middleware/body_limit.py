"""The layer that bounds the body of a request."""

from signette.body import LimitedReceive
from signette.types import ASGIApp, Receive, Scope, Send


class RequestBodyLimitMiddleware:
    """Refuses bodies of more than `max_body_size` bytes with 413; None lifts the bound. The innermost layer counts.

    A body is counted as it is read, its Content-Length before that.
    """

    def __init__(self, app: ASGIApp, max_body_size: int | None) -> None:
        self.app = app
        self.max_body_size = max_body_size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            receive = limit_body(self.max_body_size, scope, receive)
        await self.app(scope, receive, send)


def limit_body(limit_bytes: int | None, scope: Scope, receive: Receive) -> Receive:
    """`receive` with this bound. Where one is in force already, its bound is changed: what lies between may hold it."""
    outer: LimitedReceive | None = scope.get("signette.receive")
    if outer is not None:
        outer.limit_bytes = limit_bytes
        return receive
    limited = scope["signette.receive"] = LimitedReceive(receive, limit_bytes, scope.get("headers", ()))
    return limited
