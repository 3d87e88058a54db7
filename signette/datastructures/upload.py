"""Uploaded files."""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Self

import anyio

from signette.concurrency import run_in_threadpool
from signette.datastructures.headers import Headers

_CHUNK_BYTES = 64 * 1024


class UploadFile:
    """A file of a form, and the headers of its part.

    `file` is the open file, `size` its length in bytes, or None if unknown. The request always closes the file; close
    files that you create yourself with `async with` or `close()`. Files in memory are read and written directly, files
    on disk in a worker thread.

    Attributes:
        file: The open binary file, for libraries that need one.
        filename: The name that the client sent. Never use it as a path.
        size: The length in bytes, or None if unknown.
        headers: The headers of the part of the form.
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

    # Hooks of pydantic. They return plain dictionaries, so that this module does not import pydantic.
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
        """The media type that the client declares. It is not verified."""
        return self.headers.get("content-type")

    async def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes from the current position, by default to the end."""
        if self._in_memory:
            return self.file.read(size)
        return await run_in_threadpool(self.file.read, size)

    async def write(self, data: bytes) -> None:
        """Write at the current position. Updates `size` unless it is None."""
        if self._in_memory and not self._will_move_to_disk(len(data)):
            self.file.write(data)
        else:
            await run_in_threadpool(self.file.write, data)
        if self.size is not None:
            self.size = max(self.size, self.file.tell())

    async def seek(self, offset: int, whence: int = 0) -> int:
        """Change the position. Returns the new position, in bytes from the start."""
        if self._in_memory:
            return self.file.seek(offset, whence)
        return await run_in_threadpool(self.file.seek, offset, whence)

    async def tell(self) -> int:
        """The current position, in bytes from the start."""
        return self.file.tell()

    async def close(self) -> None:
        """Close the file, which deletes a temporary file. Safe to call more than once."""
        if self._in_memory:
            self.file.close()
        else:
            await close_in_thread([self.file])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Iterate over chunks of up to 64 KiB, from the current position to the end."""
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

    def _will_move_to_disk(self, more_bytes: int) -> bool:
        # A spooled file moves to disk in the write that exceeds its maximum size.
        limit_bytes: int = getattr(self.file, "_max_size", 0)
        return bool(limit_bytes) and self.file.tell() + more_bytes > limit_bytes


class Upload:
    """A file of a form that was sent to a sink while it arrived: `Annotated[Upload, To("uploads/")]`.

    Attributes:
        name: The name of the field.
        filename: The name that the client sent. Never use it as a path.
        headers: The headers of the part of the form.
        size: The length in bytes.
        digest: The hexadecimal digest, by default of SHA-256; None with `To(hash=None)`.
        path: The path of the file, if its sink is a directory; also a path that another sink returns.
        result: What the sink has returned.
    """

    __slots__ = ("_undo", "digest", "filename", "headers", "name", "path", "result", "size")

    def __init__(
        self,
        name: str,
        filename: str | None = None,
        headers: Headers | None = None,
        *,
        size: int = 0,
        digest: str | None = None,
        path: Path | None = None,
        result: Any = None,
    ) -> None:
        self.name = name
        self.filename = filename
        self.headers = Headers() if headers is None else headers
        self.size = size
        self.digest = digest
        self.path = path
        self.result = result
        self._undo: Callable[[], Awaitable[Any]] | None = None

    # As those of `UploadFile`.
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> dict[str, Any]:
        return UploadFile.__get_pydantic_core_schema__.__func__(cls, source, handler)  # type: ignore[attr-defined, no-any-return]

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return UploadFile.__get_pydantic_json_schema__(schema, handler)

    @property
    def content_type(self) -> str | None:
        """The media type that the client declares. `File(media_types=[...])` has checked it."""
        return self.headers.get("content-type")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, filename={self.filename!r}, size={self.size!r})"


async def close_in_thread(files: Sequence[Any]) -> None:
    """Close files on disk. If closing one fails, still closes the others, then raises the error."""
    try:
        # PERF: one call of a worker thread for all files of a form.
        await run_in_threadpool(_close_each, files)
    except anyio.get_cancelled_exc_class():
        _close_each(files)  # the worker thread may not have started
        raise


def _close_each(files: Iterable[Any]) -> None:
    failure: BaseException | None = None
    for file in files:
        try:
            file.close()
        except BaseException as error:  # noqa: BLE001 - still closes the others
            failure = failure or error
    if failure is not None:
        raise failure
