"""A part of a multipart form, its headers and its text encoding."""

import re
from collections.abc import Sequence
from tempfile import SpooledTemporaryFile

from signette._http.media import parse_content_disposition
from signette.forms.errors import MultiPartException
from signette.forms.rules import RuledPart

MALFORMED = "Invalid multipart data."
_NAMELESS = 'The Content-Disposition header field "name" must be provided.'


def decode_safely(src: bytes | bytearray, codec: str) -> str:
    """Decode with the codec, or with latin-1, which never fails."""
    try:
        return src.decode(codec)
    except (UnicodeError, LookupError):
        return src.decode("latin-1")


class Part:
    """A part while it arrives: its headers, then chunks of text or a file."""

    __slots__ = (
        "chunks",
        "file",
        "filename",
        "header_name",
        "header_value",
        "headers",
        "is_dropped",
        "limit",
        "name",
        "on_disk",
        "ruled",
        "size",
    )

    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.header_name = b""
        self.header_value = b""
        self.name = ""
        self.filename: str | None = None
        self.file: SpooledTemporaryFile[bytes] | None = None
        self.chunks: list[bytes] = []
        self.size = 0
        self.limit: int | None = None
        self.ruled: RuledPart | None = None
        self.on_disk = False
        self.is_dropped = False


# PERF: nearly all parts match this; parsing the whole grammar costs five times as much.
_PLAIN_DISPOSITION = re.compile(rb'form-data; name="([^"\\]*)"(?:; filename="([^"\\]*)")?', re.IGNORECASE)


def read_disposition(headers: Sequence[tuple[bytes, bytes]]) -> tuple[bytes, bytes | None]:
    """Name and filename of a part. Raises MultiPartException unless it has one Content-Disposition, with a name."""
    values = [value for name, value in headers if name == b"content-disposition"]
    if not values:
        raise MultiPartException(_NAMELESS)
    if len(values) > 1:
        raise MultiPartException(f"{MALFORMED} A part must have only one Content-Disposition.")
    if plain := _PLAIN_DISPOSITION.fullmatch(values[0]):
        return plain[1], plain[2]
    _, parameters = parse_content_disposition(values[0].decode("latin-1"))
    name, filename = parameters.get("name"), parameters.get("filename")
    if name is None:
        raise MultiPartException(_NAMELESS)
    if filename is None:
        return name.encode("latin-1"), None
    if filename[1:3] == ":\\" or filename[:1] == "\\":
        # Some old clients send the full path of the file.
        filename = filename.rpartition("\\")[2]
    return name.encode("latin-1"), filename.encode("latin-1")
