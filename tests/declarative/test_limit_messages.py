"""A response says which limit was exceeded; which setting raises it is for the log alone."""

import json
import logging
import re
from collections.abc import Callable
from typing import Annotated, Any

import pytest

from signette import App, Body, File, Form, Request, UploadFile
from signette.applications import Application
from signette.limits import Limits, exceeded_message
from signette.middleware import Middleware
from signette.responses.plain import PlainTextResponse
from signette.routing.route import Route
from signette.websockets import WebSocket
from tests.asgi import call, connect

pytestmark = [pytest.mark.either_loop, pytest.mark.thorough]

LIMITS = Limits(
    body_bytes=1000,
    json_bytes=50,
    path_bytes=40,
    query_bytes=60,
    query_params=3,
    header_fields=4,
    header_bytes=200,
    form_fields=2,
    form_files=1,
    form_part_bytes=20,
    form_text_bytes=30,
    websocket_message_bytes=10,
)
# What no response may hold: names of Python, and how a developer would change them.
SETTING = re.compile(r"App\(|Limits|File\(|request\.|max_|_bytes|_fields|_files|_params|`")

JSON = (b"content-type", b"application/json")
URLENCODED = (b"content-type", b"application/x-www-form-urlencoded")
MULTIPART = (b"content-type", b"multipart/form-data; boundary=cut")


def part(name: str, size: int = 1, *, file: bool = False) -> bytes:
    filename = '; filename="f"' if file else ""
    return f'--cut\r\nContent-Disposition: form-data; name="{name}"{filename}\r\n\r\n{"x" * size}\r\n'.encode()


def multipart(*parts: bytes) -> dict[str, Any]:
    return {"headers": [MULTIPART], "body": b"".join(parts) + b"--cut--\r\n"}


def urlencoded(body: bytes) -> dict[str, Any]:
    return {"headers": [URLENCODED], "body": body}


# What is sent, the status and the detail of its response.
TOO_MUCH: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "body": ("/raw", {"body": b"x" * 1001}, 413, "body exceeds 1000 bytes"),
    "body in pieces": ("/raw", {"body": [b"x" * 600] * 2}, 413, "body exceeds 1000 bytes"),
    "announced body": ("/stream", {"headers": [(b"content-length", b"1001")]}, 413, "body exceeds 1000 bytes"),
    "body of a route": ("/small", {"body": b"x" * 6, "headers": [JSON]}, 413, "body exceeds 5 bytes"),
    "JSON": ("/json", {"body": b"1" * 51, "headers": [JSON]}, 413, "JSON body exceeds 50 bytes"),
    "path": (f"/{'x' * 40}", {}, 414, "path exceeds 40 bytes"),
    "query": ("/raw", {"query_string": b"x" * 61}, 414, "query string exceeds 60 bytes"),
    "parameters": ("/raw", {"query_string": b"a&b&c&d"}, 400, "query string has more than 3 parameters"),
    "header fields": ("/raw", {"headers": [(b"a", b"b")] * 5}, 431, "request has more than 4 header fields"),
    "header bytes": ("/raw", {"headers": [(b"a", b"b" * 200)]}, 431, "header fields exceed 200 bytes"),
    "urlencoded fields": ("/form", urlencoded(b"a=1&b=2&c=3"), 400, "form has more than 2 fields"),
    "urlencoded field": ("/form", urlencoded(b"a=" + b"1" * 20), 413, "form field exceeds 20 bytes"),
    "urlencoded text": ("/form", urlencoded(b"a=" + b"1" * 30), 413, "fields of the form exceed 30 bytes"),
    "fields": ("/form", multipart(*[part("a")] * 3), 400, "form has more than 2 fields"),
    "field": ("/form", multipart(part("a", 21)), 413, "form field exceeds 20 bytes"),
    "text": ("/form", multipart(part("a", 20), part("b", 11)), 413, "fields of the form exceed 30 bytes"),
    "files": ("/form", multipart(*[part("a", file=True)] * 2), 400, "form has more than 1 files"),
    "file": ("/file", multipart(part("f", 8, file=True)), 413, "the file 'f' exceeds 7 bytes"),
    "JSON part": ("/part", multipart(part("item", 51, file=True)), 413, "JSON in a form part exceeds 50 bytes"),
}
HAND_READ = {name: each for name, each in TOO_MUCH.items() if each[0] == "/form"}


def nothing(app: Any) -> Any:
    """Middleware that does nothing."""
    return app


