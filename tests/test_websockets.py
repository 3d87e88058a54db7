"""The state machine of a WebSocket, message by message."""

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.exceptions import WebSocketException
from signette.types import Message, Receive, Scope, Send
from signette.websockets import (
    WebSocket,
    WebSocketClose,
    WebSocketDataError,
    WebSocketDisconnect,
    WebSocketDisconnected,
    WebSocketState,
)

CONNECT: Message = {"type": "websocket.connect"}
LEAVE: Message = {"type": "websocket.disconnect", "code": 1001, "reason": "bye"}
ACCEPTED: Message = {"type": "websocket.accept", "subprotocol": None, "headers": []}
DENIAL = {"extensions": {"websocket.http.response": {}}}


def text(content: str | None) -> Message:
    return {"type": "websocket.receive", "text": content}


def binary(content: bytes) -> Message:
    return {"type": "websocket.receive", "bytes": content}


class Server:
    """Gives these messages and records what is sent; `broken` lets each send fail."""

    def __init__(self, *messages: Message) -> None:
        self.messages = list(messages)
        self.sent: list[Message] = []
        self.broken = False

    async def receive(self) -> Message:
        return self.messages.pop(0)

    async def send(self, message: Message) -> None:
        if self.broken:
            raise OSError
        self.sent.append(message)


def socket_of(*messages: Message, **scope: Any) -> tuple[WebSocket, Server]:
    server = Server(*messages)
    return WebSocket({"type": "websocket", "headers": [], **scope}, server.receive, server.send), server


async def accepted(*messages: Message, **scope: Any) -> tuple[WebSocket, Server]:
    websocket, server = socket_of(CONNECT, *messages, **scope)
    await websocket.accept()
    assert server.sent == [ACCEPTED]
    server.sent.clear()
    return websocket, server


def states(websocket: WebSocket) -> tuple[str, str]:
    return websocket.client_state.name, websocket.application_state.name


# The way through


async def test_a_connection_from_accept_to_close() -> None:
    websocket, server = socket_of(CONNECT, text("hi"))
    assert states(websocket) == ("CONNECTING", "CONNECTING")
    await websocket.accept("chat", [(b"x-one", b"1")])
    assert states(websocket) == ("CONNECTED", "CONNECTED")
    assert await websocket.receive_text() == "hi"
    await websocket.send_text("ho")
    await websocket.send_bytes(b"hum")
    await websocket.close()
    assert states(websocket) == ("CONNECTED", "DISCONNECTED")
    assert server.sent == [
        {"type": "websocket.accept", "subprotocol": "chat", "headers": [(b"x-one", b"1")]},
        {"type": "websocket.send", "text": "ho"},
        {"type": "websocket.send", "bytes": b"hum"},
        {"type": "websocket.close", "code": 1000, "reason": ""},
    ]


async def test_accept_receives_the_connect_message_unless_it_was_received() -> None:
    websocket, server = socket_of(CONNECT)
    assert await websocket.receive() == CONNECT
    await websocket.accept()
    assert server.sent == [ACCEPTED]


async def test_a_handshake_is_rejected_by_closing() -> None:
    websocket, server = socket_of(CONNECT)
    await websocket.close(1008, "no")
    assert server.sent == [{"type": "websocket.close", "code": 1008, "reason": "no"}]
    assert states(websocket) == ("CONNECTING", "DISCONNECTED")


def test_states_have_the_documented_values() -> None:
    assert {state.name: state.value for state in WebSocketState} == {
        "CONNECTING": 0,
        "CONNECTED": 1,
        "DISCONNECTED": 2,
        "RESPONSE": 3,
    }


# Out of order


