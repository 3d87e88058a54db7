import copy
import json
import math
import re
from array import array
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import signette
from signette.background import BackgroundTask
from signette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from signette.responses.wire import CONTENT_FIELDS
from tests.asgi import exchange
from tests.tracing import traced

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (None, b""),
        ("", b""),
        ("hé", "hé".encode()),
        (b"\x00\xff", b"\x00\xff"),
        (bytearray(b"ab"), b"ab"),
        (memoryview(b"abc"), b"abc"),
        (memoryview(b"abcdef")[::2], b"ace"),
        (memoryview(array("H", [1, 2])), array("H", [1, 2]).tobytes()),
        (memoryview(b"abcdef").cast("B", (2, 3)), b"abcdef"),
    ],
)
async def test_content_is_sent_as_bytes_with_content_length(content: Any, body: bytes) -> None:
    response = await exchange(Response(content))
    assert response.body == body
    assert response.headers == {"content-length": str(len(body))}


async def test_exactly_two_messages_are_sent() -> None:
    response = await exchange(PlainTextResponse("hello", 201, {"X-One": "1"}))
    fields = [(b"x-one", b"1"), (b"content-length", b"5"), (b"content-type", b"text/plain; charset=utf-8")]
    assert response.messages == [
        {"type": "http.response.start", "status": 201, "headers": fields},
        {"type": "http.response.body", "body": b"hello"},
    ]


@pytest.mark.parametrize(
    ("media_type", "content_type"),
    [
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/html; charset=latin-1", "text/html; charset=latin-1"),
        ("text/html; Charset=x", "text/html; Charset=x"),
        ("application/json", "application/json"),
    ],
)
def test_text_types_name_a_charset_once(media_type: str, content_type: str) -> None:
    assert Response("x", media_type=media_type).headers["content-type"] == content_type


def test_the_class_names_a_media_type_and_the_caller_may_change_it() -> None:
    assert HTMLResponse("x").media_type == "text/html"
    assert HTMLResponse("x", media_type="application/xhtml+xml").headers["content-type"] == "application/xhtml+xml"
    assert HTMLResponse.media_type == "text/html"


def test_a_charset_of_a_subclass_encodes_the_body_and_is_named() -> None:
    class Latin(PlainTextResponse):
        charset = "latin-1"

    response = Latin("é")
    assert (response.body, response.headers["content-type"]) == (b"\xe9", "text/plain; charset=latin-1")
    with pytest.raises(UnicodeEncodeError):
        Latin("♥")


def test_a_lone_surrogate_is_sent_as_a_question_mark() -> None:
    assert PlainTextResponse("a\ud800b").body == b"a?b"


def test_headers_given_are_not_overwritten() -> None:
    response = PlainTextResponse("x", headers={"Content-Type": "a/b", "Content-Length": "7"})
    assert response.raw_headers == [(b"content-type", b"a/b"), (b"content-length", b"7")]


@pytest.mark.parametrize("status", [100, 101, 199, 204, 304])
async def test_a_status_without_content_sends_none(status: int) -> None:
    response = await exchange(PlainTextResponse("hello", status))
    assert response.body == b""
    assert response.headers == {"content-type": "text/plain; charset=utf-8"}


@pytest.mark.parametrize("content", [None, "hello"])
async def test_a_205_has_no_body_and_content_length_0(content: Any) -> None:
    response = PlainTextResponse(content, 205)
    assert response.headers["content-length"] == "0"
    result = await exchange(response)
    assert (result.body, result.headers["content-length"]) == (b"", "0")
    response.headers["content-length"] = "5"
    assert (await exchange(response)).headers["content-length"] == "0"


async def test_a_status_set_later_decides_too() -> None:
    response = PlainTextResponse("hello")
    response.status_code = 204
    result = await exchange(response)
    assert (result.status, result.body, "content-length" in result.headers) == (204, b"", False)
    response.status_code = 205
    result = await exchange(response)
    assert (result.status, result.body, result.headers["content-length"]) == (205, b"", "0")


async def test_a_304_keeps_the_length_that_it_was_given() -> None:
    response = await exchange(Response(status_code=304, headers={"content-length": "7"}))
    assert (response.headers, response.body) == ({"content-length": "7"}, b"")


