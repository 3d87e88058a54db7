"""The body of a request: whole, streamed, as JSON and as a form, and disconnects."""

import json
import math
import pickle
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
import pytest

from signette.body import LimitedReceive
from signette.datastructures.upload import UploadFile
from signette.exceptions import HTTPException, LimitExceeded
from signette.formparsers import MultiPartException
from signette.limits import Limits, exceeded_message
from signette.requests import ClientDisconnect, JSONDecodeError, Request
from signette.types import Message

DISCONNECT: Message = {"type": "http.disconnect"}
MULTIPART = b"multipart/form-data; boundary=b"
URLENCODED = b"application/x-www-form-urlencoded"
FIELD = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
FILE = b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\ncontent\r\n'
END = b"--b--\r\n"


class Client:
    """A `receive` that gives these messages, counts them, and fails where more is asked for."""

    def __init__(self, messages: list[Message]) -> None:
        self.messages = messages
        self.received = 0

    async def __call__(self) -> Message:
        assert self.received < len(self.messages), "nothing more was to be read"
        self.received += 1
        return self.messages[self.received - 1]


def messages_of(*pieces: bytes) -> list[Message]:
    last = len(pieces) - 1
    return [{"type": "http.request", "body": p, "more_body": i < last} for i, p in enumerate(pieces)]


def request_of(*pieces: bytes, content_type: bytes = b"", **scope: Any) -> Request:
    headers = [(b"content-type", content_type)] if content_type else []
    return Request({"type": "http", "method": "POST", "headers": headers, **scope}, Client(messages_of(*pieces)))


# Whole and streamed


async def test_a_body_is_read_once_and_kept() -> None:
    request = request_of(b"ab", b"", b"c")
    body = await request.body()
    assert body == b"abc"
    assert await request.body() is body


async def test_a_body_of_one_message_is_not_copied() -> None:
    piece = b"x" * 100
    assert await request_of(piece).body() is piece


async def test_an_empty_body_is_kept_too() -> None:
    request = request_of(b"")
    assert await request.body() == await request.body() == b""


async def test_a_stream_has_the_chunks_and_an_empty_one_at_the_end() -> None:
    assert [piece async for piece in request_of(b"a", b"", b"b").stream()] == [b"a", b"b", b""]
    assert [piece async for piece in request_of(b"").stream()] == [b""]
    request = Request({"type": "http"}, Client([{"type": "http.request"}]))
    assert [piece async for piece in request.stream()] == [b""]


async def test_a_stream_after_body_replays_it_any_number_of_times() -> None:
    request = request_of(b"a", b"b")
    await request.body()
    for _ in range(2):
        assert [piece async for piece in request.stream()] == [b"ab", b""]
    request = request_of(b"")
    await request.body()
    assert [piece async for piece in request.stream()] == [b""]


@pytest.mark.parametrize("read", [Request.body, Request.json])
async def test_a_body_after_its_stream_is_an_error(read: Callable[[Request], Any]) -> None:
    request = request_of(b"a", b"b")
    async for _ in request.stream():
        pass
    with pytest.raises(RuntimeError, match="Stream consumed"):
        await read(request)
    with pytest.raises(RuntimeError, match="Stream consumed"):
        async for _ in request.stream():
            pass


async def test_body_after_a_partial_stream_raises() -> None:
    request = request_of(b"a", b"b", b"c")
    async for _ in request.stream():
        break
    with pytest.raises(RuntimeError, match="Stream consumed"):
        await request.body()
    assert [piece async for piece in request.stream()] == [b"b", b"c", b""]


