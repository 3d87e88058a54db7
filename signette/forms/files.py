"""Storage for the files of a form: in memory while they fit into one budget, the others in one temporary file.

Theory of operation. The parts of a form arrive one after the other, so that each file is a slice of the temporary file,
after the previous ones. All files of a form share one file descriptor. If the application makes a file longer or uses
its descriptor, the file is first copied into a separate temporary file, so that changes to one file of a form never
affect another. Closing the last file closes the temporary file.
"""

import io
import os
from tempfile import SpooledTemporaryFile, TemporaryFile
from threading import Lock
from typing import IO, Any

from signette.limits import KIB

# The buffer of each file on disk, for reading it line by line.
_BUFFER_BYTES = 4 * KIB
_COPIED_BYTES = 64 * KIB


class SharedFile:
    """A temporary file that several files share as slices. Opened with the first slice, closed with the last one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._file: IO[bytes] | None = None
        self._users = 0
        self.end = 0

    def begin(self) -> "FileSlice":
        """Add an empty slice at the end."""
        with self._lock:
            if self._file is None:
                self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - closed with the last of its users
            self._users += 1
            return FileSlice(self, self.end)

    def read_into(self, buffer: Any, position: int) -> int:
        """Read from a position into the buffer. Returns the number of bytes."""
        with self._lock:
            assert self._file is not None
            self._file.seek(position)
            return self._file.readinto(buffer) or 0  # type: ignore[attr-defined]  # a raw file has it

    def write(self, data: Any, position: int) -> int:
        """Write at a position. Returns the number of bytes."""
        with self._lock:
            assert self._file is not None
            self._file.seek(position)
            written = self._file.write(data) or 0
            self.end = max(self.end, position + written)
            return written

    def release(self) -> None:
        """Count one slice less, and close the file after the last one."""
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._file is not None:
                self._file.close()
                self._file = None
                self.end = 0


class FileSlice(io.RawIOBase):
    """A file that is a slice of a `SharedFile`, until it needs a separate temporary file."""

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
            self._separate()
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
        new_size = self.tell() if size is None else size
        if self._shared is not None:
            if new_size <= self._size:
                self._size = new_size
                return new_size
            self._separate()
        return int(self._own.truncate(new_size))

    def fileno(self) -> int:
        """The descriptor of a separate file, at the current position."""
        self._separate()
        return int(self._own.fileno())

    def _separate(self) -> None:
        """Copy the content into a separate temporary file, and use that from now on."""
        shared, position = self._shared, self._position
        if shared is None:
            return
        own = TemporaryFile(buffering=0)  # noqa: SIM115 - closed with this one
        try:
            self._position = 0
            buffer = bytearray(_COPIED_BYTES)
            while count := self.readinto(buffer):
                own.write(memoryview(buffer)[:count])
            own.seek(position)
        except BaseException:
            own.close()
            self._position = position
            raise
        self._own, self._shared = own, None
        shared.release()

    def close(self) -> None:
        if self.closed:
            return
        try:
            super().close()
        finally:
            shared, self._shared = self._shared, None
            if shared is not None:
                shared.release()
            elif self._own is not None:
                self._own.close()


def move_to_disk(file: SpooledTemporaryFile[bytes], shared: SharedFile) -> None:
    """Move a file from memory to the shared temporary file. `rollover()` would use a separate one."""
    if file._rolled:  # type: ignore[attr-defined]  # `rollover()` sets the same private attributes
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