async def test_the_error_for_a_message_out_of_order_names_it() -> None:
    websocket, _ = socket_of(text("early"))
    expected = "Expected ASGI message \"websocket.connect\", but got 'websocket.receive'"
    with pytest.raises(RuntimeError, match=re.escape(expected)):
        await websocket.receive()
    websocket, _ = await accepted(CONNECT)
    expected = 'Expected ASGI message "websocket.receive" or "websocket.disconnect", but got \'websocket.connect\''
    with pytest.raises(RuntimeError, match=re.escape(expected)):
        await websocket.receive()


async def test_a_message_sent_out_of_order_raises_and_is_not_sent() -> None:
    websocket, server = socket_of(CONNECT)
    expected = '"websocket.accept", "websocket.close" or "websocket.http.response.start", but got \'websocket.send\''
    with pytest.raises(RuntimeError, match=re.escape(expected)):
        await websocket.send_text("early")
    assert server.sent == []
    websocket, server = await accepted()
    with pytest.raises(
        RuntimeError, match=re.escape('"websocket.send" or "websocket.close", but got \'websocket.accept\'')
    ):
        await websocket.accept()
    assert server.sent == []
    assert states(websocket) == ("CONNECTED", "CONNECTED")


async def test_receiving_after_a_disconnect_raises() -> None:
    websocket, _ = await accepted(LEAVE)
    assert await websocket.receive() == LEAVE
    with pytest.raises(WebSocketDisconnected, match=re.escape('Cannot call "receive" once a disconnect message')):
        await websocket.receive()


async def test_sending_after_the_close_raises() -> None:
    websocket, server = await accepted()
    await websocket.close()
    for again in (websocket.close, lambda: websocket.send_text("x")):
        with pytest.raises(
            WebSocketDisconnected, match=re.escape('Cannot call "send" once a close message has been sent.')
        ):
            await again()
    assert len(server.sent) == 1


@pytest.mark.parametrize("receive", [WebSocket.receive_text, WebSocket.receive_bytes, WebSocket.receive_json])
async def test_data_is_received_only_after_accept(receive: Callable[[WebSocket], Any]) -> None:
    websocket, _ = socket_of(CONNECT, text("x"))
    with pytest.raises(
        WebSocketDisconnected, match=re.escape('WebSocket is not connected. Need to call "accept" first.')
    ):
        await receive(websocket)


def test_a_socket_that_is_not_connected_is_a_runtime_error() -> None:
    assert issubclass(WebSocketDisconnected, RuntimeError)


# Leaving


@pytest.mark.parametrize("receive", [WebSocket.receive_text, WebSocket.receive_bytes, WebSocket.receive_json])
async def test_a_disconnect_raises_with_code_and_reason(receive: Callable[[WebSocket], Any]) -> None:
    websocket, _ = await accepted(LEAVE)
    with pytest.raises(WebSocketDisconnect) as caught:
        await receive(websocket)
    assert (caught.value.code, caught.value.reason) == (1001, "bye")
    assert states(websocket) == ("DISCONNECTED", "CONNECTED")


async def test_leaving_without_a_status_is_1005() -> None:
    websocket, _ = await accepted({"type": "websocket.disconnect"})
    with pytest.raises(WebSocketDisconnect) as caught:
        await websocket.receive_text()
    assert (caught.value.code, caught.value.reason) == (1005, "")


async def test_a_client_may_disconnect_before_it_is_accepted() -> None:
    for messages in ([LEAVE], [CONNECT, LEAVE]):
        websocket, server = socket_of(*messages)
        for _ in messages[1:]:
            await websocket.receive()
        if len(messages) == 1:
            with pytest.raises(WebSocketDisconnect):
                await websocket.accept()
        else:
            assert await websocket.receive() == LEAVE
        assert server.sent == []


async def test_any_message_to_a_broken_connection_raises_a_disconnect_1006() -> None:
    for act in (lambda ws: ws.send_text("x"), WebSocket.close, lambda ws: ws.send_json({})):
        websocket, server = await accepted()
        server.broken = True
        with pytest.raises(WebSocketDisconnect) as caught:
            await act(websocket)
        assert caught.value.code == 1006
        with pytest.raises(WebSocketDisconnected):
            await websocket.send_text("again")
    websocket, server = socket_of(CONNECT)
    server.broken = True
    with pytest.raises(WebSocketDisconnect):
        await websocket.accept()


