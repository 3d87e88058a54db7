"""Streaming of forms: the same parts as the parsed form, in any chunks, receiving only as much as is read."""

from itertools import pairwise
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.app import App
from signette.applications import Application
from signette.datastructures.upload import UploadFile
from signette.exceptions import HTTPException, LimitExceeded
from signette.formparsers import MultiPartException
from signette.limits import Limits
from signette.requests import ClientDisconnect, Request
from signette.responses import Response
from signette.routing import Route
from signette.types import Message
from tests.asgi import call

CONTENT_TYPE = b"multipart/form-data; boundary=b"
FIELD = b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nA \xc3\xa9\r\n--x\r\n'
FILE = (
    b'--b\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\nContent-Type: image/png\r\nX-More: 1'
    b"\r\n\r\n\x89PNG\r\n\r\n--\r\n--a\r\n"
)
EMPTY = b'--b\r\nContent-Disposition: form-data; name=""; filename=""\r\n\r\n\r\n'
END = b"--b--\r\n"
FORM = FIELD + FILE + EMPTY + FILE + END

Shown = list[tuple[str, str | None, dict[str, str], bytes]]


class Client:
    """Sends pieces of a body, then leaves; counts what was received."""

    def __init__(self, *pieces: bytes, complete: bool = True) -> None:
        self.pieces = pieces
        self.complete = complete
        self.received = 0

    async def __call__(self) -> Message:
        await anyio.lowlevel.checkpoint()
        self.received += 1
        if self.received > len(self.pieces):
            return {"type": "http.disconnect"}
        more = self.received < len(self.pieces) or not self.complete
        return {"type": "http.request", "body": self.pieces[self.received - 1], "more_body": more}


def request_of(client: Client, content_type: bytes = CONTENT_TYPE, **scope: Any) -> Request:
    return Request({"type": "http", "method": "POST", "headers": [(b"content-type", content_type)], **scope}, client)


