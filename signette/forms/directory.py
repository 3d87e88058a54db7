"""A directory as a sink: each file under a generated name, and visible under it only when it is complete.

Theory of operation. A file is written as `.NAME.part` and renamed at its end, which is atomic on one file system. The
name is random, so that no client chooses a path, and no file replaces another. Chunks are collected up to half a
mebibyte, as each write takes a call of a worker thread.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from anyio import get_cancelled_exc_class

from signette._thread_owned import ThreadOwned
from signette.concurrency import run_in_threadpool
from signette.limits import KIB

_COLLECTED_BYTES = 512 * KIB


class Directory:
    """A sink that stores each file in a directory, which is made if it is missing: `To("uploads/")`.

    A file has a generated name, and is complete when it has it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._directory = Path(path)

    async def open(self, part: Any) -> "FileWriter":  # noqa: ARG002 - a file gets nothing of what the client sends
        """Begin a file."""
        name = secrets.token_hex(16)
        return FileWriter(self._directory / f".{name}.part", self._directory / name)


class FileWriter(ThreadOwned):
    """Writes one file, under a temporary name until it is closed."""

    def __init__(self, temporary: Path, path: Path) -> None:
        super().__init__()
        self._temporary = temporary
        self._path = path
        self._file: Any = None
        self._chunks: list[bytes] = []
        self._collected = 0

    async def write(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._collected += len(chunk)
        if self._collected >= _COLLECTED_BYTES:
            await run_in_threadpool(self.use, self._write)

    async def close(self) -> Path:
        """Write the rest, and give the file its name."""
        await run_in_threadpool(self.use, self._finish)
        return self._path

    async def abort(self) -> None:
        """Remove the file, under whichever name it has."""
        try:
            await run_in_threadpool(self.release, self._remove)
        except get_cancelled_exc_class():
            self.release_soon(self._remove)  # the worker thread may not have started
            raise

    def _write(self) -> None:
        if self._file is None:
            self._temporary.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._temporary.open("xb", buffering=0)
        chunks, self._chunks, self._collected = self._chunks, [], 0
        data = memoryview(b"".join(chunks))
        while data:
            data = data[self._file.write(data) :]

    def _finish(self) -> None:
        self._write()
        self._file.close()
        self._temporary.rename(self._path)

    def _remove(self) -> None:
        if self._file is not None:
            self._file.close()
        for path in (self._temporary, self._path):
            with suppress(FileNotFoundError):
                path.unlink()
