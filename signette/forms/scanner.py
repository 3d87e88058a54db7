"""A multipart/form-data body cut into parts (RFC 7578), with every bound held while the bytes arrive.

The door to python-multipart. Its callbacks build one part at a time; what becomes of a part and its content is said by
subclasses: a form that is kept (`formparsers`), or parts that are handed on (`formstream`).
"""

import logging
from collections.abc import Mapping

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from signette._http.media import parse_media_type
from signette.forms.errors import (
    MultiPartException,
    file_too_large,
    too_large,
    too_many_fields,
    too_many_files,
    too_much_text,
)
from signette.forms.limits import FileLimits
from signette.forms.parts import MALFORMED, Part, codec_of, decode_safely, read_disposition
from signette.limits import KIB, MIB

# Fixed bounds. No form that a browser or a client library writes comes near them.
_MOST_HEADERS = 8
_HEADER_BYTES = 4 * KIB
_BOUNDARY_BYTES = 256
# Of all parts together: what their headers say is kept.
_ALL_HEADER_BYTES = 4 * MIB

_CUT_OFF = "The form was cut off: its last boundary is missing."

# python-multipart warns of each bad form. The 400 says it already, and whether answers are logged is the
# application's choice, so this logger stands alone and is quiet; the library's own stays as it is.
_QUIET = logging.Logger("signette.forms.scanner", logging.CRITICAL + 1)  # noqa: LOG001 - it belongs to no tree


class PartScanner:
    """Cuts the chunks of a body into parts. Subclasses say what becomes of them: `_open_part`, `_keep`, `_close_part`.

    The limits are `forms.limits.FormLimits`, each with its default.
    """

    def __init__(
        self,
        headers: Mapping[str, str],
        *,
        max_files: float = 1000,
        max_fields: float = 1000,
        max_part_size: int = MIB,
        max_text_size: int = 4 * MIB,
        max_file_size: FileLimits = None,
    ) -> None:
        self.headers = headers
        self.max_files = max_files
        self.max_fields = max_fields
        self.max_part_size = max_part_size
        self.max_text_size = max_text_size
        self.max_file_size = max_file_size
        self.codec = "utf-8"
        self._part = Part()
        self._file_count = 0
        self._field_count = 0
        self._text_size = 0
        self._header_size = 0
        self._ended = False
        # Of the body, as long as it may still be something else than a form.
        self._beginning: bytes | None = b""

    def begin(self) -> None:
        """Make the parser. Raises MultiPartException: the Content-Type names no boundary, or too long a one."""
        _, parameters = parse_media_type(self.headers.get("content-type", ""))
        self.codec = codec_of(parameters.get("charset"))
        boundary = parameters.get("boundary")
        if not boundary:
            raise MultiPartException("Missing boundary in multipart.")
        if len(boundary) > _BOUNDARY_BYTES:
            raise MultiPartException(f"{MALFORMED} The boundary may have at most {_BOUNDARY_BYTES} bytes.")
        encoded = boundary.encode("latin-1", "replace")
        self._first_line = b"--" + encoded
        self._parser = MultipartParser(
            encoded,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._add_header_name,
                "on_header_value": self._add_header_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._end_headers,
                "on_part_data": self._add_data,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )
        self._parser.logger = _QUIET

    def scan(self, chunk: bytes) -> None:
        """Take the next bytes of the body. Raises MultiPartException: they are malformed, or over a bound."""
        if self._beginning == b"" and chunk.startswith(self._first_line):  # PERF: nearly every form
            self._beginning = None
        elif self._beginning is not None:
            chunk = self._checked_beginning(self._beginning, chunk)
        try:
            self._parser.write(chunk)
        except FormParserError as exc:
            raise MultiPartException(MALFORMED) from exc

    def _checked_beginning(self, before: bytes, chunk: bytes) -> bytes:
        """What follows the line ends at the beginning, once it is as long as the first boundary, and is one.

        python-multipart skips more than line ends there if they are in one chunk with what follows.
        """
        first = self._first_line
        beginning = before + chunk if before else chunk.lstrip(b"\r\n")
        if not (beginning.startswith(first) or first.startswith(beginning)):
            raise MultiPartException(MALFORMED)
        if len(beginning) < len(first):
            self._beginning = beginning
            return b""
        self._beginning = None
        return beginning

    def finish(self) -> None:
        """The body is at its end. Raises MultiPartException: the form is not."""
        if not self._ended:
            raise MultiPartException(_CUT_OFF)

    # For subclasses.

    def _open_part(self, part: Part) -> None:
        """The head of a part is known."""
        raise NotImplementedError

    def _keep(self, part: Part, data: bytes, start: int, end: int) -> None:
        """More of its content: `data[start:end]`. `part.size` counts it already."""
        raise NotImplementedError

    def _close_part(self, part: Part) -> None:
        """The part is complete."""
        raise NotImplementedError

    # Called by python-multipart, with what belongs to them as `data[start:end]`.

    def _begin_part(self) -> None:
        self._part = Part()

    def _add_header_name(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        part.header_name += data[start:end]
        if len(part.header_name) > _HEADER_BYTES:
            raise MultiPartException(f"{MALFORMED} A part's header may have at most {_HEADER_BYTES} bytes.")

    def _add_header_value(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        part.header_value += data[start:end]
        if len(part.header_name) + len(part.header_value) > _HEADER_BYTES:
            raise MultiPartException(f"{MALFORMED} A part's header may have at most {_HEADER_BYTES} bytes.")

    def _end_header(self) -> None:
        part = self._part
        if len(part.headers) == _MOST_HEADERS:
            raise MultiPartException(f"{MALFORMED} A part may have at most {_MOST_HEADERS} headers.")
        self._header_size += len(part.header_name) + len(part.header_value)
        if self._header_size > _ALL_HEADER_BYTES:
            raise MultiPartException(
                f"{MALFORMED} The headers of all parts may have at most {_ALL_HEADER_BYTES} bytes."
            )
        part.headers.append((part.header_name.lower(), part.header_value))
        part.header_name = part.header_value = b""

    def _end_headers(self) -> None:
        part = self._part
        name, filename = read_disposition(part.headers)
        part.name = decode_safely(name, self.codec)
        if filename is None:
            self._field_count += 1
            if self._field_count > self.max_fields:
                raise too_many_fields(self.max_fields)
        else:
            self._file_count += 1
            if self._file_count > self.max_files:
                raise too_many_files(self.max_files)
            part.filename = decode_safely(filename, self.codec)
            limit = self.max_file_size
            part.limit = limit.get(part.name) if isinstance(limit, Mapping) else limit
        self._open_part(part)

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        part.size += end - start
        if part.filename is None:
            self._text_size += end - start
            if part.size > self.max_part_size:
                raise too_large("Part", self.max_part_size)
            if self._text_size > self.max_text_size:
                raise too_much_text(self.max_text_size)
        elif part.limit is not None and part.size > part.limit:
            raise file_too_large(part.limit)
        self._keep(part, data, start, end)

    def _end_part(self) -> None:
        self._close_part(self._part)

    def _end(self) -> None:
        self._ended = True
