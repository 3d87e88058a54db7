import tempfile
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.datastructures import Headers, UploadFile


class Watched(BytesIO):
    """Remembers in which threads it was used."""

    def __init__(self, content: bytes = b"") -> None:
        super().__init__(content)
        self.threads: set[int] = set()

    def read(self, *args: Any) -> bytes:
        self.threads.add(threading.get_ident())
        return super().read(*args)

    def write(self, data: Any) -> int:
        self.threads.add(threading.get_ident())
        return super().write(data)

    def seek(self, *args: Any) -> int:
        self.threads.add(threading.get_ident())
        return super().seek(*args)

    def close(self) -> None:
        self.threads.add(threading.get_ident())
        super().close()


class WatchedSpool(tempfile.SpooledTemporaryFile):  # type: ignore[type-arg]  # of bytes
    """Remembers the threads that wrote, one after the other."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(max_size=limit_bytes)
        self.writers: list[int] = []

    def write(self, data: Any) -> int:
        self.writers.append(threading.get_ident())
        return super().write(data)


async def test_an_upload_has_the_headers_of_its_part() -> None:
    headers = Headers({"content-type": "text/plain"})
    async with UploadFile(BytesIO(b"ab"), size=2, filename="a.txt", headers=headers) as upload:
        assert (upload.size, upload.filename, upload.content_type) == (2, "a.txt", "text/plain")
        assert upload.headers is headers
        assert repr(upload) == "UploadFile(filename='a.txt', size=2, headers=Headers({'content-type': 'text/plain'}))"


async def test_all_attributes_of_an_upload_are_optional() -> None:
    upload = UploadFile(BytesIO())
    assert (upload.size, upload.filename, upload.content_type) == (None, None, None)
    assert upload.headers == Headers()
    await upload.write(b"abc")
    assert upload.size is None


async def test_reading_writing_and_seeking_are_those_of_the_file() -> None:
    upload = UploadFile(BytesIO(), size=0)
    await upload.write(b"hello")
    assert await upload.tell() == 5
    assert await upload.read() == b""
    assert await upload.seek(1) == 1
    assert await upload.read(2) == b"el"
    assert await upload.seek(-1, 2) == 4
    assert await upload.read() == b"o"
    await upload.close()
    await upload.close()
    with pytest.raises(ValueError, match="closed file"):
        await upload.read()


async def test_the_size_is_that_of_the_file_also_after_overwriting() -> None:
    upload = UploadFile(BytesIO(), size=0)
    await upload.write(b"abcdef")
    await upload.seek(2)
    await upload.write(b"XY")
    assert upload.size == 6
    await upload.write(b"12345")
    assert upload.size == 9


@given(st.lists(st.binary(max_size=40), max_size=6), st.integers(0, 60))
async def test_written_data_is_read_from_memory_and_from_disk(pieces: list[bytes], limit_bytes: int) -> None:
    with tempfile.SpooledTemporaryFile(max_size=limit_bytes) as spool:
        upload = UploadFile(spool, size=0)  # type: ignore[arg-type]  # a binary file in all but name
        for piece in pieces:
            await upload.write(piece)
        content = b"".join(pieces)
        assert upload.size == await upload.tell() == len(content)
        await upload.seek(0)
        assert await upload.read() == content


async def test_a_file_in_memory_needs_no_worker_thread() -> None:
    file = Watched()
    upload = UploadFile(file)
    await upload.write(b"abc")
    await upload.seek(0)
    await upload.read()
    await upload.close()
    assert file.threads == {threading.get_ident()}


async def test_the_write_that_moves_a_file_to_disk_runs_in_a_thread_and_so_do_later_ones() -> None:
    here = threading.get_ident()
    with WatchedSpool(limit_bytes=5) as spool:
        upload = UploadFile(spool)  # type: ignore[arg-type]  # a binary file in all but name
        for piece in (b"abc", b"de", b"f", b"g"):
            await upload.write(piece)
        assert [writer == here for writer in spool.writers] == [True, True, False, False]


async def test_a_file_on_disk_is_used_and_closed_in_threads(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"hello")
    used: list[int] = []

    class OnDisk:
        def __init__(self) -> None:
            self.file = path.open("rb")

        def __getattr__(self, name: str) -> Any:
            used.append(threading.get_ident())
            return getattr(self.file, name)

        def read(self, size: int) -> bytes:
            used.append(threading.get_ident())
            return self.file.read(size)

        def close(self) -> None:
            used.append(threading.get_ident())
            self.file.close()

    on_disk = OnDisk()
    upload = UploadFile(on_disk)  # type: ignore[arg-type]  # acts as a file
    assert await upload.read() == b"hello"
    await upload.close()
    assert len(used) == 2
    assert threading.get_ident() not in used
    assert on_disk.file.closed


async def test_iteration_yields_chunks_from_the_current_position() -> None:
    content = bytes(range(256)) * 1024
    upload = UploadFile(BytesIO(content))
    await upload.seek(10)
    pieces = [piece async for piece in upload]
    assert b"".join(pieces) == content[10:]
    assert max(map(len, pieces)) <= 64 * 1024
    assert [piece async for piece in upload] == []


async def test_async_with_always_closes_the_file() -> None:
    file = BytesIO()

    async def fail_inside() -> None:
        async with UploadFile(file) as upload:
            assert upload.file is file
            raise RuntimeError("inside")

    with pytest.raises(RuntimeError, match="inside"):
        await fail_inside()
    assert file.closed
