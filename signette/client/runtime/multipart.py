"""Files in requests: `multipart/form-data` (RFC 7578), streamed, and bodies that are one file.

A file is bytes, a path, an open file, an iterable of chunks, or a tuple of a name, one of these, and a media type. A
path is opened when its part is sent, and closed after it.
"""

import mimetypes
import os
import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import anyio

from signette.client.runtime.transport import close_chunks

FileContent = (
    bytes | bytearray | memoryview | str | os.PathLike[str] | IO[bytes] | Iterable[bytes] | AsyncIterable[bytes]
)
FileInput = FileContent | tuple[str, FileContent] | tuple[str, FileContent, str]

_CHUNK_BYTES = 64 * 1024


class UnusableFile(TypeError):
    """A value is not a file that can be sent."""


@dataclass(frozen=True)
class FileSource:
    """A file to send: its name, its media type and its content. Without a name it is a part that is not a file."""

    content: Any
    filename: str | None
    media_type: str
    start: int = 0
    """Where an open file is read from."""

    @property
    def size(self) -> int | None:
        """The number of bytes; None if it is not known before they are sent."""
        if isinstance(self.content, bytes):
            return len(self.content)
        if isinstance(self.content, Path):
            return self.content.stat().st_size
        if _is_seekable(self.content):
            end: int = self.content.seek(0, os.SEEK_END)
            self.content.seek(self.start)
            return end - self.start
        return None

    @property
    def is_repeatable(self) -> bool:
        """Whether the content can be sent again, when a request is repeated."""
        return isinstance(self.content, bytes | Path) or _is_seekable(self.content)

    def chunks(self) -> Iterator[bytes]:
        """The content."""
        content = self.content
        if isinstance(content, bytes):
            yield content
        elif isinstance(content, Path):
            with content.open("rb") as file:
                yield from _read_chunks(file)
        elif hasattr(content, "read"):
            if _is_seekable(content):
                content.seek(self.start)
            yield from _read_chunks(content)
        elif isinstance(content, AsyncIterable):
            raise UnusableFile("an async iterable needs an async client")
        else:
            for chunk in content:
                yield _checked(chunk)

    async def chunks_async(self) -> AsyncGenerator[bytes, None]:
        """The same, without blocking the event loop: files are read in worker threads."""
        content = self.content
        if isinstance(content, AsyncIterable) and not hasattr(content, "read"):
            try:
                async for chunk in content:
                    yield _checked(chunk)
            finally:
                await close_chunks(content)
        elif isinstance(content, bytes):
            yield content
        else:
            chunks: Any = self.chunks()  # a generator
            try:
                while (chunk := await anyio.to_thread.run_sync(next, chunks, None)) is not None:
                    yield chunk
            finally:
                with anyio.CancelScope(shield=True):
                    await anyio.to_thread.run_sync(chunks.close)


def file_source(value: Any) -> FileSource:
    """The file of an argument.

    Raises:
        UnusableFile: the value is not a file, or a text where a path was meant.
    """
    name, media_type = None, None
    if isinstance(value, tuple):
        if len(value) not in {2, 3} or not all(isinstance(each, str) for each in (value[0], *value[2:])):
            raise UnusableFile("a file in a tuple is (name, content) or (name, content, media type)")
        name, media_type, value = value[0], value[2] if len(value) == 3 else None, value[1]
    start = 0
    if isinstance(value, bytearray | memoryview):
        value = bytes(value)
    elif isinstance(value, os.PathLike):
        value = Path(os.fspath(value))
        name = value.name if name is None else name
    elif isinstance(value, str):
        raise UnusableFile("text is not a file; pass a `Path`, or `text.encode()`")
    elif hasattr(value, "read"):
        if isinstance(getattr(value, "mode", "b"), str) and "b" not in getattr(value, "mode", "b"):
            raise UnusableFile("the file is open for text; open it with mode 'rb'")
        own = getattr(value, "name", None)
        name = Path(own).name if name is None and isinstance(own, str) else name
        start = value.tell() if _is_seekable(value) else 0
    elif not isinstance(value, bytes | Iterable | AsyncIterable):
        raise UnusableFile(f"a file is bytes, a path, an open file or an iterable of bytes, not {type(value).__name__}")
    # Not `guess_type`, which reads files of the machine: a name has the same media type everywhere.
    guessed = None if name is None else mimetypes.types_map.get(Path(name).suffix.lower())
    # A part is a file by its file name: without one, it would be a text field.
    return FileSource(value, name or "file", media_type or guessed or "application/octet-stream", start)