TOKEN = st.text("aZ0-_.!~", min_size=1, max_size=4)
HEADER_TEXT = st.text(st.characters(max_codepoint=255) | st.sampled_from("\r\n\0:♥"), max_size=6)


@given(st.dictionaries(TOKEN | HEADER_TEXT, HEADER_TEXT, max_size=3))
def test_a_header_is_sent_unchanged_or_rejected(headers: dict[str, str]) -> None:
    fits = all(
        re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) and not set(value) & set("\r\n\0♥")
        for name, value in headers.items()
    )
    if fits:
        sent = Response(status_code=204, headers=headers).raw_headers
        assert sent == [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    else:
        with pytest.raises(ValueError, match="header"):
            Response(headers=headers)


@pytest.mark.parametrize("splitter", ["\r", "\n", "\0", "\r\nset-cookie: a=b"])
def test_characters_that_could_add_a_header_are_rejected(splitter: str) -> None:
    for headers in ({"a": f"b{splitter}"}, {f"a{splitter}": "b"}):
        with pytest.raises(ValueError, match="header"):
            Response("x", headers=headers)
    with pytest.raises(ValueError, match="content-type"):
        Response("x", media_type=f"text/plain{splitter}")
    with pytest.raises(ValueError, match="header"):
        Response("x").headers["a"] = f"b{splitter}"
    with pytest.raises(ValueError, match="path"):
        Response("x").set_cookie("a", "b", path=f"/{splitter}")


def test_the_error_for_a_header_outside_latin_1_has_its_name() -> None:
    with pytest.raises(ValueError, match="'x-heart'"):
        Response("x", headers={"x-heart": "♥"})


def test_a_header_that_is_not_text_is_rejected() -> None:
    with pytest.raises(TypeError, match="'x' must be a string, not int"):
        Response("x", headers={"x": 1})  # type: ignore[dict-item]  # the error under test


def test_the_error_for_other_content_suggests_json_response() -> None:
    with pytest.raises(TypeError, match="dict; use JSONResponse"):
        Response({})


async def test_a_middleware_that_changes_the_sent_headers_does_not_change_the_response() -> None:
    response = PlainTextResponse("x")
    before = list(response.raw_headers)
    for _ in range(2):
        result = await exchange(response)
        assert result.messages[0]["headers"] == before
        result.messages[0]["headers"].append((b"content-encoding", b"gzip"))
        result.messages[0]["headers"][0] = (b"content-length", b"36")
    response.status_code = 304
    (await exchange(response)).messages[0]["headers"].clear()
    assert response.raw_headers == before


def test_headers_are_a_live_view_of_the_raw_ones() -> None:
    response = Response("x")
    response.headers["x-one"] = "1"
    response.raw_headers.append((b"x-two", b"2"))
    assert response.headers["x-two"] == "2"
    assert (b"x-one", b"1") in response.raw_headers
    response.raw_headers = [(b"x-three", b"3")]
    assert response.headers.items() == [("x-three", "3")]


async def test_each_cookie_is_set_and_deleted_by_its_own_header() -> None:
    response = Response()
    response.set_cookie("a", "1", max_age=5, domain="d.example", secure=True, httponly=True, samesite="strict")
    response.set_cookie("b", expires=datetime(2030, 1, 2, tzinfo=UTC), path=None, samesite=None)
    response.set_cookie("c", secure=True, samesite="none", partitioned=True)
    response.delete_cookie("a", domain="d.example", secure=True, httponly=True, samesite="strict", partitioned=True)
    first, second, third, forgotten = response.headers.getlist("set-cookie")
    assert first == "a=1; Domain=d.example; HttpOnly; Max-Age=5; Path=/; SameSite=strict; Secure"
    assert second == 'b=""; expires=Wed, 02 Jan 2030 00:00:00 GMT'
    assert third == 'c=""; Partitioned; Path=/; SameSite=none; Secure'
    assert forgotten.startswith('a=""; Domain=d.example; expires=')
    assert forgotten.endswith("; HttpOnly; Max-Age=0; Partitioned; Path=/; SameSite=strict; Secure")


@given(JSON_VALUES)
def test_json_is_compact_and_equal_to_the_value(value: Any) -> None:
    body = JSONResponse(value).body
    assert json.loads(bytes(body)) == value


def test_json_is_utf_8_without_spaces() -> None:
    response = JSONResponse({"a": [1, "é"]})
    assert response.body == '{"a":[1,"é"]}'.encode()
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize("value", [math.nan, math.inf, [-math.inf], {"a": math.nan}])
def test_json_knows_no_nan(value: Any) -> None:
    with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
        JSONResponse(value)


async def test_background_work_runs_after_the_last_message() -> None:
    order: list[str] = []
    response = Response("x", background=BackgroundTask(order.append, "work"))
    await exchange(response, on_send=lambda message: order.append(message["type"]))
    assert order == ["http.response.start", "http.response.body", "work"]


async def test_a_websocket_is_denied_by_the_same_response() -> None:
    response = await exchange(PlainTextResponse("no", 403), {"type": "websocket", "headers": []})
    assert [message["type"] for message in response.messages] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]
    assert (response.status, response.body) == (403, b"no")


