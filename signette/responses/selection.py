"""Selects the response of a file for a request: the whole file, ranges, or a 304 (RFC 9110 §13, §14)."""

from typing import NamedTuple

from signette._http import conditional
from signette._http.ranges import MalformedRangeHeader, RangeNotSatisfiable, parse_ranges
from signette.datastructures.headers import Field, Headers
from signette.responses.multirange import ByteRanges, Part, frame_ranges
from signette.responses.wire import RawHeaders, content_type_field

# The request headers that affect the selection.
CONDITIONS = frozenset({b"range", b"if-range", b"if-none-match", b"if-modified-since"})

# RFC 9110 §15.4.5: a 304 has no headers that describe the content.
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


class Selection(NamedTuple):
    """The selected response: its body has ranges of the file, or an error message."""

    status: int
    headers: RawHeaders
    body: ByteRanges | bytes
    is_whole: bool = False
    path: str | None = None  # set if the server reads the file


def is_not_modified(response: Headers, request: Headers) -> bool:
    """Whether the client has the current content already."""
    if_none_match = ", ".join(request.getlist("if-none-match")) if "if-none-match" in request else None
    since = request.get("if-modified-since")
    return conditional.is_not_modified(if_none_match, since, response.get("etag"), response.get("last-modified"))


def not_modified(headers: RawHeaders) -> Selection:
    """A 304 response."""
    return Selection(304, [field for field in headers if field[0] not in _NOT_IN_304], b"")


def select_ranges(whole: Selection, response: Headers, request: Headers, size: int, max_ranges: int) -> Selection:
    """The response for the `Range` header of a request; `whole` without `Range`, or if `If-Range` does not match."""
    header = request.get("range")
    if header is None or not conditional.range_applies(
        request.get("if-range"), response.get("etag"), response.get("last-modified")
    ):
        return whole
    try:
        ranges = parse_ranges(header, size, max_ranges)
    except MalformedRangeHeader as error:
        return _error(400, error.content.encode("ascii"))
    except RangeNotSatisfiable:
        return _error(416, b"", (b"content-range", b"bytes */%d" % size))
    if not ranges:
        return whole
    if len(ranges) == 1:
        ((start, stop),) = ranges
        body = ByteRanges([Part(b"", start, stop)])
        headers = _replace(whole.headers, b"content-length", b"%d" % body.length)
        headers.append((b"content-range", b"bytes %d-%d/%d" % (start, stop - 1, size)))
        return Selection(206, headers, body)
    content_type, body = frame_ranges(ranges, size, response.get("content-type", "").encode("latin-1"))
    headers = _replace(whole.headers, b"content-length", b"%d" % body.length)
    return Selection(206, _replace(headers, b"content-type", content_type), body)


def _error(status: int, text: bytes, *headers: Field) -> Selection:
    length = (b"content-length", b"%d" % len(text))
    return Selection(status, [*headers, length, content_type_field("text/plain", "utf-8")], text)


def _replace(headers: RawHeaders, name: bytes, value: bytes) -> RawHeaders:
    return [(name, value) if field[0] == name else field for field in headers]
