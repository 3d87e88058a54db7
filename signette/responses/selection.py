"""Which part of a file a request selects: all, ranges, or nothing new (RFC 9110 §13, §14)."""

from typing import NamedTuple

from signette._http import conditional
from signette._http.ranges import MalformedRangeHeader, RangeNotSatisfiable, parse_ranges
from signette.datastructures.headers import Field, Headers
from signette.responses.multirange import ByteRanges, Part, frame_ranges
from signette.responses.wire import RawHeaders, content_type_field

# The request's fields that select.
SELECTING = frozenset({b"range", b"if-range", b"if-none-match", b"if-modified-since"})

# RFC 9110 §15.4.5: a 304 does not describe the content again.
_NOT_IN_304 = frozenset(
    {
        b"accept-ranges",
        b"content-disposition",
        b"content-encoding",
        b"content-language",
        b"content-length",
        b"content-type",
    }
)


class Answer(NamedTuple):
    """What goes out: ranges of the file, or a text in their stead."""

    status: int
    headers: RawHeaders
    body: ByteRanges | bytes
    is_whole: bool = False
    path: str | None = None  # the server shall read the file


def is_not_modified(response: Headers, request: Headers) -> bool:
    """Whether the client has already what this response would bring."""
    if_none_match = ", ".join(request.getlist("if-none-match")) if "if-none-match" in request else None
    since = request.get("if-modified-since")
    return conditional.is_not_modified(if_none_match, since, response.get("etag"), response.get("last-modified"))


def not_modified(headers: RawHeaders) -> Answer:
    """The client has it."""
    return Answer(304, [field for field in headers if field[0] not in _NOT_IN_304], b"")


def select_ranges(whole: Answer, response: Headers, request: Headers, size: int, max_ranges: int) -> Answer:
    """What the request's `Range` asks for; the whole where that asks for nothing, or of another content."""
    asked = request.get("range")
    if asked is None or not conditional.range_applies(
        request.get("if-range"), response.get("etag"), response.get("last-modified")
    ):
        return whole
    try:
        ranges = parse_ranges(asked, size, max_ranges)
    except MalformedRangeHeader as error:
        return _refusal(400, error.content.encode("ascii"))
    except RangeNotSatisfiable:
        return _refusal(416, b"", (b"content-range", b"bytes */%d" % size))
    if not ranges:
        return whole
    if len(ranges) == 1:
        ((start, stop),) = ranges
        body = ByteRanges([Part(b"", start, stop)])
        headers = _replace(whole.headers, b"content-length", b"%d" % body.length)
        headers.append((b"content-range", b"bytes %d-%d/%d" % (start, stop - 1, size)))
        return Answer(206, headers, body)
    content_type, body = frame_ranges(ranges, size, response.get("content-type", "").encode("latin-1"))
    headers = _replace(whole.headers, b"content-length", b"%d" % body.length)
    return Answer(206, _replace(headers, b"content-type", content_type), body)


def _refusal(status: int, text: bytes, *headers: Field) -> Answer:
    length = (b"content-length", b"%d" % len(text))
    return Answer(status, [*headers, length, content_type_field("text/plain", "utf-8")], text)


def _replace(headers: RawHeaders, name: bytes, value: bytes) -> RawHeaders:
    return [(name, value) if field[0] == name else field for field in headers]
