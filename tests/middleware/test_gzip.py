"""Responses compressed by gzip: when, how, and never twice."""

import gzip
import threading
import zlib
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.applications import Application
from signette.middleware import compressors
from signette.middleware.compressors import Gzip
from signette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from signette.middleware.registry import Middleware
from signette.responses.file import FileResponse
from signette.responses.plain import PlainTextResponse
from signette.responses.streaming import StreamingResponse
from signette.routing.route import Route
from tests.asgi import Exchange, call, exchange, scope_of

GZIP = [(b"accept-encoding", b"gzip, deflate")]
LONG = b"x" * 2000


def sends(*messages: Any) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)

    return app


def start(*headers: tuple[bytes, bytes], status: int = 200, **more: Any) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(headers), **more}


def body(chunk: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": chunk, "more_body": more}


def is_compressed(response: Exchange) -> bool:
    return response.headers.get("content-encoding") == "gzip"


async def ask(app: Any, headers: Any = GZIP, **options: Any) -> Exchange:
    return await call(GZipMiddleware(app, **options), headers=headers)


async def test_a_body_is_compressed_and_its_fields_say_so() -> None:
    response = await ask(PlainTextResponse(LONG))
    assert gzip.decompress(response.body) == LONG
    assert response.headers == {
        "content-type": "text/plain; charset=utf-8",
        "content-encoding": "gzip",
        "content-length": str(len(response.body)),
        "vary": "Accept-Encoding",
    }
    assert len(response.body) < 100


@pytest.mark.parametrize("accepted", [[], [b""], [b"br"], [b"gzip;q=0"], [b"gzip;q=0, *"], [b"gzip;q=.1, identity"]])
async def test_a_client_without_support_gets_the_plain_body_and_a_vary_header(accepted: list[bytes]) -> None:
    response = await ask(PlainTextResponse(LONG), [(b"accept-encoding", value) for value in accepted])
    assert (response.body, response.headers["content-length"]) == (LONG, "2000")
    assert (is_compressed(response), response.headers["vary"]) == (False, "Accept-Encoding")


@pytest.mark.parametrize("accepted", [[b"br", b"gzip"], [b"GZIP"], [b"*"], [b"gzip;q=0.5, br"]])
async def test_all_fields_of_a_client_that_does_are_read(accepted: list[bytes]) -> None:
    response = await ask(PlainTextResponse(LONG), [(b"accept-encoding", value) for value in accepted])
    assert gzip.decompress(response.body) == LONG


async def test_the_same_response_is_sent_right_each_time() -> None:
    response = PlainTextResponse(LONG, headers={"etag": '"a"'})
    before = list(response.raw_headers)
    app = GZipMiddleware(response)
    for headers in (GZIP, [], GZIP, GZIP, []):
        reply = await call(app, headers=headers)
        assert (gzip.decompress(reply.body) if headers else reply.body) == LONG
        assert reply.headers["content-length"] == str(len(reply.body))
    assert response.raw_headers == before


async def test_neither_is_a_message_changed() -> None:
    messages = [start((b"content-length", b"2000")), body(LONG)]
    await ask(sends(*messages))
    assert messages == [start((b"content-length", b"2000")), body(LONG)]


# What is left as it is.


@pytest.mark.parametrize(
    "messages",
    [
        [start((b"content-length", b"2")), body(b"hi")],
        [start(), body(b"hi")],
        [start(), body(b"")],
        [start((b"content-length", b"4")), body(b"ab", more=True), body(b"cd")],
        [start((b"content-encoding", b"br")), body(LONG)],
        [start((b"Content-Encoding", b"br")), body(LONG, more=True), body(b"")],
        [start((b"content-digest", b"sha-256=:x:")), body(LONG)],
        [start((b"cache-control", b"public, No-Transform")), body(LONG)],
        [start(status=204), body(b"")],
        [start((b"content-type", b"text/event-stream; charset=utf-8")), body(LONG, more=True), body(b"")],
        [start((b"content-type", b"Image/PNG")), body(LONG)],
        [start((b"content-type", b"video/anything")), body(LONG)],
        [start((b"content-length", b"2000")), {"type": "http.response.pathsend", "path": "/x"}],
        [start(trailers=True), {"type": "http.response.trailers", "headers": []}],
    ],
)
async def test_what_cannot_or_need_not_be_compressed_passes_as_it_is(messages: list[Any]) -> None:
    assert (await ask(sends(*messages))).messages == messages


@pytest.mark.parametrize("pattern", DEFAULT_EXCLUDED_CONTENT_TYPES)
async def test_each_excluded_type_passes(pattern: str) -> None:
    kind = pattern.replace("*", "mpeg").encode()
    assert not is_compressed(await ask(sends(start((b"content-type", kind)), body(LONG))))


@pytest.mark.parametrize("kind", [b"image/svg+xml", b"audiobook/x", b"text/event-streams", b"", b"font/ttf"])
async def test_types_like_them_do_not(kind: bytes) -> None:
    assert is_compressed(await ask(sends(start((b"content-type", kind)), body(LONG))))


@pytest.mark.parametrize(
    ("excluded", "compressed"),
    [((), True), (("Application/X-Y",), False), (("application/*",), False), (("*/*",), False), (("text/*",), True)],
)
async def test_types_can_be_excluded(excluded: tuple[str, ...], compressed: bool) -> None:
    app = sends(start((b"content-type", b"application/x-y; a=b")), body(LONG))
    assert is_compressed(await ask(app, exclude_content_types=excluded)) is compressed


@pytest.mark.parametrize(
    "excluded",
    [
        "application/x-y; a=b",
        "application/x-y;charset=utf-8",
        " APPLICATION/X-Y ; a",
        "application/*; a=b",
        "Application/* ",
    ],
)
@pytest.mark.parametrize("kind", [b"application/x-y", b"Application/X-Y; c=d", b" application/x-y;"])
async def test_an_excluded_type_is_compared_without_case_and_parameters(excluded: str, kind: bytes) -> None:
    app = sends(start((b"content-type", kind)), body(LONG))
    assert not is_compressed(await ask(app, exclude_content_types=(excluded,)))


@pytest.mark.parametrize(
    ("kind", "compressed"),
    [
        (b"application/grpc", False),
        (b"application/grpc+proto", False),
        (b"Application/GRPC+JSON; a=b", False),
        (b"application/grpc-web", True),
        (b"application/grpc-web+proto", True),
        (b"application/grpcs", True),
    ],
)
async def test_the_subtypes_of_grpc_are_excluded_with_it(kind: bytes, compressed: bool) -> None:
    app = sends(start((b"content-type", kind)), body(LONG))
    assert is_compressed(await ask(app)) is compressed
    assert is_compressed(await ask(app, exclude_content_types=["Application/grpc; x=y"])) is compressed
    assert is_compressed(await ask(app, exclude_content_types=["application/zip"]))


async def test_no_other_type_excludes_its_subtypes() -> None:
    app = sends(start((b"content-type", b"application/x-y+json")), body(LONG))
    assert is_compressed(await ask(app, exclude_content_types=["application/x-y", "application/grpc+proto"]))


@pytest.mark.parametrize(("minimum", "compressed"), [(2000, True), (2001, False)])
async def test_the_smallest_size_is_that_of_the_body(minimum: int, compressed: bool) -> None:
    for app in (PlainTextResponse(LONG), sends(start(), body(LONG))):
        assert is_compressed(await ask(app, minimum_size=minimum)) is compressed


@pytest.mark.parametrize("level", [-1, 10])
def test_an_invalid_level_is_rejected(level: int) -> None:
    with pytest.raises(ValueError, match="from 0 to 9"):
        GZipMiddleware(PlainTextResponse(""), compresslevel=level)


# Fields.


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((b"etag", b'"a"'), ("etag", 'W/"a"')),
        ((b"etag", b'W/"a"'), ("etag", 'W/"a"')),
        ((b"vary", b"Accept"), ("vary", "Accept, Accept-Encoding")),
        ((b"vary", b"*"), ("vary", "*")),
        ((b"vary", b"accept-encoding"), ("vary", "accept-encoding")),
        ((b"x-a", b"b"), ("x-a", "b")),
    ],
)
async def test_headers_about_the_bytes_describe_the_compressed_ones(before: Any, after: tuple[str, str]) -> None:
    response = await ask(sends(start(before), body(LONG)))
    assert response.headers[after[0]] == after[1]


