import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.applications import Application
from signette.endpoints import HTTPEndpoint, WebSocketEndpoint
from signette.exceptions import WebSocketException
from signette.requests import Request
from signette.responses import PlainTextResponse, Response
from signette.routing import Route, WebSocketRoute
from signette.websockets import WebSocket, WebSocketDisconnect
from tests.asgi import CONNECT, Exchange, call, exchange, scope_of
from tests.timeouts import SECONDS

VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY")


class Item(HTTPEndpoint):
    async def get(self, request: Request) -> Response:
        return PlainTextResponse(f"{request.method} {request.path_params.get('id', '-')}")

    def put(self, request: Request) -> Response:
        return PlainTextResponse(threading.current_thread().name)

    async def query(self, request: Request) -> Response:
        return PlainTextResponse((await request.body()).upper())

    def trace(self, request: Request) -> Response:
        raise AssertionError("not a verb that clients may call")


class Everything(HTTPEndpoint):
    def __getattr__(self, name: str) -> Any:
        if name.upper() not in VERBS:
            raise AttributeError(name)
        return self._echo

    async def _echo(self, request: Request) -> Response:
        return PlainTextResponse("", headers={"x-method": request.method})


# -- HTTP --------------------------------------------------------------------------------------------------------------


async def test_a_class_is_routed_like_a_function() -> None:
    app = Application(routes=[Route("/items/{id:int}", Item)])
    response = await call(app, "/items/3")
    assert (response.status, response.text) == (200, "GET 3")


async def test_an_endpoint_is_an_application_by_itself() -> None:
    assert (await call(Item)).text == "GET -"


async def test_without_a_head_method_head_calls_get() -> None:
    assert (await call(Item, method="HEAD")).text == "HEAD -"


async def test_a_head_method_overrides_get() -> None:
    class Both(Item):
        async def head(self, request: Request) -> Response:
            return Response(headers={"x-head": "own"})

    assert (await call(Both, method="HEAD")).headers["x-head"] == "own"


async def test_a_query_request_has_a_body() -> None:
    assert (await call(Item, method="QUERY", body=b"select")).text == "SELECT"


async def test_a_method_that_is_not_async_runs_in_a_worker_thread() -> None:
    assert (await call(Item, method="PUT")).text != threading.current_thread().name


@pytest.mark.parametrize("verb", VERBS)
async def test_each_standard_verb_finds_its_method(verb: str) -> None:
    assert (await call(Everything, method=verb)).headers["x-method"] == verb


@pytest.mark.parametrize("verb", ["TRACE", "CONNECT", "DISPATCH", "get", "__INIT__", "METHOD_NOT_ALLOWED", ""])
@pytest.mark.parametrize("inside", [True, False])
async def test_other_http_methods_never_call_a_method(verb: str, inside: bool) -> None:
    app = Application(routes=[Route("/", Item)]) if inside else Item
    response = await call(app, method=verb)
    assert (response.status, response.text) == (405, "Method Not Allowed")
    assert response.headers["allow"] == "GET, HEAD, PUT, QUERY"


@given(verb=st.text(max_size=30))
def test_any_unsupported_http_method_is_a_405(verb: str) -> None:
    async def ask() -> Exchange:
        return await call(Item, method=verb)

    if verb not in {"GET", "HEAD", "PUT", "QUERY", "OPTIONS"}:
        assert anyio.run(ask).status == 405


async def test_options_lists_the_allowed_methods() -> None:
    response = await call(Item, method="OPTIONS")
    assert (response.status, response.headers["allow"], response.body) == (204, "GET, HEAD, PUT, QUERY, OPTIONS", b"")


async def test_an_attribute_that_is_not_callable_is_not_a_handler() -> None:
    class Configured(HTTPEndpoint):
        options = {"colour": "red"}
        query = None

        async def post(self, request: Request) -> Response:
            return Response()

    assert (await call(Configured, method="OPTIONS")).headers["allow"] == "POST, OPTIONS"
    assert (await call(Configured, method="QUERY")).headers["allow"] == "POST"


async def test_method_not_allowed_can_be_overridden() -> None:
    class Own(Item):
        async def method_not_allowed(self, request: Request) -> Response:
            return PlainTextResponse(f"no {request.method}", status_code=405)

    assert (await call(Own, method="DELETE")).text == "no DELETE"


