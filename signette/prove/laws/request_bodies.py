"""Laws of request bodies: their size, media type and syntax (RFC 9110 section 15.5)."""

import zlib
from collections.abc import Iterable
from dataclasses import replace

from signette._http.media import is_json
from signette.declarative.plan.steps import Read
from signette.prove.law import Exchange, Law, ProvedOperation, Request, Send, Violation, describe_status
from signette.prove.laws.requests import body_media_types, media_type_of

UNKNOWN = "application/x-prove-unknown"
# A larger body takes long to send, and its limit is one of the toolkit, which has its own tests.
MOST_BYTES = 4 * 1024 * 1024
# What guards and policies respond before the body is read.
_BEFORE_THE_BODY = {400, 401, 403, 428, 429, 503}


class BodyLimit(Law):
    """RFC 9110 section 15.5.14."""

    name = "body-limit"
    summary = "A body of one byte more than the limit is a 413, with `Content-Length` and without"
    most = 2

    def applies(self, operation: ProvedOperation) -> bool:
        limit = limit_of(operation)
        has_body = "requestBody" in operation.definition
        return has_body and "413" in operation.responses and limit is not None and limit < MOST_BYTES

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return _is_read(exchange)

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        limit = limit_of(operation) or 0
        found = []
        for chunked in (False, True):
            response = await send(_once(self, _padded(exchange.request, limit + 1, chunked=chunked)))
            if response.status != 413:
                how = "in chunks " if chunked else ""
                message = f"a body {how}of one byte more than the limit is a {_status(response)}, not a 413"
                found.append(self.violation(operation, message, response))
        if not is_json(media_type_of(exchange.request)) or len(exchange.request.body) > limit:
            return found
        fitting = await send(_once(self, _padded(exchange.request, limit, chunked=False)))
        if fitting.status == 413:
            found.append(self.violation(operation, "a body of the size of the limit is a 413", fitting))
        return found


def limit_of(operation: ProvedOperation) -> int | None:
    """The largest request body of an operation in bytes."""
    limits = operation.route.limits_in(operation.app)
    streams = [read.stream for read in operation.plan.reads if isinstance(read, Read) and read.stream is not None]
    if streams:
        return streams[0].items.max_bytes or limits.body_bytes
    sizes = [limits.body_bytes, limits.json_bytes if any(map(is_json, body_media_types(operation))) else None]
    return min((each for each in sizes if each is not None), default=None)


def _padded(request: Request, size: int, *, chunked: bool) -> Request:
    """The request with a body of this size. Spaces after JSON do not change it."""
    bare = request.without_header("Content-Length")
    return replace(bare, body=request.body.ljust(size)[:size], chunked=chunked)


class RequestMediaType(Law):
    """RFC 9110 section 15.5.16."""

    name = "request-media-type"
    summary = "A body of a media type that is not declared is a 415"
    most = 2

    def applies(self, operation: ProvedOperation) -> bool:
        declared = body_media_types(operation)
        return "415" in operation.responses and bool(declared) and not any("*" in each for each in declared)

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return bool(exchange.request.body) and _is_read(exchange)

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        response = await send(_once(self, exchange.request.with_header("Content-Type", UNKNOWN)))
        if response.status == 415:
            return []
        message = f"a body of an unknown media type is a {_status(response)}, not a 415"
        return [self.violation(operation, message, response)]


class MalformedBody(Law):
    """RFC 9110 section 15.5.1."""

    name = "malformed-body"
    summary = "A body that is not JSON, where JSON is declared, is a 400"
    most = 2

    def applies(self, operation: ProvedOperation) -> bool:
        return any(map(is_json, body_media_types(operation))) and "400" in operation.responses

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return is_json(media_type_of(exchange.request)) and _is_read(exchange)

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        response = await send(_once(self, replace(exchange.request, body=b'{"prove": ')))
        if response.status == 400:
            return []
        message = f"a body that is not JSON is a {_status(response)}, not a 400"
        return [self.violation(operation, message, response)]


def _is_read(exchange: Exchange) -> bool:
    """Whether the body of the request was read: no guard, policy or redirect to a login has ended it before."""
    is_redirect = exchange.status is not None and 300 <= exchange.status < 400
    return exchange.intent != "invalid" and not is_redirect and exchange.status not in _BEFORE_THE_BODY


def _once(law: Law, request: Request) -> Request:
    """The request with an `Idempotency-Key` that was not used before, if it has one."""
    if request.header("Idempotency-Key") is None:
        return request
    digest = zlib.crc32(repr((law.name, request)).encode())
    return request.with_header("Idempotency-Key", f"prove-{digest:08x}")


def _status(exchange: Exchange) -> str:
    return "failure without a response" if exchange.status is None else describe_status(exchange.status)
