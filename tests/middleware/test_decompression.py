"""Decompression of request bodies: what readers receive, and what is rejected, without memory for what it would be."""

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

import anyio
import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from signette._http.encodings import content_codings
from signette._scope_keys import RECEIVE
from signette.applications import Application
from signette.body import discard_body
from signette.exceptions import HTTPException, LimitExceeded
from signette.limits import Limits
from signette.middleware import Middleware, compressors
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.body_limit import RequestBodyLimitMiddleware
from signette.middleware.decompression import CODINGS, RequestDecompressionMiddleware, decode_body
from signette.requests import Request
from signette.responses.plain import PlainTextResponse
from signette.routing.mount import Mount
from signette.routing.route import Route
from tests.asgi import Exchange, call, scope_of

pytestmark = pytest.mark.either_loop

MIB = 1024 * 1024
ENCODE: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=4),
    "zstd": zstandard.compress,
}
# A gzip member of 20 bytes without content, and an empty block of DEFLATE, which takes bytes and makes none.
EMPTY_MEMBER = gzip.compress(b"")
EMPTY_BLOCK = b"\0\0\0\xff\xff"
SKIPPABLE_FRAME = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"


class StandardDecompressor:
    """`compression.zstd.ZstdDecompressor` of Python 3.14, as far as its documentation reports."""

    def __init__(self, options: Any) -> None:
        assert options == {"window_log_max": 23}
        self.inner = zstandard.ZstdDecompressor().decompressobj()
        self.output = b""
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return bool(self.inner.eof) and not self.output

    @property
    def unused_data(self) -> bytes:
        return bytes(self.inner.unused_data)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        if data:
            self.output += self.inner.decompress(data)
        piece, self.output = self.output[:max_length], self.output[max_length:]
        self.needs_input = not self.output
        return piece


@pytest.fixture(params=[*CODINGS, "zstd of Python"])
def coding(request: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    parameters = SimpleNamespace(window_log_max="window_log_max")
    standard = SimpleNamespace(ZstdDecompressor=StandardDecompressor, DecompressionParameter=parameters)
    loaded = standard if request.param == "zstd of Python" else None
    monkeypatch.setattr(compressors, "load_standard_zstd", lambda: loaded)
    return request.param.split()[0]


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """An application that sends the body back, and its header fields."""
    request = Request(scope, receive)
    body = await request.body()
    fields = {f"x-{name}": value for name, value in request.headers.items() if name.startswith("content-")}
    await PlainTextResponse(body, headers=fields)(scope, receive, send)


async def count(scope: Any, receive: Any, send: Any) -> None:
    """An application that counts the bytes of the body, and keeps none of it."""
    size = 0
    async for chunk in Request(scope, receive).stream():
        size += len(chunk)
    await PlainTextResponse(str(size))(scope, receive, send)


async def sent(
    app: Any, body: bytes | list[bytes], coding: str | list[str], headers: Any = (), **options: Any
) -> Exchange:
    values = [coding] if isinstance(coding, str) else coding
    fields = [*((b"content-encoding", value.encode()) for value in values), *headers]
    return await call(RequestDecompressionMiddleware(app, **options), method="POST", headers=fields, body=body)


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
async def test_readers_receive_the_decoded_body(coding: str, size: int) -> None:
    body = b"".join(b"%d, " % number for number in range(500))
    response = await sent(echo, pieces(ENCODE[coding](body), size), coding)
    assert (response.status, response.body) == (200, body)


async def test_a_long_body_arrives_in_pieces(coding: str) -> None:
    body = bytes(range(256)) * 4096
    assert (await sent(echo, ENCODE[coding](body), coding, max_ratio=None)).body == body


async def test_the_application_sees_a_request_that_was_never_compressed(coding: str) -> None:
    encoded = ENCODE[coding](b"body")
    fields = [(b"content-length", b"%d" % len(encoded)), (b"content-type", b"text/plain")]
    response = await sent(echo, encoded, coding, fields)
    assert [name for name in response.headers if name.startswith("x-content")] == ["x-content-type"]


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["gzip, br"], ["gzip", "br"]),
        (["gzip", "br"], ["gzip", "br"]),
        (["zstd,deflate , gzip"], ["zstd", "deflate", "gzip"]),
        (["X-GZIP"], ["gzip"]),
        (["identity, gzip"], ["gzip"]),
        (["GZip,,"], ["gzip"]),
    ],
)
async def test_several_encodings_are_undone_from_the_last_one(values: list[str], order: list[str]) -> None:
    encoded = b"body"
    for each in order:
        encoded = ENCODE[each](encoded)
    assert (await sent(echo, pieces(encoded, 9), values)).text == "body"


