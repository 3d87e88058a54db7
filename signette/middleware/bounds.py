"""The bounds of what comes before a body: the path, the query string and the header fields."""

from signette._scope_keys import LIMITS, REFUSAL
from signette.exceptions import LimitExceeded
from signette.limits import Limits, limits_within
from signette.types import ASGIApp, Receive, Scope, Send


class RequestLimits:
    """Checks a scope against the bounds of `Limits`."""

    __slots__ = ("_query_bytes", "_query_params", "header_bytes", "header_fields", "limits", "path_bytes")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._query_bytes = _bound(limits.query_bytes)
        self._query_params = _bound(limits.query_params)
        self.path_bytes = _bound(limits.path_bytes)
        self.header_fields = _bound(limits.header_fields)
        self.header_bytes = _bound(limits.header_bytes)

    def check(self, scope: Scope) -> None:
        """Raise LimitExceeded (414, 400, 431) if the request brings more than it may."""
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

    def within(self, scope: Scope) -> Scope:
        """What is left of path, query string and header fields.

        A path that is too long is cut, a query is left out. Of the fields the smallest ones are left; `Host` and
        `Origin` go first, for layers that need them to answer at all.
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
_NO_BOUND = 1 << 62


def _bound(limit: int | None) -> int:
    return _NO_BOUND if limit is None else limit


class RequestLimitsMiddleware:
    """Checks each request before it goes on.

    One that brings too much goes on all the same, without what was too much: so its refusal, which `Rejections` raises
    inside of the layers, passes them as any answer does, and no layer has to do with more than the bounds allow.
    """

    def __init__(self, app: ASGIApp, bounds: RequestLimits) -> None:
        self.app = app
        self._bounds = bounds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            try:
                self._bounds.check(scope)
            except LimitExceeded as refusal:
                # A copy: the server may still want to log what was asked for.
                scope = {**scope, REFUSAL: refusal, **self._bounds.within(scope)}
            scope[LIMITS] = limits_within(self._bounds.limits, scope.get(LIMITS))
        await self.app(scope, receive, send)


class Rejections:
    """Raises what a request is refused for, in the place of the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal: LimitExceeded | None = scope.get(REFUSAL)
        if refusal is not None:
            raise refusal
        await self.app(scope, receive, send)
