"""Parsers of urlencoded and multipart/form-data forms (RFC 7578). All limits apply while the form arrives.

Theory of operation. `MultiPartParser` is a `PartScanner` that stores the parts. It collects text as chunks. Files share
one memory budget; a file that exceeds it moves to disk as a whole, which frees its memory. The scanner cannot wait, so
it queues writes to disk; every few chunks, a worker thread writes the queue. Any error or cancellation closes all
files. A form is complete only with its last boundary.
"""

from collections.abc import AsyncIterable, Container, Mapping, Sequence
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import Unpack

from signette._http.query import parse_pair, parse_pairs
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

# PERF: 20 MB in chunks of 64 KiB take twice as long with one call of a worker thread for each chunk.
_QUEUED_BYTES = 512 * KIB

# --- urlencoded


class FormParser:
    """Parses an urlencoded form from the chunks of a body.

    `max_part_size` limits name and value of a field together, `max_text_size` the whole form, both in bytes as sent.
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
        """The fields in the order sent. Raises MultiPartException as soon as the form exceeds a limit."""
        chunks: list[bytes] = []
        size = separators = 0
        counter: _FieldCounter | None = None
        async for chunk in self.stream:
            size += len(chunk)
            if 0x26 in chunk:  # PERF: "&" as a number is found by memchr, where `count` and `b"&"` look at each byte
                separators += chunk.count(b"&")
            if size > self.max_text_size:
                raise too_much_text(self.max_text_size)
            chunks.append(chunk)
            if counter is not None:
                counter.add(chunk)
            elif size > self.max_part_size or separators >= self.max_fields:
                # PERF: counts single fields only if the form could exceed a limit.
                counter = _FieldCounter(self.max_fields, self.max_part_size)
                for earlier in chunks:
                    counter.add(earlier)
        if counter is not None:
            counter.end_field()
        body = b"".join(chunks)
        return FormData(parse_pairs(body) if separators else parse_pair(body))


class _FieldCounter:
    """Counts the fields of an urlencoded form and their bytes. Chunks may end anywhere in a field."""

    __slots__ = ("_equals", "_fields", "_max_fields", "_max_size", "_size")

    def __init__(self, max_fields: float, max_size: int) -> None:
        self._max_fields = max_fields
        self._max_size = max_size
        self._fields = 0
        self._size = 0
        self._equals = False

    def add(self, chunk: bytes) -> None:
        first, *others = chunk.split(b"&")
        self._continue_field(first)
        for other in others:
            self.end_field()
            self._continue_field(other)

    def _continue_field(self, data: bytes) -> None:
        if not data:
            return
        if not self._size:
            self._fields += 1
            if self._fields > self._max_fields:
                raise too_many_fields(self._max_fields)
        self._size += len(data)
        # The first "=" is neither name nor value. It may still follow, so one byte more is allowed until the end.
        self._equals = self._equals or 0x3D in data
        if self._size > self._max_size + 1:
            raise too_large("Field", self._max_size)

    def end_field(self) -> None:
        if self._size - self._equals > self._max_size:
            raise too_large("Field", self._max_size)
        self._size = 0
        self._equals = False


# --- multipart


class MultiPartParser(PartScanner):
    """Parses a multipart/form-data form from the chunks of a body.

    A part with a `filename` becomes an `UploadFile`. All files together use at most `spool_max_size` bytes of memory,
    the others are on disk. Any other part is text, of at most `max_part_size` bytes (1 MiB), and `max_text_size` in
    total (4 MiB). A form has at most `max_files` and `max_fields` (1,000 each). `max_file_size` limits each file, or
    the files of each field by its name. Parts with names outside of `known_names` count towards the limits and are
    dropped. `filename*` and `name*` are ignored (RFC 7578 §4.2).
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
        # Writes to disk: a file with data, or with None to rewind it.
        self._queue: list[QueuedWrite] = []
        self._on_disk: SharedFile | None = None

    async def parse(self) -> FormData:
        """Fields and files in the order sent. The caller closes the form.

        Raises:
            MultiPartException: the form is malformed, incomplete, or exceeds a limit. Does not read the rest, and
                closes all files, as for any other exception.
        """
        self.begin()
        queued_bytes = 0
        try:
            async for chunk in self.stream:
                self.scan(chunk)
                if self._queue:
                    queued_bytes += len(chunk)
                    if queued_bytes >= _QUEUED_BYTES:
                        queued_bytes = 0
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
            part.file = SpooledTemporaryFile(max_size=self.spool_max_size)  # noqa: SIM115 - closed with the form
            self._files.append(part.file)

    def _keep(self, part: Part, data: bytes, start: int, end: int) -> None:
        if part.is_dropped:
            return
        if part.file is None:
            part.chunks.append(data[start:end])
            return
        budget, size = self.spool_max_size, end - start
        # A `spool_max_size` of 0 keeps all files in memory, as in the standard library.
        if not part.on_disk and (self._memory_bytes + size <= budget or not budget):
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
            self._pairs.append((part.name, decode_safely(b"".join(part.chunks), self.codec)))
            return
        if part.on_disk:
            self._queue.append((part.file, None))
        else:
            part.file.seek(0)
        upload = UploadFile(
            part.file,  # type: ignore[arg-type]  # a spooled file has the methods of a BinaryIO
            size=part.size,
            filename=part.filename,
            headers=Headers(raw=part.headers),
        )
        self._pairs.append((part.name, upload))

    def _close_files(self) -> None:
        # Without a worker thread: `await` raises in a cancelled task.
        for file in self._files:
            with suppress(OSError):  # a full disk must not keep the other files open
                file.close()


def _write_all(queue: Sequence[QueuedWrite], on_disk: SharedFile) -> None:
    for file, data in queue:
        if data is None:
            file.seek(0)
        else:
            move_to_disk(file, on_disk)
            file.write(data)