@pytest.mark.parametrize("content_type", [b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x"])
async def test_form_after_a_partial_stream_raises(content_type: bytes) -> None:
    request = request_of(b"a=1&", b"b=2", content_type=content_type)
    async for _ in request.stream():
        break
    with pytest.raises(RuntimeError, match="Stream consumed"):
        await request.form()


async def test_a_closed_stream_has_ended() -> None:
    request = request_of(b"a", b"b")
    stream = request.stream()
    assert await anext(stream) == b"a"
    await stream.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


class Decoding(Request):
    """Reads what arrives in upper case."""

    async def stream(self) -> AsyncIterator[bytes]:  # type: ignore[override]  # a generator is an iterator too
        async for piece in super().stream():
            yield piece.upper()


async def test_a_subclass_that_changes_the_stream_changes_the_body() -> None:
    request = Decoding({"type": "http"}, Client(messages_of(b"a", b"b")))
    assert await request.body() == b"AB"


READINGS = {
    "body": Request.body,
    "json": Request.json,
    "form": Request.form,
}


@pytest.mark.parametrize("read", READINGS.values(), ids=READINGS)
@pytest.mark.parametrize("after", range(4))
async def test_a_disconnect_at_any_message_raises_client_disconnect(read: Callable[[Request], Any], after: int) -> None:
    messages = [*messages_of(FIELD, FILE, FIELD, END)[:after], DISCONNECT]
    headers = [(b"content-type", MULTIPART)]
    request = Request({"type": "http", "headers": headers, "app": None}, Client(messages))
    with pytest.raises(ClientDisconnect):
        await read(request)
    assert await request.is_disconnected()


async def test_a_limit_applies_to_all_ways_of_reading() -> None:
    for read in READINGS.values():
        limited = LimitedReceive(Client(messages_of(FIELD, END)), 10, [])
        headers = [(b"content-type", MULTIPART)]
        with pytest.raises(LimitExceeded):
            await read(Request({"type": "http", "headers": headers, "app": None}, limited))


# JSON


async def test_json_is_parsed_once() -> None:
    request = request_of(b'{"a": [1, ', b"null]}")
    value = await request.json()
    assert value == {"a": [1, None]}
    assert await request.json() is value
    request = request_of(b"null")
    assert await request.json() is await request.json() is None


BAD_JSON = [
    b"",
    b"{",
    b'{"a": }',
    b"\xff",
    b'"\xed\xa0\x80"',
    b'"\\ud800"',
    b"NaN",
    b"-Infinity",
    b"9" * 5000,
    b"[" * 100_000,
    b"[" * 201 + b"]" * 201,
    b"\0",
    b"secret-value",
]


@pytest.mark.parametrize("body", BAD_JSON, ids=lambda body: repr(body[:10]))
async def test_bad_json_is_a_value_error_and_a_400(body: bytes) -> None:
    with pytest.raises(JSONDecodeError) as caught:
        await request_of(body).json()
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, json.JSONDecodeError)
    assert isinstance(caught.value, HTTPException)
    assert caught.value.status_code == 400
    assert str(caught.value) == caught.value.detail
    assert str(caught.value).startswith("Invalid JSON: ")
    assert len(str(caught.value)) < 200
    assert "secret" not in str(caught.value)


async def test_the_error_for_invalid_json_has_its_position() -> None:
    with pytest.raises(JSONDecodeError) as caught:
        await request_of(b'{\n "a": x}').json()
    assert (caught.value.lineno, caught.value.pos) == (2, 8)
    assert "line 2" in str(caught.value)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.status_code, again.pos) == (str(caught.value), 400, 8)


# Forms


async def test_a_form_is_multipart_or_urlencoded_and_is_read_once() -> None:
    for content_type, body in [
        (MULTIPART, FIELD + END),
        (URLENCODED, b"a=1"),
        (URLENCODED.upper() + b"; charset=utf-8", b"a=1"),
    ]:
        request = request_of(body, content_type=content_type)
        form = await request.form()
        assert form.multi_items() == [("a", "1")]
        assert await request.form() is form


@pytest.mark.parametrize("content_type", [b"", b"text/plain", b"multipart/mixed; boundary=b", b";"])
async def test_a_body_that_is_not_a_form_is_an_empty_form_and_stays_unread(content_type: bytes) -> None:
    request = request_of(b"a=1", content_type=content_type)
    assert (await request.form()).multi_items() == []
    assert await request.body() == b"a=1"


async def test_a_form_can_be_read_after_the_body() -> None:
    for content_type, body in [(MULTIPART, FIELD + END), (URLENCODED, b"a=1")]:
        request = request_of(body, content_type=content_type)
        await request.body()
        assert (await request.form())["a"] == "1"


