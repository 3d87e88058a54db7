"""Laws of conditional requests and of ranges (RFC 9110 sections 8.8, 13 and 14)."""

import re
from collections.abc import Iterable

from signette._http.conditional import is_entity_tag, weakly_equal
from signette.prove.law import Exchange, Law, ProvedOperation, Send, Violation
from signette.prove.laws.requests import without_conditions, without_headers

_OTHER = '"prove-another-version"'


class EntityTag(Law):
    """RFC 9110 section 8.8.3."""

    name = "entity-tag"
    summary = "Responses have the declared `ETag` or `Last-Modified`, and two bodies never have the same strong `ETag`"
    most = 3

    def applies(self, operation: ProvedOperation) -> bool:
        return operation.method == "GET"

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.status == 200 and exchange.complete

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        etag = exchange.header("ETag")
        declared = (operation.response_for(200) or {}).get("headers", {})
        if "ETag" in declared and etag is None and exchange.header("Last-Modified") is None:
            return [self.violation(operation, "the response lacks the declared header `ETag`", exchange)]
        if etag is None or etag.startswith("W/"):
            return []
        again = await send(exchange.request)
        if again.header("ETag") == etag and again.status == 200 and again.body != exchange.body:
            return [self.violation(operation, "two different bodies have the same strong `ETag`", exchange, again)]
        return []


class NotModified(Law):
    """RFC 9110 sections 13.1.2 and 15.4.5."""

    name = "not-modified"
    summary = "A GET with `If-None-Match` and the `ETag` of the response is a 304, with the same `ETag`"
    most = 3

    def applies(self, operation: ProvedOperation) -> bool:
        return operation.method == "GET"

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.status == 200 and is_entity_tag(exchange.header("ETag") or "")

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        etag = exchange.header("ETag") or ""
        repeated = await send(without_conditions(exchange.request).with_header("If-None-Match", etag))
        if repeated.status != 304:
            current = await send(without_conditions(exchange.request))
            if current.header("ETag") != etag:  # it has changed meanwhile
                return []
            message = f"`If-None-Match` with the current `ETag` is a {repeated.status}, not a 304"
            return [self.violation(operation, message, exchange, repeated)]
        if repeated.body:
            return [self.violation(operation, "the 304 has a body", exchange, repeated)]
        sent = repeated.header("ETag")
        if sent is None or not weakly_equal(sent, etag):
            return [self.violation(operation, "the 304 does not have the `ETag`", exchange, repeated)]
        return []


class Preconditions(Law):
    """RFC 9110 section 13.1.1, RFC 6585 section 3."""

    name = "preconditions"
    summary = "`If-Match` with another `ETag` is a 412, and a change without a required precondition a 428"
    most = 2

    def applies(self, operation: ProvedOperation) -> bool:
        return "412" in operation.responses

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.is_success

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        plain = without_conditions(exchange.request)
        found = []
        failing = await send(plain.with_header("If-Match", _OTHER))
        if failing.is_success:
            found.append(self.violation(operation, "`If-Match` with another `ETag` is ignored", failing))
        if "428" in operation.responses:
            bare = await send(plain)
            if bare.is_success:
                message = "a request without the required precondition is accepted"
                found.append(self.violation(operation, message, bare))
        return found


class Ranges(Law):
    """RFC 9110 section 14."""

    name = "ranges"
    summary = "A 206 has `Content-Range` and the bytes of the requested range, and a range after the end is a 416"
    most = 2

    def applies(self, operation: ProvedOperation) -> bool:
        return operation.method == "GET"

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        accepts = (exchange.header("Accept-Ranges") or "").lower() == "bytes"
        return accepts and exchange.status == 200 and exchange.complete and len(exchange.body) > 2

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        plain = without_headers(without_conditions(exchange.request), "Accept-Encoding")
        whole = await send(plain)
        length = len(whole.body)
        part = await send(plain.with_header("Range", "bytes=1-2"))
        found = []
        if part.status == 206:
            if not re.fullmatch(rf"bytes 1-2/({length}|\*)", part.header("Content-Range") or ""):
                found.append(self.violation(operation, "`Content-Range` of a 206 is not the requested range", part))
            if part.body != whole.body[1:3]:
                found.append(self.violation(operation, "a 206 has other bytes than the requested range", whole, part))
        elif part.status != 200:
            found.append(self.violation(operation, f"a valid range is a {part.status}", part))
        after = await send(plain.with_header("Range", f"bytes={length}-"))
        if after.status not in {200, 416}:
            found.append(self.violation(operation, f"a range after the end is a {after.status}, not a 416", after))
        return found
