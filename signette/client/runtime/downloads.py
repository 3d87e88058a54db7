"""Files and streams of chunks in responses: read whole, in chunks, or saved to a file while they arrive."""

import codecs
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar
from urllib.parse import unquote

import anyio

from signette.client.runtime.transport import BlockingReceived, Pairs, Received, close_chunks, header_of

ChunkT = TypeVar("ChunkT", bytes, str)

_FILENAME = re.compile(r"filename\*=utf-8''([^;\s]+)|filename=(?:\"((?:[^\"\\]|\\.)*)\"|([^;\s]+))", re.IGNORECASE)


def filename_in(headers: Pairs) -> str | None:
    """The name of a file in `Content-Disposition` (RFC 6266), without folders. None without one."""
    found = _FILENAME.findall(header_of(headers, "content-disposition") or "")
    # `filename*` is the better one, wherever it stands.
    names = [unquote(encoded) for encoded, _, _ in found if encoded]
    names += [re.sub(r"\\(.)", r"\1", quoted) or bare for _, quoted, bare in found if quoted or bare]
    name = re.split(r"[/\\]", names[0])[-1] if names else ""
    return None if name in {"", ".", ".."} else name


def chunk_decoder(headers: Pairs) -> Callable[[bytes, bool], str]:
    """A function that decodes the chunks of a text, by the charset of its media type: `decode(chunk, is_last)`."""
    match = re.search(r";\s*charset=\"?([\w.:-]+)", header_of(headers, "content-type") or "", re.IGNORECASE)
    try:
        info = codecs.lookup(match[1] if match else "utf-8")
    except LookupError:
        info = codecs.lookup("utf-8")
    return info.incrementaldecoder("replace").decode


def _as_bytes(_: Pairs) -> Callable[[bytes, bool], bytes]:
    return lambda chunk, _: chunk


class AsyncDownload(Generic[ChunkT]):
    """A file, or chunks, in a response.

    * `content = await client.read_picture(...)` is all of it.
    * `async for chunk in client.read_picture(...)` has the chunks as they arrive.
    * `async with client.read_picture(...) as picture` has the headers first; `await picture.save(path)` writes it.
    """

    def __init__(
        self,
        open_response: Callable[[], Awaitable[Received]],
        decoder_of: Callable[[Pairs], Callable[[bytes, bool], ChunkT]],
    ) -> None:
        self._open = open_response
        self._decoder_of: Callable[[Pairs], Callable[[bytes, bool], ChunkT]] = decoder_of
        self._response: Received | None = None
        self._chunks: AsyncIterator[bytes] | None = None
        self._decode: Callable[[bytes, bool], ChunkT] | None = None
        self._is_over = False
        self.status = 0
        self.headers: Pairs = []

    @property
    def filename(self) -> str | None:
        """The name of the file, if the server sends one."""
        return filename_in(self.headers)

    async def __aenter__(self) -> Self:
        if self._is_over:
            raise RuntimeError("the response is closed; call the operation again")
        if self._response is None:
            self._response = await self._open()
            self.status, self.headers = self._response.status, self._response.headers
            self._decode = self._decoder_of(self.headers)
            self._chunks = self._response.aiter_bytes()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the response. Without an effect if it is closed already."""
        self._is_over = True
        response, chunks, self._response, self._chunks = self._response, self._chunks, None, None
        if response is not None:
            with anyio.CancelScope(shield=True):
                await close_chunks(chunks)
                await response.aclose()

    def __await__(self) -> Generator[Any, Any, ChunkT]:
        return self.read().__await__()

    async def read(self) -> ChunkT:
        """All that has not been read yet."""
        async with self:
            return self._joined([chunk async for chunk in self])

    async def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the chunks to a file as they arrive. Returns its path.

        A response that ends too early leaves no file: the chunks are in another one, in the same folder, until the end.
        """
        target = Path(path)
        part = target.with_name(f"{target.name}.part")
        async with self:
            try:
                async with await anyio.open_file(part, "wb") as file:
                    async for chunk in self:
                        await file.write(chunk.encode() if isinstance(chunk, str) else chunk)
                await anyio.to_thread.run_sync(os.replace, part, target)
            except BaseException:
                with anyio.CancelScope(shield=True):
                    await anyio.to_thread.run_sync(lambda: part.unlink(missing_ok=True))
                raise
        return target

    def __aiter__(self) -> AsyncIterator[ChunkT]:
        return self

    async def __anext__(self) -> ChunkT:
        if self._decode is None:
            await self.__aenter__()
        assert self._decode is not None
        while self._chunks is not None:
            try:
                chunk = self._decode(await anext(self._chunks), False)
            except StopAsyncIteration:
                await self.aclose()
                chunk = self._decode(b"", True)
            except BaseException:
                await self.aclose()
                raise
            if chunk:
                return chunk
        raise StopAsyncIteration

    def _joined(self, chunks: list[ChunkT]) -> ChunkT:
        assert self._decode is not None
        empty: Any = self._decode(b"", True)[:0]
        joined: ChunkT = empty.join(chunks)
        return joined