def test_content_length_counts_bytes_of_a_subclass_body() -> None:
    class Numbers(Response):
        def render(self, content: Any) -> memoryview:
            return memoryview(array("d", content))

    assert Numbers([1.0, 2.0]).headers["content-length"] == "16"


def test_a_subclass_may_set_its_own_headers() -> None:
    class Bare(Response):
        def init_headers(self, headers: Any = None) -> None:
            self.raw_headers = []

    assert Bare("x").raw_headers == []


def test_a_method_that_replaces_one_of_the_class_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_headers(self: Response, headers: Any = None) -> None:
        self.raw_headers = []

    class Late(PlainTextResponse):
        """Its methods are set later."""

    assert PlainTextResponse("a").body == Late("a").body == b"a"
    monkeypatch.setattr(Late, "render", lambda self, content: b"late", raising=False)
    assert (Late("a").body, Late("a").headers["content-length"]) == (b"late", "4")
    monkeypatch.setattr(Response, "init_headers", no_headers)
    assert PlainTextResponse("a").raw_headers == []
    monkeypatch.setattr(Response, "render", lambda self, content: b"all")
    assert PlainTextResponse("a").body == b"all"


def test_a_media_type_or_charset_that_a_subclass_sets_first_is_used() -> None:
    class Latin(PlainTextResponse):
        def __init__(self, content: str) -> None:
            self.charset = "latin-1"
            self.media_type = "text/csv"
            super().__init__(content)

    response = Latin("é")
    assert response.body == b"\xe9"
    assert response.headers["content-type"] == "text/csv; charset=latin-1"


def test_responses_with_the_same_fields_do_not_share_a_list() -> None:
    first, second = PlainTextResponse("a"), PlainTextResponse("b")
    unread = copy.copy(first)
    first.raw_headers.append((b"x-one", b"1"))
    second.headers["x-two"] = "2"
    assert first.raw_headers is first.raw_headers
    assert (first.headers["x-one"], second.headers.get("x-one"), "x-one" in unread.headers) == ("1", None, False)
    assert second.raw_headers == [*unread.raw_headers, (b"x-two", b"2")]


def test_few_fields_are_kept_for_many_lengths_and_media_types() -> None:
    for size in range(3000):
        assert PlainTextResponse("a" * size).headers["content-length"] == str(size)
    for number in range(300):
        kind = f"text/x-{number}"
        assert PlainTextResponse("a", media_type=kind).headers["content-type"] == f"{kind}; charset=utf-8"
    assert len(CONTENT_FIELDS) <= 64
    assert max(len(each) for each in CONTENT_FIELDS.values()) <= 1024


def test_creating_a_response_takes_few_python_calls() -> None:
    calls: list[str] = []

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(str(Path(signette.__file__).parent)):
            calls.append(frame.f_code.co_name)

    def make() -> JSONResponse:
        return JSONResponse({"a": 1}, headers={"x-one": "1"})

    make()  # what is cached is cached
    assert traced(make, profile=note).body == b'{"a":1}'
    # Before Python 3.12 a comprehension is a call.
    assert [name for name in calls if name != "<listcomp>"] == ["__init__", "render", "dumps", "init_headers"]