async def test_a_form_is_closed_by_its_context() -> None:
    request = request_of(FIELD + FILE + END, content_type=MULTIPART)
    async with request.form() as form:
        upload = form["f"]
        assert isinstance(upload, UploadFile)
        assert await upload.read() == b"content"
    assert upload.file.closed


async def test_a_form_is_closed_by_its_context_after_an_exception_too() -> None:
    request = request_of(FILE + END, content_type=MULTIPART)

    async def fail() -> None:
        async with request.form():
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    upload = (await request.form())["f"]
    assert isinstance(upload, UploadFile)
    assert upload.file.closed


async def test_a_request_closes_the_form_that_it_has_read() -> None:
    request = request_of(FILE + END, content_type=MULTIPART)
    await request.close()
    upload = (await request.form())["f"]
    assert isinstance(upload, UploadFile)
    for _ in range(2):
        await request.close()
        assert upload.file.closed


async def test_a_form_that_is_not_awaited_reads_nothing() -> None:
    request = request_of(FIELD + END, content_type=MULTIPART)
    request.form()
    assert isinstance(request.receive, Client)
    assert request.receive.received == 0


async def test_an_invalid_form_outside_of_an_application_raises_multipart_exception() -> None:
    with pytest.raises(MultiPartException):
        await request_of(FIELD, content_type=MULTIPART).form()


@pytest.mark.parametrize(
    ("pieces", "content_type", "form_limits", "detail"),
    [
        ([FIELD], MULTIPART, {}, "The form was cut off: its last boundary is missing."),
        ([b""], MULTIPART, {}, "The form was cut off: its last boundary is missing."),
        ([b"x"], MULTIPART, {}, "Invalid multipart data."),
        ([END], b"multipart/form-data", {}, "Missing boundary in multipart."),
        ([FIELD * 2 + END], MULTIPART, {"max_fields": 1}, "Too many fields. Maximum number of fields is 1."),
        ([FILE * 2 + END], MULTIPART, {"max_files": 1}, "Too many files. Maximum number of files is 1."),
        ([FIELD + END], MULTIPART, {"max_part_size": 0}, "Part exceeded maximum size of 0KB."),
        ([b"a=1&b=2"], URLENCODED, {"max_fields": 1}, "Too many fields. Maximum number of fields is 1."),
        ([b"a=1&b=2"], URLENCODED, {"max_part_size": 1}, "Field exceeded maximum size of 0KB."),
    ],
)
async def test_a_bad_form_in_an_application_is_a_400(
    pieces: list[bytes], content_type: bytes, form_limits: dict[str, int], detail: str
) -> None:
    with pytest.raises(HTTPException) as caught:
        await request_of(*pieces, content_type=content_type, app=None).form(**form_limits)
    assert (caught.value.status_code, caught.value.detail) == (400, detail)


@pytest.mark.parametrize("limit", [6, {"f": 6, "other": 100}])
async def test_a_file_over_its_limit_is_a_413_everywhere(limit: Any) -> None:
    async with request_of(FILE + END, content_type=MULTIPART).form(max_file_size=7) as form:
        assert form["f"].size == 7
    for scope in ({"app": None}, {"app": None, "signette.limits": Limits()}):
        with pytest.raises(HTTPException) as caught:
            await request_of(FILE + END, content_type=MULTIPART, **scope).form(max_file_size=limit)
        assert (caught.value.status_code, caught.value.detail) == (413, "File exceeded maximum size of 6 bytes.")


async def test_under_limits_they_are_the_defaults_and_are_named() -> None:
    limits = Limits(form_fields=1, form_files=1, form_part_bytes=8, form_text_bytes=3)
    for body, content_type, limit, status in [
        (FIELD * 3 + END, MULTIPART, "form_fields", 400),
        (FILE * 2 + END, MULTIPART, "form_files", 400),
        (b"a=1&b&c", URLENCODED, "form_text_bytes", 413),
        (b"a&b", URLENCODED, "form_fields", 400),
    ]:
        request = request_of(body, content_type=content_type, **{"app": None, "signette.limits": limits})
        with pytest.raises(LimitExceeded) as caught:
            await request.form()
        assert (caught.value.limit, caught.value.status_code) == (limit, status)
        assert caught.value.detail == exceeded_message(limit, getattr(limits, limit))
        assert f"App(limits=Limits({limit}=...))" in caught.value.hint
    request = request_of(FIELD * 3 + END, content_type=MULTIPART, **{"signette.limits": limits})
    assert len((await request.form(max_fields=3)).multi_items()) == 3


