"""The media types of files by their first bytes: a table of signatures, most of them of the WHATWG's MIME Sniffing.

A format has several names if clients send several, and those of the formats that are made of it: a spreadsheet is a
ZIP archive.
"""

import re
from collections.abc import Iterable

from signette._patterns import lazy_pattern

# The first bytes that a signature may need: the one of a tar archive ends here.
SNIFFED_BYTES = 262

_ZIPPED = (
    "application/zip",
    "application/x-zip-compressed",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
    "application/epub+zip",
)

# The first pattern that matches decides. Each one matches from the first byte.
_SIGNATURES: tuple[tuple[tuple[str, ...], bytes], ...] = (
    (("image/png",), rb"\x89PNG\r\n\x1a\n"),
    (("image/jpeg",), rb"\xff\xd8\xff"),
    (("image/gif",), rb"GIF8[79]a"),
    (("image/webp",), rb"RIFF.{4}WEBPVP"),
    (("image/avif",), rb".{4}ftypavi[fs]"),
    (("image/heic", "image/heif"), rb".{4}ftyp(?:hei[cxms]|hev[cx]|mif1|msf1)"),
    (("image/tiff",), rb"II\*\x00|MM\x00\*"),
    (("image/bmp",), rb"BM.{4}\x00{4}"),
    (("image/x-icon", "image/vnd.microsoft.icon"), rb"\x00\x00\x01\x00"),
    (("application/pdf",), rb"%PDF-"),
    (_ZIPPED, rb"PK(?:\x03\x04|\x05\x06|\x07\x08)"),
    (("application/gzip", "application/x-gzip"), rb"\x1f\x8b\x08"),
    (("application/zstd",), rb"\x28\xb5\x2f\xfd"),
    (("application/x-bzip2",), rb"BZh[1-9]"),
    (("application/x-xz",), rb"\xfd7zXZ\x00"),
    (("application/x-7z-compressed",), rb"7z\xbc\xaf\x27\x1c"),
    (("application/vnd.rar", "application/x-rar-compressed"), rb"Rar!\x1a\x07[\x00\x01]"),
    (("application/x-tar",), rb".{257}ustar"),
    (("video/quicktime",), rb".{4}ftypqt  "),
    (("audio/mp4", "audio/x-m4a"), rb".{4}ftypM4[AB] "),
    (("video/mp4",), rb".{4}ftyp"),
    (("video/webm", "audio/webm"), rb"\x1aE\xdf\xa3.{0,60}?B\x82.webm"),
    (("video/x-matroska", "audio/x-matroska"), rb"\x1aE\xdf\xa3"),
    (("video/x-msvideo",), rb"RIFF.{4}AVI "),
    (("audio/wav", "audio/x-wav", "audio/vnd.wave"), rb"RIFF.{4}WAVE"),
    (("audio/ogg", "video/ogg", "application/ogg"), rb"OggS\x00"),
    (("audio/flac", "audio/x-flac"), rb"fLaC"),
    (("audio/mpeg", "audio/mp3"), rb"ID3|\xff[\xf2\xf3\xfa\xfb]"),
    (("application/vnd.sqlite3", "application/x-sqlite3"), rb"SQLite format 3\x00"),
    (("application/wasm",), rb"\x00asm"),
    (("font/woff",), rb"wOFF"),
    (("font/woff2",), rb"wOF2"),
)
_COMPILED = tuple((types, lazy_pattern(start, re.DOTALL)) for types, start in _SIGNATURES)

KNOWN_TYPES = frozenset(media_type for types, _ in _SIGNATURES for media_type in types)
"""The media types with a signature."""


def types_of(beginning: bytes) -> tuple[str, ...]:
    """The media types of a file with these first bytes, the usual name first; () if no signature matches."""
    return next((types for types, signature in _COMPILED if signature.match(beginning)), ())


def is_one_of(media_type: str, ranges: Iterable[str]) -> bool:
    """Whether a media type is one of these, or in one of the ranges such as `image/*`. All are in lower case."""
    return any(
        media_type == each or (each.endswith("/*") and media_type.startswith(each.removesuffix("*"))) for each in ranges
    )
