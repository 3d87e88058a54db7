"""Byte ranges: the parts of a representation that a `Range` header requests (RFC 9110 §14)."""

import sys

from signette._patterns import lazy_pattern

# RFC 9110 §14.1.2: an int-range or a suffix-range, in plain ASCII digits.
_RANGE = lazy_pattern(r"([0-9]+)-([0-9]*)|-([0-9]+)")
_MAX_DIGITS = 18  # longer numbers exceed the size of any file, and `int` rejects thousands of digits


class MalformedRangeHeader(ValueError):
    """The `Range` header is invalid. The response is a 400 with `content` as its body."""

    def __init__(self, content: str = "Malformed range header.") -> None:
        self.content = content
        super().__init__(content)


class RangeNotSatisfiable(ValueError):
    """No requested range is inside the representation. The response is a 416 with `Content-Range: bytes */max_size`."""

    def __init__(self, max_size: int) -> None:
        self.max_size = max_size
        super().__init__(f"no range is within {max_size} bytes")


def parse_ranges(header: str, size: int, max_ranges: int = 100) -> list[tuple[int, int]]:
    """The requested ranges as (start, end), end excluded, within `size`, sorted, with adjacent ranges merged.

    An empty list means that the header is ignored and the response has the whole representation: the header has more
    than `max_ranges` ranges, which a server may ignore, or another unit than bytes, which it must (RFC 9110 §14.2).

    Raises:
        MalformedRangeHeader: the header is not a unit and ranges, or a range ends before it starts.
        RangeNotSatisfiable: all ranges start after the end of the representation.
    """
    unit, separator, ranges = header.partition("=")
    if not separator:
        raise MalformedRangeHeader
    if unit.strip(" \t").lower() != "bytes":
        return []
    if ranges.count(",") >= max_ranges:
        return []
    requested: list[tuple[int, int]] = []
    has_range = False
    for item in ranges.split(","):
        match = _RANGE.fullmatch(item.strip(" \t"))
        if match is None:
            continue
        has_range = True
        first, last, suffix = match.groups()
        if suffix:
            requested.append((max(size - _number(suffix), 0), size))
        elif last and _number(last) < _number(first):
            raise MalformedRangeHeader("Range header: start must be less than end")
        else:
            requested.append((_number(first), min(_number(last) + 1, size) if last else size))
    if not has_range:
        raise MalformedRangeHeader("Range header: range must be requested")
    # RFC 9110 §14.1.2: satisfiable ranges are served, even if others are not satisfiable.
    satisfiable = [(start, end) for start, end in requested if start < end]
    if not satisfiable:
        raise RangeNotSatisfiable(size)
    return _merged(satisfiable)


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    ranges.sort()
    merged = ranges[:1]
    for start, end in ranges[1:]:
        last_start, last_end = merged[-1]
        if start > last_end:
            merged.append((start, end))
        elif end > last_end:
            merged[-1] = (last_start, end)
    return merged


def _number(digits: str) -> int:
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= _MAX_DIGITS else sys.maxsize