async def test_iteration_ends_at_a_disconnect() -> None:
    websocket, _ = await accepted(text("a"), text("b"), LEAVE)
    assert [message async for message in websocket.iter_text()] == ["a", "b"]
    websocket, _ = await accepted(binary(b"a"), LEAVE)
    assert [message async for message in websocket.iter_bytes()] == [b"a"]
    websocket, _ = await accepted(text("1"), text("[2]"), LEAVE)
    assert [message async for message in websocket.iter_json()] == [1, [2]]


def test_a_disconnect_defaults_to_a_normal_closure() -> None:
    assert (WebSocketDisconnect().code, WebSocketDisconnect().reason) == (1000, "")
    assert str(WebSocketDisconnect(1001, "bye")) == "(1001, 'bye')"


# Data


@pytest.mark.parametrize(
    ("message", "receive", "code"),
    [
        (binary(b"x"), WebSocket.receive_text, 1003),
        ({"type": "websocket.receive", "bytes": b"x", "text": None}, WebSocket.receive_text, 1003),
        (text("x"), WebSocket.receive_bytes, 1003),
        (binary(b"1"), WebSocket.receive_json, 1003),
        (text("1"), lambda ws: ws.receive_json(mode="binary"), 1003),
        ({"type": "websocket.receive"}, WebSocket.receive_text, 1003),
        (text("{"), WebSocket.receive_json, 1007),
        (text(""), WebSocket.receive_json, 1007),
        (text("9" * 5000), WebSocket.receive_json, 1007),
        (text("[" * 100_000), WebSocket.receive_json, 1007),
        (text("[" * 201 + "]" * 201), WebSocket.receive_json, 1007),
        (text('"\ud800"'), WebSocket.receive_json, 1007),
        (binary(b"\xff"), lambda ws: ws.receive_json(mode="binary"), 1007),
    ],
)
async def test_the_error_for_an_unexpected_message_has_a_close_code(
    message: Message, receive: Callable[[WebSocket], Any], code: int
) -> None:
    websocket, _ = await accepted(message)
    with pytest.raises(WebSocketDataError) as caught:
        await receive(websocket)
    assert isinstance(caught.value, WebSocketException)
    assert isinstance(caught.value, ValueError)
    assert caught.value.code == code
    assert len(caught.value.reason.encode()) <= 123
    # The socket itself is as it was: closing is left to the caller.
    assert states(websocket) == ("CONNECTED", "CONNECTED")


async def test_empty_messages_are_messages() -> None:
    websocket, _ = await accepted(text(""), binary(b""))
    assert await websocket.receive_text() == ""
    assert await websocket.receive_bytes() == b""


async def test_json_travels_as_text_or_as_bytes() -> None:
    websocket, server = await accepted(text('{"a": "\xe9"}'), binary(b"[1]"))
    assert await websocket.receive_json() == {"a": "\xe9"}
    assert await websocket.receive_json(mode="binary") == [1]
    await websocket.send_json({"a": "\xe9"})
    await websocket.send_json({"a": "\xe9"}, mode="binary")
    assert server.sent == [
        {"type": "websocket.send", "text": '{"a":"\xe9"}'},
        {"type": "websocket.send", "bytes": '{"a":"\xe9"}'.encode()},
    ]


@pytest.mark.parametrize("act", [lambda ws: ws.receive_json(mode="x"), lambda ws: ws.send_json(1, mode="x")])
async def test_an_unknown_mode_is_rejected(act: Callable[[WebSocket], Any]) -> None:
    websocket, server = await accepted(text("1"))
    with pytest.raises(RuntimeError, match=re.escape('The "mode" argument should be "text" or "binary".')):
        await act(websocket)
    assert server.sent == []
    assert await websocket.receive_text() == "1"


