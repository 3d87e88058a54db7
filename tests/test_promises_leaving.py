"""A client may leave at any message: nothing is raised to the server, nothing stays open, nothing is closed twice."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import anyio
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
from tests.promises.driver import JSON, MULTIPART, URLENCODED
from tests.promises.leaving import Client, Ledger, leaving_app

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
SOCKET = [{"type": "websocket.connect"}, *({"type": "websocket.receive", "text": text} for text in "ab")]


class Passing(BaseHTTPMiddleware):
    """Hands everything on, by way of a queue."""

    async def dispatch(self, request: Request, call_next: Any) -> Any:
        return await call_next(request)


@dataclass(frozen=True)
class Kept:
    """An application that serves one connection after the other, and what it keeps account in."""

    app: Any
    ledger: Ledger

    async def ask(self, client: Client, path: str) -> None:
        """One connection; what it opened is closed at its end."""
        await client.ask(self.app, ASKED[path][0] if path in ASKED else "GET", path, header_of(path))
        self.ledger.check_closed()


@pytest.fixture(params=["direct", "layers"], scope="module")
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The application, as one coroutine or as a stack of layers."""
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


def body_of(data: bytes) -> list[dict[str, Any]]:
    """The body in three messages."""
    size = -(-len(data) // 3) or 1
    pieces = [data[start : start + size] for start in range(0, len(data), size)] or [b""]
    return [{"type": "http.request", "body": piece, "more_body": piece is not pieces[-1]} for piece in pieces]


def header_of(path: str) -> list[tuple[bytes, bytes]]:
    header = ASKED[path][1] if path in ASKED else None
    return [header] if header else []


async def check(kept: Kept, client: Client, path: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        await kept.ask(client, path)
    assert caplog.records == []


tells = pytest.mark.parametrize("tells", [True, False], ids=["ASGI 2.4", "ASGI 2.3"])


@tells
@pytest.mark.parametrize("path", ASKED)
async def test_it_leaves_while_it_asks(kept: Kept, path: str, tells: bool, caplog: pytest.LogCaptureFixture) -> None:
    for message in range(4):
        await check(kept, Client(body_of(ASKED[path][2]), leaves_before=message, tells=tells), path, caplog)


@tells
@pytest.mark.parametrize("path", ASKED)
async def test_it_leaves_while_it_is_answered(
    kept: Kept, path: str, tells: bool, caplog: pytest.LogCaptureFixture
) -> None:
    for message in range(6):
        client = Client(body_of(ASKED[path][2]), leaves_at=message, tells=tells)
        await check(kept, client, path, caplog)
        assert len(client.sent) <= message or not tells


@pytest.mark.parametrize("message", [0, 1])
async def test_a_stream_that_waits_for_ever_is_ended(
    kept: Kept, message: int, caplog: pytest.LogCaptureFixture
) -> None:
    await check(kept, Client(body_of(b""), leaves_at=message, tells=False), "/endless", caplog)


@tells
async def test_it_leaves_a_socket(kept: Kept, tells: bool, caplog: pytest.LogCaptureFixture) -> None:
    for message in range(4):
        await check(kept, Client(SOCKET, leaves_before=message, tells=tells), "/socket", caplog)
    for message in range(3):
        await check(kept, Client(SOCKET, leaves_at=message, tells=tells), "/socket", caplog)


@tells
@pytest.mark.parametrize("path", ["/nothing", "/wrong/socket"])
async def test_it_leaves_a_socket_that_is_refused(
    kept: Kept, path: str, tells: bool, caplog: pytest.LogCaptureFixture
) -> None:
    await check(kept, Client(SOCKET, leaves_before=0, tells=tells), path, caplog)
    await check(kept, Client(SOCKET, leaves_at=0, tells=tells), path, caplog)


@pytest.mark.parametrize("path", [*ASKED, "/endless"])
async def test_the_server_cancels_while_it_sends(kept: Kept, path: str) -> None:
    for message in range(2 if path == "/endless" else 4):
        with anyio.CancelScope() as server:
            client = Client(body_of(ASKED[path][2] if path in ASKED else b""), cancels_at=message, server=server)
            await kept.ask(client, path)
        assert server.cancelled_caught or len(client.sent) <= message
        kept.ledger.check_closed()


# -- the plain toolkit -------------------------------------------------------------------------------------------------


async def answers(request: Request) -> Response:
    return PlainTextResponse("an answer")


async def fails(request: Request) -> Response:
    raise ZeroDivisionError


def plain_app(*middleware: Any) -> Application:
    return Application(
        routes=[Route("/answers", answers), Route("/fails", fails), Route("/slash/", answers)],
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
@pytest.mark.parametrize("path", ["/answers", "/nothing", "/slash"])
async def test_a_plain_application_is_quiet_about_it(middleware: Any, message: int, path: str) -> None:
    client = Client(body_of(b""), leaves_at=message)
    await client.ask(plain_app(*middleware), "GET", path, [])
    assert len(client.sent) == message


@pytest.mark.parametrize("middleware", [(), (Passing,)])
@pytest.mark.parametrize("message", [0, 1])
async def test_the_server_is_told_of_the_fault_not_of_the_client_that_does_not_hear_of_it(
    middleware: Any, message: int
) -> None:
    with pytest.raises(ZeroDivisionError):
        await Client(body_of(b""), leaves_at=message).ask(plain_app(*middleware), "GET", "/fails", [])


class Reading:
    """A layer that reads the body itself."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await Request(scope, receive).body()
        else:
            await WebSocket(scope, receive, send).accept()
        await self.app(scope, receive, send)


async def test_a_layer_that_reads_may_be_the_one_to_see_it_leave() -> None:
    await Client(body_of(b"abc"), leaves_before=1).ask(plain_app(Reading), "POST", "/answers", [])
    await Client(SOCKET, leaves_at=0).ask(plain_app(Reading), "GET", "/nothing", [])


async def test_a_bare_response_says_that_the_client_has_left() -> None:
    with pytest.raises(ClientDisconnect):
        await Client(body_of(b""), leaves_at=0).ask(PlainTextResponse("bare"), "GET", "/", [])


# -- messages of a socket ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("iterate", [WebSocket.iter_text, WebSocket.iter_bytes, WebSocket.iter_json])
async def test_who_stops_reading_leaves_nothing_to_close(iterate: Callable[[WebSocket], Any]) -> None:
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
    client = Client([SOCKET[0], *messages], leaves_before=3)
    await client.ask(Application(routes=[WebSocketRoute("/", endpoint)]), "GET", "/", [])
    assert [str(each) for each in seen] in (["1", "2"], ["b'1'", "b'2'"])


def test_the_bound_of_messages_is_on_by_default() -> None:
    assert Limits().websocket_message_bytes == 1024 * 1024
