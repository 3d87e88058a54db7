"""Compressors and decompressors of bodies: gzip, brotli, Zstandard. The only module that imports their libraries.

Each is made for one body, of `size` bytes where that is known. A window is no larger than the body, as to clear a full
one takes longer than to compress a short body; nor larger than what many streams at once could afford.

A decompressor is given pieces of a body as they arrive, and returns what is in them in pieces of a limited size, as a
few bytes may decode to many megabytes.
"""

import zlib
from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

from signette.limits import KIB

_GZIP_FORMAT = 16  # added to the bits of the window
_BROTLI_BITS = (10, 19)  # the fewest that there are; half a MiB
_UNKNOWN = 1 << 30


# The libraries are imported on first use: an application that may decompress bodies does not load them at its start.


@cache
def load_brotli() -> Any:
    """The module; None if it is not installed."""
    try:
        import brotli  # noqa: PLC0415 - as above
    except ModuleNotFoundError:
        return None
    return brotli


@cache
def load_standard_zstd() -> Any:
    """The module of Python 3.14; None in others."""
    try:
        from compression import zstd  # noqa: PLC0415 - as above
    except ModuleNotFoundError:
        return None
    return zstd


@cache
def load_zstandard() -> Any:
    """The module; None if it is not installed."""
    try:
        import zstandard  # noqa: PLC0415 - as above
    except ModuleNotFoundError:
        return None
    return zstandard


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
        self._inner = load_brotli().Compressor(
            quality=level, lgwin=min(max((size or _UNKNOWN).bit_length(), fewest), most)
        )

    def piece(self, data: bytes) -> bytes:
        encoded: bytes = self._inner.process(data) + self._inner.flush()
        return encoded

    def last(self, data: bytes) -> bytes:
        encoded: bytes = self._inner.process(data) + self._inner.finish()
        return encoded


class Zstandard:
    """RFC 8878, by `zstandard`."""

    __slots__ = ("_block", "_inner")

    def __init__(self, level: int, size: int | None) -> None:
        zstandard = load_zstandard()
        self._block = zstandard.COMPRESSOBJ_FLUSH_BLOCK
        self._inner = zstandard.ZstdCompressor(level=level).compressobj(size=-1 if size is None else size)

    def piece(self, data: bytes) -> bytes:
        encoded: bytes = self._inner.compress(data) + self._inner.flush(self._block)
        return encoded

    def last(self, data: bytes) -> bytes:
        encoded: bytes = self._inner.compress(data) + self._inner.flush()
        return encoded


class StandardZstandard:
    """RFC 8878, by the standard library."""

    __slots__ = ("_inner",)

    def __init__(self, level: int, size: int | None) -> None:  # noqa: ARG002 - it has one shape for all sizes
        self._inner = load_standard_zstd().ZstdCompressor(level=level)

    def piece(self, data: bytes) -> bytes:
        encoded: bytes = self._inner.compress(data, self._inner.FLUSH_BLOCK)
        return encoded

    def last(self, data: bytes) -> bytes:
        encoded: bytes = self._inner.compress(data, self._inner.FLUSH_FRAME)
        return encoded


# The lowest and the highest level. RFC 9659 §3: a body of `zstd` needs no window above 8 MiB, which is up to 19.
LEVELS = {"gzip": (0, 9), "br": (0, 11), "zstd": (1, 19)}


# PERF: from which level on a coding takes about 2 ms for how many bytes of text or JSON; the loop can wait so long.
_LOOP_BYTES = {
    "gzip": ((0, 256 * KIB), (2, 128 * KIB), (7, 64 * KIB), (8, 32 * KIB)),
    "br": ((0, 256 * KIB), (4, 128 * KIB), (7, 64 * KIB), (9, 32 * KIB), (10, 4 * KIB), (11, KIB)),
    "zstd": ((1, 512 * KIB), (4, 128 * KIB), (11, 32 * KIB), (14, 8 * KIB), (16, 4 * KIB)),
}


def thread_size_of(coding: str, level: int) -> int:
    """The bytes from which on a body, or a chunk of it, takes so long that a worker thread should compress it."""
    return [size for lowest, size in _LOOP_BYTES[coding] if level >= lowest][-1]


def compressor_of(coding: str) -> Callable[[int, int | None], Compressor] | None:
    """What makes a compressor from a level and a size; None if its library is not installed."""
    if coding == "gzip":
        return Gzip
    if coding == "br":
        return None if load_brotli() is None else Brotli
    if load_standard_zstd() is not None:
        return StandardZstandard
    return None if load_zstandard() is None else Zstandard


# -- decompressors -----------------------------------------------------------------------------------------------------

PIECE_BYTES = 64 * 1024
"""The size that a decompressor gives its pieces, roughly: of `br` 1.5 times, of `zstd` by the library 2 MiB."""
# RFC 9659 §3: the largest window for `zstd` as a content coding.
_LARGEST_WINDOW = 8 * 1024 * 1024
# A block of 4 bytes has up to 128 KiB (RFC 8878 §3.1.1.2), and `zstandard` returns all that is in its input.
_ZSTANDARD_INPUT = 64
# Members, or frames, that a body may have before they must have a certain size on average.
_FREE_MEMBERS = 100
_MEMBER_BYTES = 1024