async def test_ranges_of_the_plain_bytes_are_not_offered() -> None:
    response = await ask(sends(start((b"accept-ranges", b"bytes"), (b"content-length", b"2000")), body(LONG)))
    assert "accept-ranges" not in response.headers


# Streams.


@given(
    st.lists(st.binary(max_size=300), max_size=6),
    st.integers(0, 9),
    st.sampled_from([0, 100, 1000]),
    st.booleans(),
)
async def test_any_chunks_reach_the_client_whole(pieces: list[bytes], level: int, minimum: int, declares: bool) -> None:
    whole = b"".join(pieces)
    fields = [(b"content-length", b"%d" % len(whole))] if declares else []
    messages = [body(chunk, more=True) for chunk in pieces] + [body(b"")]
    response = await ask(sends(start(*fields), *messages), compresslevel=level, minimum_size=minimum)
    assert (gzip.decompress(response.body) if is_compressed(response) else response.body) == whole
    assert int(response.headers.get("content-length", len(response.body))) == len(response.body)


@given(st.binary(max_size=5000))
async def test_a_body_of_any_size_comes_back(whole: bytes) -> None:
    response = await ask(sends(start(), body(whole)), minimum_size=0)
    assert gzip.decompress(response.body) == whole
    assert response.headers["content-length"] == str(len(response.body))


