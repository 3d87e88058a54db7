"""`Socket[In, Out]`: messages are validated in both directions, and each kind of error has its close code."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import anyio
import cloudpickle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, TypeAdapter

from signette import App, Depends, Limits, WebSocket, WebSocketDisconnect
from signette.channels import Channel
from signette.exceptions import ResponseValidationError
from signette.sockets import InvalidSocketMessage, Socket, SocketOptions
from tests.asgi import connect
from tests.connected import talking
from tests.timeouts import SECONDS


class Say(BaseModel):
    kind: Literal["say"] = "say"
    text: Annotated[str, Field(max_length=20)]


class Leave(BaseModel):
    kind: Literal["leave"]


class Line(BaseModel):
    who: str
    text: str
    secret: str = Field("hidden", exclude=True)


class Ping(BaseModel):
    ping: bool = True


Talk = Socket[Annotated[Say | Leave, Field(discriminator="kind")], Line | Ping]


def served(endpoint: Any, **options: Any) -> App:
    app = App(openapi_url=None, **options)
    app.websocket("/")(endpoint)
    return app


async def exchanged(endpoint: Any, *texts: str | bytes, **options: Any) -> list[Any]:
    """What the client is sent: the text or bytes of each message, at last the code and reason of the close."""
    sent = [{"type": "websocket.receive", "bytes" if isinstance(each, bytes) else "text": each} for each in texts]
    found = await connect(served(endpoint, **options), "/", *sent)
    assert found.messages[0]["type"] == "websocket.accept", found.messages
    return [_short(each) for each in found.messages[1:]]


def _short(message: dict[str, Any]) -> Any:
    if message["type"] == "websocket.close":
        return message["code"], message["reason"]
    return message.get("text", message.get("bytes"))


async def echo(socket: Talk) -> None:
    async for message in socket:
        if isinstance(message, Leave):
            return
        await socket.send(Line(who="ann", text=message.text))


async def test_a_socket_is_closed_when_the_endpoint_returns() -> None:
    assert await exchanged(echo, '{"kind":"say","text":"yo"}', '{"kind":"leave"}') == [
        '{"who":"ann","text":"yo"}',
        (1000, ""),
    ]


async def test_nothing_is_sent_to_a_client_that_has_left() -> None:
    assert await exchanged(echo) == []


@pytest.mark.parametrize(
    ("text", "code", "reason"),
    [
        ("not JSON", 1007, "Invalid JSON: expected ident at line 1 column 2"),
        ("", 1007, "Invalid JSON: EOF while parsing a value at line 1 column 0"),
        ("{}", 1007, "Unable to extract tag using discriminator 'kind'"),
        ('{"kind":"shout"}', 1007, None),
        ('{"kind":"say","text":7}', 1007, "/text Input should be a valid string"),
        ('{"kind":"say","text":"%s"}' % ("a" * 21), 1007, "/text String should have at most 20 characters"),
        ('"\ud800"', 1007, None),
        (b'{"kind":"leave"}', 1003, "Expected a text message, got a binary message"),
    ],
)
async def test_an_invalid_message_closes_the_socket(text: str | bytes, code: int, reason: str | None) -> None:
    ((found, words),) = await exchanged(echo, text)
    assert found == code
    assert reason is None or words == reason
    assert "aaaa" not in words


async def problems(socket: Annotated[Talk, SocketOptions(on_invalid="problem")]) -> None:
    await echo(socket)


async def test_an_invalid_message_can_be_responded_to_by_a_problem() -> None:
    invalid, not_json, binary, valid = await exchanged(
        problems, '{"kind":"say","text":7}', "{", b"{}", '{"kind":"say","text":"a"}'
    )
    problem = TypeAdapter(dict[str, Any]).validate_json(invalid)
    assert problem["status"] == 422
    assert problem["detail"] == "/text Input should be a valid string"
    assert problem["errors"] == [
        {"in": "message", "pointer": "/text", "code": "string_type", "message": "Input should be a valid string"}
    ]
    assert TypeAdapter(dict[str, Any]).validate_json(not_json)["status"] == 400
    assert (
        TypeAdapter(dict[str, Any]).validate_json(binary)["detail"] == "Expected a text message, got a binary message"
    )
    assert valid == '{"who":"ann","text":"a"}'


async def test_an_endpoint_can_handle_invalid_messages() -> None:
    async def patient(socket: Socket[Say, str]) -> None:
        while True:
            try:
                await socket.send((await socket.receive()).text)
            except InvalidSocketMessage as exc:
                await socket.send(f"{exc.code} {exc.errors[0]['code']}")

    assert (await exchanged(patient, '{"text":7}', '{"text":"a"}'))[:2] == ["1007 string_type", "a"]


@pytest.mark.parametrize("value", [{"who": "ann"}, 7, None, Say(text="a")])
async def test_a_message_of_another_type_is_not_sent(value: Any) -> None:
    async def wrong(socket: Socket[None, Line]) -> None:
        await socket.accept()
        await socket.send(value)

    found = await connect(served(wrong))
    assert isinstance(found.error, ResponseValidationError)
    assert [each.get("code") for each in found.messages] == [None, 1011]


@pytest.mark.parametrize(("outgoing", "value"), [(str, 7), (bytes, "a"), (None, "a")])
async def test_a_plain_message_of_another_type_is_a_type_error(outgoing: Any, value: Any) -> None:
    async def wrong(socket: Socket[str, outgoing]) -> None:
        await socket.send(value)

    assert isinstance((await connect(served(wrong))).error, TypeError)


async def texts(socket: Socket[str, str]) -> None:
    async for text in socket:
        await socket.send(text.upper())


async def frames(socket: Socket[bytes, bytes]) -> None:
    async for data in socket:
        await socket.send(data[::-1])


async def clock(socket: Socket[None, int]) -> None:
    async def ticks() -> AsyncIterator[int]:
        for tick in range(3):
            yield tick

    await socket.send_all(ticks())


async def test_texts_and_bytes_are_sent_as_they_are() -> None:
    assert await exchanged(texts, "a", '"b"') == ["A", '"B"']
    assert await exchanged(frames, b"ab") == [b"ba"]
    assert await exchanged(texts, b"a") == [(1003, "Expected a text message, got a binary message")]
    assert await exchanged(frames, "a") == [(1003, "Expected a binary message, got a text message")]


async def test_a_client_that_should_send_nothing_is_disconnected_if_it_does() -> None:
    async def wait(socket: Socket[None, int]) -> None:
        async for _ in socket:
            raise AssertionError

    assert await exchanged(wait, "a") == [(1003, "No message is expected from the client")]


async def test_all_items_of_an_iterator_are_sent() -> None:
    async with talking(served(clock), "/") as client:
        assert (await client.message())["type"] == "websocket.accept"
        assert [await client.text() for _ in range(4)] == [0, 1, 2, 1000]


async def test_sending_ends_when_the_client_leaves() -> None:
    closed: list[str] = []

    async def endless() -> AsyncIterator[int]:
        try:
            while True:
                yield 1
                await anyio.sleep_forever()
        finally:
            closed.append("closed")

    async def follow(socket: Socket[None, int]) -> None:
        messages = endless()
        try:
            await socket.send_all(messages)
        finally:
            await messages.aclose()

    async with talking(served(follow), "/") as client:
        await client.message()
        assert await client.text() == 1
        await client.leave()
    assert closed == ["closed"]


async def test_a_longer_message_than_the_options_allow_closes_the_socket() -> None:
    async def small(socket: Annotated[Socket[str, str], SocketOptions(max_message_bytes=3)]) -> None:
        await texts(socket)

    *_, (code, reason) = await exchanged(small, "abc", "abcd")
    assert (code, reason) == (1009, "message exceeds 3 bytes")


async def test_the_options_can_allow_longer_messages_than_the_application() -> None:
    async def large(socket: Annotated[Socket[str, str], SocketOptions(max_message_bytes=5)]) -> None:
        await texts(socket)

    assert (await exchanged(large, "abcde", limits=Limits(websocket_message_bytes=2)))[0] == "ABCDE"


async def test_a_heartbeat_is_sent_while_nothing_else_is() -> None:
    beat = SocketOptions(heartbeat=0.01, heartbeat_message=Ping())

    async def listen(socket: Annotated[Socket[str, Line | Ping], beat]) -> None:
        async for _ in socket:
            return

    async with talking(served(listen), "/") as client:
        assert [await client.text() for _ in range(3)] == [{"ping": True}] * 3
        await client.send("end")
        while (last := await client.text()) != 1000:
            assert last == {"ping": True}


async def test_a_silent_client_is_disconnected() -> None:
    async def listen(socket: Annotated[Socket[str, str], SocketOptions(idle_timeout=0.01)]) -> None:
        async for text in socket:
            await socket.send(text)

    async with talking(served(listen), "/") as client:
        await client.message()
        assert await client.text() == 1008


async def test_a_client_that_takes_nothing_is_given_up() -> None:
    seen: list[Any] = []
    given_up = anyio.Event()

    async def flood(socket: Annotated[Socket[None, int], SocketOptions(send_timeout=0.01)]) -> None:
        await socket.accept()
        try:
            while True:
                await socket.send(1)
        except WebSocketDisconnect as exc:
            seen.append((exc.code, await socket.try_send(2)))
            given_up.set()

    async with talking(served(flood), "/") as client:
        await client.message()
        client.reads = anyio.Event()
        with anyio.fail_after(SECONDS):
            await given_up.wait()
    assert seen == [(1006, False)]


async def test_one_message_is_sent_to_several_sockets() -> None:
    members: set[Socket[Any, str]] = set()
    sent: list[bool] = []

    async def room(socket: Socket[str, str]) -> None:
        await socket.accept()
        members.add(socket)
        async for text in socket:
            async with anyio.create_task_group() as group:
                for each in members:
                    group.start_soon(deliver, each, text)

    async def deliver(socket: Socket[Any, str], text: str) -> None:
        sent.append(await socket.try_send(text))

    app = served(room)
    async with talking(app, "/") as ann:
        await ann.message()
        async with talking(app, "/") as bob:
            await bob.message()
            await bob.leave()
        await ann.send("hi")
        assert (await ann.message())["text"] == "hi"
    assert sorted(sent) == [False, True]


async def test_a_subprotocol_is_accepted_or_required() -> None:
    async def chat(socket: Annotated[Socket[str, str], SocketOptions(subprotocol="chat.v1")]) -> None:
        await socket.send("hi")

    accepted = await connect(served(chat), subprotocols=["other", "chat.v1"])
    assert accepted.messages[0]["subprotocol"] == "chat.v1"
    (rejected,) = (await connect(served(chat), subprotocols=["other"])).messages
    assert (rejected["type"], rejected["code"]) == ("websocket.close", 1002)


async def test_a_dependency_and_the_endpoint_share_the_socket() -> None:
    async def greeted(socket: Socket[str, str], websocket: WebSocket) -> Socket[str, str]:
        assert socket.websocket is websocket
        await socket.accept(headers=[(b"x-a", b"b")])
        await socket.send(websocket.scope["path"])
        return socket

    async def talk(socket: Socket[str, str], greeted: Annotated[Socket[str, str], Depends(greeted)]) -> None:
        assert greeted is socket
        await texts(socket)

    assert await exchanged(talk, "a") == ["/", "A"]


async def test_an_exception_closes_the_socket_by_its_code_and_dependencies_are_closed() -> None:
    closed: list[str] = []

    async def resource() -> AsyncIterator[str]:
        yield "a"
        closed.append("closed")

    async def fail(socket: Socket[str, str], resource: Annotated[str, Depends(resource)]) -> None:
        await socket.accept()
        raise RuntimeError(resource)

    found = await connect(served(fail))
    assert isinstance(found.error, RuntimeError)
    assert found.messages[-1]["code"] == 1011
    assert closed == []  # the generator has seen the exception


async def test_a_socket_that_is_not_used_is_accepted_and_closed() -> None:
    async def nothing(socket: Socket[str, str]) -> None: ...

    assert (await connect(served(nothing))).types == ["websocket.accept", "websocket.close"]


async def test_an_endpoint_can_close_the_socket_itself() -> None:
    async def closes(socket: Socket[str, str]) -> None:
        await socket.accept()
        await socket.close(4000, "enough")
        await socket.close(4001)

    assert await exchanged(closes) == [(4000, "enough")]

    async def rejects(socket: Socket[str, str]) -> None:
        await socket.close(4003)
        assert not await socket.try_send("a")

    assert (await connect(served(rejects))).types == ["websocket.close"]


async def test_a_channel_is_forwarded_to_a_socket() -> None:
    async def room(socket: Socket[Say, Line], lines: Channel[Line]) -> None:
        async with lines.forwarding(socket):
            async for message in socket:
                await lines.publish(Line(who="ann", text=message.text))

    async with talking(served(room), "/") as client:
        await client.message()
        await client.send('{"text":"hi"}')
        assert await client.text() == {"who": "ann", "text": "hi"}


async def test_a_channel_is_not_forwarded_to_a_socket_of_plain_texts() -> None:
    async def room(socket: Socket[str, str], lines: Channel[str]) -> None:
        await lines.forward(socket)

    assert isinstance((await connect(served(room))).error, TypeError)


class Node(BaseModel):
    value: int
    below: "list[Node]" = []


nodes = st.recursive(
    st.builds(Node, value=st.integers(-(2**40), 2**40)),
    lambda inner: st.builds(Node, value=st.integers(0, 9), below=st.lists(inner, max_size=2)),
    max_leaves=5,
)


@given(st.lists(nodes, max_size=3))
async def test_what_is_sent_is_what_the_other_side_receives(sent: list[Node]) -> None:
    received: list[Node] = []

    async def mirror(socket: Socket[Node, Node]) -> None:
        async for node in socket:
            received.append(node)
            await socket.send(node)

    found = await exchanged(mirror, *(each.model_dump_json() for each in sent))
    assert received == sent
    assert [Node.model_validate_json(each) for each in found] == sent


@given(st.text() | st.binary())
async def test_no_message_is_an_internal_error(message: str | bytes) -> None:
    found = await exchanged(echo, message)
    assert found == [] or found[-1][0] in (1000, 1003, 1007)


def test_a_pickled_application_has_its_sockets() -> None:
    app = cloudpickle.loads(cloudpickle.dumps(served(texts)))
    assert app.explain("WEBSOCKET /") == served(texts).explain("WEBSOCKET /")


def test_explain_has_the_types_and_the_options() -> None:
    explained = served(problems).explain("WEBSOCKET /")
    assert "read     socket    websocket: Socket[Say | Leave, Line | Ping]   on_invalid='problem'" in explained
