"""Any messages to a WebSocket: it closes as specified, and no exception reaches the server."""

import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.asgi import DENIAL, connect
from tests.promises.application import app
from tests.promises.cases import SECRET

pytestmark = pytest.mark.thorough

MIB = 1024 * 1024
ACCEPTED = "websocket.accept"


def text(data: str) -> dict[str, Any]:
    return {"type": "websocket.receive", "text": data}


def binary(data: bytes) -> dict[str, Any]:
    return {"type": "websocket.receive", "bytes": data}


async def speak(path: str, *messages: dict[str, Any], denial: bool = False, **scope: Any) -> list[dict[str, Any]]:
    """What the application sends to these messages, behind which the client leaves."""
    extensions = {"extensions": DENIAL} if denial else {}
    return (await connect(app, path, *messages, **extensions, **scope)).or_raise().messages


def close_code(sent: list[dict[str, Any]]) -> int | None:
    """The code of the last message; None where the application did not close."""
    last = sent[-1]
    if last["type"] != "websocket.close":
        return None
    assert len(last["reason"].encode()) <= 123
    assert SECRET not in last["reason"]
    return last["code"]


MESSAGES = {
    "half an object": (text("{"), 1007),
    "nothing": (text(""), 1007),
    "NaN": (text("NaN"), 1007),
    "a number beyond floats": (text("1e400"), 1007),
    "5,000 digits": (text("9" * 5000), 1007),
    "100,000 lists": (text("[" * 100_000), 1007),
    "a lone surrogate, escaped": (text('"\\ud800"'), 1007),
    "a lone surrogate": (text('"\ud800"'), 1007),
    "a secret": (text(SECRET), 1007),
    "bytes": (binary(b"{}"), 1003),
    "bytes that are no UTF-8": (binary(b"\xff"), 1003),
    "neither text nor bytes": ({"type": "websocket.receive"}, 1003),
    "none of both": ({"type": "websocket.receive", "text": None, "bytes": None}, 1003),
    "both": ({"type": "websocket.receive", "text": "1", "bytes": b"1"}, None),
    "a byte order mark": (text("\ufeff1"), None),
    "NUL": (text('"\\u0000"'), None),
    "1 MiB": (text('"' + "a" * (MIB - 2) + '"'), None),
    "1 MiB and a byte": (text('"' + "a" * (MIB - 1) + '"'), 1009),
    "1 MiB in other letters": (text('"' + "é" * (MIB // 2 - 1) + '"'), None),
    "1 MiB and a byte in other letters": (text('"a' + "é" * (MIB // 2 - 1) + '"'), 1009),
    "1 MiB of bytes and one": (binary(b"a" * (MIB + 1)), 1009),
}


@pytest.mark.parametrize("name", MESSAGES)
async def test_a_message_gets_a_response_or_closes_the_websocket(name: str, caplog: pytest.LogCaptureFixture) -> None:
    message, code = MESSAGES[name]
    with caplog.at_level(logging.INFO):
        first, *rest = await speak("/socket/1", text("[1]"), message)
    assert first["type"] == ACCEPTED
    assert rest[0] == {"type": "websocket.send", "text": "[1]"}
    assert len(rest) == 2
    assert close_code(rest) == code
    assert caplog.records == []


REJECTED: dict[str, tuple[str, dict[str, Any], int]] = {
    "a path that is no number": (f"/socket/{SECRET}", {}, 422),
    "a path of 5,000 digits": ("/socket/" + "9" * 5000, {}, 422),
    "a path with NUL": ("/socket/\0", {}, 422),
    "a query that is no number": ("/socket/1", {"query_string": b"limit=" + SECRET.encode()}, 422),
    "a header that is no number": ("/socket/1", {"headers": [(b"x-number", SECRET.encode())]}, 422),
    "a cookie that is no number": ("/socket/1", {"headers": [(b"cookie", b"c=" + SECRET.encode())]}, 422),
    "too long a query": ("/socket/1", {"query_string": b"a" * 70_000}, 414),
    "too many parameters": ("/socket/1", {"query_string": b"&" * 1001}, 400),
    "too many headers": ("/socket/1", {"headers": [(b"a", b"b")] * 201}, 431),
}


@pytest.mark.parametrize("name", REJECTED)
async def test_an_invalid_handshake_is_rejected(name: str) -> None:
    path, scope, status = REJECTED[name]
    sent = await speak(path, **scope)
    assert (len(sent), close_code(sent)) == (1, 1008)
    start, body = await speak(path, denial=True, **scope)
    assert (start["type"], start["status"]) == ("websocket.http.response.start", status)
    assert dict(start["headers"])[b"content-type"] == b"application/problem+json"
    assert body["type"] == "websocket.http.response.body"
    assert json.loads(body["body"])["status"] == status
    assert SECRET.encode() not in body["body"]


@pytest.mark.parametrize(
    "path", ["/nothing", "/int/1", "/socket/1/", "/socket", "", "//host", "/socket/1/\n", "/\ud800"]
)
@pytest.mark.parametrize("denial", [True, False])
async def test_a_path_without_a_websocket_route_is_closed(path: str, denial: bool) -> None:
    sent = await speak(path, denial=denial)
    assert (len(sent), close_code(sent)) == (1, 1000)


@given(
    messages=st.lists(
        st.text(max_size=20).map(text)
        | st.binary(max_size=20).map(binary)
        | st.sampled_from(["1", "[]", '{"a": "b"}', "null", '"é"']).map(text),
        max_size=4,
    ),
    path=st.sampled_from(["/socket/1", "/socket/text/1"]) | st.text(max_size=10).map("/socket/{}".format),
    query=st.binary(max_size=20),
    headers=st.lists(st.tuples(st.sampled_from([b"x-number", b"cookie", b"host"]), st.binary(max_size=10)), max_size=3),
)
async def test_random_websockets_end(messages: list[Any], path: str, query: bytes, headers: Any) -> None:
    sent = await speak(path, *messages, query_string=query, headers=headers)
    kinds = [message["type"] for message in sent]
    assert kinds.count("websocket.close") <= 1
    assert kinds.index("websocket.close") == len(kinds) - 1 if "websocket.close" in kinds else kinds[0] == ACCEPTED
    assert close_code(sent) in {None, 1000, 1003, 1007, 1008}
