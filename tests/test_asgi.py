"""The functions that call applications for the tests do what a server does."""

from typing import Any

import anyio
import pytest

from tests.asgi import CONNECT, DISCONNECT, Message, body_of, call, connect, exchange, fetch, scope_of


async def echo(scope: Any, receive: Any, send: Any) -> None:
    body = b""
    while (message := await receive()).get("more_body"):
        body += message["body"]
    body += message.get("body", b"")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"1"), (b"x-a", b"2")]})
    await send({"type": "http.response.body", "body": body})
    assert (await receive())["type"] == "http.disconnect"  # the response is complete


async def endless(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while True:
        await send({"type": "http.response.body", "body": b"x", "more_body": True})


async def fails(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 500, "headers": []})
    raise ZeroDivisionError


async def test_a_response_is_kept_whole() -> None:
    found = await call(echo, method="POST", body=[b"a", b"b", b"c"])
    assert (found.status, found.text, found.is_complete, found.receives) == (200, "abc", True, 4)
    assert (found["x-a"], found.all("x-a"), found["x-b"]) == ("1", ["1", "2"], None)


async def test_an_error_is_kept_or_raised() -> None:
    found = await call(fails)
    assert (found.status, found.is_complete, type(found.error)) == (500, False, ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        await fetch(fails, "GET /")


async def test_a_target_is_decoded_as_servers_do() -> None:
    log: list[str] = []
    found = await fetch(echo, "POST /a%2Fb?c=%20", b"x", {"Accept": "text/*"}, log=log)
    scope = found.scope
    assert (scope["path"], scope["raw_path"], scope["query_string"]) == ("/a/b", b"/a%2Fb", b"c=%20")
    assert (scope["headers"], log) == ([(b"accept", b"text/*")], ["sent"])


async def test_a_client_that_left_is_an_error_from_asgi_2_4_on() -> None:
    found = await exchange(endless, scope_of(), leave_at=2)
    assert (len(found.messages), type(found.error)) == (3, OSError)


@pytest.mark.parametrize("messages", [(), body_of(b"not", b"received")])
async def test_before_that_it_is_a_message(messages: list[Message]) -> None:
    async def listens(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": (await receive())["type"].encode()})

    found = await exchange(listens, scope_of(version="2.3"), *messages, leave_at=0)
    assert (found.text, found.error) == ("http.disconnect", None)


async def test_it_may_leave_where_a_message_would_come() -> None:
    found = await exchange(echo, scope_of(method="POST"), DISCONNECT)
    assert (found.messages, found.receives, type(found.error)) == ([], 1, OSError)


@pytest.mark.parametrize(("when", "count"), [("cancel_at", 2), ("cancel_after", 2)])
async def test_a_server_cancels_at_a_message(when: str, count: int) -> None:
    found = await exchange(endless, **{when: 1})  # type: ignore[arg-type]
    assert (found.was_cancelled, found.error) == (True, None)
    assert len(found.messages) >= count


async def test_each_message_is_shown_before_the_next_is_sent() -> None:
    shown: list[str] = []

    async def take(message: Message) -> None:
        await anyio.lowlevel.checkpoint()
        shown.append(message["type"])

    found = await exchange(echo, scope_of(), *body_of(), on_send=take)
    assert shown == found.types


async def test_a_websocket_opens_and_is_left() -> None:
    received: list[Message] = []

    async def session(scope: Any, receive: Any, send: Any) -> None:
        received.append(await receive())
        await send({"type": "websocket.accept"})
        received.extend([await receive(), await receive()])

    text = {"type": "websocket.receive", "text": "a"}
    found = await connect(session, "/", text)
    assert received == [CONNECT, text, {"type": "websocket.disconnect", "code": 1000}]
    assert (found.types, found.error, "method" in found.scope) == (["websocket.accept"], None, False)
