"""Limits of the path, the query string and the header fields."""

from signette._scope_keys import LIMITS, REJECTION
from signette.exceptions import LimitExceeded
from signette.limits import Limits, limits_within
from signette.types import ASGIApp, Receive, Scope, Send


class RequestLimits:
    """Checks a scope against `Limits`."""

    __slots__ = (
        "_query_bytes",
        "_query_params",
        "harmless_query",
        "header_bytes",
        "header_fields",
        "limits",
        "path_bytes",
    )

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._query_bytes = _maximum(limits.query_bytes)
        self._query_params = _maximum(limits.query_params)
        # PERF: so short a query string has no room for too many parameters, which need not be counted.
        self.harmless_query = min(self._query_bytes, self._query_params - 1)
        self.path_bytes = _maximum(limits.path_bytes)
        self.header_fields = _maximum(limits.header_fields)
        self.header_bytes = _maximum(limits.header_bytes)

    def check(self, scope: Scope) -> None:
        """Raise LimitExceeded (414, 400, 431) if the request exceeds a limit."""
        if query := scope.get("query_string"):
            self.check_query(query)
        if len(scope.get("raw_path") or scope["path"]) > self.path_bytes:
            self.check_path(scope)
        headers = scope.get("headers", ())
        if len(headers) > self.header_fields:
            raise LimitExceeded(431, "header_fields", self.header_fields)
        # PERF: for the few fields of a request a loop takes half the time of joining them.
        size = 0
        for name, value in headers:
            size += len(name) + len(value)
        if size > self.header_bytes:
            raise LimitExceeded(431, "header_bytes", self.header_bytes)

    def cut(self, scope: Scope) -> Scope:
        """The scope; a copy cut down to the limits if it exceeds one."""
        try:
            self.check(scope)
        except LimitExceeded:
            return {**scope, **self.within(scope)}
        return scope

    def within(self, scope: Scope) -> Scope:
        """The path, query string and header fields cut down to the limits.

        A path that is too long is truncated, a query string is dropped. The smallest header fields are kept, and `Host`
        and `Origin` before all others, because middleware may need them to respond at all.
        """
        kept_path: Scope = {}
        try:
            self.check_path(scope)
        except LimitExceeded:
            kept_path = {"path": scope["path"][: self.path_bytes], "raw_path": None}
        query, headers = scope.get("query_string", b""), scope.get("headers", ())
        try:
            self.check_query(query)
        except LimitExceeded:
            query = b""
        ranks = [(name not in _NEEDED, len(name) + len(value)) for name, value in headers]
        kept, size = set[int](), 0
        for place in sorted(range(len(ranks)), key=ranks.__getitem__)[: self.header_fields]:
            size += ranks[place][1]
            if size > self.header_bytes:
                break
            kept.add(place)
        fields = [field for place, field in enumerate(headers) if place in kept]
        return {"query_string": query, "headers": fields, **kept_path}

    def check_path(self, scope: Scope) -> None:
        """Raise LimitExceeded (414) if the path is too long as it was sent, which is escaped."""
        raw: bytes = scope.get("raw_path") or b""
        # Some servers leave the query in it.
        if len(raw.partition(b"?")[0] or scope["path"]) > self.path_bytes:
            raise LimitExceeded(414, "path_bytes", self.path_bytes)

    def check_query(self, query: bytes) -> None:
        """Raise LimitExceeded (414, 400) if the query string is too long, or has too many parameters."""
        if len(query) > self._query_bytes:
            raise LimitExceeded(414, "query_bytes", self._query_bytes)
        if query.count(b"&") >= self._query_params:
            raise LimitExceeded(400, "query_params", self._query_params)


_NEEDED = frozenset({b"host", b"origin"})
UNLIMITED = 1 << 62


def _maximum(limit: int | None) -> int:
    return UNLIMITED if limit is None else limit


class RequestLimitsMiddleware:
    """Checks the limits of each request.

    A request that exceeds a limit is passed on, cut down to the limits. `Rejections` raises the error inside of the
    other middleware, so that the error response passes through it as any response does.
    """

    def __init__(self, app: ASGIApp, limits: RequestLimits) -> None:
        self.app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            try:
                self._limits.check(scope)
            except LimitExceeded as rejection:
                # A copy: the server may still log the request as it was sent.
                scope = {**scope, REJECTION: rejection, **self._limits.within(scope)}
            scope[LIMITS] = limits_within(self._limits.limits, scope.get(LIMITS))
        await self.app(scope, receive, send)


class Rejections:
    """Raises the error of a request that exceeds a limit, in place of calling the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rejection: LimitExceeded | None = scope.get(REJECTION)
        if rejection is not None:
            raise rejection
        await self.app(scope, receive, send)