class BlockingDownload(Generic[ChunkT]):
    """The same, for a client without `async`: `client.read_picture(...).read()`, or `for chunk in ...`."""

    def __init__(
        self,
        open_response: Callable[[], BlockingReceived],
        decoder_of: Callable[[Pairs], Callable[[bytes, bool], ChunkT]],
    ) -> None:
        self._open = open_response
        self._decoder_of: Callable[[Pairs], Callable[[bytes, bool], ChunkT]] = decoder_of
        self._response: BlockingReceived | None = None
        self._chunks: Iterator[bytes] | None = None
        self._decode: Callable[[bytes, bool], ChunkT] | None = None
        self._is_over = False
        self.status = 0
        self.headers: Pairs = []

    @property
    def filename(self) -> str | None:
        """The name of the file, if the server sends one."""
        return filename_in(self.headers)

    def __enter__(self) -> Self:
        if self._is_over:
            raise RuntimeError("the response is closed; call the operation again")
        if self._response is None:
            self._response = self._open()
            self.status, self.headers = self._response.status, self._response.headers
            self._decode = self._decoder_of(self.headers)
            self._chunks = self._response.iter_bytes()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the response. Without an effect if it is closed already."""
        self._is_over = True
        response, self._response, self._chunks = self._response, None, None
        if response is not None:
            response.close()

    def read(self) -> ChunkT:
        """All that has not been read yet."""
        with self:
            chunks = list(self)
            assert self._decode is not None
            empty: Any = self._decode(b"", True)[:0]
            joined: ChunkT = empty.join(chunks)
            return joined

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the chunks to a file as they arrive, as `AsyncDownload.save` does."""
        target = Path(path)
        part = target.with_name(f"{target.name}.part")
        with self:
            try:
                with part.open("wb") as file:
                    for chunk in self:
                        file.write(chunk.encode() if isinstance(chunk, str) else chunk)
                part.replace(target)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
        return target

    def __iter__(self) -> Iterator[ChunkT]:
        return self

    def __next__(self) -> ChunkT:
        if self._decode is None:
            self.__enter__()
        assert self._decode is not None
        while self._chunks is not None:
            try:
                chunk = self._decode(next(self._chunks), False)
            except StopIteration:
                self.close()
                chunk = self._decode(b"", True)
            except BaseException:
                self.close()
                raise
            if chunk:
                return chunk
        raise StopIteration


def async_file(open_response: Callable[[], Awaitable[Received]]) -> AsyncDownload[bytes]:
    """The bytes of a response."""
    return AsyncDownload(open_response, _as_bytes)


def async_text(open_response: Callable[[], Awaitable[Received]]) -> AsyncDownload[str]:
    """The text of a response."""
    return AsyncDownload(open_response, chunk_decoder)


def blocking_file(open_response: Callable[[], BlockingReceived]) -> BlockingDownload[bytes]:
    """The bytes of a response, without `async`."""
    return BlockingDownload(open_response, _as_bytes)


def blocking_text(open_response: Callable[[], BlockingReceived]) -> BlockingDownload[str]:
    """The text of a response, without `async`."""
    return BlockingDownload(open_response, chunk_decoder)
