"""Forms, urlencoded and multipart/form-data (RFC 7578), with every bound held while the bytes arrive.

Theory of operation. `MultiPartParser` hands each chunk to python-multipart, whose callbacks build one part
at a time. Text is kept as pieces. A file is written at once while it fits into memory; what belongs on disk
is queued by the callbacks, which cannot wait, and written by a hop into a worker thread every few chunks.
Whatever goes wrong, or a cancellation, closes every file that was begun. A form counts only when its last
boundary was seen.
"""

from collections.abc import AsyncIterable, Mapping, Sequence
from enum import Enum
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any
from warnings import warn

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from signette._http.media import parse_media_type
from signette._http.query import parse_pairs
from signette.concurrency import run_in_threadpool
from signette.datastructures.headers import Headers
from signette.datastructures.multidict import FormData
from signette.datastructures.upload import UploadFile
from signette.exceptions import SignetteDeprecationWarning
from signette.formlimits import MultiPartException, too_large, too_many_fields, too_many_files, too_much_text
from signette.formparts import MALFORMED, Part, codec_of, decode_safely, read_disposition
from signette.limits import KIB, MIB

__all__ = ["FormParser", "MultiPartException", "MultiPartParser"]

FormPairs = list[tuple[str, str | UploadFile]]

# The name under which code that was written for Starlette may have imported it.
_user_safe_decode = decode_safely

# Fixed bounds. No form that a browser or a client library writes comes near them.
_MOST_HEADERS = 8
_HEADER_BYTES = 4 * KIB
_BOUNDARY_BYTES = 256

# PERF: 20 MB in chunks of 64 KiB, each with a hop of its own, take twice as long.
_HELD_BYTES = 512 * KIB

_CUT_OFF = "The form was cut off: its last boundary is missing."

# --- urlencoded


class FormParser:
    """An urlencoded form, read from the pieces of a body.

    `max_part_size` bounds name and value of a field together, `max_text_size` the whole form, both in bytes
    as sent.
    """

    def __init__(
        self,
        headers: Mapping[str, str],
        stream: AsyncIterable[bytes],
        *,
        max_fields: float = 1000,
        max_part_size: int = MIB,
        max_text_size: int = 4 * MIB,
    ) -> None:
        self.headers = headers
        self.stream = stream
        self.max_fields = max_fields
        self.max_part_size = max_part_size
        self.max_text_size = max_text_size

    async def parse(self) -> FormData:
        """The fields in the order sent. Raises MultiPartException: a bound was hit; the rest was not read."""
        pieces: list[bytes] = []
        size = separators = 0
        gauge: _FieldGauge | None = None
        async for piece in self.stream:
            size += len(piece)
            separators += piece.count(b"&")
            if size > self.max_text_size:
                raise too_much_text(self.max_text_size)
            pieces.append(piece)
            if gauge is not None:
                gauge.add(piece)
            elif size > self.max_part_size or separators >= self.max_fields:
                # PERF: fields are looked at one by one only where a bound could be hit.
                gauge = _FieldGauge(self.max_fields, self.max_part_size)
                for earlier in pieces:
                    gauge.add(earlier)
        if gauge is not None:
            gauge.end_field()
        return FormData(parse_pairs(b"".join(pieces)))


class _FieldGauge:
    """Counts the fields of an urlencoded form, and their bytes, from pieces cut anywhere."""

    __slots__ = ("_equals", "_fields", "_max_fields", "_max_size", "_size")

    def __init__(self, max_fields: float, max_size: int) -> None:
        self._max_fields = max_fields
        self._max_size = max_size
        self._fields = 0
        self._size = 0
        self._equals = False

    def add(self, piece: bytes) -> None:
        first, *others = piece.split(b"&")
        self._continue_field(first)
        for other in others:
            self.end_field()
            self._continue_field(other)

    def _continue_field(self, piece: bytes) -> None:
        if not piece:
            return
        if not self._size:
            self._fields += 1
            if self._fields > self._max_fields:
                raise too_many_fields(self._max_fields)
        self._size += len(piece)
        # The first "=" is neither name nor value. A field still open may yet bring it, hence the one more.
        self._equals = self._equals or b"=" in piece
        if self._size > self._max_size + 1:
            raise too_large("Field", self._max_size)

    def end_field(self) -> None:
        if self._size - self._equals > self._max_size:
            raise too_large("Field", self._max_size)
        self._size = 0
        self._equals = False


# --- multipart