# Leaving


class Channel:
    """A `receive` over a stream: waits where there is nothing."""

    def __init__(self, *messages: Message) -> None:
        self._send, self._receive = anyio.create_memory_object_stream[Message](math.inf)
        self.put(*messages)

    def put(self, *messages: Message) -> None:
        for message in messages:
            self._send.send_nowait(message)

    async def __call__(self) -> Message:
        return await self._receive.receive()

    def close(self) -> None:
        self._send.close()
        self._receive.close()


async def test_a_client_that_stays_is_connected_and_its_body_is_still_there() -> None:
    channel = Channel(*messages_of(b"a", b"b"))
    request = Request({"type": "http"}, channel)
    for _ in range(3):
        assert not await request.is_disconnected()
    assert await request.body() == b"ab"
    assert not await request.is_disconnected()
    channel.put(DISCONNECT)
    assert await request.is_disconnected()
    channel.close()


async def test_a_disconnect_is_noticed_after_an_unread_body() -> None:
    channel = Channel(*messages_of(b"ab"))
    request = Request({"type": "http"}, channel)
    assert not await request.is_disconnected()
    channel.put(DISCONNECT)
    assert await request.is_disconnected()
    assert await request.is_disconnected()
    assert await request.body() == b"ab"
    channel.close()


async def test_leaving_while_the_body_is_streamed_is_seen() -> None:
    channel = Channel(*messages_of(b"a", b"b")[:1])
    request = Request({"type": "http"}, channel)
    stream = request.stream()
    assert await anext(stream) == b"a"
    assert not await request.is_disconnected()
    channel.put(DISCONNECT)
    assert await request.is_disconnected()
    with pytest.raises(ClientDisconnect):
        await anext(stream)
    channel.close()


async def test_the_receive_of_a_request_returns_peeked_messages() -> None:
    channel = Channel(*messages_of(b"a"))
    request = Request({"type": "http"}, channel)
    assert not await request.is_disconnected()
    assert await request.receive() == messages_of(b"a")[0]
    channel.close()


# -- several tasks -----------------------------------------------------------------------------------------------------


class Waiting(Client):
    """The same, but it waits for `arrives` before the last message."""

    def __init__(self, messages: list[Message]) -> None:
        super().__init__(messages)
        self.arrives = anyio.Event()

    async def __call__(self) -> Message:
        message = await super().__call__()
        if self.received == len(self.messages):
            await self.arrives.wait()
        return message


async def outcomes(client: Waiting, request: Request) -> list[Any]:
    """What three tasks get that ask for the body at the same time."""
    found: list[Any] = []

    async def ask(method: Callable[[], Any]) -> None:
        try:
            found.append(await method())
        except (ClientDisconnect, RuntimeError) as exc:
            found.append(type(exc))

    async with anyio.create_task_group() as group:
        for method in (request.body, request.body, request.json):
            group.start_soon(ask, method)
        await anyio.wait_all_tasks_blocked()
        client.arrives.set()
    return found


def post(client: Client) -> Request:
    return Request({"type": "http", "method": "POST", "headers": []}, client)


async def test_several_tasks_can_ask_for_the_body_at_the_same_time() -> None:
    client = Waiting(
        [{"type": "http.request", "body": b"[", "more_body": True}, {"type": "http.request", "body": b"]"}]
    )
    found = await outcomes(client, post(client))
    assert sorted(found, key=repr) == [[], b"[]", b"[]"]


async def test_a_disconnect_is_raised_in_each_task_that_asks_for_the_body() -> None:
    client = Waiting([{"type": "http.request", "body": b"[", "more_body": True}, DISCONNECT])
    request = post(client)
    assert await outcomes(client, request) == [ClientDisconnect] * 3
    with pytest.raises(RuntimeError, match="Stream consumed"):
        await request.body()