def split(body: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    return [body[start:end] for start, end in pairwise(places)]


async def streamed(*pieces: bytes, **form_limits: Any) -> Shown | tuple[str, int]:
    """The parts, or the error of the form."""
    found: Shown = []
    try:
        async for part in request_of(Client(*pieces)).parts(**form_limits):
            found.append((part.name, part.filename, dict(part.headers), await part.read()))
    except MultiPartException as exc:
        return str(exc), exc.status_code
    return found


async def kept(body: bytes, **form_limits: Any) -> Shown | tuple[str, int]:
    """The same by the parser that keeps the form. Headers of fields excepted, which it forgets.

    Text comes as latin-1, which has all bytes.
    """
    found: Shown = []
    try:
        async with request_of(Client(body), CONTENT_TYPE + b"; charset=latin-1").form(**form_limits) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    found.append((name, value.filename, dict(value.headers), await value.read()))
                else:
                    found.append((name, None, {}, value.encode("latin-1")))
    except MultiPartException as exc:
        return str(exc), exc.status_code
    return found


def comparable(shown: Shown | tuple[str, int]) -> Shown | tuple[str, int]:
    if isinstance(shown, tuple):
        return shown
    return [(name, filename, headers if filename is not None else {}, data) for name, filename, headers, data in shown]


async def test_a_part_has_a_name_a_filename_headers_and_content() -> None:
    parts = [(part, await part.read()) async for part in request_of(Client(FORM)).parts()]
    (title, text), (photo, image), (empty, nothing), _ = parts
    assert (title.name, title.filename, title.content_type, text) == ("title", None, None, b"A \xc3\xa9\r\n--x")
    assert (photo.name, photo.filename, photo.content_type) == ("photo", "a.png", "image/png")
    assert photo.headers["x-more"] == "1"
    assert image == b"\x89PNG\r\n\r\n--\r\n--a"
    assert (empty.name, empty.filename, nothing) == ("", "", b"")
    assert "a.png" in repr(photo)


async def test_a_parts_text_follows_the_charset_of_the_form() -> None:
    async def text_of(charset: bytes) -> str:
        request = request_of(Client(FIELD + END), CONTENT_TYPE + charset)
        return await (await anext(request.parts())).text()

    assert await text_of(b"") == "A é\r\n--x"
    assert await text_of(b"; charset=latin-1") == "A Ã©\r\n--x"
    assert await text_of(b"; charset=zip") == "A é\r\n--x"


async def test_the_parts_are_those_of_the_form_wherever_it_is_cut_in_two() -> None:
    expected = await kept(FORM)
    for at in range(len(FORM)):
        assert comparable(await streamed(FORM[:at], FORM[at:])) == expected, at


async def test_an_incomplete_form_is_rejected_at_every_byte() -> None:
    for length in range(len(FORM) - len("\r\n")):
        assert await streamed(FORM[:length]) == ("The form was cut off: its last boundary is missing.", 400), length
    assert comparable(await streamed(FORM[:-2])) == await kept(FORM)


CONTENTS = st.binary(max_size=30) | st.sampled_from([b"\r", b"\r\n--", b"\r\n--a", b"\r\n" * 9, b"-" * 9])
HEADS = st.sampled_from([piece.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" for piece in (FIELD, FILE, EMPTY)])
PARTS = st.tuples(HEADS, CONTENTS).map(lambda part: part[0] + part[1] + b"\r\n")
SPOILT = st.sampled_from([b"--b\r\n\r\n", b"--b\r\n: x\r\n", b"--b", END, b"\r\n"]) | st.binary(max_size=10)
BODIES = st.lists(PARTS, max_size=4).map(b"".join).map(lambda parts: parts + END) | st.lists(
    PARTS | SPOILT, max_size=6
).map(b"".join)
LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "max_files": st.integers(0, 3),
        "max_fields": st.integers(0, 3),
        "max_part_size": st.integers(0, 30),
        "max_file_size": st.integers(0, 30) | st.just({"photo": 10}),
    },
)


@given(body=BODIES, cuts=st.lists(st.integers(0, 600), max_size=8), form_limits=LIMITS)
async def test_streaming_has_the_same_result_as_form_for_any_chunks(
    body: bytes, cuts: list[int], form_limits: Any
) -> None:
    found, whole = comparable(await streamed(*split(body, cuts), **form_limits)), await kept(body, **form_limits)
    if isinstance(found, tuple) and isinstance(whole, tuple):
        # A form that is both malformed and incomplete may raise either error, depending on the chunks.
        assert found[1] == whole[1]
    else:
        assert found == whole


@given(cuts=st.lists(st.integers(0, len(FORM)), max_size=8), wanted=st.sets(st.integers(0, 3)), some=st.booleans())
async def test_the_unread_rest_of_a_part_is_skipped(cuts: list[int], wanted: set[int], some: bool) -> None:
    whole = await streamed(FORM)
    parts = request_of(Client(*split(FORM, cuts))).parts()
    number = -1
    async for part in parts:
        number += 1
        name, filename, _, content = whole[number]
        assert (part.name, part.filename) == (name, filename)
        if number in wanted:
            assert await part.read() == content
        elif some:
            assert content.startswith(await anext(part, b""))
    assert number == 3


async def test_a_part_that_was_skipped_cannot_be_read_any_more() -> None:
    parts = request_of(Client(FORM)).parts()
    first = await anext(parts)
    second = await anext(parts)
    with pytest.raises(RuntimeError, match="'title' was skipped"):
        await first.read()
    assert await second.read() == b"\x89PNG\r\n\r\n--\r\n--a"
    # What was read to its end stays at its end.
    await anext(parts)
    assert await second.read() == b""


async def test_after_a_break_iteration_continues_with_the_next_part() -> None:
    parts = request_of(Client(FORM)).parts()
    async for part in parts:
        assert part.name == "title"
        break
    assert [part.name async for part in parts] == ["photo", "", "photo"]
    assert [part.name async for part in parts] == []


async def test_no_more_chunks_are_received_than_the_reader_needs() -> None:
    head, tail = FILE.split(b"\x89PNG")
    client = Client(FIELD, head, b"1" * 9, b"2" * 9, b"3" * 9, tail + FIELD + END, b"behind the form")
    parts = request_of(client).parts()
    assert client.received == 0
    await anext(parts)
    assert client.received == 1
    photo = await anext(parts)
    assert client.received == 2
    assert await anext(photo) == b"1" * 9
    assert client.received == 3
    assert await anext(photo) == b"2" * 9
    assert client.received == 4
    title = await anext(parts)
    assert client.received == 6
    assert await title.text() == "A é\r\n--x"
    assert client.received == 6
    # At the end all of the body is taken, as with `form()`, so that the connection can go on.
    assert await anext(parts, None) is None
    assert client.received == 7


async def test_a_body_that_was_read_before_is_cut_into_parts() -> None:
    request = request_of(Client(FORM))
    assert await request.body() == FORM
    assert [part.name async for part in request.parts()] == ["title", "photo", "", "photo"]
    assert [part.name async for part in request.parts()] == ["title", "photo", "", "photo"]


async def test_parts_are_read_once() -> None:
    request = request_of(Client(FORM))
    assert len([part async for part in request.parts()]) == 4
    for again in (request.parts, request.body, request.form, lambda: anext(request.stream())):
        with pytest.raises(RuntimeError, match="Stream consumed"):
            await _use(again())


async def _use(found: Any) -> None:
    await (anext(found) if hasattr(found, "__anext__") else found)


async def test_a_form_cannot_start_in_the_middle_of_a_body() -> None:
    request = request_of(Client(FIELD, FILE, END))
    await anext(request.stream())
    with pytest.raises(RuntimeError, match="Stream consumed"):
        request.parts()


@pytest.mark.parametrize("content_type", [b"application/x-www-form-urlencoded", b"", b"multipart/mixed; boundary=b"])
async def test_a_body_that_is_not_a_multipart_form_is_a_415(content_type: bytes) -> None:
    with pytest.raises(HTTPException) as caught:
        request_of(Client(), content_type).parts()
    assert caught.value.status_code == 415


async def test_a_form_without_a_boundary_is_a_400() -> None:
    with pytest.raises(MultiPartException, match="Missing boundary"):
        request_of(Client(), b"multipart/form-data").parts()
    with pytest.raises(HTTPException) as caught:
        request_of(Client(), b"multipart/form-data", app=None).parts()
    assert caught.value.status_code == 400


async def test_a_disconnect_at_any_message_raises_client_disconnect() -> None:
    pieces = [FORM[at : at + 20] for at in range(0, len(FORM), 20)]
    for sent in range(len(pieces)):
        with pytest.raises(ClientDisconnect):
            _ = [await part.read() async for part in request_of(Client(*pieces[:sent], complete=False)).parts()]


@pytest.mark.parametrize(
    ("limits", "name", "status"),
    [
        (Limits(form_fields=0), "form_fields", 400),
        (Limits(form_files=2), "form_files", 400),
        (Limits(form_part_bytes=8), "form_part_bytes", 413),
        (Limits(form_text_bytes=8), "form_text_bytes", 413),
    ],
)
async def test_each_exceeded_limit_is_named_after_the_events_before_it(limits: Limits, name: str, status: int) -> None:
    parts = request_of(Client(EMPTY, FIELD + FILE, EMPTY), **{"signette.limits": limits}).parts()
    assert (await anext(parts)).name == ""
    for _ in range(2):  # the form stays rejected
        with pytest.raises(LimitExceeded) as caught:
            _ = [await part.read() async for part in parts]
        assert (caught.value.limit, caught.value.status_code) == (name, status)


async def test_a_limit_applies_before_the_rest_is_received() -> None:
    head = FILE.split(b"\x89PNG")[0]
    client = Client(head, b"1" * 100, b"2" * 100, b"3" * 100, complete=False)
    with pytest.raises(MultiPartException, match="File exceeded maximum size of 150 bytes"):
        _ = [await part.read() async for part in request_of(client).parts(max_file_size=150)]
    assert client.received == 3


async def read_parts(request: Request) -> Response:
    return Response(" ".join([f"{part.name}={len(await part.read())}" async for part in request.parts()]))


def toolkit() -> Application:
    return Application(routes=[Route("/", read_parts, methods=["POST"])])


def typed() -> App:
    app = App(limits=Limits(body_bytes=1000))
    app.post("/")(read_parts)
    return app


@pytest.mark.parametrize("make", [toolkit, typed])
async def test_an_incomplete_form_is_a_400_in_an_application(make: Any) -> None:
    headers = [(b"content-type", CONTENT_TYPE)]
    response = await call(make(), method="POST", headers=headers, body=[FORM[:100], FORM[100:]])
    assert (response.status, response.text) == (200, "title=9 photo=15 =0 photo=15")
    for length in range(0, len(FORM) - 2, 7):
        response = await call(make(), method="POST", headers=headers, body=FORM[:length])
        assert (response.status, response.error) == (400, None)
    assert (await call(make(), method="POST", body=b"x")).status == 415


async def test_the_limit_of_the_body_applies_to_its_parts() -> None:
    response = await call(typed(), method="POST", headers=[(b"content-type", CONTENT_TYPE)], body=[FIELD] * 40)
    assert (response.status, "body exceeds 1000 bytes" in response.text) == (413, True)