async def test_inside_an_application_a_405_uses_its_exception_handlers() -> None:
    async def handler(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("handled", status_code=405)

    app = Application(routes=[Route("/", Item)], exception_handlers={405: handler})
    assert (await call(app, method="DELETE")).text == "handled"


async def test_each_request_has_an_instance_of_its_own() -> None:
    class Counting(HTTPEndpoint):
        count = 0

        async def get(self, request: Request) -> Response:
            self.count += 1
            return PlainTextResponse(str(self.count))

    assert [(await call(Counting)).text for _ in range(2)] == ["1", "1"]


async def test_files_of_a_form_are_closed_when_the_method_has_returned() -> None:
    opened: list[Any] = []

    class Upload(HTTPEndpoint):
        async def post(self, request: Request) -> Response:
            opened.append((await request.form())["file"])
            return PlainTextResponse(str(opened[0].file.closed))

    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhello\r\n--x--\r\n'
    response = await call(
        Upload, method="POST", headers=[(b"content-type", b"multipart/form-data; boundary=x")], body=body
    )
    assert response.text == "False"
    assert opened[0].file.closed


@pytest.mark.parametrize(("cls", "kind"), [(HTTPEndpoint, "websocket"), (WebSocketEndpoint, "http")])
def test_a_scope_of_another_type_is_rejected(cls: Any, kind: str) -> None:
    with pytest.raises(AssertionError, match=kind):
        cls({"type": kind}, None, None)


# -- WebSockets --------------------------------------------------------------------------------------------------------

TEXT = {"type": "websocket.receive", "text": '{"a": 1}'}
BYTES = {"type": "websocket.receive", "bytes": b'{"a": 1}'}
LEAVE = {"type": "websocket.disconnect", "code": 4002}


class Recording(WebSocketEndpoint):
    """Records its calls in the class; each test creates a subclass with its own list."""

    seen: list[Any]

    async def on_receive(self, websocket: WebSocket, data: Any) -> None:
        self.seen.append(data)

    async def on_disconnect(self, websocket: WebSocket, close_code: int) -> None:
        self.seen.append(("left", close_code))


def recording(base: type[Recording] = Recording, **attributes: Any) -> type[Recording]:
    return type("Subject", (base,), {"seen": [], **attributes})


async def talk(
    app: Any, *messages: Any, inside: bool = False, on_send: Callable[[Any], None] = lambda message: None
) -> Exchange:
    """Connect, send the messages, and stay until the application closes the connection."""
    routed = Application(routes=[WebSocketRoute("/", app)]) if inside else app
    return await exchange(routed, scope_of(kind="websocket"), CONNECT, *messages, on_send=on_send)


def closes(response: Exchange) -> list[int]:
    return [message["code"] for message in response.messages if message["type"] == "websocket.close"]


@pytest.mark.parametrize(
    ("encoding", "message", "data"),
    [
        (None, TEXT, '{"a": 1}'),
        (None, BYTES, b'{"a": 1}'),
        (None, {"type": "websocket.receive", "text": ""}, ""),
        (None, {"type": "websocket.receive", "text": None, "bytes": b""}, b""),
        ("text", TEXT, '{"a": 1}'),
        ("bytes", BYTES, b'{"a": 1}'),
        ("json", TEXT, {"a": 1}),
        ("json", BYTES, {"a": 1}),
    ],
)
async def test_a_message_is_decoded_by_the_encoding(encoding: str | None, message: Any, data: Any) -> None:
    subject = recording(encoding=encoding)
    response = await talk(subject, message, LEAVE)
    assert subject.seen == [data, ("left", 4002)]
    assert [one["type"] for one in response.messages] == ["websocket.accept"]
    assert response.error is None


@pytest.mark.parametrize(
    ("encoding", "message", "code", "words"),
    [
        ("text", BYTES, 1003, "Expected text websocket messages, but got bytes"),
        ("bytes", TEXT, 1003, "Expected bytes websocket messages, but got text"),
        ("json", {"type": "websocket.receive", "text": "{bad"}, 1007, "Malformed JSON data received."),
        ("json", {"type": "websocket.receive", "bytes": b"\xff"}, 1007, "Malformed JSON data received."),
        ("json", {"type": "websocket.receive"}, 1007, "Malformed JSON data received."),
    ],
)
@pytest.mark.parametrize("inside", [True, False])
async def test_a_message_that_does_not_fit_ends_the_connection(
    encoding: str, message: Any, code: int, words: str, inside: bool
) -> None:
    subject = recording(encoding=encoding)
    response = await talk(subject, message, inside=inside)
    assert closes(response) == [code]
    assert response.messages[-1]["reason"] == words
    assert subject.seen == [("left", code)]
    if inside:
        assert response.error is None
    else:
        assert isinstance(response.error, RuntimeError)
        assert words in str(response.error)


@given(text=st.text(max_size=40))
def test_any_text_is_json_or_ends_in_1007(text: str) -> None:
    subject = recording(encoding="json")

    async def ask() -> Exchange:
        return await talk(subject, {"type": "websocket.receive", "text": text}, LEAVE, inside=True)

    response = anyio.run(ask)
    assert response.error is None
    assert subject.seen[-1] == ("left", 1007 if 1007 in closes(response) else 4002)


@pytest.mark.parametrize("code", [None, 0])
async def test_a_disconnect_without_a_code_is_a_normal_one(code: int | None) -> None:
    subject = recording()
    await talk(subject, {"type": "websocket.disconnect", "code": code})
    assert subject.seen == [("left", 1000)]


@pytest.mark.parametrize("inside", [True, False])
async def test_an_exception_of_a_method_is_raised_after_on_disconnect(inside: bool) -> None:
    async def fail(self: Any, websocket: WebSocket, data: Any) -> None:
        raise ZeroDivisionError

    subject = recording(on_receive=fail)
    response = await talk(subject, TEXT, inside=inside)
    assert isinstance(response.error, ZeroDivisionError)
    assert subject.seen == [("left", 1011)]


@pytest.mark.parametrize("inside", [True, False])
async def test_a_websocket_exception_closes_with_its_code(inside: bool) -> None:
    async def reject(self: Any, websocket: WebSocket, data: Any) -> None:
        raise WebSocketException(4000, "enough")

    subject = recording(on_receive=reject)
    response = await talk(subject, TEXT, inside=inside)
    assert closes(response) == [4000]
    assert subject.seen == [("left", 4000)]


async def test_messages_after_the_endpoint_has_closed_are_dropped() -> None:
    async def close(self: Any, websocket: WebSocket, data: Any) -> None:
        self.seen.append(data)
        await websocket.close(4001)

    subject = recording(on_receive=close)
    response = await talk(subject, TEXT, TEXT, BYTES, LEAVE)
    assert subject.seen == ['{"a": 1}', ("left", 4002)]
    assert closes(response) == [4001]
    assert response.error is None


async def test_a_disconnect_while_sending_is_not_an_error() -> None:
    async def reply(self: Any, websocket: WebSocket, data: Any) -> None:
        await websocket.send_text("hello")

    def gone(message: Any) -> None:
        if message["type"] == "websocket.send":
            raise OSError("gone")

    subject = recording(on_receive=reply)
    response = await talk(subject, TEXT, on_send=gone)
    assert response.error is None
    assert subject.seen == [("left", 1006)]


async def test_a_disconnect_while_closing_with_an_error() -> None:
    def gone(message: Any) -> None:
        if message["type"] == "websocket.close":
            raise OSError("gone")

    subject = recording(encoding="text")
    response = await talk(subject, BYTES, on_send=gone)
    assert isinstance(response.error, RuntimeError)
    assert subject.seen == [("left", 1003)]


async def test_a_connection_that_on_connect_rejects_has_no_on_disconnect() -> None:
    async def reject(self: Any, websocket: WebSocket) -> None:
        raise WebSocketException(4003)

    subject = recording(on_connect=reject)
    response = await talk(subject, inside=True)
    assert closes(response) == [4003]
    assert subject.seen == []


async def test_a_disconnect_during_the_handshake_has_no_on_disconnect() -> None:
    subject = recording()
    response = await exchange(subject, scope_of(kind="websocket"), {"type": "websocket.disconnect", "code": 1006})
    assert (type(response.error), response.messages, subject.seen) == (WebSocketDisconnect, [], [])


async def test_on_disconnect_is_completed_after_a_cancellation() -> None:
    async def slow(self: Any, websocket: WebSocket, close_code: int) -> None:
        await anyio.lowlevel.checkpoint()
        self.seen.append(("left", close_code))

    subject = recording(on_disconnect=slow)
    with anyio.move_on_after(SECONDS):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(talk, subject)
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
    assert subject.seen == [("left", 1001)]


def test_a_class_with_an_unknown_encoding_is_rejected() -> None:
    with pytest.raises(AssertionError, match="Unsupported 'encoding' attribute morse"):
        recording(encoding="morse")


async def test_the_base_class_accepts_and_drops_messages() -> None:
    response = await talk(WebSocketEndpoint, TEXT, LEAVE)
    assert [one["type"] for one in response.messages] == ["websocket.accept"]
    assert response.error is None
