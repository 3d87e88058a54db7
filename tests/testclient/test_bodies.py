"""Request bodies: their messages, and that they are read only as needed."""

import io
import queue
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.testclient import TestClient
from signette.types import Message, Receive, Scope, Send
from tests.testclient.apps import without_lifespan


class Inbox:
    """Reads a body to its end and keeps the messages."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.headers: dict[bytes, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers = dict(scope["headers"])
        more = True
        while more:
            message = await receive()
            self.messages.append(message)
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.messages)


async def ignore_body(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"no thanks"})


def post(**request: Any) -> Inbox:
    app = Inbox()
    TestClient(app).post("/", **request)
    return app


@pytest.mark.parametrize(
    ("request_", "body", "content_type"),
    [
        ({}, b"", None),
        ({"content": b"abc"}, b"abc", None),
        ({"content": "é"}, "é".encode(), None),
        ({"json": {"a": 1}}, b'{"a":1}', b"application/json"),
        ({"data": {"a": 1, "b": ["2", "3"]}}, b"a=1&b=2&b=3", b"application/x-www-form-urlencoded"),
    ],
)
def test_a_body_of_known_length_is_one_message(
    request_: dict[str, Any], body: bytes, content_type: bytes | None
) -> None:
    app = post(**request_)
    assert app.messages == [{"type": "http.request", "body": body, "more_body": False}]
    assert app.headers.get(b"content-type") == content_type
    assert app.headers[b"content-length"] == str(len(body)).encode()


def test_a_small_form_with_a_file_is_one_message() -> None:
    app = post(files={"f": ("a.txt", io.BytesIO(b"data"), "text/plain")}, data={"k": "v"})
    assert [message["more_body"] for message in app.messages] == [False]
    assert b'filename="a.txt"' in app.body


def test_a_large_form_with_a_file_is_sent_in_chunks_with_an_end() -> None:
    content = b"0123456789" * 30_000
    app = post(files={"f": ("a.txt", io.BytesIO(content), "text/plain")})
    assert content in app.body
    assert [message["more_body"] for message in app.messages][-2:] == [True, False]
    assert len(app.body) == int(app.headers[b"content-length"])


@given(st.lists(st.binary(max_size=5)))
def test_chunks_arrive_one_by_one_with_an_empty_one_at_the_end(chunks: list[bytes]) -> None:
    app = post(content=iter(chunks))
    assert [message["body"] for message in app.messages] == [*filter(None, chunks), b""]
    assert [message["more_body"] for message in app.messages] == [True] * (len(app.messages) - 1) + [False]


def test_chunks_are_made_only_when_the_application_asks() -> None:
    made = []

    def chunks() -> Iterator[bytes]:
        for number in range(10):
            made.append(number)
            yield b"x"

    async def reads_two(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await receive()
        await ignore_body(scope, receive, send)

    assert TestClient(reads_two).post("/", content=chunks()).text == "no thanks"
    assert made == [0, 1]


def test_a_request_and_its_response_can_stream_at_the_same_time(backend: Any) -> None:
    echoed: queue.Queue[bytes] = queue.Queue()

    @without_lifespan
    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        more = True
        while more:
            message = await receive()
            more = message["more_body"]
            await send({"type": "http.response.body", "body": message["body"], "more_body": more})

    def questions() -> Iterator[bytes]:
        yield b"1"
        for _ in range(3):
            yield echoed.get() + b"+"

    with TestClient(echo, backend=backend) as client, client.stream("POST", "/", content=questions()) as response:
        seen = []
        for chunk in response.iter_raw():
            seen.append(chunk)
            echoed.put(chunk)
    assert seen == [b"1", b"1+", b"1++", b"1+++"]


def test_a_body_that_fails_is_the_tests_error_and_a_disconnect_to_the_application(backend: Any) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"x"
        raise ZeroDivisionError

    app = Inbox()
    with pytest.raises(ZeroDivisionError):
        TestClient(app, backend=backend, raise_server_exceptions=False).post("/", content=chunks())
    assert [message["type"] for message in app.messages] == ["http.request", "http.disconnect"]


def test_a_chunk_that_is_text_is_rejected() -> None:
    with pytest.raises(TypeError, match="expected a bytes-like object, str found"):
        post(content=iter(["a"]))


def test_after_the_body_receive_returns_a_disconnect_when_the_response_is_complete(backend: Any) -> None:
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await ignore_body(scope, receive, send)
        seen.extend([(await receive())["type"] for _ in range(3)])

    TestClient(app, backend=backend).post("/", content=b"a")
    assert seen == ["http.request", "http.disconnect", "http.disconnect"]


def test_an_upload_of_any_size_needs_little_memory() -> None:
    piece = b"x" * 65536
    total = 0

    @without_lifespan
    async def count(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal total
        more = True
        while more:
            message = await receive()
            total += len(message["body"])
            more = message["more_body"]
        await ignore_body(scope, receive, send)

    with TestClient(count) as client:
        tracemalloc.start()
        client.post("/", content=(piece for _ in range(512)))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert total == 512 * 65536
    assert peak < 4 * 1024 * 1024