async def test_each_chunk_can_be_read_before_the_next_is_there() -> None:
    response = await ask(sends(start(), body(b"one", more=True), body(b"two", more=True), body(b"three")))
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    assert [reader.decompress(message["body"]) for message in response.messages[1:]] == [b"one", b"two", b"three"]
    assert reader.eof
    assert "content-length" not in response.headers


async def test_the_start_of_what_is_not_compressed_does_not_wait_for_the_body() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start((b"content-type", b"text/event-stream")))
        await anyio.sleep_forever()

    response = await exchange(GZipMiddleware(app), scope_of(headers=GZIP), cancel_at=0)
    assert response.types == ["http.response.start"]


async def test_trailers_and_hints_keep_their_places() -> None:
    hint = {"type": "http.response.early_hint", "links": []}
    trailers = {"type": "http.response.trailers", "headers": []}
    response = await ask(sends(hint, start(trailers=True), body(LONG, more=True), body(b""), trailers))
    assert response.messages[0] == hint
    assert response.messages[1]["trailers"] is True
    assert response.messages[-1] == trailers
    assert gzip.decompress(response.body) == LONG


async def test_large_chunks_are_compressed_in_a_worker_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []

    class Watched(Gzip):
        def piece(self, data: bytes) -> bytes:
            threads.append(threading.current_thread() is threading.main_thread())
            return super().piece(data)

        def last(self, data: bytes) -> bytes:
            threads.append(threading.current_thread() is threading.main_thread())
            return super().last(data)

    monkeypatch.setattr(compressors, "Gzip", Watched)
    response = await ask(sends(start(), body(b"a" * 99, more=True), body(b"b" * 100)), thread_minimum_size=100)
    assert threads == [True, False]
    assert gzip.decompress(response.body) == b"a" * 99 + b"b" * 100


