"""The bounds of what comes before a body: the query string and the header fields."""

from collections.abc import Sequence

from signette.exceptions import LimitExceeded
from signette.limits import Limits
from signette.types import ASGIApp, Receive, Scope, Send


class Bounds:
    """Checks a scope against the bounds of `Limits`."""

    __slots__ = ("_header_bytes", "_header_fields", "_query_bytes", "_query_params", "few", "limits")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._query_bytes = _bound(limits.query_bytes)
        self._query_params = _bound(limits.query_params)
        self._header_fields = _bound(limits.header_fields)
        self._header_bytes = _bound(limits.header_bytes)
        # Fields of no more bytes than this in all need no closer look: each has a name of at least one.
        self.few = min(self._header_fields, self._header_bytes)

    def check(self, scope: Scope) -> None:
        """Raise LimitExceeded (414, 400, 431) if the request brings more than it may."""
        if query := scope.get("query_string"):
            self.check_query(query)
        size = 0
        for name, value in scope.get("headers", ()):
            size += len(name) + len(value)
        if size > self.few:
            self.check_headers(scope["headers"], size)

    def check_query(self, query: bytes) -> None:
        """Raise LimitExceeded (414, 400) if the query string is too long, or has too many parameters."""
        if len(query) > self._query_bytes:
            raise LimitExceeded(414, "query_bytes", self._query_bytes, "the query string is too long")
        if query.count(b"&") >= self._query_params:
            raise LimitExceeded(400, "query_params", self._query_params, "there are too many query parameters")

    def check_headers(self, headers: Sequence[tuple[bytes, bytes]], size: int) -> None:
        """Raise LimitExceeded (431) if these fields of `size` bytes are too many, or too large."""
        if len(headers) > self._header_fields:
            raise LimitExceeded(431, "header_fields", self._header_fields, "there are too many header fields")
        if size > self._header_bytes:
            raise LimitExceeded(431, "header_bytes", self._header_bytes, "the header fields are too large")


_NO_BOUND = 1 << 62


def _bound(limit: int | None) -> int:
    return _NO_BOUND if limit is None else limit


class BoundsMiddleware:
    """Checks each request before it goes on."""

    def __init__(self, app: ASGIApp, bounds: Bounds) -> None:
        self.app = app
        self._bounds = bounds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            self._bounds.check(scope)
            scope["signette.limits"] = self._bounds.limits
        await self.app(scope, receive, send)
