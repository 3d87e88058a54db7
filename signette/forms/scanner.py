"""Splits a multipart/form-data body into parts (RFC 7578). All limits apply while the body arrives.

The adapter to python-multipart, whose callbacks build one part at a time. Subclasses process the parts: `parsers`
stores them as a form, `stream` passes them on.
"""

import logging
from collections.abc import Mapping

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from signette._http.media import parse_media_type
from signette.forms.charsets import codec_of
from signette.forms.errors import (
    MultiPartException,
    file_too_large,
    too_large,
    too_many_fields,
    too_many_files,
    too_much_text,
)
from signette.forms.limits import FileLimits
from signette.forms.parts import MALFORMED, Part, decode_safely, read_disposition
from signette.forms.rules import FileRule, FileRules, RuledPart
from signette.limits import KIB, MIB

# Fixed limits, far above the forms that browsers and client libraries write.
_MAX_HEADERS = 8
_HEADER_BYTES = 4 * KIB
_BOUNDARY_BYTES = 256
# For all parts together, as their headers are kept.
_ALL_HEADER_BYTES = 4 * MIB

_CUT_OFF = "The form was cut off: its last boundary is missing."

# python-multipart logs a warning for each malformed form, which the 400 reports already. A separate logger silences it
# without a change to the library's logger.
_SILENT = logging.Logger("signette.forms.scanner", logging.CRITICAL + 1)  # noqa: LOG001 - not part of the hierarchy


class PartScanner:
    """Splits the chunks of a body into parts. Subclasses process them in `_open_part`, `_keep` and `_close_part`.

    The limits are those of `forms.limits.FormLimits`, with defaults.
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
        file_rules: FileRules | None = None,
        every_file: FileRule | None = None,
    ) -> None:
        self.headers = headers
        self.max_files = max_files
        self.max_fields = max_fields
        self.max_part_size = max_part_size
        self.max_text_size = max_text_size
        self.max_file_size = max_file_size
        self.file_rules = file_rules
        self.every_file = every_file
        self.codec = "utf-8"
        self._part = Part()
        self._file_count = 0
        self._field_count = 0
        self._text_size = 0
        self._header_size = 0
        self._ended = False
        # The beginning of the body, until it is known to be the first boundary.
        self._beginning: bytes | None = b""

    def begin(self) -> None:
        """Create the parser. Raises MultiPartException if the Content-Type has no boundary, or one that is too long."""
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
        self._parser.logger = _SILENT

    def scan(self, chunk: bytes) -> None:
        """Scan the next chunk. Raises MultiPartException if the form is malformed or exceeds a limit."""
        if self._beginning == b"" and chunk.startswith(self._first_line):  # PERF: nearly all forms
            self._beginning = None
        elif self._beginning is not None:
            chunk = self._checked_beginning(self._beginning, chunk)
        try:
            self._parser.write(chunk)
        except FormParserError as exc:
            raise MultiPartException(MALFORMED) from exc

    def _checked_beginning(self, before: bytes, chunk: bytes) -> bytes:
        """The body without leading line ends, or b"" until it is as long as the first boundary.

        Raises MultiPartException unless it begins with the boundary: python-multipart would skip other data.
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
        """End the body. Raises MultiPartException if the form is incomplete."""
        if not self._ended:
            raise MultiPartException(_CUT_OFF)

    # Implemented by subclasses.

    def _open_part(self, part: Part) -> None:
        """Begin a part. Its headers are complete."""
        raise NotImplementedError

    def _keep(self, part: Part, data: bytes, start: int, end: int) -> None:
        """Process the content `data[start:end]`, which `part.size` already includes."""
        raise NotImplementedError

    def _close_part(self, part: Part) -> None:
        """End a part. Its content is complete."""
        raise NotImplementedError

    # Callbacks of python-multipart. The data is `data[start:end]`.

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
        if len(part.headers) == _MAX_HEADERS:
            raise MultiPartException(f"{MALFORMED} A part may have at most {_MAX_HEADERS} headers.")
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
        if self.file_rules and (rule := self.file_rules.get(part.name)) is not None:
            part.ruled = RuledPart(rule, part.name, part.filename, part.headers)
        elif self.every_file is not None and filename is not None:
            part.ruled = RuledPart(self.every_file, "", part.filename, part.headers)
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
        if part.ruled is not None:
            data, start, end = part.ruled.add(data, start, end, part.size)
            if start == end:
                return
        self._keep(part, data, start, end)

    def _end_part(self) -> None:
        part = self._part
        if part.ruled is not None:
            data, start, end = part.ruled.finish(part.filename)
            if start != end:
                self._keep(part, data, start, end)
        self._close_part(part)

    def _end(self) -> None:
        self._ended = True
