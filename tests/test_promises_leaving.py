"""A client may leave at any message: nothing is raised to the server, nothing stays open, nothing is closed twice."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from signette import Limits, Middleware
from signette.applications import Application
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.compression import CompressionMiddleware
from signette.middleware.opentelemetry import OpenTelemetryMiddleware
from signette.requests import ClientDisconnect, Request
from signette.responses import PlainTextResponse, Response
from signette.routing import Route, WebSocketRoute
from signette.websockets import WebSocket
from tests.asgi import CONNECT, VERSIONS, Exchange, Message, body_of, connect, disconnect, exchange, scope_of
from tests.promises.cases import JSON, MULTIPART, URLENCODED
from tests.promises.leaving import Ledger, leaving_app

pytestmark = pytest.mark.thorough

FILE = b'--x\r\nContent-Disposition: form-data; name="files"; filename="f"\r\n\r\n%b\r\n'
FILES = FILE % b"a" + FILE % (b"a" * 1_100_000) + FILE % (b"a" * 1_100_000) + b"--x--\r\n"
ORDER = b'{"name": "tea"}'

# path -> (method, header, body)
ASKED: dict[str, tuple[str, tuple[bytes, bytes] | None, bytes]] = {
    "/json": ("POST", JSON, ORDER),
    "/raw": ("POST", None, b"abc"),
    "/form": ("POST", URLENCODED, b"name=tea"),
    "/files": ("POST", MULTIPART, FILES),
    "/request/files": ("POST", MULTIPART, FILES),
    "/request/stream": ("POST", None, b"abcdef"),
    "/sync": ("POST", JSON, ORDER),
    "/wrong": ("POST", JSON, ORDER),
    **dict.fromkeys(("/lines", "/text", "/events", "/response", "/file", "/nothing", "/slash/"), ("GET", None, b"")),
}
SOCKET = [CONNECT, *({"type": "websocket.receive", "text": text} for text in "ab")]


class Passing(BaseHTTPMiddleware):
    """Hands everything on, by way of a queue."""

    async def dispatch(self, request: Request, call_next: Any) -> Any:
        return await call_next(request)


@dataclass(frozen=True)
class Kept:
    """An application that serves one connection after the other, and what it keeps account in."""

    app: Any
    ledger: Ledger

    async def ask(self, path: str, messages: list[Message] | None = None, **ends: Any) -> Exchange:
        """One connection; what it opened is closed at its end."""
        method, header, body = ASKED.get(path, ("GET", None, b""))
        sent = in_three(body) if messages is None else messages
        found = await ask(self.app, method, path, sent, headers=[header] if header else [], **ends)
        self.ledger.check_closed()
        return found


@pytest.fixture(params=["direct", "layers"], scope="module")
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The application, as one coroutine or as a stack of middleware."""
    file = tmp_path_factory.mktemp("leaving") / "file"
    file.write_bytes(b"a" * 300_000)
    ledger = Ledger()
    app = leaving_app(ledger, file)
    if request.param == "layers":
        app.add_middleware(Passing)
    return Kept(app, ledger)


@pytest.fixture
def kept(made: Kept) -> Kept:
    """The same without what a test that failed has left in its account."""
    made.ledger.forget()
    return made