@pytest.mark.parametrize("value", ["identity", "", " , "])
async def test_a_body_without_encoding_passes(value: str) -> None:
    response = await sent(echo, b"body", value)
    assert (response.text, response.headers["x-content-encoding"]) == ("body", value)


async def test_an_empty_body_is_not_encoded(coding: str) -> None:
    assert (await sent(echo, b"", coding)).text == ""


@pytest.mark.parametrize("value", ["lz4", "gzip, lz4", "gzip gzip", "é", "br", "gzip, gzip, gzip, gzip"])
async def test_another_encoding_is_a_415_that_names_the_supported_ones(value: str) -> None:
    response = await sent(echo, gzip.compress(b""), value, encodings=["gzip", "deflate"])
    assert (response.status, response.headers["accept-encoding"]) == (415, "gzip, deflate")


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: b"this was never encoded",
    "damaged": lambda data: data[:10] + bytes(255 - each for each in data[10:20]) + data[20:],
    "truncated": lambda data: data[:-1],
    "half": lambda data: data[: len(data) // 2],
    "trailing byte": lambda data: data + b"x",
    "trailing zeros": lambda data: data + b"\0\0",
    "twice": lambda data: data + data[: len(data) // 2],
}


@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("size", [3, 1 << 20])
async def test_broken_data_is_a_400(coding: str, how: str, size: int) -> None:
    broken = BROKEN[how](ENCODE[coding](b"".join(b"%d, " % number for number in range(500))))
    response = await sent(echo, pieces(broken, size), coding)
    assert (response.status, coding in response.text) == (400, True)


@given(data=st.binary(max_size=60), coding=st.sampled_from(CODINGS), size=st.integers(1, 70))
def test_no_bytes_raise_anything_but_a_400(data: bytes, coding: str, size: int) -> None:
    response = anyio.run(lambda: sent(echo, pieces(data, size), coding))
    assert response.status in (200, 400)


@pytest.mark.parametrize(
    ("coding", "encoded"),
    [
        ("gzip", gzip.compress(b"one, ") + EMPTY_MEMBER + gzip.compress(b"two")),
        ("zstd", zstandard.compress(b"one, ") + SKIPPABLE_FRAME + zstandard.compress(b"two")),
    ],
    ids=["gzip", "zstd"],  # gzip has the time
)
@pytest.mark.parametrize("size", [1, 1000])
async def test_a_body_may_have_several_members(coding: str, encoded: bytes, size: int) -> None:
    assert (await sent(echo, pieces(encoded, size), coding)).text == "one, two"


async def test_many_members_without_content_are_rejected() -> None:
    """Each takes time, and they are never as many bytes as a limit has."""
    response = await sent(echo, EMPTY_MEMBER * 1000, "gzip")
    assert (response.status, "too many members" in response.text) == (400, True)


async def test_a_window_that_is_larger_than_that_of_the_web_is_rejected() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    assert (await sent(echo, compressor.compress(b"body") + compressor.flush(), "zstd")).status == 400


# -- bombs -------------------------------------------------------------------------------------------------------------


@cache
def bomb(coding: str) -> bytes:
    """Some KB, or less, that are 60 MB."""
    compressor: Any = {
        "gzip": lambda: zlib.compressobj(9, zlib.DEFLATED, 31),
        "deflate": lambda: zlib.compressobj(9),
        "br": lambda: brotli.Compressor(quality=5),
        "zstd": lambda: zstandard.ZstdCompressor().compressobj(),
    }[coding]()
    compress = compressor.process if coding == "br" else compressor.compress
    piece, encoded = bytes(MIB), b""
    for _ in range(60):
        encoded += compress(piece)
    end: bytes = compressor.finish() if coding == "br" else compressor.flush()
    return encoded + end


async def rejected(app: Any, body: bytes, coding: str, **options: Any) -> Exchange:
    """The response to a bomb, whose body must not have been in memory."""
    tracemalloc.start()
    try:
        response = await sent(app, body, coding, **options)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 12 * MIB, (coding, peak)
    return response


@pytest.mark.parametrize("coding", CODINGS)
async def test_a_bomb_is_a_413_by_its_ratio(coding: str) -> None:
    response = await rejected(count, bomb(coding), coding)
    assert (response.status, response.text) == (413, "body decompresses to more than 100 times its size")


@pytest.mark.parametrize("coding", CODINGS)
async def test_a_bomb_is_a_413_by_its_size(coding: str) -> None:
    limited = RequestBodyLimitMiddleware(
        RequestDecompressionMiddleware(count, max_ratio=None), max_body_size=2 * MIB + 5
    )
    fields = [(b"content-encoding", coding.encode())]
    response = await call(limited, method="POST", headers=fields, body=bomb(coding))
    assert (response.status, response.text) == (413, f"body exceeds {2 * MIB + 5} bytes")


async def test_a_bomb_in_a_bomb_is_counted_inside() -> None:
    """The inner one makes nothing of what the outer one makes."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, 31)
    inner = gzip.compress(b"")[:10] + EMPTY_BLOCK * (MIB // 2)  # 2.5 MiB of blocks without content
    outer = deflate.compress(inner) + deflate.flush()
    assert (await rejected(count, outer, "gzip, gzip")).status == 413


async def test_bytes_before_decoding_count_for_the_limit() -> None:
    """Blocks without content are bytes that are never decoded to any."""
    endless = gzip.compress(b"")[:10] + EMPTY_BLOCK * 30
    app = RequestBodyLimitMiddleware(RequestDecompressionMiddleware(count), max_body_size=100)
    fields = [(b"content-encoding", b"gzip")]
    response = await call(app, method="POST", headers=fields, body=pieces(endless, 20))
    assert (response.status, response.text) == (413, "body exceeds 100 bytes")
    announced = await call(app, method="POST", headers=[*fields, (b"content-length", b"101")], body=b"")
    assert (announced.status, announced.receives) == (413, 0)


async def test_small_bodies_may_have_any_ratio(coding: str) -> None:
    assert (await sent(count, ENCODE[coding](bytes(MIB)), coding)).text == str(MIB)


async def test_the_ratio_can_be_changed(coding: str) -> None:
    encoded = ENCODE[coding](bytes(3 * MIB))
    assert (await sent(count, encoded, coding, max_ratio=None)).text == str(3 * MIB)
    assert (await sent(count, encoded, coding, max_ratio=3)).status == 413


async def test_the_ratio_is_a_limit_of_the_application() -> None:
    middleware = [Middleware(RequestDecompressionMiddleware)]
    app = Application(
        routes=[Mount("", count)], middleware=middleware, limits=Limits(decompression_ratio=None, body_bytes=None)
    )
    fields = [(b"content-encoding", b"gzip")]
    assert (await call(app, method="POST", headers=fields, body=gzip.compress(bytes(2 * MIB)))).text == str(2 * MIB)


# -- around and inside of others ---------------------------------------------------------------------------------------


async def fails(scope: Any, receive: Any, send: Any) -> None:
    raise HTTPException(413)


async def test_errors_of_the_application_are_not_handled() -> None:
    response = await sent(fails, b"", "gzip")
    assert (response.messages, type(response.error)) == ([], HTTPException)


async def test_only_http_is_decoded() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["called"] = receive

    scope, receive = {"type": "websocket", "headers": [(b"content-encoding", b"gzip")]}, object()
    await RequestDecompressionMiddleware(app)(scope, receive, object())  # type: ignore[arg-type]
    assert scope["called"] is receive


async def read_first(request: Any, call_next: Any) -> Any:
    await request.body()
    return await call_next(request)


@pytest.mark.parametrize(
    "middleware",
    [
        [Middleware(RequestDecompressionMiddleware)],
        [Middleware(RequestDecompressionMiddleware), Middleware(RequestDecompressionMiddleware)],
        [Middleware(RequestDecompressionMiddleware), Middleware(BaseHTTPMiddleware, dispatch=read_first)],
        [Middleware(RequestDecompressionMiddleware, encodings=["br"]), Middleware(RequestDecompressionMiddleware)],
    ],
    ids=["alone", "twice", "middleware that reads", "an inner one that accepts more"],
)
async def test_it_works_in_an_application(middleware: Any) -> None:
    app = Application(routes=[Mount("", echo)], middleware=middleware, max_body_size=40)
    fields = [(b"content-encoding", b"gzip")]
    assert (await call(app, method="POST", headers=fields, body=gzip.compress(b"a" * 40))).text == "a" * 40
    large = await call(app, method="POST", headers=fields, body=gzip.compress(b"a" * 41))
    assert (large.status, large.text) == (413, "body exceeds 40 bytes")


async def test_an_inner_list_replaces_an_outer_one() -> None:
    inner = RequestDecompressionMiddleware(echo, encodings=[])
    encoded = gzip.compress(b"body")
    response = await sent(inner, encoded, "gzip")
    assert (response.body, response.headers["x-content-encoding"]) == (encoded, "gzip")
    narrower = await sent(RequestDecompressionMiddleware(echo, encodings=["br"]), encoded, "gzip")
    assert (narrower.status, narrower.headers["accept-encoding"]) == (415, "br")


async def test_an_inner_limit_replaces_an_outer_one() -> None:
    async def size(request: Any) -> Any:
        return PlainTextResponse(str(len(await request.body())))

    routes = [Route("/", size, methods=["POST"], max_body_size=200)]
    app = Application(routes=routes, middleware=[Middleware(RequestDecompressionMiddleware)], max_body_size=100)
    fields = [(b"content-encoding", b"gzip")]
    assert (await call(app, method="POST", headers=fields, body=gzip.compress(b"a" * 150))).text == "150"
    assert (await call(app, method="POST", headers=fields, body=gzip.compress(b"a" * 250))).status == 413


@pytest.mark.parametrize("body", [gzip.compress(bytes(2 * MIB)), b"broken"])
async def test_what_waits_for_a_disconnect_is_not_disturbed(body: bytes) -> None:
    """The body is dropped, also if it could not be decoded."""
    messages = iter([{"type": "http.request", "body": body, "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(messages)

    scope = scope_of("/", "POST", headers=[("content-encoding", "gzip")])
    wait = discard_body(scope, decode_body(scope, receive, ["gzip"]))
    while (await wait())["type"] == "http.request":
        pass


async def test_an_error_is_raised_by_each_further_call() -> None:
    async def receive() -> Any:
        return {"type": "http.request", "body": b"broken"}

    scope = scope_of("/", "POST", headers=[("content-encoding", "gzip")])
    decoded = decode_body(scope, receive, ["gzip"])
    assert decoded is scope[RECEIVE]
    for _ in range(2):
        with pytest.raises(HTTPException, match="400: invalid request body: invalid data in the encoding `gzip`"):
            await decoded()


async def test_a_disconnect_ends_the_body() -> None:
    messages = iter([{"type": "http.request", "body": gzip.compress(b"body")[:9], "more_body": True}])

    async def receive() -> Any:
        return next(messages, {"type": "http.disconnect"})

    scope = scope_of("/", "POST", headers=[("content-encoding", "gzip")])
    assert await decode_body(scope, receive, ["gzip"])() == {"type": "http.disconnect"}


async def test_a_cancelled_call_loses_nothing() -> None:
    body = bytes(range(256)) * 2048

    async def receive() -> Any:
        return {"type": "http.request", "body": gzip.compress(body)}

    scope = scope_of("/", "POST", headers=[("content-encoding", "gzip")])
    decoded, found = decode_body(scope, receive, ["gzip"]), b""
    while True:
        with anyio.CancelScope() as cancelled:
            cancelled.cancel()
            await decoded()
        message = await decoded()
        found += message["body"]
        if not message["more_body"]:
            break
    # The first call has no checkpoint, and returned what was cut off here.
    assert body.endswith(found)
    assert len(found) >= len(body) - compressors.PIECE_BYTES


# -- arguments ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"encodings": "gzip"}, TypeError, "`encodings='gzip'` must be a list; write `encodings=['gzip']`"),
        ({"encodings": ["snappy"]}, ValueError, "an encoding is one of br, zstd, gzip, deflate, not 'snappy'"),
        ({"max_ratio": "10"}, TypeError, "`max_ratio='10'` must be an integer or None"),
        ({"max_ratio": True}, TypeError, "`max_ratio=True` must be an integer or None"),
        ({"max_ratio": 0}, ValueError, "`max_ratio=0` must be 1 or more, or None"),
    ],
)
def test_an_invalid_argument_is_rejected(options: Any, error: Any, message: str) -> None:
    with pytest.raises(error) as raised:
        RequestDecompressionMiddleware(echo, **options)
    assert str(raised.value) == message


def test_what_is_not_installed_is_not_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("brotli", "zstandard", "standard_zstd"):
        monkeypatch.setattr(compressors, f"load_{name}", lambda: None)
    assert RequestDecompressionMiddleware(echo).encodings == ("gzip", "deflate")
    for coding in ("br", "zstd"):
        with pytest.raises(ImportError, match=rf"`{coding}` needs .* `pip install 'signette\[compression\]'`"):
            RequestDecompressionMiddleware(echo, encodings=["gzip", coding])


async def test_the_log_names_the_option_of_the_ratio(caplog: pytest.LogCaptureFixture) -> None:
    app = RequestDecompressionMiddleware(count, max_ratio=3)
    with caplog.at_level("DEBUG", "signette.limits"):
        await call(app, method="POST", headers=[(b"content-encoding", b"gzip")], body=gzip.compress(bytes(2 * MIB)))
    assert caplog.messages[-1].endswith("raise the limit with `max_ratio=...` of `RequestDecompressionMiddleware`")
    assert LimitExceeded(413, "decompression_ratio", 3).hint == "`App(limits=Limits(decompression_ratio=...))`"


@given(st.lists(st.binary(max_size=20)))
def test_any_header_field_has_codings(values: list[bytes]) -> None:
    assert not {"", "identity", "x-gzip"} & set(content_codings(values))