def json_part(content: bytes) -> FileSource:
    """A part with JSON, which is not a file."""
    return FileSource(content, None, "application/json")


def _is_seekable(content: Any) -> bool:
    return hasattr(content, "seekable") and bool(content.seekable())


def _read_chunks(file: Any) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK_BYTES):
        yield _checked(chunk)


def _checked(chunk: Any) -> bytes:
    if not isinstance(chunk, bytes | bytearray | memoryview):
        raise UnusableFile(f"a chunk of a file must be bytes, not {type(chunk).__name__}")
    return bytes(chunk)


# -- multipart ---------------------------------------------------------------------------------------------------------

FormPart = tuple[str, str | FileSource]
"""The name of a field, and its text or file."""

_ESCAPED_IN_NAMES = re.compile('[\r\n"]')


class MultipartBody:
    """A body of parts, in their order.

    Attributes:
        content_type: The `Content-Type` header, with the boundary.
        is_repeatable: Whether all parts can be sent again.
    """

    def __init__(self, parts: Sequence[FormPart], boundary: str | None = None) -> None:
        # 128 random bits: no file has this line by accident.
        self._boundary = boundary or secrets.token_hex(16)
        self.content_type = f"multipart/form-data; boundary={self._boundary}"
        self._parts = [(self._head(name, value), value) for name, value in parts]
        self._end = f"--{self._boundary}--\r\n".encode()
        self.is_repeatable = all(isinstance(value, str) or value.is_repeatable for _, value in parts)

    @property
    def size(self) -> int | None:
        """The number of bytes; None if a file does not know its own. It asks for the sizes of files, which blocks."""
        total = len(self._end)
        for head, value in self._parts:
            size = len(value.encode()) if isinstance(value, str) else value.size
            if size is None:
                return None
            total += len(head) + size + 2
        return total

    @property
    def is_in_memory(self) -> bool:
        """Whether all parts are in memory, so that nothing blocks."""
        return all(isinstance(value, str) or isinstance(value.content, bytes) for _, value in self._parts)

    def chunks(self) -> Iterator[bytes]:
        """The body."""
        for head, value in self._parts:
            yield head
            if isinstance(value, str):
                yield value.encode()
            else:
                yield from value.chunks()
            yield b"\r\n"
        yield self._end

    async def chunks_async(self) -> AsyncGenerator[bytes, None]:
        """The same, without blocking the event loop."""
        for head, value in self._parts:
            yield head
            if isinstance(value, str):
                yield value.encode()
            else:
                async with aclosing(value.chunks_async()) as chunks:
                    async for chunk in chunks:
                        yield chunk
            yield b"\r\n"
        yield self._end

    def _head(self, name: str, value: str | FileSource) -> bytes:
        lines = [f"--{self._boundary}", f'Content-Disposition: form-data; name="{_escaped(name)}"']
        if not isinstance(value, str):
            if any(each in value.media_type for each in "\r\n\0"):
                raise ValueError(f"{value.media_type!r} is not a media type")
            if value.filename is not None:
                lines[1] += f'; filename="{_escaped(value.filename)}"'
            lines.append(f"Content-Type: {value.media_type}")
        return "\r\n".join((*lines, "", "")).encode()


def _escaped(name: str) -> str:
    """A name as browsers send it (the HTML standard, 4.10.21.8): three characters are percent-encoded."""
    return _ESCAPED_IN_NAMES.sub(lambda match: f"%{ord(match[0]):02X}", name)