def an_app(**options: Any) -> App:
    app = App(limits=LIMITS, **options)

    @app.post("/raw")
    async def raw(body: Annotated[bytes, Body()] = b"") -> int:
        return len(body)

    @app.post("/stream")
    async def stream(request: Request) -> int:
        return len(await request.body())

    @app.post("/small", max_body_size=5)
    @app.post("/json")
    async def numbers(body: Annotated[Any, Body()]) -> None: ...

    @app.post("/form")
    async def fields(a: Annotated[Any, Form()] = "", b: Annotated[str, Form()] = "") -> None: ...

    @app.post("/file")
    async def file(f: Annotated[UploadFile, File(max_bytes=7)]) -> None: ...

    @app.post("/part")
    async def parts(item: Annotated[dict[str, int], Body()], f: UploadFile | None = None) -> None: ...

    @app.post("/form/by-hand")
    async def by_hand(request: Request) -> int:
        return len(await request.form())

    @app.post("/form/parts")
    async def by_parts(request: Request) -> int:
        return sum([len(await each.read()) async for each in request.parts()])

    @app.websocket("/socket")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive_text()

    return app


@pytest.fixture(params=["direct", "with middleware"])
def make(request: pytest.FixtureRequest) -> Callable[..., App]:
    middleware = [Middleware(nothing)] if request.param == "with middleware" else []
    return lambda **options: an_app(middleware=middleware, **options)


@pytest.mark.parametrize("name", TOO_MUCH)
async def test_a_response_names_the_exceeded_limit_and_no_setting(name: str, make: Callable[..., App]) -> None:
    path, sent, status, detail = TOO_MUCH[name]
    response = await call(make(), path, "POST", **sent)
    assert response.status == status
    assert json.loads(response.text)["detail"] == detail
    assert SETTING.search(response.text) is None


@pytest.mark.parametrize("way", ["by-hand", "parts"])
@pytest.mark.parametrize("name", HAND_READ)
async def test_so_does_that_of_a_form_that_an_endpoint_reads_itself(
    name: str, way: str, make: Callable[..., App]
) -> None:
    _, sent, status, detail = HAND_READ[name]
    response = await call(make(), f"/form/{way}", "POST", **sent)
    if way == "parts" and sent["headers"] == [URLENCODED]:
        assert response.status == 415
    else:
        assert (response.status, json.loads(response.text)["detail"]) == (status, detail)
    assert SETTING.search(response.text) is None


@pytest.mark.parametrize("name", HAND_READ)
async def test_a_plain_application_names_no_setting_either(name: str) -> None:
    async def read(request: Any) -> Any:
        return PlainTextResponse(str(len(await request.form(max_fields=2, max_files=1, max_part_size=20))))

    _, sent, _, _ = HAND_READ[name]
    response = await call(Application(routes=[Route("/form", read, methods=["POST"])]), "/form", "POST", **sent)
    assert response.status in (200, 400)  # it has no limit for all the text of a form
    assert SETTING.search(response.text) is None


async def test_a_socket_is_closed_with_a_reason_that_names_no_setting(make: Callable[..., App]) -> None:
    response = await connect(make(), "/socket", {"type": "websocket.receive", "text": "x" * 11})
    last = response.messages[-1]
    assert (last["code"], last["reason"]) == (1009, "message exceeds 10 bytes")


@pytest.mark.parametrize("name", TOO_MUCH)
async def test_the_log_says_which_setting_raises_the_limit(
    name: str, make: Callable[..., App], caplog: pytest.LogCaptureFixture
) -> None:
    path, sent, _, detail = TOO_MUCH[name]
    with caplog.at_level(logging.DEBUG, "signette.limits"):
        await call(make(), path, "POST", **sent)
    [record] = [each for each in caplog.records if each.name == "signette.limits"]
    assert record.levelno == logging.DEBUG
    assert record.getMessage().startswith(f"POST '{path[:20]}")
    assert f"': {detail}; raise the limit with `" in record.getMessage()
    assert SETTING.search(record.getMessage().partition(detail)[2]) is not None


async def test_it_warns_where_the_application_is_debugged(
    make: Callable[..., App], caplog: pytest.LogCaptureFixture
) -> None:
    response = await call(make(debug=True), "/raw", "POST", body=b"x" * 1001)
    assert SETTING.search(response.text) is None
    [record] = [each for each in caplog.records if each.name == "signette.limits"]
    assert (record.levelno, "`max_body_size=...`" in record.getMessage()) == (logging.WARNING, True)


@pytest.mark.parametrize("field", [name for name in Limits.__dataclass_fields__ if name != "worker_threads"])
def test_each_limit_has_its_own_message(field: str) -> None:
    text = exceeded_message(field, 1234)
    assert "1234" in text
    assert text != exceeded_message("unknown", 1234)
    assert SETTING.search(text) is None
