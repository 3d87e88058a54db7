"""An uploaded file."""

import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from io import BytesIO
from typing import Any, BinaryIO, Self

import anyio

from signette.concurrency import run_in_threadpool
from signette.datastructures.headers import Headers

_CHUNK_BYTES = 64 * 1024


class UploadFile:
    """A file that came with a form, and what its part said of it.

    `file` is the open file, `size` its length in bytes where it is known. The request closes it, however it
    ends; a file of your own is closed by `async with`, or by `close()`. What is in memory is read and written
    at once, what is on disk in a worker thread.
    """

    __slots__ = ("file", "filename", "headers", "size")

    def __init__(
        self,
        file: BinaryIO,
        *,
        size: int | None = None,
        filename: str | None = None,
        headers: Headers | None = None,
    ) -> None:
        self.file = file
        self.size = size
        self.filename = filename
        self.headers = Headers() if headers is None else headers

    # pydantic asks a type for its schema by these names; what they give are plain dictionaries, so that nothing of
    # pydantic is needed here.
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> dict[str, Any]:
        return {
            "type": "custom-error",
            "schema": {"type": "is-instance", "cls": cls},
            "custom_error_type": "file_type",
            "custom_error_message": "Input should be a file",
        }

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "format": "binary"}

    @property
    def content_type(self) -> str | None:
        """What the client said that it is: a claim, not a fact."""
        return self.headers.get("content-type")

    async def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes from the current position; all that is left by default."""
        if self._in_memory:
            return self.file.read(size)
        return await run_in_threadpool(self.file.read, size)

    async def write(self, data: bytes) -> None:
        """Writes at the current position; `size`, where it is known, grows with the file."""
        if self._in_memory and not self._will_roll(len(data)):
            self.file.write(data)
        else:
            await run_in_threadpool(self.file.write, data)
        if self.size is not None:
            self.size = max(self.size, self.file.tell())

    async def seek(self, offset: int, whence: int = 0) -> int:
        """The new position, in bytes from the start."""
        if self._in_memory:
            return self.file.seek(offset, whence)
        return await run_in_threadpool(self.file.seek, offset, whence)

    async def tell(self) -> int:
        """The current position, in bytes from the start."""
        return self.file.tell()

    async def close(self) -> None:
        """Closes the file, and so removes it if it was a temporary one. Closing twice is no error."""
        if self._in_memory:
            self.file.close()
        else:
            await close_in_thread([self.file])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Pieces of up to 64 KiB, from the current position to the end."""
        while chunk := await self.read(_CHUNK_BYTES):
            yield chunk

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(filename={self.filename!r}, size={self.size!r}, headers={self.headers!r})"

    @property
    def _in_memory(self) -> bool:
        file = self.file
        if isinstance(file, tempfile.SpooledTemporaryFile):
            return not getattr(file, "_rolled", False)
        return isinstance(file, BytesIO)

    def _will_roll(self, more_bytes: int) -> bool:
        # The standard library moves a spooled file to disk inside the write that makes it too big.
        limit_bytes: int = getattr(self.file, "_max_size", 0)
        return bool(limit_bytes) and self.file.tell() + more_bytes > limit_bytes


async def close_in_thread(files: Sequence[Any]) -> None:
    """Close files that are on disk, each of them whatever befalls another, whose error is raised at the end."""
    try:
        # PERF: one visit to a thread for all files of a form.
        await run_in_threadpool(_close_each, files)
    except anyio.get_cancelled_exc_class():
        _close_each(files)  # no thread may have taken it up; an open file must not be left behind
        raise


def _close_each(files: Iterable[Any]) -> None:
    failure: BaseException | None = None
    for file in files:
        try:
            file.close()
        except BaseException as error:  # noqa: BLE001 - each is to be closed
            failure = failure or error
    if failure is not None:
        raise failure
