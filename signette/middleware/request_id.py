"""Request ids: each request has an id, which the response and all logs have; and one log line for each request."""

import logging
import re
from collections.abc import Collection, Mapping
from secrets import token_hex
from time import perf_counter
from typing import Any
from uuid import uuid4

from signette.logging import REQUEST_IDS, RequestIDs
from signette.middleware.route_template import route_of
from signette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["RequestIDMiddleware"]

logger = logging.getLogger("signette.access")

_REQUEST_ID = re.compile(rb"[A-Za-z0-9_.:@/+=-]{1,128}")
# W3C Trace Context §3.2.2: version 00 has these four fields, later versions may have more.
_TRACEPARENT = re.compile(rb"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_SAMPLED = 1
# Of a response, and of one that rejects a WebSocket.
_STARTS = frozenset({"http.response.start", "websocket.http.response.start"})
_BODIES = frozenset({"http.response.body", "websocket.http.response.body"})
_PROBLEM = b"application/problem+json"
_MEMBER_SCHEMA = {"type": "string", "description": "The id of the request, to find it in logs."}


class RequestIDMiddleware:
    """Gives each request and WebSocket an id, sends it as `X-Request-ID`, and logs one line when the response ends.

    The id is that of the header `X-Request-ID`, if `accept` is true and it has at most 128 letters, digits and
    `_.:@/+=-`. Otherwise it is the trace id of the header `traceparent` (W3C Trace Context), else a new one.
    `current_request_ids` of `signette.logging` returns it.

    Problems (`application/problem+json`) have the id as their member `request_id`, so that clients can report it. With
    `in_problems=False` they do not.

    Log lines are those of the logger `signette.access`. `access_log=False` writes none. Successful requests to
    `unlogged` paths write none: those of health checks. Query strings are not logged, as they may have secrets.

    Raises:
        ValueError: `header` is not the name of a header.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        header: str = "X-Request-ID",
        accept: bool = True,
        in_problems: bool = True,
        access_log: bool = True,
        unlogged: Collection[str] = ("/livez", "/readyz"),
    ) -> None:
        if not _NAME.fullmatch(header):
            raise ValueError(f"`header` must be the name of a header, not {header!r}")
        self.app = app
        self._header = header.lower().encode()
        self._accept = accept
        self._in_problems = in_problems
        self._access_log = access_log
        self._unlogged = frozenset(unlogged)

    @classmethod
    def problem_members(cls, *, in_problems: bool = True, **_: Any) -> Mapping[str, Any]:
        """What the middleware with these arguments adds to problems, as JSON Schemas for the OpenAPI document."""
        return {"request_id": _MEMBER_SCHEMA} if in_problems else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        ids = self._ids_of(scope)
        watch = _Watch(send, (self._header, ids.request_id.encode()))
        sender = _ProblemMember(watch.send, ids.request_id, scope) if self._in_problems else watch
        token = REQUEST_IDS.set(ids)
        try:
            await self.app(scope, receive, sender.send)
        except BaseException as exc:
            watch.fail(exc)
            self._log(scope, watch)
            raise  # with the ids left in the context of the task, for the server that logs the traceback
        self._log(scope, watch)
        REQUEST_IDS.reset(token)

    def _ids_of(self, scope: Scope) -> RequestIDs:
        given = parent = None
        for name, value in scope.get("headers", ()):
            if name == self._header:
                given = value
            elif name == b"traceparent":
                parent = value if parent is None else b""  # several are as none
        trace_id, flags = _trace_of(parent)
        request_id = trace_id
        if self._accept and given is not None and _REQUEST_ID.fullmatch(given):
            request_id = given.decode()
        elif request_id is None:
            request_id = uuid4().hex
        return RequestIDs(request_id, trace_id or uuid4().hex, token_hex(8), flags)

    def _log(self, scope: Scope, watch: "_Watch") -> None:
        path, status = scope["path"], watch.status
        if not self._access_log:
            return
        if path in self._unlogged and status is not None and status < 400:
            return
        method = scope.get("method", "WEBSOCKET")
        client = scope.get("client")
        facts = {
            "method": method,
            "path": path,
            "route": route_of(scope),
            "status": status,
            "milliseconds": round((perf_counter() - watch.begun) * 1000, 2),
            "client": client[0] if client else None,
        } | watch.more
        # `%r`: a path may have line ends.
        logger.info("%s %r %s", method, path, status, extra=facts)


def _trace_of(parent: bytes | None) -> tuple[str | None, str]:
    """The trace id and the flags of a `traceparent`; no id if it is not valid."""
    match = _TRACEPARENT.fullmatch(parent) if parent else None
    if match is None:
        return None, "00"
    version, trace, span, flags, rest = match.groups()
    if version == b"ff" or (version == b"00" and rest is not None) or not trace.strip(b"0") or not span.strip(b"0"):
        return None, "00"
    return trace.decode(), f"{int(flags, 16) & _SAMPLED:02x}"


class _Watch:
    """`send` that adds a header to the response, and records its status."""

    __slots__ = ("_field", "_send", "begun", "more", "status")

    def __init__(self, send: Send, field: tuple[bytes, bytes]) -> None:
        self._send = send
        self._field = field
        self.begun = perf_counter()
        self.status: int | None = None
        self.more: dict[str, Any] = {}

    async def send(self, message: Message) -> None:
        """Pass the message on."""
        kind = message["type"]
        if kind in {"http.response.start", "websocket.http.response.start", "websocket.accept"}:
            self.status = message.get("status", 101)
            others = [field for field in message.get("headers", ()) if field[0].lower() != self._field[0]]
            message = {**message, "headers": [*others, self._field]}
        elif kind == "websocket.close":
            if self.status is None:
                self.status = 403  # as servers make of it (ASGI)
            self.more["close_code"] = message.get("code", 1000)
        await self._send(message)

    def fail(self, exc: BaseException) -> None:
        """Record what the application raised; if no response has started, it will be a 500."""
        self.more["error"] = type(exc).__qualname__
        if self.status is None and isinstance(exc, Exception):
            self.status = 500


class _ProblemMember:
    """`send` that adds the member `request_id` to problems (RFC 9457 §3.2), of all applications below it.

    The response that rejects a WebSocket may be one, too. The member is added to the bytes of a body that is sent
    whole: error formats, mounted applications and plain ASGI applications need not know of it.
    """

    __slots__ = ("_is_head", "_member", "_send", "_start")

    def __init__(self, send: Send, request_id: str, scope: Scope) -> None:
        self._send = send
        self._member = b',"request_id":"%s"}' % request_id.encode()
        self._is_head = scope.get("method") == "HEAD"
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        """Pass the message on; the start of a problem together with its body."""
        if message["type"] in _STARTS and message["status"] >= 400 and _is_problem(message):
            self._start = message
            return
        if self._start is not None:
            start, self._start = self._start, None
            if message["type"] in _BODIES and not message.get("more_body", False):
                start, message = self._extended(start, message)
            await self._send(start)
        await self._send(message)

    def _extended(self, start: Message, message: Message) -> tuple[Message, Message]:
        """Both messages with the member, unless the body is no JSON object, or has a member of this name."""
        body = bytes(message.get("body", b""))
        if self._is_head and not body:  # the length of the response to a GET
            return _longer(start, len(self._member) - 1), message
        if not body.endswith(b"}") or body.endswith(b"{}") or b'"request_id"' in body:
            return start, message
        return _longer(start, len(self._member) - 1), {**message, "body": body[:-1] + self._member}


def _is_problem(start: Message) -> bool:
    """Whether a response is a problem whose bytes are JSON: without a content coding."""
    fields = {name.lower(): value for name, value in start.get("headers", ())}
    media_type = fields.get(b"content-type", b"").partition(b";")[0].strip().lower()
    return media_type == _PROBLEM and b"content-encoding" not in fields


def _longer(start: Message, more: int) -> Message:
    """The start of a response whose body has more bytes."""
    fields = [
        (name, b"%d" % (int(value) + more)) if name.lower() == b"content-length" else (name, value)
        for name, value in start.get("headers", ())
    ]
    return {**start, "headers": fields}
