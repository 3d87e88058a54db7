"""Files and chunks of responses."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from signette.client.runtime.downloads import async_file, async_text, blocking_file, blocking_text, filename_in
from signette.client.runtime.transport import Pairs, WholeResponse

pytestmark = pytest.mark.anyio


class Response(WholeResponse):
    """A response in chunks; an exception in them is raised at its place."""

    def __init__(self, *chunks: Any, headers: Pairs | None = None) -> None:
        super().__init__(200, headers or [])
        self.chunks = chunks
        self.is_closed = False

    def iter_bytes(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk

    async def aiter_bytes(self) -> AsyncIterator[bytes]:
        for chunk in self.iter_bytes():
            yield chunk

    def close(self) -> None:
        self.is_closed = True

    async def aclose(self) -> None:
        self.is_closed = True

    async def open(self) -> "Response":
        return self


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('attachment; filename="a b.txt"', "a b.txt"),
        ("attachment; filename=a.txt", "a.txt"),
        ("attachment; filename=\"a.txt\"; filename*=utf-8''%C3%A4.txt", "ä.txt"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\dir\\\\a.txt"', "a.txt"),
        ('attachment; filename=".."', None),
        ("inline", None),
        ("", None),
    ],
)
def test_a_file_has_the_name_that_the_server_sends_without_folders(header: str, expected: str | None) -> None:
    assert filename_in([("content-disposition", header)]) == expected


async def test_a_file_is_read_whole_or_in_chunks() -> None:
    response = Response(b"1", b"", b"2", headers=[("content-disposition", "inline; filename=a")])
    assert await async_file(response.open) == b"12"
    assert response.is_closed
    async with async_file(response.open) as file:
        assert (file.status, file.filename, file.headers) == (200, "a", response.headers)
        assert await anext(file) == b"1"
        assert await file.read() == b"2"
    with pytest.raises(RuntimeError, match="call the operation again"):
        await file.read()
    assert blocking_file(lambda: response).read() == b"12"
    assert list(blocking_file(lambda: response)) == [b"1", b"2"]


@pytest.mark.parametrize(
    ("content_type", "chunks"),
    [
        ("text/plain; charset=utf-8", ["ä".encode()[:1], "ä".encode()[1:]]),
        ("text/plain", ["ä".encode()]),
        ("text/plain; charset=latin-1", [b"\xe4"]),
        ("text/plain; charset=unknown", ["ä".encode()]),
    ],
)
async def test_text_is_decoded_across_chunks(content_type: str, chunks: list[bytes]) -> None:
    response = Response(*chunks, headers=[("content-type", content_type)])
    assert await async_text(response.open) == "ä"
    assert [chunk async for chunk in async_text(response.open)] == ["ä"]
    assert blocking_text(lambda: response).read() == "ä"


async def test_a_file_is_saved(tmp_path: Path) -> None:
    async with async_file(Response(b"1", b"2").open) as file:
        saved = await file.save(tmp_path / "a.txt")
    assert saved.read_bytes() == b"12"
    assert list(tmp_path.iterdir()) == [saved]


def test_a_file_is_saved_without_async(tmp_path: Path) -> None:
    saved = blocking_file(lambda: Response(b"1", b"2")).save(tmp_path / "a.txt")
    assert saved.read_bytes() == b"12"
    with pytest.raises(ConnectionError):
        blocking_file(lambda: Response(b"1", ConnectionError())).save(tmp_path / "b.txt")
    assert list(tmp_path.iterdir()) == [saved]


async def test_a_response_that_ends_too_early_leaves_no_file(tmp_path: Path) -> None:
    response = Response(b"1", ConnectionError())
    with pytest.raises(ConnectionError):
        await async_file(response.open).save(tmp_path / "a.txt")
    assert list(tmp_path.iterdir()) == []
    assert response.is_closed
