"""The files of a form: one memory budget for all of them, one temporary file for those that do not fit."""

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.datastructures.multidict import FormData
from signette.datastructures.upload import UploadFile
from signette.formparsers import MultiPartException, MultiPartParser
from signette.forms import files
from signette.forms.files import SharedFile, move_to_disk

HEADERS = {"content-type": "multipart/form-data; boundary=b"}
END = b"--b--\r\n"
MIB = 1024 * 1024


def file(content: bytes, name: str = "f") -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="x"\r\n\r\n'.encode() + content + b"\r\n"


async def parse(*chunks: bytes, **options: Any) -> FormData:
    async def stream() -> AsyncGenerator[bytes, None]:
        for chunk in chunks:
            yield chunk

    async with aclosing(stream()) as pieces:
        return await MultiPartParser(HEADERS, pieces, **options).parse()


def uploads(form: FormData) -> list[UploadFile]:
    return [value for _, value in form.multi_items() if isinstance(value, UploadFile)]


def in_memory(form: FormData) -> list[int]:
    """The sizes of the files that are in memory."""
    return [upload.size or 0 for upload in uploads(form) if upload._in_memory]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The temporary files that were opened; each is closed at the end."""
    found: list[Any] = []

    def open_one(**options: Any) -> Any:
        found.append(tempfile.TemporaryFile(**options))  # noqa: SIM115 - closed with the form
        return found[-1]

    monkeypatch.setattr(files, "TemporaryFile", open_one)
    yield found
    assert all(each.closed for each in found)


async def test_all_files_of_a_form_share_one_memory_budget(opened: list[Any]) -> None:
    content = b"x" * (MIB // 4)
    form = await parse(*[file(content)] * 12, END)
    assert in_memory(form) == [MIB // 4] * 4
    assert len(opened) == 1
    assert [await upload.read() for upload in uploads(form)] == [content] * 12
    await form.close()


async def test_a_file_that_moves_to_disk_frees_its_memory(opened: list[Any]) -> None:
    large, small = b"x" * (MIB // 2), b"y" * 1000
    form = await parse(file(small), file(large * 3)[: MIB // 2], file(large * 3)[MIB // 2 :], *[file(small)] * 500, END)
    assert in_memory(form) == [1000] * 501
    assert len(opened) == 1
    assert await uploads(form)[1].read() == large * 3
    await form.close()


async def test_files_that_fit_open_none(opened: list[Any]) -> None:
    await (await parse(*[file(b"x" * 1000)] * 500, END)).close()
    assert opened == []


@pytest.mark.parametrize("cut", [1, 7, 100, 10_000])
async def test_chunk_limits_do_not_affect_where_a_file_is_stored(
    monkeypatch: pytest.MonkeyPatch, opened: list[Any], cut: int
) -> None:
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 50)
    contents = [bytes([65 + number]) * size for number, size in enumerate((20, 40, 30, 1, 0, 60, 5))]
    body = b"".join(file(content) for content in contents) + END
    form = await parse(*[body[at : at + cut] for at in range(0, len(body), cut)])
    # After 20 bytes, 40 do not fit, 30 do; of the files after that only the empty one does.
    assert in_memory(form) == [20, 30, 0]
    assert [await upload.read() for upload in uploads(form)] == contents
    await form.close()


async def test_changes_to_one_file_never_affect_another(monkeypatch: pytest.MonkeyPatch, opened: list[Any]) -> None:
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 1)
    form = await parse(*[file(bytes([65 + number]) * 10) for number in range(4)], END)
    first, second, third, last = uploads(form)
    await first.seek(5)
    await first.write(b"12345 and more")
    await second.seek(0)
    await second.write(b"ab")
    await third.close()
    await last.seek(0, os.SEEK_END)
    await last.write(b"more")
    for upload in (first, second, last):
        await upload.seek(0)
    assert [await upload.read() for upload in (first, second, last)] == [
        b"AAAAA12345 and more",
        b"abBBBBBBBB",
        b"DDDDDDDDDDmore",
    ]
    assert first.size == 19
    await form.close()


def printed(stdin: Any) -> bytes:
    """What a program reads from this file, of which it gets the descriptor alone."""
    program = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"
    return subprocess.run([sys.executable, "-c", program], stdin=stdin, capture_output=True, check=True).stdout


async def test_a_file_descriptor_belongs_to_one_file_only(monkeypatch: pytest.MonkeyPatch, opened: list[Any]) -> None:
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 1)
    form = await parse(*[file(bytes([65 + number]) * 10) for number in range(3)], END)
    middle = uploads(form)[1]
    assert os.fstat(middle.file.fileno()).st_size == 10
    assert printed(middle.file) == b"B" * 10
    assert [await upload.read() for upload in (uploads(form)[0], uploads(form)[2])] == [b"A" * 10, b"C" * 10]
    await form.close()


async def test_lines_and_chunks_are_read_as_from_any_file(monkeypatch: pytest.MonkeyPatch, opened: list[Any]) -> None:
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 1)
    form = await parse(file(b"one\r\ntwo\r\n" * 1000 + b"end"), file(b"other"), END)
    upload = uploads(form)[0]
    assert len(upload.file.readlines()) == 2001
    await upload.seek(0)
    assert b"".join([piece async for piece in upload]) == b"one\r\ntwo\r\n" * 1000 + b"end"
    assert io.TextIOWrapper(upload.file, "utf-8").readable()
    await form.close()


async def test_a_disk_that_is_full_closes_every_file(monkeypatch: pytest.MonkeyPatch, opened: list[Any]) -> None:
    def reject(self: SharedFile, data: Any, position: int) -> int:
        raise OSError("no space left on device")

    monkeypatch.setattr(MultiPartParser, "spool_max_size", 10)
    monkeypatch.setattr(SharedFile, "write", reject)
    with pytest.raises(OSError, match="no space left"):
        await parse(file(b"x" * 5), file(b"x" * 20), file(b"x" * 5), END)
    assert len(opened) == 1


Step = tuple[str, int, bytes]
STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["read", "seek", "end", "write", "truncate", "line", "fileno"]),
        st.integers(0, 30),
        st.binary(max_size=12),
    ),
    max_size=25,
)


def play(one: Any, step: str, number: int, data: bytes) -> Any:
    match step:
        case "read":
            return one.read(number)
        case "seek":
            return one.seek(number)
        case "end":
            return one.seek(0, os.SEEK_END)
        case "write":
            return one.write(data)
        case "truncate":
            return one.truncate(number)
        case "line":
            return one.readline()
        case _:
            return None


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=3, max_size=3), STEPS)
def test_slices_of_a_shared_file_are_files(contents: list[bytes], steps: list[tuple[int, str, int, bytes]]) -> None:
    shared = SharedFile()
    models: list[Any] = []
    files: list[Any] = []
    for content in contents:
        spooled = tempfile.SpooledTemporaryFile[bytes](max_size=1)
        spooled._file.write(content[:1])  # type: ignore[attr-defined]  # as much of it as was in memory
        move_to_disk(spooled, shared)
        spooled.write(content[1:])
        spooled.seek(0)
        files.append(spooled)
        models.append(tempfile.TemporaryFile())  # noqa: SIM115 - closed below
        models[-1].write(content)
        models[-1].seek(0)
    for which, step, number, data in steps:
        if step == "fileno":
            files[which].fileno()
        assert play(files[which], step, number, data) == play(models[which], step, number, data)
        assert files[which].tell() == models[which].tell()
    for one, model in zip(files, models, strict=True):
        assert [each.seek(0) for each in (one, model)] == [0, 0]
        assert one.read() == model.read()
        one.close()
        model.close()
    assert shared._file is None


async def test_parts_with_unknown_names_count_and_are_dropped(opened: list[Any]) -> None:
    known = frozenset({"f"})
    body = file(b"x" * 10) + file(b"y" * 2 * MIB, "other") + file(b"z", "f")
    form = await parse(body, END, known_names=known)
    assert [await upload.read() for upload in uploads(form)] == [b"x" * 10, b"z"]
    await form.close()
    assert opened == []
    for limits in ({"max_files": 2}, {"max_file_size": MIB}, {"max_file_size": {"other": MIB}}):
        with pytest.raises(MultiPartException):
            await parse(body, END, known_names=known, **limits)
    text = b'--b\r\nContent-Disposition: form-data; name="t"\r\n\r\n12345\r\n'
    assert (await parse(text, END, known_names=known)).multi_items() == []
    for limits in ({"max_fields": 0}, {"max_part_size": 4}, {"max_text_size": 4}):
        with pytest.raises(MultiPartException):
            await parse(text, END, known_names=known, **limits)


async def test_the_headers_of_all_parts_have_a_limit_together() -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="a"\r\n' + b"".join(
        b"X-%d: " % n + b"y" * 4000 + b"\r\n" for n in range(7)
    )
    await (await parse(*[head + b"\r\n\r\n"] * 149, END)).close()
    with pytest.raises(MultiPartException, match="headers of all parts"):
        await parse(*[head + b"\r\n\r\n"] * 150, END)