def in_three(data: bytes) -> list[Message]:
    """The body in three messages."""
    size = -(-len(data) // 3) or 1
    return body_of(*(data[start : start + size] for start in range(0, len(data), size)))


async def ask(
    app: Any, method: str, path: str, messages: list[Message], leaves_before: int | None = None, **options: Any
) -> Exchange:
    """One connection, to its end, or to that of the client. Raises what comes out to the server.

    `leaves_before`: the client leaves before this message is received.
    """
    ends = {name: options.pop(name) for name in ("leave_at", "cancel_at") if name in options}
    kind = "websocket" if messages[0] == CONNECT else "http"
    scope = scope_of(path, method, kind=kind, **options)
    if leaves_before is not None:
        messages = [*messages[:leaves_before], disconnect(scope, 1006)]
    return (await exchange(app, scope, *messages, **ends)).or_raise()


every_version = pytest.mark.parametrize("version", VERSIONS)


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing is logged."""
    with caplog.at_level(logging.INFO):
        yield
    assert caplog.records == []


@every_version
@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("path", ASKED)
async def test_a_disconnect_while_the_request_is_sent(kept: Kept, path: str, version: str) -> None:
    for message in range(4):
        await kept.ask(path, leaves_before=message, version=version)


@every_version
@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("path", ASKED)
async def test_a_disconnect_while_the_response_is_sent(kept: Kept, path: str, version: str) -> None:
    for message in range(6):
        await kept.ask(path, leave_at=message, version=version)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("message", [0, 1])
async def test_a_stream_that_waits_for_ever_is_ended(kept: Kept, message: int) -> None:
    await kept.ask("/endless", leave_at=message, version="2.3")


@every_version
@pytest.mark.usefixtures("quiet")
async def test_a_disconnect_of_a_websocket(kept: Kept, version: str) -> None:
    for message in range(4):
        await kept.ask("/socket", SOCKET, leaves_before=message, version=version)
    for message in range(3):
        await kept.ask("/socket", SOCKET, leave_at=message, version=version)


@every_version
@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("path", ["/nothing", "/wrong/socket"])
async def test_a_disconnect_of_a_rejected_websocket(kept: Kept, path: str, version: str) -> None:
    await kept.ask(path, SOCKET, leaves_before=0, version=version)
    await kept.ask(path, SOCKET, leave_at=0, version=version)


@pytest.mark.parametrize("path", [*ASKED, "/endless"])
async def test_the_server_cancels_while_it_sends(kept: Kept, path: str) -> None:
    for message in range(2 if path == "/endless" else 4):
        found = await kept.ask(path, cancel_at=message)
        assert found.was_cancelled or len(found.messages) <= message


# -- the plain toolkit -------------------------------------------------------------------------------------------------


async def responds(request: Request) -> Response:
    return PlainTextResponse("a response")


async def fails(request: Request) -> Response:
    raise ZeroDivisionError


def plain_app(*middleware: Any) -> Application:
    return Application(
        routes=[Route("/responds", responds), Route("/fails", fails), Route("/slash/", responds)],
        middleware=[Middleware(one) for one in middleware],
    )


@pytest.mark.parametrize(
    "middleware",
    [
        (),
        (Passing,),
        (Passing, Passing),
        (CompressionMiddleware,),
        (OpenTelemetryMiddleware,),
        (OpenTelemetryMiddleware, Passing),
    ],
)
@pytest.mark.parametrize("message", [0, 1])
@pytest.mark.parametrize("path", ["/responds", "/nothing", "/slash"])
async def test_a_plain_application_does_not_log_a_disconnect(middleware: Any, message: int, path: str) -> None:
    found = await ask(plain_app(*middleware), "GET", path, body_of(), leave_at=message)
    assert len(found.messages) == message + 1


@pytest.mark.parametrize("middleware", [(), (Passing,)])
@pytest.mark.parametrize("message", [0, 1])
async def test_an_error_is_raised_to_the_server_and_a_disconnect_is_not(middleware: Any, message: int) -> None:
    with pytest.raises(ZeroDivisionError):
        await ask(plain_app(*middleware), "GET", "/fails", body_of(), leave_at=message)


class Reading:
    """Middleware that reads the body."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await Request(scope, receive).body()
        else:
            await WebSocket(scope, receive, send).accept()
        await self.app(scope, receive, send)


async def test_middleware_that_reads_may_notice_the_disconnect() -> None:
    await ask(plain_app(Reading), "POST", "/responds", in_three(b"abc"), leaves_before=1)
    await ask(plain_app(Reading), "GET", "/nothing", SOCKET, leave_at=0)


async def test_a_response_as_an_application_raises_client_disconnect() -> None:
    with pytest.raises(ClientDisconnect):
        await ask(PlainTextResponse("bare"), "GET", "/", body_of(), leave_at=0)


# -- messages of a socket ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("iterate", [WebSocket.iter_text, WebSocket.iter_bytes, WebSocket.iter_json])
async def test_iterators_that_are_not_read_to_the_end_need_no_close(iterate: Callable[[WebSocket], Any]) -> None:
    seen = []

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        messages = iterate(websocket)
        async for message in messages:
            seen.append(message)
            break
        seen.extend([message async for message in messages])
        seen.extend([message async for message in messages])

    messages = [{"type": "websocket.receive", "text": text, "bytes": text.encode()} for text in "12"]
    await connect(Application(routes=[WebSocketRoute("/", endpoint)]), "/", *messages)
    assert [str(each) for each in seen] in (["1", "2"], ["b'1'", "b'2'"])


def test_the_limit_of_messages_is_on_by_default() -> None:
    assert Limits().websocket_message_bytes == 1024 * 1024
