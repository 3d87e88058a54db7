"""WebSockets of both clients: the handshake, messages in both directions, and all kinds of ends."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from signette._app_tasks import task
from signette.testclient import AsyncTestClient, TestClient, WebSocketDenialResponse, WebSocketTestSession
from signette.testclient._httpx import httpx
from signette.types import ASGIApp, Message, Receive, Scope, Send
from signette.websockets import WebSocketDisconnect
from tests.testclient.apps import without_lifespan

ACCEPT: Message = {"type": "websocket.accept"}
RECEIVE = object()


def text(data: str) -> Message:
    return {"type": "websocket.send", "text": data}


def close(code: int = 1000, reason: str = "") -> Message:
    return {"type": "websocket.close", "code": code, "reason": reason}


class Script:
    """Does what the steps say: receives, sends a message, raises an exception. Keeps scope and messages."""

    def __init__(self, *steps: Any) -> None:
        self.steps = steps
        self.scope: Scope = {}
        self.received: list[Message] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        self.scope = scope
        for step in self.steps:
            if step is RECEIVE:
                self.received.append(await receive())
            elif isinstance(step, BaseException):
                raise step
            else:
                await send(step)


@without_lifespan
async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(ACCEPT)
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})


def connect(app: ASGIApp, url: str = "/", **options: Any) -> WebSocketTestSession:
    client = {key: options.pop(key) for key in ("backend", "base_url", "root_path") if key in options}
    return TestClient(app, **client).websocket_connect(url, **options)


def test_a_handshake_has_the_scope_of_a_server() -> None:
    app = Script(RECEIVE, ACCEPT, RECEIVE)
    with connect(app, "/a%20b?x=1"):
        pass
    assert app.scope == {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": "/a b",
        "raw_path": b"/a%20b",
        "root_path": "",
        "query_string": b"x=1",
        "headers": [
            (b"host", b"testserver"),
            (b"accept", b"*/*"),
            (b"accept-encoding", httpx.Client().headers["accept-encoding"].encode()),
            (b"user-agent", b"testclient"),
            (b"connection", b"upgrade"),
            (b"sec-websocket-key", b"testserver=="),
            (b"sec-websocket-version", b"13"),
        ],
        "client": ("testclient", 50000),
        "server": ["testserver", 80],
        "state": {},
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
    }


@pytest.mark.parametrize(
    ("url", "base_url", "expected"),
    [
        ("/x", "https://shop.example/", ("wss", ["shop.example", 443], "/x")),
        ("x", "http://shop.example/api/", ("ws", ["shop.example", 80], "/api/x")),
        ("wss://example.org/x", "http://testserver", ("wss", ["example.org", 443], "/x")),
        ("ws://example.org:99/x", "http://testserver", ("ws", ["example.org", 99], "/x")),
        ("http://example.org/x", "http://testserver", ("ws", ["example.org", 80], "/x")),
    ],
)
def test_a_url_sets_scheme_and_server(url: str, base_url: str, expected: tuple[Any, ...]) -> None:
    app = Script(RECEIVE, ACCEPT)
    with connect(app, url, base_url=base_url) as socket:
        scope = socket.scope
    assert (scope["scheme"], scope["server"], scope["path"]) == expected


def test_the_error_for_another_scheme_names_it() -> None:
    with pytest.raises(httpx.UnsupportedProtocol, match="not `ftp`"):
        connect(echo, "ftp://example.org/")


def test_a_handshake_takes_the_arguments_of_a_request() -> None:
    app = Script(RECEIVE, ACCEPT)
    with connect(app, params={"q": "1"}, headers={"X-A": "b"}, auth=("ann", "secret"), root_path="/proxied"):
        pass
    assert app.scope["query_string"] == b"q=1"
    assert app.scope["root_path"] == "/proxied"
    assert dict(app.scope["headers"])[b"x-a"] == b"b"
    assert dict(app.scope["headers"])[b"authorization"].startswith(b"Basic ")


def test_the_application_chooses_among_the_subprotocols_and_may_add_headers() -> None:
    app = Script(RECEIVE, {**ACCEPT, "subprotocol": "b", "headers": [(b"x", b"y")]})
    with connect(app, subprotocols=["a", "b"]) as socket:
        assert socket.accepted_subprotocol == "b"
        assert socket.extra_headers == [(b"x", b"y")]
    assert app.scope["subprotocols"] == ["a", "b"]
    assert dict(app.scope["headers"])[b"sec-websocket-protocol"] == b"a, b"


def test_messages_are_passed_unchanged_in_both_directions(backend: Any) -> None:
    with connect(echo, backend=backend) as socket:
        socket.send_text("é")
        assert socket.receive_text() == "é"
        socket.send_bytes(b"\x00")
        assert socket.receive_bytes() == b"\x00"
        socket.send_json({"a": ["é", 1]})
        assert socket.receive() == {"type": "websocket.send", "text": '{"a":["é",1]}'}
        socket.send_json({"a": 1}, mode="binary")
        assert socket.receive() == {"type": "websocket.send", "bytes": b'{"a":1}'}
        socket.send_json([1])
        assert socket.receive_json() == [1]
        socket.send_json([2], mode="binary")
        assert socket.receive_json(mode="binary") == [2]


def test_the_error_for_a_message_of_another_type_names_both_types() -> None:
    with connect(echo) as socket:
        socket.send_bytes(b"x")
        with pytest.raises(AssertionError, match="Expected text, the application sent bytes"):
            socket.receive_text()
        socket.send_text("x")
        with pytest.raises(AssertionError, match="Expected bytes, the application sent text"):
            socket.receive_bytes()


def test_any_asgi_message_can_be_sent() -> None:
    app = Script(RECEIVE, ACCEPT, RECEIVE)
    with connect(app) as socket:
        socket.send({"type": "websocket.receive", "text": None, "bytes": b""})
    assert app.received[1] == {"type": "websocket.receive", "text": None, "bytes": b""}


def test_leaving_the_block_closes_with_1000(backend: Any) -> None:
    app = Script(RECEIVE, ACCEPT, RECEIVE)
    with connect(app, backend=backend):
        pass
    assert app.received[1] == {"type": "websocket.disconnect", "code": 1000, "reason": None}


def test_the_client_closes_once_with_its_code_and_reason(backend: Any) -> None:
    app = Script(RECEIVE, ACCEPT, RECEIVE)
    with connect(app, backend=backend) as socket:
        socket.close(4001, "bye")
        socket.close(4002)
        with pytest.raises(RuntimeError, match="has closed"):
            socket.send_text("too late")
    assert app.received[1:] == [{"type": "websocket.disconnect", "code": 4001, "reason": "bye"}]


@pytest.mark.parametrize(
    ("message", "code", "reason"),
    [(close(4000, "why"), 4000, "why"), ({"type": "websocket.close"}, 1000, "")],
)
def test_receiving_after_the_application_closed_raises(message: Message, code: int, reason: str, backend: Any) -> None:
    with connect(Script(RECEIVE, ACCEPT, text("last"), message), backend=backend) as socket:
        assert socket.receive_text() == "last"
        with pytest.raises(WebSocketDisconnect) as caught:
            socket.receive_json()
    assert (caught.value.code, caught.value.reason) == (code, reason)


def test_an_application_that_just_returns_closed_abnormally(backend: Any) -> None:
    with connect(Script(RECEIVE, ACCEPT), backend=backend) as socket:
        with pytest.raises(WebSocketDisconnect) as caught:
            socket.receive_text()
        assert caught.value.code == 1006


def test_unread_messages_are_not_an_error() -> None:
    with connect(Script(RECEIVE, ACCEPT, text("a"), text("b"), close())):
        pass


def test_a_handshake_can_be_rejected_with_a_close(backend: Any) -> None:
    with pytest.raises(WebSocketDisconnect) as caught, connect(Script(RECEIVE, close(4001, "no")), backend=backend):
        pass
    assert (caught.value.code, caught.value.reason) == (4001, "no")


def test_a_handshake_can_be_rejected_with_a_response(backend: Any) -> None:
    start = {"type": "websocket.http.response.start", "status": 403, "headers": [(b"x-a", b"1")]}
    parts = [
        {"type": "websocket.http.response.body", "body": b"not ", "more_body": True},
        {"type": "websocket.http.response.body", "body": b"you"},
    ]
    with (
        pytest.raises(WebSocketDisconnect) as caught,
        connect(Script(RECEIVE, start, *parts), "/x", backend=backend),
    ):
        pass
    response = caught.value
    assert isinstance(response, WebSocketDenialResponse)
    assert (response.status_code, response.text, dict(response.headers)) == (403, "not you", {"x-a": "1"})
    assert (response.code, response.reason) == (1006, "")
    with pytest.raises(httpx.HTTPStatusError):
        response.raise_for_status()


@pytest.mark.parametrize(
    ("app", "complaint"),
    [
        (Script(RECEIVE), "TestClient did not receive any response."),
        (Script(RECEIVE, text("a")), 'Received "websocket.send" before "websocket.accept".'),
        (
            Script(RECEIVE, {"type": "websocket.http.response.start", "status": 403}),
            "TestClient did not receive any response.",
        ),
    ],
)
def test_a_handshake_without_a_response_fails_the_test(app: Script, complaint: str) -> None:
    with pytest.raises(AssertionError) as caught, connect(app):
        pass
    assert str(caught.value) == complaint


@pytest.mark.parametrize(
    "steps",
    [(RECEIVE,), (RECEIVE, ACCEPT), (RECEIVE, ACCEPT, close()), (RECEIVE, ACCEPT, RECEIVE), (RECEIVE, close())],
)
def test_exceptions_of_the_application_are_raised_in_the_test(steps: tuple[Any, ...], backend: Any) -> None:
    with pytest.raises(ZeroDivisionError), connect(Script(*steps, ZeroDivisionError()), backend=backend):
        pass


def test_receiving_raises_the_exception_of_the_application(backend: Any) -> None:
    with connect(Script(RECEIVE, ACCEPT, text("a"), ZeroDivisionError()), backend=backend) as socket:
        assert socket.receive_text() == "a"
        with pytest.raises(ZeroDivisionError):
            socket.receive_text()


def test_an_uncaught_disconnect_of_the_application_is_seen_at_the_end_of_the_block() -> None:
    with pytest.raises(WebSocketDisconnect), connect(Script(RECEIVE, ACCEPT, RECEIVE, WebSocketDisconnect(1000))):
        pass


def test_an_uncaught_disconnect_does_not_hide_the_failure_of_the_test() -> None:
    app = Script(RECEIVE, ACCEPT, RECEIVE, WebSocketDisconnect(1000))
    with pytest.raises(KeyError), connect(app):
        raise KeyError


def test_sending_after_the_disconnect_raises_an_oserror_in_the_application_only() -> None:
    sent = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        await receive()
        await send(text("before anybody knew")) if sent else sent.append("disconnect")
        try:
            await send(text("too late"))
        except OSError:
            sent.append("refused")
            raise

    with connect(app):
        pass
    assert sent == ["disconnect", "refused"]


def test_an_application_that_receives_for_ever_is_ended(backend: Any) -> None:
    ended = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        try:
            while True:
                await receive()
        finally:
            ended.append(True)

    with connect(app, backend=backend):
        pass
    assert ended == [True]


def test_an_application_that_never_notices_the_disconnect_is_cancelled(
    backend: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task, "DISCONNECT_SECONDS", 0)
    ended = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(ACCEPT)
        try:
            while True:
                await send(text("news"))
        finally:
            ended.append(True)

    with connect(app, backend=backend) as socket:
        assert socket.receive_text() == "news"
    assert ended == [True]


def test_an_application_may_finish_its_work_after_a_disconnect(backend: Any) -> None:
    done = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        await receive()
        for _ in range(10):
            await anyio.lowlevel.checkpoint()
        done.append(True)

    with connect(app, backend=backend):
        pass
    assert done == [True]


def test_two_websockets_of_one_client_share_its_event_loop(backend: Any) -> None:
    sockets: list[Send] = []

    @without_lifespan
    async def relay(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        sockets.append(send)
        while (message := await receive())["type"] == "websocket.receive":
            for other in sockets:
                if other is not send:
                    await other(text(message["text"]))

    with (
        TestClient(relay, backend=backend) as client,
        client.websocket_connect("/") as one,
        client.websocket_connect("/") as two,
    ):
        one.send_text("hello")
        assert two.receive_text() == "hello"
        two.send_text("yourself")
        assert one.receive_text() == "yourself"


Opener = Callable[[ASGIApp], Any]


@asynccontextmanager
async def opened(app: ASGIApp) -> AsyncIterator[Any]:
    async with AsyncTestClient(app) as client, client.websocket_connect("/") as socket:
        yield socket


@asynccontextmanager
async def alone(app: ASGIApp) -> AsyncIterator[Any]:
    async with AsyncTestClient(app).websocket_connect("/") as socket:
        yield socket


@pytest.mark.parametrize("opener", [opened, alone])
async def test_the_asynchronous_session_has_the_same_methods(opener: Opener) -> None:
    async with opener(echo) as socket:
        await socket.send_text("é")
        assert await socket.receive_text() == "é"
        await socket.send_bytes(b"\x00")
        assert await socket.receive_bytes() == b"\x00"
        await socket.send_json({"a": 1}, mode="binary")
        assert await socket.receive_json(mode="binary") == {"a": 1}
        await socket.send({"type": "websocket.receive", "text": "x"})
        assert await socket.receive() == {"type": "websocket.send", "text": "x"}
        await socket.close(4001, "bye")
        with pytest.raises(WebSocketDisconnect):
            await socket.receive_text()


@pytest.mark.parametrize("opener", [opened, alone])
@pytest.mark.parametrize(
    ("steps", "error"),
    [
        ((RECEIVE, close(4001)), WebSocketDisconnect),
        ((RECEIVE, ZeroDivisionError()), ZeroDivisionError),
        ((RECEIVE, ACCEPT, ZeroDivisionError()), ZeroDivisionError),
        ((RECEIVE, ACCEPT, RECEIVE, ZeroDivisionError()), ZeroDivisionError),
        ((RECEIVE,), AssertionError),
    ],
)
async def test_the_asynchronous_session_ends_alike(
    opener: Opener, steps: tuple[Any, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        async with opener(Script(*steps)):
            pass


async def test_the_asynchronous_session_has_the_accepted_subprotocol_and_headers() -> None:
    app = Script(RECEIVE, {**ACCEPT, "subprotocol": "b", "headers": [(b"x", b"y")]})
    async with AsyncTestClient(app).websocket_connect("/", ["a", "b"]) as socket:
        assert (socket.accepted_subprotocol, socket.extra_headers) == ("b", [(b"x", b"y")])
        assert socket.scope["subprotocols"] == ["a", "b"]


async def test_a_failing_block_of_the_asynchronous_session_raises_its_own_error() -> None:
    app = Script(RECEIVE, ACCEPT, RECEIVE, WebSocketDisconnect(1000))
    with pytest.raises(KeyError):
        async with AsyncTestClient(app) as client, client.websocket_connect("/"):
            raise KeyError


class Waits:
    """Accepts, and then receives messages until the client disconnects; with `deaf`, it never receives any."""

    def __init__(self, *, deaf: bool = False) -> None:
        self.deaf = deaf
        self.results: list[Any] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        await receive()
        await send({"type": "websocket.accept"})
        try:
            await (anyio.sleep_forever() if self.deaf else self._listen(receive))
        except anyio.get_cancelled_exc_class():
            self.results.append("cancelled")
            raise

    async def _listen(self, receive: Receive) -> None:
        self.results.append((await receive())["type"])


@pytest.mark.parametrize(("deaf", "results"), [(False, ["websocket.disconnect"]), (True, ["cancelled"])])
def test_leaving_the_client_closes_its_websockets(
    deaf: bool, results: list[str], backend: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task, "DISCONNECT_SECONDS", 0 if deaf else 60)
    app = Waits(deaf=deaf)
    with TestClient(app, backend=backend) as client:
        session = client.websocket_connect("/")
        session.__enter__()
    assert app.results == results
    session.__exit__(None, None, None)  # has nothing left to do
    assert app.results == results


def test_an_error_of_an_open_websocket_is_raised_when_the_client_is_left(backend: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), TestClient(app, backend=backend) as client:
        client.websocket_connect("/").__enter__()