@pytest.mark.parametrize(("level", "size"), [(1, 256), (6, 128), (7, 64), (9, 32)])
async def test_the_level_decides_which_chunks_a_worker_thread_compresses(
    level: int, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    class Watched(Gzip):
        def piece(self, data: bytes) -> bytes:
            threads.append(threading.current_thread() is threading.main_thread())
            return super().piece(data)

    monkeypatch.setattr(compressors, "Gzip", Watched)
    chunks = body(b"a" * (size * 1024 - 1), more=True), body(b"a" * size * 1024, more=True), body(b"")
    await ask(sends(start(), *chunks), compresslevel=level)
    assert threads == [True, False]


# Around applications.


async def test_head_has_the_fields_of_get_but_for_the_length(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(LONG)

    async def endpoint(request: Any) -> Any:
        return FileResponse(file)

    app = Application(routes=[Route("/", endpoint)], middleware=[Middleware(GZipMiddleware)])
    get, head = await call(app, headers=GZIP), await call(app, method="HEAD", headers=GZIP)
    assert gzip.decompress(get.body) == LONG
    assert head.body == b""
    assert {**head.headers, "content-length": get.headers["content-length"]} == get.headers


async def test_head_of_a_stream_has_the_fields_of_get() -> None:
    async def endpoint(request: Any) -> Any:
        return StreamingResponse([LONG, LONG], media_type="text/plain", headers={"etag": '"a"'})

    app = Application(routes=[Route("/", endpoint)], middleware=[Middleware(GZipMiddleware)])
    get, head = await call(app, headers=GZIP), await call(app, method="HEAD", headers=GZIP)
    assert (head.headers, head.body) == (get.headers, b"")
    assert head.headers["content-encoding"] == "gzip"


async def test_a_range_of_a_file_is_not_compressed(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(LONG)
    response = await ask(FileResponse(file), [*GZIP, (b"range", b"bytes=0-999")])
    assert (response.status, response.body) == (206, LONG[:1000])


@pytest.mark.parametrize("accepted", [[], GZIP])
async def test_a_part_has_the_vary_of_the_whole(accepted: list[Any]) -> None:
    part = start((b"content-type", b"text/plain"), (b"content-length", b"2"), status=206)
    response = await ask(sends(part, body(b"hi")), accepted)
    assert (response.headers["vary"], response.headers["content-length"], response.body) == (
        "Accept-Encoding",
        "2",
        b"hi",
    )


async def test_a_part_of_what_is_never_compressed_passes_as_it_is() -> None:
    messages = [start((b"content-type", b"image/png"), status=206), body(LONG)]
    assert (await ask(sends(*messages))).messages == messages


@pytest.mark.parametrize("text", [b"sorry", b"sorry" * 200])
async def test_an_error_after_a_delayed_start_gets_a_response(text: bytes) -> None:
    async def endpoint(request: Any) -> Any:
        async def chunks() -> Any:
            raise ValueError("boom")
            yield b""

        return StreamingResponse(chunks(), media_type="text/plain")

    async def sorry(request: Any, exc: Any) -> Any:
        return PlainTextResponse(text, status_code=500)

    app = Application(
        routes=[Route("/", endpoint)], middleware=[Middleware(GZipMiddleware)], exception_handlers={Exception: sorry}
    )
    response = await call(app, headers=GZIP)
    assert response.status == 500
    assert (gzip.decompress(response.body) if is_compressed(response) else response.body) == text
    assert is_compressed(response) is (len(text) > 500)


async def test_a_start_without_a_body_is_sent_all_the_same() -> None:
    assert (await ask(sends(start()))).messages == [start()]


async def test_websockets_and_lifespans_pass() -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    for kind in ("websocket", "lifespan"):
        await call(GZipMiddleware(app), kind=kind, headers=GZIP)
    assert seen == ["websocket", "lifespan"]
