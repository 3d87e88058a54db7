"""Messages reach the clients of all processes. Clients of a process that is killed reconnect, and miss nothing."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import anyio
import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from signette.app import App
from signette.channels import Channel
from signette.events import Events
from signette.state import Backend, StateUnavailable
from tests.connected import streaming
from tests.docs.pages import ROOT
from tests.redis_server import RedisServer, redis_running
from tests.timeouts import SECONDS

MESSAGES = 300
CLIENTS_PER_PROCESS = 4
COMMAND = [sys.executable, "-m", "uvicorn", "tests.declarative.notices_app:app", "--port", "0", "--no-access-log"]


@dataclass
class Server:
    """A server process."""

    process: subprocess.Popen[str]
    address: str


@contextmanager
def server(state_url: str) -> Iterator[Server]:
    """A process of the application. Killed at the end of the block."""
    environ = {**os.environ, "STATE_URL": state_url, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(COMMAND, env=environ, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line)
            if "running on http://" in line:
                yield Server(process, line.partition("running on http://")[2].split()[0])
                return
        pytest.fail("".join(lines))
    finally:
        process.kill()
        process.communicate()


@dataclass
class Client:
    """A client that reconnects to the next server when its connection breaks."""

    servers: list[Server]
    received: list[tuple[str, int]] = field(default_factory=list)
    """The ids and numbers of all notices."""
    connections: int = 0
    is_ready: anyio.Event = field(default_factory=anyio.Event)

    async def run(self) -> None:
        """Receive notices until the last one."""
        while not self.received or self.received[-1][1] != MESSAGES - 1:
            server = self.servers[self.connections % len(self.servers)]
            self.connections += 1
            try:
                async for event_id, notice in self.notices(server.address):
                    self.received.append((event_id, notice["number"]))
                    if notice["number"] == MESSAGES - 1:
                        return
            except (httpx2.HTTPError, WebSocketException, OSError):
                continue

    def notices(self, address: str) -> AsyncIterator[tuple[str, dict[str, int]]]:
        raise NotImplementedError


class EventClient(Client):
    async def notices(self, address: str) -> AsyncIterator[tuple[str, dict[str, int]]]:
        headers = {"Last-Event-ID": self.received[-1][0]} if self.received else {}
        async with (
            httpx2.AsyncClient(trust_env=False, timeout=SECONDS) as client,
            client.stream("GET", f"http://{address}/notices", headers=headers) as response,
        ):
            fields: dict[str, str] = {}
            async for line in response.aiter_lines():
                self.is_ready.set()  # the first line is sent when the client is subscribed
                name, _, value = line.partition(": ")
                if line:
                    fields[name] = value
                else:
                    if "data" in fields:
                        assert fields["event"] == "Notice"
                        yield fields["id"], json.loads(fields["data"])
                    fields = {}


class SocketClient(Client):
    async def notices(self, address: str) -> AsyncIterator[tuple[str, dict[str, int]]]:
        query = f"?after={self.received[-1][0]}" if self.received else ""
        async with connect(f"ws://{address}/notices{query}", proxy=None) as socket:
            self.is_ready.set()
            async for text in socket:
                message = json.loads(text)
                yield message["id"], message["data"]


@pytest.mark.slow
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_clients_of_a_killed_process_reconnect_and_miss_nothing(redis_server: RedisServer) -> None:
    with server(redis_server.url) as first, server(redis_server.url) as second, server(redis_server.url) as third:
        servers = [first, second, third]
        clients: list[Client] = [
            kind([*servers[number:], *servers[:number]])
            for number in range(3)
            for kind in (EventClient, SocketClient)
            for _ in range(CLIENTS_PER_PROCESS)
        ]
        published: list[tuple[str, int]] = []
        with anyio.fail_after(2 * SECONDS):
            async with anyio.create_task_group() as group:
                for client in clients:
                    group.start_soon(client.run)
                for client in clients:
                    await client.is_ready.wait()
                async with httpx2.AsyncClient(trust_env=False, timeout=SECONDS) as publisher:
                    for number in range(MESSAGES):
                        if number == MESSAGES // 2:
                            first.process.kill()
                        address = servers[1 + number % 2].address
                        response = await publisher.post(f"http://{address}/notices", json={"number": number})
                        assert response.status_code == 200
                        published.append((response.text, number))
        for client in clients:
            assert client.received == published
        assert [client.connections for client in clients] == [2] * 2 * CLIENTS_PER_PROCESS + [
            1
        ] * 4 * CLIENTS_PER_PROCESS


@pytest.mark.slow
async def test_clients_stay_connected_while_the_engine_restarts_and_learn_that_it_forgot_messages() -> None:
    with redis_running() as engine:
        app = App(state=Backend(engine.url, timeout=5))

        @app.get("/")
        async def stream(notices: Channel[int]) -> Events[int]:
            return notices.subscribe()

        notices = app.channel(int, "notices")
        async with app.backend, streaming(app, "/") as client:
            await client.event(comments=True)
            first = await notices.publish(1)
            assert await client.event() == {"id": first, "data": "1"}
            engine.stop()
            with pytest.raises(StateUnavailable):
                await notices.publish(2)
            engine.start()
            last = await published(notices, 3)
            assert await client.event() == {"event": "missed", "data": "{}"}
            assert await client.event() == {"id": last, "data": "3"}
            await client.leave()


async def published(channel: Channel[int], number: int) -> str:
    """Publish as soon as the engine can be used. Returns the id."""
    while True:
        try:
            return await channel.publish(number)
        except StateUnavailable:
            await anyio.lowlevel.checkpoint()
