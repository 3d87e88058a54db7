"""Forms, urlencoded and multipart/form-data (RFC 7578), with every bound held while the bytes arrive.

Theory of operation. `MultiPartParser` is a `PartScanner` that keeps what it finds. Text is kept as pieces. Files are
kept in memory while all of them together fit into one budget; the file that does not goes to disk, with what arrived of
it before, which gives its memory back. What belongs on disk is queued by the scanner, which cannot wait, and written by
a hop into a worker thread every few chunks. Whatever goes wrong, or a cancellation, closes every file that was begun. A
form counts only when its last boundary was seen.
"""

from collections.abc import AsyncIterable, Container, Mapping, Sequence
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import Unpack

from signette._http.query import parse_pairs
from signette.concurrency import run_in_threadpool
from signette.datastructures.headers import Headers
from signette.datastructures.multidict import FormData
from signette.datastructures.upload import UploadFile
from signette.forms.errors import too_large, too_many_fields, too_much_text
from signette.forms.files import SharedFile, move_to_disk
from signette.forms.limits import FormLimits
from signette.forms.parts import Part, decode_safely
from signette.forms.scanner import PartScanner
from signette.limits import KIB, MIB

QueuedWrite = tuple[SpooledTemporaryFile[bytes], memoryview | None]
FormPairs = list[tuple[str, str | UploadFile]]

# PERF: 20 MB in chunks of 64 KiB, each with a hop of its own, take twice as long.
_HELD_BYTES = 512 * KIB

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


class MultiPartParser(PartScanner):
    """A multipart/form-data form, read from the pieces of a body.

    A part with a `filename` becomes an `UploadFile`. Together they take at most `spool_max_size` bytes of memory; what
    does not fit is on disk. Any other part is text, of at most `max_part_size` bytes each (1 MiB) and `max_text_size`
    together (4 MiB). At most `max_files` and `max_fields` (1,000 of either) may come; `max_file_size` limits files:
    each, or by the name of their field. Parts whose names are not `known_names` count, and are not kept. `filename*`
    and `name*` mean nothing (RFC 7578 §4.2).
    """

    spool_max_size = MIB
    max_part_size = MIB

    def __init__(
        self,
        headers: Mapping[str, str],
        stream: AsyncIterable[bytes],
        *,
        known_names: Container[str] | None = None,
        **limits: Unpack[FormLimits],
    ) -> None:
        super().__init__(headers, **limits)
        self.stream = stream
        self.known_names = known_names
        self._pairs: FormPairs = []
        self._files: list[SpooledTemporaryFile[bytes]] = []
        self._memory_bytes = 0
        # For the disk: a file with what is to be written, or with None to be rewound.
        self._queue: list[QueuedWrite] = []
        self._on_disk: SharedFile | None = None

    async def parse(self) -> FormData:
        """Fields and files in the order sent; whoever calls closes the form.

        Raises:
            MultiPartException: the form is malformed or cut off, or a bound was hit. The rest was not read
                and every file is closed, as after any other exception.
        """
        self.begin()
        held = 0
        try:
            async for chunk in self.stream:
                self.scan(chunk)
                if self._queue:
                    held += len(chunk)
                    if held >= _HELD_BYTES:
                        held = 0
                        await self._write_queue()
            await self._write_queue()
            self.finish()
        except BaseException:
            self._close_files()
            raise
        return FormData(self._pairs)

    async def _write_queue(self) -> None:
        if self._queue:
            if self._on_disk is None:
                self._on_disk = SharedFile()
            await run_in_threadpool(_write_all, self._queue, self._on_disk)
            self._queue.clear()

    def _open_part(self, part: Part) -> None:
        if self.known_names is not None and part.name not in self.known_names:
            part.is_dropped = True
        elif part.filename is not None:
            part.file = SpooledTemporaryFile(max_size=self.spool_max_size)  # noqa: SIM115 - the form's owner does
            self._files.append(part.file)

    def _keep(self, part: Part, data: bytes, start: int, end: int) -> None:
        if part.is_dropped:
            return
        if part.file is None:
            part.pieces.append(data[start:end])
            return
        most, size = self.spool_max_size, end - start
        # A `spool_max_size` of 0 keeps files in memory, as it does for the standard library.
        if not part.on_disk and (self._memory_bytes + size <= most or not most):
            self._memory_bytes += size
            part.file.write(memoryview(data)[start:end])
            return
        if not part.on_disk:
            part.on_disk = True
            self._memory_bytes -= part.size - size
        self._queue.append((part.file, memoryview(data)[start:end]))

    def _close_part(self, part: Part) -> None:
        if part.is_dropped:
            return
        if part.file is None:
            self._pairs.append((part.name, decode_safely(b"".join(part.pieces), self.codec)))
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

    def _close_files(self) -> None:
        # Here and now: an `await` would not be let through where the task was cancelled.
        for file in self._files:
            with suppress(OSError):  # of a disk that is full: each of the others is to be closed, too
                file.close()


def _write_all(queue: Sequence[QueuedWrite], on_disk: SharedFile) -> None:
    for file, piece in queue:
        if piece is None:
            file.seek(0)
        else:
            move_to_disk(file, on_disk)
            file.write(piece)
