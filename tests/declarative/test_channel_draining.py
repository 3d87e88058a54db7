"""Channels when the process ends: streams and WebSockets end, and clients reconnect to another process."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
import pytest

from signette import draining
from signette._per_loop import PerLoop
from signette.app import App
from signette.channels import Channel, Topic
from signette.draining import Draining, current_draining
from signette.events import Events
from signette.state import Backend
from signette.websockets import WebSocket
from tests.connected import streaming, talking
from tests.declarative.test_channels import Counted

Numbers = Annotated[Channel[int], Topic("numbers")]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "_of_loops", PerLoop(Draining))


async def subscription(numbers: Numbers) -> Events[int]:
    return numbers.subscribe()


async def generator(numbers: Numbers) -> Events[int]:
    async for number in numbers.subscribe():
        yield number


async def lines(numbers: Numbers) -> AsyncIterator[int]:
    async for number in numbers.subscribe():
        yield number


async def forward(socket: WebSocket, numbers: Numbers) -> None:
    await numbers.forward(socket)


async def forward_outside(socket: WebSocket) -> None:
    await socket.scope["app"].channel(int, "numbers").forward(socket)


async def forwarding(socket: WebSocket, numbers: Numbers) -> None:
    async with numbers.forwarding(socket):
        async for _ in socket.iter_text():
            pass


SOCKETS = (forward, forward_outside, forwarding)


def app_with(endpoint: Any, bus: Counted) -> App:
    app = App(state=Backend(overrides={"events": bus}))
    (app.websocket if endpoint in SOCKETS else app.get)("/")(endpoint)
    return app


@pytest.mark.parametrize("endpoint", [subscription, generator])
async def test_event_streams_end_with_an_event_and_an_id_to_resume_after(endpoint: Any) -> None:
    bus = Counted()
    app = app_with(endpoint, bus)
    async with streaming(app, "/") as client:
        await anyio.wait_all_tasks_blocked()
        last = await app.channel(int, "numbers").publish(1)
        assert await client.event() == {"id": last, "data": "1"}
        current_draining().stop()
        event = await client.event()
        assert event is not None
        assert (event["event"], "id" in event) == ("draining", False)
        await client.has_ended.wait()
        assert bus.count == 0


async def test_other_streams_end() -> None:
    bus = Counted()
    app = app_with(lines, bus)
    async with streaming(app, "/") as client:
        await anyio.wait_all_tasks_blocked()
        await app.channel(int, "numbers").publish(1)
        while (message := await client.message()).get("body") != b"1\n":
            pass
        current_draining().stop()
        assert not (await client.message())["more_body"]
        assert message["more_body"]
        await client.has_ended.wait()
        assert bus.count == 0


@pytest.mark.parametrize("endpoint", SOCKETS)
async def test_websockets_are_closed_with_1012(endpoint: Any) -> None:
    bus = Counted()
    app = app_with(endpoint, bus)
    async with talking(app, "/") as client:
        await client.message()
        await app.channel(int, "numbers").publish(1)
        assert await client.text() == 1
        current_draining().stop()
        assert await client.text() == 1012
        await client.has_ended.wait()
        assert bus.count == 0


async def test_a_client_that_connects_meanwhile_is_sent_away() -> None:
    current_draining().stop()
    async with talking(app_with(forward, Counted()), "/") as client:
        assert await client.text() == 1012


async def test_subscriptions_outside_of_requests_go_on() -> None:
    channel = App().channel(int, "numbers")
    async with channel.subscribe() as feed:
        current_draining().stop()
        await channel.publish(1)
        assert await anext(feed) == 1
