"""Files in requests: read from anywhere, and written in multipart forms."""

import io
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from anyio import to_thread
from hypothesis import given, settings
from hypothesis import strategies as st

from signette.client.runtime.multipart import FileSource, FormPart, MultipartBody, UnusableFile, file_source, json_part
from signette.requests import Request
from signette.types import Message
from tests.volume import examples

pytestmark = pytest.mark.anyio


class Unseekable(io.BytesIO):
    def seekable(self) -> bool:
        return False


async def received(body: MultipartBody) -> list[tuple[str, Any]]:
    """The fields and files that an application gets."""
    content, size = await to_thread.run_sync(lambda: (b"".join(body.chunks()), body.size))
    assert size in (None, len(content))

    async def receive() -> Message:
        return {"type": "http.request", "body": content, "more_body": False}

    headers = [(b"content-type", body.content_type.encode())]
    request = Request({"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": b""}, receive)
    async with request.form() as form:
        return [
            (name, value if isinstance(value, str) else (value.filename, await value.read(), value.content_type))
            for name, value in form.multi_items()
        ]


async def test_parts_are_received_as_they_were_sent(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"a,b\r\n")
    with path.open("rb") as file:
        file.read(2)
        parts: list[FormPart] = [
            ("text", "two\r\nlines ä"),
            ("bytes", file_source(b"\x00--\r\n")),
            ("path", file_source(path)),
            ("file", file_source(file)),
            ("named", file_source(("a b.png", io.BytesIO(b"png")))),
            ("typed", file_source(("x", iter([b"1", b"2"]), "text/x-own"))),
            ("json", json_part(b"[1]")),
        ]
        assert await received(await to_thread.run_sync(MultipartBody, parts)) == [
            ("text", "two\r\nlines ä"),
            ("bytes", ("file", b"\x00--\r\n", "application/octet-stream")),
            ("path", ("list.csv", b"a,b\r\n", "text/csv")),
            ("file", ("list.csv", b"b\r\n", "text/csv")),
            ("named", ("a b.png", b"png", "image/png")),
            ("typed", ("x", b"12", "text/x-own")),
            ("json", "[1]"),
        ]


async def test_the_same_parts_are_sent_without_blocking(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"x" * 200_000)

    async def chunks() -> AsyncIterator[bytes]:
        yield b"1"
        yield b"2"

    parts: list[FormPart] = [("path", file_source(path)), ("text", "t"), ("bytes", file_source(b"b"))]
    body = await to_thread.run_sync(MultipartBody, parts)
    whole = await to_thread.run_sync(lambda: b"".join(body.chunks()))
    assert b"".join([chunk async for chunk in body.chunks_async()]) == whole
    assert [chunk async for chunk in file_source(chunks()).chunks_async()] == [b"1", b"2"]
    with pytest.raises(UnusableFile, match="needs an async client"):
        list(file_source(chunks()).chunks())


async def test_a_file_is_closed_if_the_request_ends_before(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"x" * 200_000)
    chunks: Any = file_source(path).chunks_async()
    assert len(await anext(chunks)) == 64 * 1024
    await chunks.aclose()  # an open file would be a ResourceWarning


@settings(max_examples=examples(30))
# Without backslashes: one at the end would escape the quote, and a file name begins after the last one.
@given(name=st.text(st.characters(codec="utf-8", exclude_characters="%\0\\"), min_size=1, max_size=8))
async def test_names_are_received_with_three_characters_escaped(name: str) -> None:
    expected = name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
    found = await received(MultipartBody([(name, "text"), ("file", file_source((name, b"")))]))
    assert [found[0][0], found[1][1][0]] in ([name, name], [expected, expected])


@pytest.mark.parametrize(
    ("value", "size", "is_repeatable"),
    [
        (b"abc", 3, True),
        (bytearray(b"abc"), 3, True),
        (memoryview(b"abc"), 3, True),
        (io.BytesIO(b"abc"), 3, True),
        (Unseekable(b"abc"), None, False),
        (iter([b"abc"]), None, False),
    ],
    ids=["bytes", "bytearray", "memoryview", "file", "pipe", "iterator"],
)
def test_a_file_knows_its_size_and_whether_it_can_be_sent_again(
    value: Any, size: int | None, is_repeatable: bool
) -> None:
    source = file_source(value)
    assert (source.size, source.is_repeatable) == (size, is_repeatable)
    assert b"".join(source.chunks()) == b"abc"
    if is_repeatable:
        assert b"".join(source.chunks()) == b"abc"
    body = MultipartBody([("file", source), ("text", "t")])
    assert (body.size is None, body.is_repeatable) == (size is None, is_repeatable)


def test_an_open_file_is_sent_from_where_it_is() -> None:
    file = io.BytesIO(b"header\nrest")
    file.readline()
    source = file_source(file)
    assert source.size == 4
    assert [b"".join(source.chunks()) for _ in "12"] == [b"rest", b"rest"]


def text_chunks() -> Iterator[Any]:
    yield "text"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("list.csv", "text is not a file; pass a `Path`"),
        (7, "not int"),
        (("a", "b", "c", "d"), r"\(name, content\)"),
        ((b"a", b"b"), r"\(name, content\)"),
    ],
)
def test_other_values_are_not_files(value: Any, message: str) -> None:
    with pytest.raises(UnusableFile, match=message):
        file_source(value)


def test_chunks_of_text_are_not_files() -> None:
    with tempfile.NamedTemporaryFile("w") as file, pytest.raises(UnusableFile, match="mode 'rb'"):
        file_source(file)
    with pytest.raises(UnusableFile, match="must be bytes, not str"):
        list(file_source(text_chunks()).chunks())


def test_a_media_type_is_one_line() -> None:
    with pytest.raises(ValueError, match="is not a media type"):
        MultipartBody([("file", FileSource(b"", "a", "text/plain\r\nX: 1"))])
