"""Responses compressed by what the client likes best. What holds for gzip alone is in `test_gzip`."""

import gzip
from types import SimpleNamespace
from typing import Any

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from signette.middleware import compressors
from signette.middleware.compression import CompressionMiddleware
from signette.middleware.gzip import GZipMiddleware
from signette.responses.plain import PlainTextResponse
from signette.responses.streaming import StreamingResponse
from tests.asgi import Exchange, call

LONG = b"text that comes again and again. " * 60
CODINGS = ["gzip", "br", "zstd"]


class StandardCompressor:
    """`compression.zstd.ZstdCompressor` of Python 3.14, as far as its documentation reports."""

    CONTINUE, FLUSH_BLOCK, FLUSH_FRAME = 0, 1, 2

    def __init__(self, level: int) -> None:
        self.inner = zstandard.ZstdCompressor(level=level).compressobj()

    def compress(self, data: bytes, mode: int = CONTINUE) -> bytes:
        flush = {self.FLUSH_BLOCK: zstandard.COMPRESSOBJ_FLUSH_BLOCK, self.FLUSH_FRAME: 0}[mode]
        return self.inner.compress(data) + self.inner.flush(flush)


@pytest.fixture(params=[*CODINGS, "zstd of Python"])
def coding(request: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "zstd of Python":
        standard = SimpleNamespace(ZstdCompressor=StandardCompressor)
        monkeypatch.setattr(compressors, "load_standard_zstd", lambda: standard)
    else:
        monkeypatch.setattr(compressors, "load_standard_zstd", lambda: None)
    return request.param.split()[0]


def reader_of(coding: str) -> Any:
    """What decodes a body piece by piece."""
    if coding == "gzip":
        return compressors.zlib.decompressobj(16 + compressors.zlib.MAX_WBITS).decompress
    return brotli.Decompressor().process if coding == "br" else zstandard.ZstdDecompressor().decompressobj().decompress


async def ask(app: Any, *accepted: str, headers: Any = (), **options: Any) -> Exchange:
    fields = [(b"accept-encoding", value.encode()) for value in accepted]
    return await call(CompressionMiddleware(app, **options), headers=[*fields, *headers])


async def test_a_body_is_compressed_and_its_fields_say_so(coding: str) -> None:
    response = await ask(PlainTextResponse(LONG, headers={"etag": '"a"'}), coding)
    assert reader_of(coding)(response.body) == LONG
    assert response.headers == {
        "content-type": "text/plain; charset=utf-8",
        "content-encoding": coding,
        "content-length": str(len(response.body)),
        "etag": 'W/"a"',
        "vary": "Accept-Encoding",
    }


@pytest.mark.parametrize("length", [(), ((b"content-length", b"%d" % len(LONG)),)], ids=["unknown", "declared"])
@pytest.mark.parametrize("chunks", [[LONG], [LONG[:9], LONG[9:]], [LONG, b""]], ids=["one", "two", "one and the end"])
async def test_a_response_that_announces_trailers_has_no_length(coding: str, chunks: list[bytes], length: Any) -> None:
    trailers = {"type": "http.response.trailers", "headers": [(b"grpc-status", b"0")]}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(length), "trailers": True})
        for number, chunk in enumerate(chunks, start=1):
            await send({"type": "http.response.body", "body": chunk, "more_body": number < len(chunks)})
        await send(trailers)

    response = await ask(app, coding)
    # HTTP/1.1 sends trailers after chunks only.
    assert "content-length" not in response.headers
    assert (response["content-encoding"], response.start["trailers"]) == (coding, True)
    assert reader_of(coding)(response.body) == LONG
    assert response.messages[-1] == trailers


@pytest.mark.parametrize(("name", "text"), [("codings", "gzip"), ("exclude_content_types", "image/*")])
def test_a_text_in_place_of_a_list_is_rejected(name: str, text: str) -> None:
    with pytest.raises(TypeError) as caught:
        CompressionMiddleware(PlainTextResponse(""), **{name: text})  # type: ignore[arg-type]  # what is rejected
    assert str(caught.value) == f"`{name}='{text}'` must be a list; write `{name}=['{text}']`"


async def test_each_chunk_of_a_stream_can_be_read_before_the_next_is_there(coding: str) -> None:
    async def chunks() -> Any:
        for number in range(3):
            yield b"%d" % number * 100

    response = await ask(StreamingResponse(chunks()), coding)
    read = reader_of(coding)
    assert [read(message["body"]) for message in response.messages[1:4]] == [b"%d" % n * 100 for n in range(3)]
    assert read(response.messages[4]["body"]) == b""
    assert (response.headers["content-encoding"], response.messages[4]["more_body"]) == (coding, False)


