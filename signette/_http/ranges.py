"""Byte ranges: which parts of a representation a `Range` header asks for (RFC 9110 §14)."""

import re
import sys

# RFC 9110 §14.1.2: an int-range or a suffix-range, in plain ASCII digits.
_RANGE = re.compile(r"([0-9]+)-([0-9]*)|-([0-9]+)")
_MOST_DIGITS = 18  # more than that is beyond the end of any file, and `int` refuses thousands of digits


class MalformedRangeHeader(ValueError):
    """Answer 400 with `content`."""

    def __init__(self, content: str = "Malformed range header.") -> None:
        self.content = content
        super().__init__(content)


class RangeNotSatisfiable(ValueError):
    """Answer 416 with `Content-Range: bytes */max_size`."""

    def __init__(self, max_size: int) -> None:
        self.max_size = max_size
        super().__init__(f"no range lies within {max_size} bytes")


def parse_ranges(header: str, size: int, max_ranges: int = 100) -> list[tuple[int, int]]:
    """The ranges asked for as (start, end), end not included, within `size`, sorted, those that touch merged.

    An empty list means that the whole is the answer: more than `max_ranges` were asked for, and RFC 9110 §14.2 lets
    a server ignore such a header; or they are of another unit than bytes, which it must ignore.

    Raises:
        MalformedRangeHeader: not a unit and ranges, or a range that ends before it starts.
        RangeNotSatisfiable: all of them lie behind the end.
    """
    unit, divided, ranges = header.partition("=")
    if not divided:
        raise MalformedRangeHeader
    if unit.strip(" \t").lower() != "bytes":
        return []
    if ranges.count(",") >= max_ranges:
        return []
    wanted: list[tuple[int, int]] = []
    is_readable = False
    for piece in ranges.split(","):
        match = _RANGE.fullmatch(piece.strip(" \t"))
        if match is None:
            continue
        is_readable = True
        first, last, suffix = match.groups()
        if suffix:
            wanted.append((max(size - _number(suffix), 0), size))
        elif last and _number(last) < _number(first):
            raise MalformedRangeHeader("Range header: start must be less than end")
        else:
            wanted.append((_number(first), min(_number(last) + 1, size) if last else size))
    if not is_readable:
        raise MalformedRangeHeader("Range header: range must be requested")
    # RFC 9110 §14.1.2: one that can be satisfied is served, whatever stands beside it.
    satisfiable = [(start, end) for start, end in wanted if start < end]
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
    return int(digits or "0") if len(digits) <= _MOST_DIGITS else sys.maxsize
