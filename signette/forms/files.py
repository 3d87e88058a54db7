"""Where the files of a form are kept: in memory while they fit into one budget, the others in one temporary file.

Theory of operation. The parts of a form come one after the other, so that each file is one piece of the temporary file,
behind those before it. One descriptor serves all of them, however many there are. A file that code of the application
makes longer, or whose descriptor it asks for, is copied into a temporary file of its own first: nothing that is done to
one file of a form can be seen in another. The last file to be closed closes the temporary file.
"""

import io
import os
from tempfile import SpooledTemporaryFile, TemporaryFile
from threading import Lock
from typing import IO, Any

from signette.limits import KIB

# Of each file on disk, for those who read it line by line.
_BUFFER_BYTES = 4 * KIB
_COPIED_BYTES = 64 * KIB


class SharedFile:
    """A temporary file of which several files are pieces. It is opened with the first, and closed with the last."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._file: IO[bytes] | None = None
        self._users = 0
        self.end = 0

    def begin(self) -> "FileSlice":
        """A new, empty file behind all others."""
        with self._lock:
            if self._file is None:
                self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - closed with the last of its users
            self._users += 1
            return FileSlice(self, self.end)

    def read_into(self, buffer: Any, position: int) -> int:
        """Fill the buffer from a position; how many bytes there were."""
        with self._lock:
            assert self._file is not None
            self._file.seek(position)
            return self._file.readinto(buffer) or 0  # type: ignore[attr-defined]  # a raw file has it

    def write(self, data: Any, position: int) -> int:
        """Write at a position; how many bytes were written."""
        with self._lock:
            assert self._file is not None
            self._file.seek(position)
            written = self._file.write(data) or 0
            self.end = max(self.end, position + written)
            return written

    def leave(self) -> None:
        """One of its users is closed."""
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._file is not None:
                self._file.close()
                self._file = None
                self.end = 0


class FileSlice(io.RawIOBase):
    """A file that is a piece of another, until it has to be one of its own."""

    def __init__(self, shared: SharedFile, start: int) -> None:
        self._shared: SharedFile | None = shared
        self._own: Any = None
        self._start = start
        self._size = 0
        self._position = 0

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._shared is None:
            return self._own.readinto(buffer) or 0
        view = memoryview(buffer).cast("B")[: max(0, self._size - self._position)]
        count = self._shared.read_into(view, self._start + self._position) if view else 0
        self._position += count
        return count

    def write(self, data: Any) -> int:
        shared = self._shared
        size = memoryview(data).nbytes
        if shared is not None:
            inside = self._position + size <= self._size
            at_end = self._position == self._size and self._start + self._size == shared.end
            if inside or at_end:
                written = shared.write(data, self._start + self._position)
                self._position += written
                self._size = max(self._size, self._position)
                return written
            self._part()
        return self._own.write(data) or 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if self._shared is None:
            return int(self._own.seek(offset, whence))
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"negative seek position {base + offset}")
        self._position = base + offset
        return self._position

    def truncate(self, size: int | None = None) -> int:
        wanted = self.tell() if size is None else size
        if self._shared is not None:
            if wanted <= self._size:
                self._size = wanted
                return wanted
            self._part()
        return int(self._own.truncate(wanted))

    def fileno(self) -> int:
        """The descriptor of a file that is this one alone, and stands where this one does."""
        self._part()
        return int(self._own.fileno())

    def _part(self) -> None:
        """Become a file of its own."""
        shared, place = self._shared, self._position
        if shared is None:
            return
        own = TemporaryFile(buffering=0)  # noqa: SIM115 - closed with this one
        try:
            self._position = 0
            buffer = bytearray(_COPIED_BYTES)
            while count := self.readinto(buffer):
                own.write(memoryview(buffer)[:count])
            own.seek(place)
        except BaseException:
            own.close()
            self._position = place
            raise
        self._own, self._shared = own, None
        shared.leave()

    def close(self) -> None:
        if self.closed:
            return
        try:
            super().close()
        finally:
            shared, self._shared = self._shared, None
            if shared is not None:
                shared.leave()
            elif self._own is not None:
                self._own.close()


def move_to_disk(file: SpooledTemporaryFile[bytes], shared: SharedFile) -> None:
    """Go on with a file of a form in the temporary file that is shared, as `rollover()` does in one of its own."""
    if file._rolled:  # type: ignore[attr-defined]  # as below, what `rollover()` sets
        return
    raw = shared.begin()
    try:
        moved = io.BufferedRandom(raw, _BUFFER_BYTES)
        moved.write(file._file.getvalue())  # type: ignore[attr-defined]
        moved.flush()
    except BaseException:
        raw.close()
        raise
    file._file.close()
    file._file = moved
    file._rolled = True  # type: ignore[attr-defined]
