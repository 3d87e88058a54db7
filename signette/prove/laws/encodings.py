"""The law of compressed responses."""

import zlib
from collections.abc import Iterable

from signette.prove.law import Exchange, Law, ProvedOperation, Send, Violation
from signette.prove.laws.requests import without_conditions


class ContentEncoding(Law):
    """RFC 9110 sections 8.4, 8.8.3.3 and 12.5.3."""

    name = "content-encoding"
    summary = "A body in gzip is the same content, has another strong `ETag`, and `Vary` names `Accept-Encoding`"
    most = 2

    def applies(self, operation: ProvedOperation) -> bool:
        return operation.method == "GET"

    def wants(self, operation: ProvedOperation, exchange: Exchange) -> bool:
        return exchange.status == 200 and exchange.complete and exchange.body != b""

    async def check(self, operation: ProvedOperation, exchange: Exchange, send: Send) -> Iterable[Violation]:
        request = without_conditions(exchange.request)
        encoded = await send(request.with_header("Accept-Encoding", "gzip"))
        if (encoded.header("Content-Encoding") or "").lower() != "gzip" or not encoded.complete:
            return []
        plain = await send(request.with_header("Accept-Encoding", "identity"))
        try:
            content = zlib.decompress(encoded.body, wbits=31)
        except zlib.error:
            return [self.violation(operation, "`Content-Encoding` is gzip, and the body is not", encoded)]
        found = []
        is_steady = plain.body == exchange.body or plain.body == (await send(plain.request)).body
        if is_steady and content != plain.body:
            found.append(self.violation(operation, "the body in gzip is another content", plain, encoded))
        etag = encoded.header("ETag")
        if etag is not None and not etag.startswith("W/") and etag == plain.header("ETag"):
            message = "the body in gzip and the plain one have the same strong `ETag`"
            found.append(self.violation(operation, message, plain, encoded))
        named = {part.strip().lower() for value in encoded.header_values("Vary") for part in value.split(",")}
        if not named & {"accept-encoding", "*"}:
            found.append(self.violation(operation, "`Vary` of a body in gzip lacks `Accept-Encoding`", encoded))
        return found
