"""Channels and WebSockets: messages are forwarded until the client leaves, falls behind, or the bus fails."""

from typing import Annotated, Any

import anyio
import pytest
from pydantic import BaseModel

from signette.app import App
from signette.channels import Channel, Topic
from signette.declarative.channels import feed as feeds
from signette.exceptions import WebSocketException
from signette.state import Backend, MemoryBus
from signette.websockets import WebSocket
from tests.connected import talking
from tests.declarative.test_channels import Broken, Counted


class Line(BaseModel):
    text: str


def app_with(endpoint: Any, bus: Any = None) -> App:
    app = App(state=Backend(overrides={"events": bus if bus is not None else MemoryBus(max_messages=3)}))
    app.websocket("/{room}")(endpoint)
    return app


Lines = Annotated[Channel[Line], Topic("chat/{room}")]
Kept = Annotated[Channel[Line], Topic("chat/{room}", on_missed="continue")]


def lines_of(app: App) -> Channel[Line]:
    return app.channel(Line, "chat/tea", values={})


async def forward(socket: WebSocket, lines: Lines) -> None:
    await lines.forward(socket)


async def forward_with_ids(socket: WebSocket, lines: Kept, after: str | None = None) -> None:
    await lines.forward(socket, after=after, ids=True)


async def chat(socket: WebSocket, lines: Lines) -> None:
    async with lines.forwarding(socket):
        async for text in socket.iter_text():
            await lines.publish(Line(text=text))


async def test_messages_are_forwarded_and_what_the_client_sends_is_dropped() -> None:
    app = app_with(forward)
    async with talking(app, "/tea") as client:
        assert (await client.message())["type"] == "websocket.accept"
        await client.send("dropped")
        await lines_of(app).publish(Line(text="hello"))
        assert await client.text() == {"text": "hello"}


async def test_each_member_of_a_chat_receives_what_others_send() -> None:
    app = app_with(chat)
    async with talking(app, "/tea") as ada, talking(app, "/tea") as bob, talking(app, "/coffee") as eve:
        for client in (ada, bob, eve):
            await client.message()  # accepted, and subscribed
        await eve.send("for others")
        await ada.send("hello")
        assert [await ada.text(), await bob.text()] == [{"text": "hello"}] * 2
        assert await eve.text() == {"text": "for others"}


async def test_a_client_resumes_after_the_id_of_its_last_message() -> None:
    app = app_with(forward_with_ids)
    first = await lines_of(app).publish(Line(text="one"))
    second = await lines_of(app).publish(Line(text="two"))
    async with talking(app, "/tea", query=f"after={first}".encode()) as client:
        assert await client.text() == {"id": second, "data": {"text": "two"}}


async def test_missed_messages_are_marked_where_the_channel_continues() -> None:
    app = app_with(forward_with_ids)
    async with talking(app, "/tea", query=b"after=gone") as client:
        last = await lines_of(app).publish(Line(text="one"))
        assert [await client.text(), await client.text()] == [{"missed": True}, {"id": last, "data": {"text": "one"}}]


@pytest.mark.parametrize("endpoint", [forward, chat])
async def test_a_client_that_is_too_slow_is_closed_and_others_are_not(endpoint: Any) -> None:
    bus = Counted(max_messages=3)
    app = app_with(endpoint, bus)
    async with talking(app, "/tea") as slow, talking(app, "/tea") as fast:
        await slow.message()
        await fast.message()
        slow.reads = anyio.Event()
        for number in range(10):
            await lines_of(app).publish(Line(text=str(number)))
            assert await fast.text() == {"text": str(number)}
        slow.reads.set()
        assert [await slow.text(), await slow.text()] == [{"text": "0"}, 1013]
        await slow.has_ended.wait()
        assert bus.count == 1


@pytest.mark.parametrize("endpoint", [forward, chat])
async def test_the_socket_is_closed_if_the_bus_cannot_be_used(endpoint: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "RETRY_SECONDS", (0,))
    bus = Broken()
    app = app_with(endpoint, bus)
    async with talking(app, "/tea") as client:
        await client.message()
        await anyio.wait_all_tasks_blocked()
        bus.failures = 2
        await lines_of(app).publish(Line(text="wakes the subscriber"))
        # The subscriber was reading already: it fails at its next message.
        assert [await client.text(), await client.text()] == [{"text": "wakes the subscriber"}, 1013]


@pytest.mark.parametrize("endpoint", [forward, chat, forward_with_ids])
async def test_the_subscription_ends_when_the_client_leaves(endpoint: Any) -> None:
    bus = Counted()
    async with talking(app_with(endpoint, bus), "/tea") as client:
        await client.message()
        assert bus.count == 1
        await client.leave()
        assert bus.count == 0


async def test_a_connection_that_breaks_while_a_message_is_sent_ends_the_subscription() -> None:
    bus = Counted()
    app = app_with(forward, bus)

    async def breaking(scope: Any, receive: Any, send: Any) -> None:
        async def send_until_broken(message: Any) -> None:
            if message["type"] == "websocket.send":
                raise OSError
            await send(message)

        await app(scope, receive, send_until_broken)

    async with talking(breaking, "/tea") as client:
        await client.message()
        await lines_of(app).publish(Line(text="n"))
        await client.has_ended.wait()
        assert bus.count == 0


async def test_an_exception_in_the_block_is_raised_as_it_is() -> None:
    raised: list[Exception] = []

    def fail() -> None:
        raise WebSocketException(4000, "own")

    async def endpoint(socket: WebSocket, lines: Lines) -> None:
        try:
            async with lines.forwarding(socket):
                fail()
        except WebSocketException as error:
            raised.append(error)
            raise

    async with talking(app_with(endpoint), "/tea") as client:
        await client.message()
        assert await client.text() == 4000
    assert len(raised) == 1


async def test_an_accepted_socket_is_not_accepted_again() -> None:
    async def endpoint(socket: WebSocket, lines: Lines) -> None:
        await socket.accept("v1")
        await lines.forward(socket)

    async with talking(app_with(endpoint), "/tea") as client:
        assert (await client.message())["subprotocol"] == "v1"
        await client.leave()


async def test_a_block_may_close_the_socket_while_messages_arrive() -> None:
    closed = anyio.Event()

    async def endpoint(socket: WebSocket, lines: Lines) -> None:
        async with lines.forwarding(socket):
            await socket.receive_text()
            await socket.close(4000)
            closed.set()
            await lines.publish(Line(text="too late"))
            await anyio.wait_all_tasks_blocked()

    async with talking(app_with(endpoint), "/tea") as client:
        await client.message()
        await client.send("close")
        assert await client.text() == 4000
        await closed.wait()


async def test_a_connection_that_breaks_while_the_socket_is_closed_is_no_error() -> None:
    app = app_with(forward, MemoryBus(max_messages=1))

    async def breaking(scope: Any, receive: Any, send: Any) -> None:
        async def send_until_closed(message: Any) -> None:
            if message["type"] == "websocket.close":
                raise OSError
            await send(message)

        await app(scope, receive, send_until_closed)

    async with talking(breaking, "/tea") as client:
        await client.message()
        client.reads = anyio.Event()
        for number in range(4):
            await lines_of(app).publish(Line(text=str(number)))
            await anyio.wait_all_tasks_blocked()
        client.reads.set()
        await client.has_ended.wait()
