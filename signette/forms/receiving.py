"""Receives a form of which some files go to sinks while they arrive. Other files are stored as in any other form."""

from collections.abc import AsyncIterator, Container
from tempfile import SpooledTemporaryFile
from typing import Any

from signette.concurrency import run_in_threadpool
from signette.datastructures.multidict import FormData
from signette.datastructures.upload import Upload, UploadFile
from signette.forms.files import SharedFile, move_to_disk
from signette.forms.rules import FileRules
from signette.forms.sinks import FilePart, store, undo_uploads
from signette.forms.stream import FormPart, FormStream
from signette.limits import KIB, MIB

Pairs = list[tuple[str, Any]]


async def receive_form(stream: FormStream, rules: FileRules, known_names: Container[str] | None, app: Any) -> Pairs:
    """Fields and files in the order sent. If this fails, all files are closed and removed from their sinks.

    Parts with names outside of `known_names` are dropped.
    """
    pairs: Pairs = []
    spool = _Spool()
    try:
        async for part in stream:
            if known_names is not None and part.name not in known_names:
                continue
            rule = rules.get(part.name)
            if part.filename is None:
                value: Any = await part.text()
            elif rule is not None and rule.sink is not None:
                value = await _sent(part.name, part.filename, part.headers, part, rule.sink, app)
            else:
                value = await spool.keep(part)
            pairs.append((part.name, value))
    except BaseException:
        await discard(pairs)
        raise
    return pairs


async def send_on(pairs: Pairs, rules: FileRules, app: Any) -> Pairs:
    """The pairs of a form that was read before its sinks were known, with the files sent to them, and closed."""
    sent: Pairs = []
    try:
        for name, value in pairs:
            rule = rules.get(name)
            if rule is None or rule.sink is None or not isinstance(value, UploadFile):
                sent.append((name, value))
                continue
            await value.seek(0)
            chunks = _ChunksOf(value)
            sent.append((name, await _sent(name, value.filename, value.headers, chunks, rule.sink, app)))
            await value.close()
    except BaseException:
        await undo_uploads([value for _, value in sent])
        raise
    return sent


async def discard(pairs: Pairs) -> None:
    """Remove the files of a form from their sinks, and close the others."""
    try:
        await undo_uploads([value for _, value in pairs])
    finally:
        await FormData(pairs).close()


async def _sent(
    name: str, filename: str | None, headers: Any, chunks: AsyncIterator[bytes], sink: Any, app: Any
) -> Upload:
    # Before the sink begins: the first bytes may be rejected.
    first = await anext(chunks, b"")
    if not (first or filename):  # browsers send an empty part if no file was chosen
        return Upload(name, filename, headers)
    return await store(FilePart(name, filename, headers, _Again(first, chunks), app), sink)


class _Again(AsyncIterator[bytes]):
    """Chunks of which the first was taken already."""

    def __init__(self, first: bytes, chunks: AsyncIterator[bytes]) -> None:
        self._first = first
        self._chunks = chunks

    async def __anext__(self) -> bytes:
        first, self._first = self._first, b""
        return first or await anext(self._chunks)


class _ChunksOf(AsyncIterator[bytes]):
    """The chunks of a file. Not a generator, which would have to be closed if the sink fails."""

    def __init__(self, file: UploadFile) -> None:
        self._file = file

    async def __anext__(self) -> bytes:
        if chunk := await self._file.read(64 * KIB):
            return chunk
        raise StopAsyncIteration


class _Spool:
    """Stores files: in memory while all of them fit into one budget, the others in one temporary file."""

    def __init__(self) -> None:
        self._memory_bytes = 0
        self._on_disk = SharedFile()

    async def keep(self, part: FormPart) -> UploadFile:
        file = SpooledTemporaryFile(max_size=0)  # noqa: SIM115 - closed with the form
        size, is_on_disk = 0, False
        try:
            async for chunk in part:
                size += len(chunk)
                if not is_on_disk and self._memory_bytes + size > MIB:
                    is_on_disk = True
                    await run_in_threadpool(move_to_disk, file, self._on_disk)
                if is_on_disk:
                    await run_in_threadpool(file.write, chunk)
                else:
                    file.write(chunk)
            if is_on_disk:
                await run_in_threadpool(file.seek, 0)
            else:
                self._memory_bytes += size
                file.seek(0)
        except BaseException:
            file.close()
            raise
        return UploadFile(file, size=size, filename=part.filename, headers=part.headers)  # type: ignore[arg-type]  # as in `parsers`