# Above 12 Zstandard clears a hundred MiB for each body.
levels = st.sampled_from(
    [(name, level) for name, (low, high) in compressors.LEVELS.items() for level in range(low, min(high, 12) + 1)]
)


@given(levels, st.lists(st.binary(max_size=2000), max_size=5))
async def test_any_chunks_at_any_level_reach_the_client_whole(chosen: tuple[str, int], pieces: list[bytes]) -> None:
    coding, level = chosen

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for place, chunk in enumerate(pieces or [b""]):
            await send({"type": "http.response.body", "body": chunk, "more_body": place < len(pieces) - 1})

    response = await ask(app, coding, levels={coding: level}, minimum_size=0)
    assert reader_of(coding)(response.body) == b"".join(pieces)
    assert response.headers["content-encoding"] == coding


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("zstd, gzip", "zstd"),
        ("gzip;q=1, br;q=0.9", "gzip"),
        ("*", "br"),
        ("*, br;q=0", "zstd"),
        ("br;q=0.5, identity", None),
        ("deflate", None),
        ("br;q=0, zstd;q=0, gzip;q=0", None),
    ],
)
async def test_the_client_says_what_it_likes_and_the_server_chooses_among_equals(
    accepted: str, chosen: str | None
) -> None:
    response = await ask(PlainTextResponse(LONG), accepted)
    assert (response.headers.get("content-encoding"), response.headers["vary"]) == (chosen, "Accept-Encoding")


async def test_the_order_of_the_codings_is_the_servers_preference() -> None:
    for codings in (["gzip", "br"], ["zstd"], ["zstd", "gzip", "br"]):
        response = await ask(PlainTextResponse(LONG), "gzip, br, zstd", codings=codings)
        assert response.headers["content-encoding"] == codings[0]


async def test_what_is_not_installed_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("brotli", "zstandard", "standard_zstd"):
        monkeypatch.setattr(compressors, f"load_{name}", lambda: None)
    response = await ask(PlainTextResponse(LONG), "gzip, br, zstd")
    assert gzip.decompress(response.body) == LONG
    for coding in ("br", "zstd"):
        with pytest.raises(ImportError, match=rf"`{coding}` needs .* `pip install 'signette\[compression\]'`"):
            CompressionMiddleware(PlainTextResponse(LONG), codings=["gzip", coding])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"levels": {"gzip": 10}}, "the level of `gzip` is a number from 0 to 9, not 10"),
        ({"levels": {"br": 12}}, "the level of `br` is a number from 0 to 11, not 12"),
        ({"levels": {"zstd": 20}}, "the level of `zstd` is a number from 1 to 19, not 20"),
        ({"levels": {"brotli": 4}}, "a coding is one of gzip, br, zstd, not 'brotli'"),
        ({"codings": ["deflate"]}, "a coding is one of gzip, br, zstd, not 'deflate'"),
    ],
)
def test_an_invalid_level_or_coding_is_rejected(options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        CompressionMiddleware(PlainTextResponse(LONG), **options)


async def test_bytes_that_are_a_view_are_compressed_as_well(coding: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": memoryview(LONG), "more_body": True})
        await send({"type": "http.response.body", "body": bytearray(LONG)})

    assert reader_of(coding)((await ask(app, coding)).body) == LONG * 2


# 304: the tag is that of the 200 that the client has, or would get.


async def not_modified(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 304, "headers": [(b"etag", b'"a,b"')]})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize(
    ("accepted", "known", "result"),
    [
        (["gzip"], b'W/"a,b"', 'W/"a,b"'),
        (["gzip"], b'"a,b"', '"a,b"'),  # it was too short to be compressed, or came when the client took nothing
        (["gzip"], b'"x", W/"a,b", "a,b"', 'W/"a,b"'),
        (["gzip"], b"*", 'W/"a,b"'),
        (["gzip"], b"nonsense", 'W/"a,b"'),
        ([], b'W/"a,b"', '"a,b"'),
        (["gzip;q=0"], b'"a,b"', '"a,b"'),
    ],
)
@pytest.mark.parametrize("middleware", [GZipMiddleware, CompressionMiddleware])
async def test_a_304_has_the_tag_of_the_200(middleware: Any, accepted: list[str], known: bytes, result: str) -> None:
    fields = [(b"accept-encoding", value.encode()) for value in accepted]
    response = await call(middleware(not_modified), headers=[*fields, (b"if-none-match", known)])
    assert response.headers == {"etag": result, "vary": "Accept-Encoding"}
    assert response.body == b""


async def test_a_304_whose_200_is_never_compressed_stays_as_it_is() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        fields = [(b"etag", b'"a"'), (b"content-type", b"image/png")]
        await send({"type": "http.response.start", "status": 304, "headers": fields})
        await send({"type": "http.response.body", "body": b""})

    assert (await ask(app, "gzip")).headers == {"etag": '"a"', "content-type": "image/png"}
