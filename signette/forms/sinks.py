"""Sinks: where the files of a form go while they arrive, without being stored by signette first.

Theory of operation. A file is pulled, never pushed: the sink asks a `FilePart` for the next chunk, which receives the
next message of the server. So one chunk is in memory, a slow sink slows down the client, and no task is needed. What
the sink leaves unread is read and discarded, so that size and digest are those of the whole file. A sync function runs
in a worker thread, and asks from there. Such a thread waits for the client, so these threads have their own limit:
slow uploads must not take the threads of other requests.

What a sink has stored is removed if the request fails before its response starts: `Upload` knows how.
"""

import hashlib
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import anyio
from anyio import CapacityLimiter, from_thread
from anyio.to_thread import run_sync

from signette._dataclasses import dataclass
from signette._per_loop import PerLoop
from signette.concurrency import is_async_callable, run_in_threadpool
from signette.datastructures.headers import Headers
from signette.datastructures.upload import Upload
from signette.forms.directory import Directory

_log = logging.getLogger("signette.uploads")

_threads = PerLoop(lambda: CapacityLimiter(40))


@runtime_checkable
class SinkWriter(Protocol):
    """What a `Sink` opens for each file. All methods are `async`."""

    async def write(self, chunk: bytes, /) -> Any:
        """Store the next chunk. The next one is received when this returns."""

    async def close(self) -> Any:
        """Complete the file. What this returns is the `result` of the `Upload`."""

    async def abort(self) -> Any:
        """Remove what was stored. Called if the request fails, before `close`, during it, or after it."""


@runtime_checkable
class Sink(Protocol):
    """An object that stores files: `To(sink)`."""

    async def open(self, part: "FilePart", /) -> SinkWriter:
        """Begin a file. `part` has its names and headers."""


@dataclass(frozen=True, slots=True)
class To:
    """Sends the files of a parameter to a sink while they arrive: `Annotated[Upload, To("uploads/")]`.

    `sink` is a directory, a function that takes a `FilePart` and iterates over its chunks, or an object with an async
    method `open` (`Sink`). What the function returns is the `result` of the `Upload`.

    If the request fails before its response starts, the file is removed from a directory, and `abort()` of a sink's
    writer is called. For a function, `undo` is called with the `Upload`.

    `hash` is the algorithm of `Upload.digest`, by its name in `hashlib`; None computes no digest.
    """

    sink: Any
    undo: Callable[[Upload], Any] | None = None
    hash: str | None = "sha256"


class FilePart(AsyncIterator[bytes]):
    """A file while it arrives, as a sink gets it. Iterate over it for its chunks.

    In an `async` function use `async for chunk in part`, in a sync one `for chunk in part`.

    Attributes:
        name: The name of the field.
        filename: The name that the client sent. Never use it as a path.
        headers: The headers of the part.
        size: The number of bytes so far.
        app: The application that handles the request: `part.app.state`, `part.app.scope()`.
    """

    def __init__(
        self, name: str, filename: str | None, headers: Headers, chunks: AsyncIterator[bytes], app: Any = None
    ) -> None:
        self.name = name
        self.filename = filename
        self.headers = headers
        self.size = 0
        self.app = app
        self._chunks = chunks
        self._hash: Any = None
        self._failure: BaseException | None = None
        self._ended = False

    @property
    def content_type(self) -> str | None:
        """The media type that the client declares. `File(media_types=[...])` has checked it."""
        return self.headers.get("content-type")

    async def __anext__(self) -> bytes:
        chunk = await self._take()
        if not chunk:
            raise StopAsyncIteration
        return chunk

    async def _take(self) -> bytes:
        """The next chunk; empty at the end. What was raised is raised again: a sink may have swallowed it."""
        if self._failure is not None:
            raise self._failure
        if self._ended:
            return b""
        try:
            chunk = await anext(self._chunks, b"")
        except BaseException as exc:
            self._failure = exc if isinstance(exc, Exception) else None
            raise
        self._ended = not chunk
        self.size += len(chunk)
        if self._hash is not None:
            self._hash.update(chunk)
        return chunk

    def __iter__(self) -> Iterator[bytes]:
        while chunk := from_thread.run(self._take):
            yield chunk

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, filename={self.filename!r}, headers={self.headers!r})"


async def store(part: FilePart, to: To) -> Upload:
    """Send a file to its sink, and return what became of it. If this fails, nothing stays stored."""
    part._hash = None if to.hash is None else hashlib.new(to.hash, usedforsecurity=False)
    upload = Upload(part.name, part.filename, part.headers)
    sink = to.sink
    if isinstance(sink, str | os.PathLike):
        await _write(part, Directory(sink), upload)
    elif hasattr(sink, "open"):
        await _write(part, sink, upload)
    else:
        await _call(part, to, upload)
    upload.size = part.size
    upload.digest = None if part._hash is None else part._hash.hexdigest()
    return upload


async def _write(part: FilePart, sink: Any, upload: Upload) -> None:
    writer = await sink.open(part)
    for method in ("write", "close", "abort"):
        if not is_async_callable(getattr(writer, method, None)):
            raise TypeError(
                f"`{type(sink).__name__}.open()` returned a `{type(writer).__name__}`,"
                f" which has no async method `{method}`; see `signette.uploads.SinkWriter`"
            )
    try:
        while chunk := await part._take():
            await writer.write(chunk)
        _set_result(upload, await writer.close(), writer.abort)
    except BaseException:
        await undo_all([writer.abort])
        raise


async def _call(part: FilePart, to: To, upload: Upload) -> None:
    if is_async_callable(to.sink):
        result = await to.sink(part)
    else:
        result = await run_sync(to.sink, part, limiter=_threads.get())
    _set_result(upload, result, None if to.undo is None else partial(_undo, to.undo, upload))
    try:
        while await part._take():  # size and digest are those of the whole file
            pass
    except BaseException:
        await undo_uploads([upload])
        raise


def _set_result(upload: Upload, result: Any, undo: Callable[[], Awaitable[Any]] | None) -> None:
    upload.result = result
    upload.path = result if isinstance(result, Path) else None
    upload._undo = undo


async def _undo(function: Callable[[Upload], Any], upload: Upload) -> None:
    if is_async_callable(function):
        await function(upload)
    else:
        await run_in_threadpool(function, upload)


async def undo_uploads(values: Any) -> None:
    """Remove what sinks have stored for these values of a form, the last one first."""
    uploads = [value for value in values if isinstance(value, Upload)]
    await undo_all([each._undo for each in reversed(uploads) if each._undo is not None])


async def undo_all(steps: list[Callable[[], Awaitable[Any]]]) -> None:
    """Take each step, also after a cancellation, and if others fail. What fails is logged: the request failed first."""
    with anyio.CancelScope(shield=True):
        for step in steps:
            try:
                await step()
            except Exception:  # noqa: BLE001 - the others are removed, too
                _log.exception("a stored upload could not be removed")
