"""Compressors of bodies: gzip, brotli, Zstandard. The only module that imports brotli and zstandard.

Each is made for one body, of `size` bytes where that is known. A window is no larger than the body, as to clear a full
one takes longer than to compress a short body; nor larger than what many streams at once could afford.
"""

import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    brotli: Any
    zstandard: Any
    standard_zstd: Any
else:
    try:
        import brotli
    except ModuleNotFoundError:
        brotli = None
    try:
        from compression import zstd as standard_zstd  # Python 3.14
    except ModuleNotFoundError:
        standard_zstd = None
    try:
        import zstandard
    except ModuleNotFoundError:
        zstandard = None

_GZIP_FORMAT = 16  # added to the bits of the window
_BROTLI_BITS = (10, 19)  # the fewest that there are; half a MiB
_UNKNOWN = 1 << 30


class Compressor(Protocol):
    """Encodes one body."""

    def piece(self, data: bytes) -> bytes:
        """A piece of it, encoded so that all of it can be read at once."""

    def last(self, data: bytes) -> bytes:
        """Its last piece, and its end."""


class Gzip:
    """RFC 1952."""

    __slots__ = ("_inner",)

    def __init__(self, level: int, size: int | None) -> None:
        bits = min(max((size or _UNKNOWN).bit_length(), 9), zlib.MAX_WBITS)
        self._inner = zlib.compressobj(level, zlib.DEFLATED, _GZIP_FORMAT + bits)

    def piece(self, data: bytes) -> bytes:
        return self._inner.compress(data) + self._inner.flush(zlib.Z_SYNC_FLUSH)

    def last(self, data: bytes) -> bytes:
        return self._inner.compress(data) + self._inner.flush(zlib.Z_FINISH)


class Brotli:
    """RFC 7932, by `brotli`."""

    __slots__ = ("_inner",)

    def __init__(self, level: int, size: int | None) -> None:
        fewest, most = _BROTLI_BITS
        self._inner = brotli.Compressor(quality=level, lgwin=min(max((size or _UNKNOWN).bit_length(), fewest), most))

    def piece(self, data: bytes) -> bytes:
        encoded: bytes = self._inner.process(data) + self._inner.flush()
        return encoded

    def last(self, data: bytes) -> bytes:
        encoded: bytes = self._inner.process(data) + self._inner.finish()
        return encoded


class Zstandard:
    """RFC 8878, by `zstandard`."""

    __slots__ = ("_inner",)

    def __init__(self, level: int, size: int | None) -> None:
        self._inner = zstandard.ZstdCompressor(level=level).compressobj(size=-1 if size is None else size)

    def piece(self, data: bytes) -> bytes:
        encoded: bytes = self._inner.compress(data) + self._inner.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
        return encoded

    def last(self, data: bytes) -> bytes:
        encoded: bytes = self._inner.compress(data) + self._inner.flush()
        return encoded


class StandardZstandard:
    """RFC 8878, by the standard library."""

    __slots__ = ("_inner",)

    def __init__(self, level: int, size: int | None) -> None:  # noqa: ARG002 - it has one shape for all sizes
        self._inner = standard_zstd.ZstdCompressor(level=level)

    def piece(self, data: bytes) -> bytes:
        encoded: bytes = self._inner.compress(data, self._inner.FLUSH_BLOCK)
        return encoded

    def last(self, data: bytes) -> bytes:
        encoded: bytes = self._inner.compress(data, self._inner.FLUSH_FRAME)
        return encoded


# The lowest and the highest level. RFC 9659 §3: a body of `zstd` needs no window above 8 MiB, which is up to 19.
LEVELS = {"gzip": (0, 9), "br": (0, 11), "zstd": (1, 19)}


def compressor_of(coding: str) -> Callable[[int, int | None], Compressor] | None:
    """What makes a compressor from a level and a size; None if its library is not installed."""
    if coding == "gzip":
        return Gzip
    if coding == "br":
        return None if brotli is None else Brotli
    if standard_zstd is not None:
        return StandardZstandard
    return None if zstandard is None else Zstandard