class InvalidEncoding(ValueError):
    """The bytes are not in the format of the coding. The message is for the client."""


class Decompressor(Protocol):
    """Decodes one body."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the body. All pieces of those before must have been read."""

    def piece(self) -> bytes:
        """The next piece; b"" if more bytes are needed. Raises InvalidEncoding."""

    @property
    def has_ended(self) -> bool:
        """Whether the body may end here."""


class _Members:
    """Decodes a body of several members, one after the other: of gzip (RFC 1952 §2.2), frames of zstd (RFC 8878 §3)."""

    def __init__(self, make: Callable[[], Any], *, only_one: bool = False) -> None:
        self._make = make
        self._only_one = only_one
        self._inner: Any = make()
        self._rest: bytes | memoryview = b""
        self._fed_bytes = 0
        self._members = 1

    def feed(self, data: bytes) -> None:
        self._rest = memoryview(data)
        self._fed_bytes += len(data)

    def piece(self) -> bytes:
        while self._rest or self._has_output():
            if self._inner.eof:
                self._begin_member()
            try:
                decoded, self._rest = self._decode(self._rest)
            except Exception as exc:
                raise InvalidEncoding("invalid data") from exc
            if decoded:
                return decoded
        return b""

    def _begin_member(self) -> None:
        if self._only_one:
            raise InvalidEncoding("data after the end")
        self._members += 1
        if self._members > _FREE_MEMBERS + self._fed_bytes // _MEMBER_BYTES:
            raise InvalidEncoding("too many members")
        self._inner = self._make()

    def _has_output(self) -> bool:
        """Whether the library has more output, without further input."""
        return False

    def _decode(self, data: bytes | memoryview) -> tuple[bytes, bytes | memoryview]:
        """What is in the first bytes, and the bytes that are left."""
        raise NotImplementedError

    @property
    def has_ended(self) -> bool:
        return bool(self._inner.eof) and not self._rest


class GzipDecoder(_Members):
    """RFC 1952; with `only_one` RFC 1950, which is called `deflate`."""

    _is_full = False

    def _decode(self, data: bytes | memoryview) -> tuple[bytes, bytes | memoryview]:
        inner = self._inner
        decoded: bytes = inner.decompress(data, PIECE_BYTES)
        self._is_full = len(decoded) == PIECE_BYTES and not inner.eof
        return decoded, inner.unused_data if inner.eof else inner.unconsumed_tail

    def _has_output(self) -> bool:
        return self._is_full


class ZstandardDecoder(_Members):
    """RFC 8878, by `zstandard`."""

    def _decode(self, data: bytes | memoryview) -> tuple[bytes, bytes | memoryview]:
        inner, first = self._inner, data[:_ZSTANDARD_INPUT]
        decoded: bytes = inner.decompress(first)
        return decoded, data[len(first) - len(inner.unused_data) :]


class StandardZstandardDecoder(_Members):
    """RFC 8878, by the standard library."""

    def _decode(self, data: bytes | memoryview) -> tuple[bytes, bytes | memoryview]:
        inner = self._inner
        decoded: bytes = inner.decompress(data, PIECE_BYTES)  # it keeps the input that is left
        return decoded, inner.unused_data if inner.eof else b""

    def _has_output(self) -> bool:
        return not self._inner.needs_input and not self._inner.eof


class BrotliDecoder:
    """RFC 7932, by `brotli`. It rejects bytes after the end."""

    def __init__(self) -> None:
        brotli = load_brotli()
        self._error = brotli.error
        self._inner = brotli.Decompressor()
        self._fed = b""

    def feed(self, data: bytes) -> None:
        self._fed = data

    def piece(self) -> bytes:
        data, self._fed = self._fed, b""
        if not data and self._inner.is_finished():
            return b""
        try:
            decoded: bytes = self._inner.process(data, output_buffer_limit=PIECE_BYTES)
        except self._error as exc:
            raise InvalidEncoding("invalid data") from exc
        return decoded

    @property
    def has_ended(self) -> bool:
        return bool(self._inner.is_finished())


def decompressor_of(coding: str) -> Callable[[], Decompressor] | None:
    """What makes a decompressor; None if its library is not installed."""
    if coding == "gzip":
        return lambda: GzipDecoder(lambda: zlib.decompressobj(_GZIP_FORMAT + zlib.MAX_WBITS))
    if coding == "deflate":
        return lambda: GzipDecoder(zlib.decompressobj, only_one=True)
    if coding == "br":
        return None if load_brotli() is None else BrotliDecoder
    if (standard := load_standard_zstd()) is not None:
        options = {standard.DecompressionParameter.window_log_max: _LARGEST_WINDOW.bit_length() - 1}
        return lambda: StandardZstandardDecoder(lambda: standard.ZstdDecompressor(options=options))
    if (zstandard := load_zstandard()) is None:
        return None
    decompressor = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
    return lambda: ZstandardDecoder(decompressor.decompressobj)