async def test_json_that_cannot_be_is_not_sent() -> None:
    websocket, server = await accepted()
    with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
        await websocket.send_json(math.nan)
    assert server.sent == []


# What may be set


@pytest.mark.parametrize(
    ("subprotocol", "headers"),
    [
        ("a\r\nset-cookie: x", None),
        ("a b", None),
        ("", None),
        ("a,b", None),
        ("\xe9", None),
        ("\ud800", None),
        (None, [(b"x\r\n", b"y")]),
        (None, [(b"", b"y")]),
        (None, [(b"x:", b"y")]),
        (None, [(b"x", b"y\r\nz: 1")]),
        (None, [(b"x", b"y\0")]),
    ],
)
async def test_invalid_characters_in_the_handshake_are_rejected(
    subprotocol: str | None, headers: list[tuple[bytes, bytes]] | None
) -> None:
    websocket, server = socket_of(CONNECT)
    with pytest.raises(ValueError, match=r"subprotocol|header"):
        await websocket.accept(subprotocol, headers)
    assert server.sent == []
    await websocket.accept()


@given(st.text(st.characters(), max_size=200))
async def test_a_reason_is_cut_to_123_bytes(reason: str) -> None:
    websocket, server = await accepted()
    await websocket.close(1000, reason)
    sent = server.sent[0]["reason"]
    encoded = sent.encode()
    assert len(encoded) <= 123
    given = reason.encode("utf-8", "replace")
    assert given.startswith(encoded)
    # Not cut more than the last character needs.
    assert encoded == given or len(encoded) > 123 - 4


async def test_a_closing_application_closes() -> None:
    for app, code, reason in [
        (WebSocketClose(), 1000, ""),
        (WebSocketClose(1008, "no"), 1008, "no"),
        (WebSocketClose(1008, "\xe9" * 100), 1008, "\xe9" * 61),
    ]:
        server = Server(CONNECT)
        await app({"type": "websocket"}, server.receive, server.send)
        assert server.sent == [{"type": "websocket.close", "code": code, "reason": reason}]


# Denial


async def respond(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == "websocket"
    await send({"type": "websocket.http.response.start", "status": 403, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b"n", "more_body": True})
    await send({"type": "websocket.http.response.body", "body": b"o"})


@pytest.mark.parametrize("received", [True, False])
async def test_a_denial_is_a_response(received: bool) -> None:
    websocket, server = socket_of(CONNECT, **DENIAL)
    if received:
        await websocket.receive()
    await websocket.send_denial_response(respond)
    assert [message["type"].rpartition(".")[2] for message in server.sent] == ["start", "body", "body"]
    assert websocket.application_state is WebSocketState.DISCONNECTED
    with pytest.raises(WebSocketDisconnected):
        await websocket.close()


@pytest.mark.parametrize("scope", [{}, {"extensions": {}}])
async def test_a_denial_needs_the_servers_extension(scope: dict[str, Any]) -> None:
    websocket, server = socket_of(CONNECT, **scope)
    with pytest.raises(
        RuntimeError, match=re.escape("The server doesn't support the Websocket Denial Response extension.")
    ):
        await websocket.send_denial_response(respond)
    assert server.sent == []
    assert websocket.application_state is WebSocketState.CONNECTING


async def test_a_denial_response_is_sent_completely_before_accept() -> None:
    websocket, _ = await accepted(**DENIAL)
    with pytest.raises(RuntimeError, match=re.escape('Expected ASGI message "websocket.send" or "websocket.close"')):
        await websocket.send_denial_response(respond)
    websocket, _ = socket_of(CONNECT, **DENIAL)
    await websocket.send({"type": "websocket.http.response.start", "status": 403, "headers": []})
    assert websocket.application_state is WebSocketState.RESPONSE
    with pytest.raises(RuntimeError, match=re.escape('Expected ASGI message "websocket.http.response.body", but got')):
        await websocket.close()
