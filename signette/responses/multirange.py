"""Bodies with several ranges of a file: `multipart/byteranges` (RFC 9110 §14.6)."""

from collections.abc import Sequence
from secrets import token_hex
from typing import NamedTuple, Self


class Part(NamedTuple):
    """The bytes of a file from `start` to `stop` (excluded), and the header before them."""

    head: bytes
    start: int
    stop: int


class ByteRanges(NamedTuple):
    """A body that consists of parts of a file."""

    parts: Sequence[Part]
    tail: bytes = b""

    @classmethod
    def whole(cls, size: int) -> Self:
        """The whole of a file of this size."""
        return cls([Part(b"", 0, size)])

    @property
    def length(self) -> int:
        """The number of bytes of the whole body."""
        return sum(len(part.head) + part.stop - part.start for part in self.parts) + len(self.tail)


def frame_ranges(ranges: Sequence[tuple[int, int]], size: int, content_type: bytes) -> tuple[bytes, ByteRanges]:
    """The content type of the response, and its body, with a header before each range."""
    boundary = token_hex(13).encode()  # 104 random bits, so that no file contains it
    parts = []
    line_end = b""
    for start, stop in ranges:
        head = b"%b--%b\r\nContent-Type: %b\r\nContent-Range: bytes %d-%d/%d\r\n\r\n"
        parts.append(Part(head % (line_end, boundary, content_type, start, stop - 1, size), start, stop))
        line_end = b"\r\n"
    return b"multipart/byteranges; boundary=%b" % boundary, ByteRanges(parts, b"\r\n--%b--" % boundary)
