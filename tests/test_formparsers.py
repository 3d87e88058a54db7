"""Multipart forms: parsed correctly in any chunks, and all files are closed."""

import logging
import tempfile
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, suppress
from itertools import pairwise
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import given
from hypothesis import strategies as st

from signette import formparsers
from signette.datastructures.headers import Headers
from signette.datastructures.multidict import FormData
from signette.datastructures.upload import UploadFile
from signette.exceptions import SignetteDeprecationWarning
from signette.formparsers import MultiPartException, MultiPartParser
from signette.forms import parsers

BOUNDARY = "b0undary"
HEADERS = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def part(name: str, content: bytes, filename: str | None = None, *more_headers: str) -> bytes:
    disposition = f"Content-Disposition: form-data; name={quoted(name)}"
    if filename is not None:
        disposition += f"; filename={quoted(filename)}"
    lines = "\r\n".join([disposition, *more_headers])
    return f"--{BOUNDARY}\r\n{lines}\r\n\r\n".encode() + content + b"\r\n"


def raw_part(headers: bytes, content: bytes = b"") -> bytes:
    return f"--{BOUNDARY}\r\n".encode() + headers + b"\r\n\r\n" + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


async def stream_of(*chunks: bytes) -> AsyncGenerator[bytes, None]:
    for chunk in chunks:
        yield chunk


async def parse(*chunks: bytes, content_type: str = HEADERS["content-type"], **limits: Any) -> FormData:
    async with aclosing(stream_of(*chunks)) as stream:
        return await MultiPartParser({"content-type": content_type}, stream, **limits).parse()


Shown = list[tuple[str, str | tuple[str | None, bytes]]]


async def shown(form: FormData) -> Shown:
    """The form as plain values; its files are closed."""
    pairs: Shown = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            content = await value.read()
            assert value.size == len(content)
            pairs.append((name, (value.filename, content)))
        else:
            pairs.append((name, value))
    await form.close()
    return pairs


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[list["WatchedFile"]]:
    """Every temporary file that a parser begins; all are closed when the test ends."""
    begun: list[WatchedFile] = []

    def begin(**options: Any) -> WatchedFile:
        begun.append(WatchedFile(**options))
        return begun[-1]

    monkeypatch.setattr(parsers, "SpooledTemporaryFile", begin)
    yield begun
    assert all(file.closed for file in begun)