class MultiPartParser:
    """A multipart/form-data form, read from the pieces of a body.

    A part with a `filename` becomes an `UploadFile`, which stays in memory up to `spool_max_size` bytes;
    any other is text, of at most `max_part_size` bytes each and `max_text_size` together. `max_file_size`
    bounds files: each, or by the name of their field. `filename*` and `name*` mean nothing (RFC 7578 §4.2).
    """

    spool_max_size = MIB
    max_part_size = MIB

    def __init__(
        self,
        headers: Mapping[str, str],
        stream: AsyncIterable[bytes],
        *,
        max_files: float = 1000,
        max_fields: float = 1000,
        max_part_size: int = MIB,
        max_text_size: int = 4 * MIB,
        max_file_size: int | Mapping[str, int] | None = None,
    ) -> None:
        self.headers = headers
        self.stream = stream
        self.max_files = max_files
        self.max_fields = max_fields
        self.max_part_size = max_part_size
        self.max_text_size = max_text_size
        self.max_file_size = max_file_size
        self._codec = "utf-8"
        self._pairs: FormPairs = []
        self._part = Part()
        self._files: list[SpooledTemporaryFile[bytes]] = []
        self._fields = 0
        self._text_size = 0
        self._ended = False
        # For the disk: a file with what is to be written, or with None to be rewound.
        self._queue: list[tuple[IO[bytes], bytes | memoryview | None]] = []

    async def parse(self) -> FormData:
        """Fields and files in the order sent; whoever calls closes the form.

        Raises:
            MultiPartException: the form is malformed or cut off, or a bound was hit. The rest was not read
                and every file is closed, as after any other exception.
        """
        parser = self._make_parser()
        held = 0
        try:
            async for chunk in self.stream:
                parser.write(chunk)
                if self._queue:
                    held += len(chunk)
                    if held >= _HELD_BYTES:
                        held = 0
                        await self._write_queue()
            await self._write_queue()
            if not self._ended:
                raise MultiPartException(_CUT_OFF)  # noqa: TRY301 - the files are to be closed for this too
        except FormParserError as exc:
            self._close_files()
            raise MultiPartException(MALFORMED) from exc
        except BaseException:
            self._close_files()
            raise
        return FormData(self._pairs)

    async def _write_queue(self) -> None:
        if self._queue:
            await run_in_threadpool(_write_all, self._queue)
            self._queue.clear()

    def _make_parser(self) -> MultipartParser:
        _, parameters = parse_media_type(self.headers.get("content-type", ""))
        self._codec = codec_of(parameters.get("charset"))
        boundary = parameters.get("boundary")
        if not boundary:
            raise MultiPartException("Missing boundary in multipart.")
        if len(boundary) > _BOUNDARY_BYTES:
            raise MultiPartException(f"{MALFORMED} The boundary may have at most {_BOUNDARY_BYTES} bytes.")
        return MultipartParser(
            boundary.encode("latin-1", "replace"),
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
        part.headers.append((part.header_name.lower(), part.header_value))
        part.header_name = part.header_value = b""

    def _end_headers(self) -> None:
        part = self._part
        name, filename = read_disposition(part.headers)
        part.name = decode_safely(name, self._codec)
        if filename is None:
            self._fields += 1
            if self._fields > self.max_fields:
                raise too_many_fields(self.max_fields)
            return
        if len(self._files) >= self.max_files:
            raise too_many_files(self.max_files)
        part.filename = decode_safely(filename, self._codec)
        limit = self.max_file_size
        part.limit = limit.get(part.name) if isinstance(limit, Mapping) else limit
        part.file = SpooledTemporaryFile(max_size=self.spool_max_size)  # noqa: SIM115 - the form's owner does
        self._files.append(part.file)

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        part.size += end - start
        if part.file is not None:
            self._add_to_file(part, part.file, memoryview(data)[start:end])
            return
        self._text_size += end - start
        if part.size > self.max_part_size:
            raise too_large("Part", self.max_part_size)
        if self._text_size > self.max_text_size:
            raise too_much_text(self.max_text_size)
        part.pieces.append(data[start:end])

    def _add_to_file(self, part: Part, file: IO[bytes], piece: memoryview) -> None:
        if part.limit is not None and part.size > part.limit:
            raise MultiPartException(
                f"File exceeded maximum size of {part.limit} bytes.",
                413,
                mend="`MultiPartParser(max_file_size=...)` or `File(max_bytes=...)`",
            )
        # A `spool_max_size` of 0 keeps files in memory, as it does for the standard library.
        if not part.on_disk and (part.size <= self.spool_max_size or not self.spool_max_size):
            file.write(piece)
            return
        part.on_disk = True
        self._queue.append((file, piece))

    def _end_part(self) -> None:
        part = self._part
        if part.file is None:
            self._pairs.append((part.name, decode_safely(b"".join(part.pieces), self._codec)))
            return
        if part.on_disk:
            self._queue.append((part.file, None))
        else:
            part.file.seek(0)
        upload = UploadFile(
            part.file,  # type: ignore[arg-type]  # a spooled file is a BinaryIO in all but its declared name
            size=part.size,
            filename=part.filename,
            headers=Headers(raw=part.headers),
        )
        self._pairs.append((part.name, upload))

    def _end(self) -> None:
        self._ended = True

    def _close_files(self) -> None:
        # Here and now: an `await` would not be let through where the task was cancelled.
        for file in self._files:
            file.close()


def _write_all(queue: Sequence[tuple[IO[bytes], bytes | memoryview | None]]) -> None:
    for file, piece in queue:
        if piece is None:
            file.seek(0)
        else:
            file.write(piece)


class _FormMessage(Enum):
    FIELD_START = 1
    FIELD_NAME = 2
    FIELD_DATA = 3
    FIELD_END = 4
    END = 5


if not TYPE_CHECKING:  # a checker that saw this `__getattr__` would take every misspelt name for `Any`

    def __getattr__(name: str) -> Any:
        if name == "FormMessage":
            warn(
                "`FormMessage` is deprecated: nothing uses it any more",
                SignetteDeprecationWarning,
                stacklevel=2,
            )
            return _FormMessage
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