class WatchedFile(tempfile.SpooledTemporaryFile[bytes]):
    """Knows in which threads it was written to."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.threads: list[int] = []

    def write(self, data: Any) -> int:
        self.threads.append(threading.get_ident())
        return super().write(data)


FORM = (
    part("title", "H\N{LATIN SMALL LETTER E WITH ACUTE}".encode())
    + part("photo", b"\x89PNG\r\n\r\n--", "a.png", "Content-Type: image/png", "X-More: 1")
    + part("empty", b"")
    + part("photo", f"\r\n--{BOUNDARY}x\r\n--".encode(), "b.png")
    + END
)
FORM_SHOWN: Shown = [
    ("title", "H\N{LATIN SMALL LETTER E WITH ACUTE}"),
    ("photo", ("a.png", b"\x89PNG\r\n\r\n--")),
    ("empty", ""),
    ("photo", ("b.png", f"\r\n--{BOUNDARY}x\r\n--".encode())),
]


async def test_a_form_has_text_and_files_in_the_order_sent() -> None:
    form = await parse(FORM)
    photo = form.getlist("photo")[0]
    assert isinstance(photo, UploadFile)
    assert photo.content_type == "image/png"
    assert photo.headers["x-more"] == "1"
    assert photo.headers["content-disposition"] == 'form-data; name="photo"; filename="a.png"'
    assert await shown(form) == FORM_SHOWN


async def test_a_form_is_the_same_wherever_it_is_cut_in_two() -> None:
    for at in range(len(FORM)):
        assert await shown(await parse(FORM[:at], FORM[at:])) == FORM_SHOWN, at


async def test_a_form_may_arrive_byte_by_byte() -> None:
    assert await shown(await parse(*[FORM[at : at + 1] for at in range(len(FORM))])) == FORM_SHOWN


# What forms are made of, and what looks like it.
PIECES = st.sampled_from(
    [
        b"\r", b"\n", b"\r\n", b"-", b"--", b"x", b" ", b"\t", b":", b"; ", BOUNDARY.encode(),
        b"--" + BOUNDARY.encode(),
        b"\r\n--" + BOUNDARY.encode(), b"\r\n--" + BOUNDARY.encode() + b"\r\n", b"\r\n\r\n", b"A: b",
        b'Content-Disposition: form-data; name="a"', part("a", b"v"), part("f", b"v", "x"), END,
    ]
)  # fmt: skip


async def outcome_of(*chunks: bytes) -> Any:
    """The content of a form, or the status of its rejection."""
    try:
        return await shown(await parse(*chunks))
    except MultiPartException as exc:
        return exc.status_code


BEGINNINGS = [
    b"",
    b"\r",
    b"\n",
    b"\r\n",
    b"\n\r\r",
    b"\rx",
    b"x",
    b"x\r\n",
    b"\r\nx\r\n",
    b"\r-",
    b"\r--",
    b"-",
    b"--\r\n",
]


@pytest.mark.parametrize("beginning", [*BEGINNINGS, b"\r--b0undar", b"\r--b0undarx", b"\r \n", b"\0", b"\r\n" * 500])
async def test_a_form_begins_with_its_boundary_in_any_chunks(beginning: bytes) -> None:
    body = beginning + FORM
    expected = FORM_SHOWN if not beginning.strip(b"\r\n") else 400
    assert await outcome_of(body) == expected
    assert await outcome_of(*[body[at : at + 1] for at in range(len(body))]) == expected
    for at in range(min(len(body), len(beginning) + 20)):
        assert await outcome_of(body[:at], body[at:]) == expected


@given(st.lists(PIECES, max_size=12).map(b"".join))
async def test_chunk_limits_never_change_the_result(body: bytes) -> None:
    expected = await outcome_of(body)
    assert await outcome_of(*[body[at : at + 1] for at in range(len(body))]) == expected
    for at in range(len(body)):
        assert await outcome_of(body[:at], body[at:]) == expected


async def test_an_incomplete_form_is_rejected_at_every_byte(files: list[WatchedFile]) -> None:
    for length in range(len(FORM) - len("\r\n")):
        with pytest.raises(MultiPartException, match="cut off") as caught:
            await parse(FORM[:length])
        assert caught.value.status_code == 400
    # The line break behind the last boundary belongs to no part.
    assert await shown(await parse(FORM[:-2])) == FORM_SHOWN
    assert len(files) > 100


async def test_the_last_boundary_ends_a_form() -> None:
    assert await shown(await parse(FORM + part("late", b"x") + END)) == FORM_SHOWN
    assert await shown(await parse(END + part("late", b"x") + END)) == []


# What a quoted name can carry; of a filename with back slashes only the end counts.
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12)
FILENAMES = NAMES.map(lambda name: name.replace("\\", ""))
FIELDS = st.tuples(NAMES, st.none(), st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace")))
FILES = st.tuples(NAMES, FILENAMES, st.binary(max_size=40) | st.sampled_from([b"\r", b"\r\n--", b"\r\n--b0undar"]))


@given(st.lists(FIELDS | FILES, max_size=5), st.lists(st.integers(0, 600), max_size=8))
async def test_every_form_is_parsed_back(parts: list[tuple[str, str | None, bytes]], cuts: list[int]) -> None:
    body = b"".join(part(name, content, filename) for name, filename, content in parts) + END
    places = [0, *sorted(cuts), len(body)]
    chunks = [body[start:end] for start, end in pairwise(places)]
    expected = [
        (name, content.decode() if filename is None else (filename, content)) for name, filename, content in parts
    ]
    assert await shown(await parse(*chunks)) == expected


@given(st.binary(max_size=200), st.booleans())
async def test_no_bytes_make_the_parser_fail_otherwise_than_by_its_exception(noise: bytes, within: bool) -> None:
    body = raw_part(noise) + END if within else noise
    with suppress(MultiPartException):
        await (await parse(body)).close()


@pytest.mark.parametrize(
    ("disposition", "name", "filename"),
    [
        (b'form-data; name="a"', "a", None),
        (b'FORM-DATA; NAME="a"; FileName="f"', "a", "f"),
        (b"form-data; name=a; filename=f.txt", "a", "f.txt"),
        (b'form-data;name="a";filename="f"', "a", "f"),
        (b'form-data; filename="f"; name="a"', "a", "f"),
        (b'form-data; name="a;b"; filename="c; name=d"', "a;b", "c; name=d"),
        (b'form-data; name="a\\"b"; filename="\\"f\\""', 'a"b', '"f"'),
        (b'form-data; name="a%22b"', "a%22b", None),
        (b'form-data; name=""; filename=""', "", ""),
        (b'form-data; name="a"; filename="f"; filename*=utf-8\'\'evil', "a", "f"),
        (b"form-data; name=\"a\"; filename*=utf-8''evil", "a", None),
        (b"form-data; name*=utf-8''evil; name=\"a\"", "a", None),
        (b'form-data; name="a"; name="b"', "a", None),
        (b'form-data; name="a"; filename="C:\\dir\\f.txt"', "a", "f.txt"),
        (b'form-data; name="a"; filename="\\\\host\\dir\\f.txt"', "a", "f.txt"),
        ('form-data; name="\xe9"; filename="\u20ac"'.encode(), "\xe9", "\u20ac"),
        (b'form-data; name="\xe9"', "\xe9", None),
    ],
)
async def test_the_plain_name_and_filename_of_a_part_count(disposition: bytes, name: str, filename: str | None) -> None:
    [(found, value)] = await shown(await parse(raw_part(b"Content-Disposition: " + disposition, b"x") + END))
    assert found == name
    assert value == ("x" if filename is None else (filename, b"x"))


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Type: text/plain",
        b"Content-Disposition: form-data",
        b'Content-Disposition: form-data; filename="f"',
        b"Content-Disposition: form-data; name*=utf-8''a",
    ],
)
async def test_a_part_without_a_name_is_rejected(headers: bytes) -> None:
    with pytest.raises(MultiPartException, match='The Content-Disposition header field "name" must be'):
        await parse(raw_part(headers) + END)


@pytest.mark.parametrize(
    "body",
    [
        b"no boundary at all",
        b"--other\r\n",
        raw_part(b'Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="b"') + END,
        raw_part(b"Bad Header: x") + END,
        raw_part(b": x") + END,
        raw_part(b"A: x\rB: y") + END,
        b"--" + BOUNDARY.encode() + b"x",
    ],
)
async def test_malformed_forms_are_rejected(body: bytes) -> None:
    with pytest.raises(MultiPartException, match=r"Invalid multipart data\."):
        await parse(body)


async def test_a_malformed_form_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    level = logging.getLogger("python_multipart.multipart").level
    for body in (b"no boundary", raw_part(b"Bad Header: x"), raw_part(b"A: x\rB: y"), b"--" + BOUNDARY.encode() + b"x"):
        with caplog.at_level(logging.INFO), pytest.raises(MultiPartException):
            await parse(body)
    with caplog.at_level(logging.INFO):
        await parse(END + b"behind the end" * 100)
    assert caplog.records == []
    # It is for this parser alone; the library's own logger is as others have set it.
    assert logging.getLogger("python_multipart.multipart").level == level


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=", ""])
async def test_a_form_needs_a_boundary(content_type: str) -> None:
    with pytest.raises(MultiPartException, match=r"Missing boundary in multipart\."):
        await parse(END, content_type=content_type)


async def test_a_boundary_may_be_quoted() -> None:
    form = await parse(b"--a b:c--", content_type='Multipart/Form-Data; Boundary="a b:c"')
    assert form.multi_items() == []


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("utf-8", "\u20ac".encode(), "\u20ac"),
        ("utf-8", b"\xe9", "\xe9"),
        ("latin-1", b"\xc3\xa9", "\xc3\xa9"),
        ("ISO-8859-15", b"\xa4", "\u20ac"),
        ("windows-1252", b"\x80", "\u20ac"),
        ("windows-1252", b"\x81", "\x81"),
        ("shift_jis", b"\x83\x41", "\u30a2"),
        ("windows-1253", "\u03a9".encode("cp1253"), "\u03a9"),
        ("KOI8-U", "\u0491".encode("koi8-u"), "\u0491"),
        ("iso_8859_7", "\u03a9".encode("iso8859-7"), "\u03a9"),
        # Unknown, dangerous, not a charset, or empty: then UTF-8, and latin-1 for invalid UTF-8.
        ("no-such-charset", "\u20ac".encode(), "\u20ac"),
        ("hex", b"6162", "6162"),
        ("unicode_escape", b"\\x41", "\\x41"),
        ("punycode", b"a-b", "a-b"),
        ("undefined", b"a", "a"),
        ("idna", b"a", "a"),
        ("utf-7", b"+ADw-", "+ADw-"),
        ("utf-16", b"ab", "ab"),
        ("hz-gb-2312", b"~{!!~}", "~{!!~}"),
        ('"a\0b"', b"a", "a"),
        ("../x", b"a", "a"),
        ("x" * 5000, b"a", "a"),
    ],
)
async def test_no_charset_can_crash(charset: str, content: bytes, text: str) -> None:
    form = await parse(part("a", content) + END, content_type=f"{HEADERS['content-type']}; charset={charset}")
    assert form.multi_items() == [("a", text)]


async def test_a_small_file_costs_no_thread(monkeypatch: pytest.MonkeyPatch, files: list[WatchedFile]) -> None:
    async def reject(*args: object) -> None:
        raise AssertionError("a thread was asked for")

    monkeypatch.setattr(parsers, "run_in_threadpool", reject)
    form = await parse(FORM[:200], FORM[200:])
    assert {thread for file in files for thread in file.threads} == {threading.get_ident()}
    await form.close()


async def test_a_large_file_is_written_to_disk_in_a_thread(
    monkeypatch: pytest.MonkeyPatch, files: list[WatchedFile]
) -> None:
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 10)
    body = part("f", b"0123456789", "fits") + part("f", b"0123456789a" * 3, "large") + END
    form = await parse(*[body[at : at + 7] for at in range(0, len(body), 7)])
    fits, large = files
    assert not getattr(fits, "_rolled", True)
    assert getattr(large, "_rolled", False)
    # Each write to the disk, the one that moves the file there included, is made elsewhere.
    assert set(fits.threads) == {threading.get_ident()}
    assert large.threads[-1] != threading.get_ident()
    assert await shown(form) == [("f", ("fits", b"0123456789")), ("f", ("large", b"0123456789a" * 3))]


async def test_little_of_a_large_file_waits_for_the_disk(
    monkeypatch: pytest.MonkeyPatch, files: list[WatchedFile]
) -> None:
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 1)
    waiting = []

    async def stream() -> AsyncGenerator[bytes, None]:
        yield part("f", b"", "large")[:-2]
        for sent in range(40):
            waiting.append(sent * 64 * 1024 - files[0].tell())
            yield b"x" * 64 * 1024
        yield b"\r\n" + END

    async with aclosing(stream()) as chunks:
        form = await MultiPartParser(HEADERS, chunks).parse()
    await form.close()
    assert 0 < max(waiting) < 512 * 1024


@pytest.mark.parametrize("spool", [0, 1, 5, 20, 1000])
async def test_the_content_is_the_same_in_memory_and_on_disk(
    monkeypatch: pytest.MonkeyPatch, files: list[WatchedFile], spool: int
) -> None:
    monkeypatch.setattr(MultiPartParser, "spool_max_size", spool)
    for size in (1, 3, len(FORM)):
        form = await parse(*[FORM[at : at + size] for at in range(0, len(FORM), size)])
        assert await shown(form) == FORM_SHOWN


@pytest.mark.parametrize("spool", [1, 1000])
async def test_files_are_always_closed_at_the_end_of_the_stream(
    monkeypatch: pytest.MonkeyPatch, files: list[WatchedFile], spool: int
) -> None:
    monkeypatch.setattr(MultiPartParser, "spool_max_size", spool)

    async def breaking_off(length: int) -> AsyncIterator[bytes]:
        yield FORM[:length]
        raise ConnectionError

    for length in range(0, len(FORM), 5):
        with pytest.raises(ConnectionError):
            await MultiPartParser(HEADERS, breaking_off(length)).parse()
    assert files


@pytest.mark.parametrize("spool", [1, 1000])
async def test_no_file_stays_open_where_the_task_is_cancelled(
    monkeypatch: pytest.MonkeyPatch, files: list[WatchedFile], spool: int
) -> None:
    monkeypatch.setattr(MultiPartParser, "spool_max_size", spool)

    async def cancelling(scope: anyio.CancelScope, length: int) -> AsyncGenerator[bytes, None]:
        yield FORM[:length]
        scope.cancel()
        yield FORM[length:-2]
        await checkpoint()

    for length in range(0, len(FORM), 5):
        with anyio.CancelScope() as scope:
            async with aclosing(cancelling(scope, length)) as stream:
                await MultiPartParser(HEADERS, stream).parse()
        assert scope.cancelled_caught
    assert files


async def test_headers_of_any_mapping_will_do() -> None:
    async with aclosing(stream_of(END)) as stream:
        form = await MultiPartParser(Headers(HEADERS), stream).parse()
    assert form.multi_items() == []


def test_the_old_message_kinds_are_there_with_a_warning() -> None:
    with pytest.warns(SignetteDeprecationWarning, match="FormMessage"):
        assert [kind.name for kind in formparsers.FormMessage] == [
            "FIELD_START",
            "FIELD_NAME",
            "FIELD_DATA",
            "FIELD_END",
            "END",
        ]
    with pytest.raises(AttributeError, match="Nothing"):
        formparsers.Nothing  # noqa: B018 - it raises
