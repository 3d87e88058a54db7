"""WebSockets over a network: on asyncio, on trio, and without an event loop."""

import sys
from collections.abc import Iterator

import pytest

from signette import App, HTTPException, Socket, WebSocket
from signette.client.runtime.connections import open_blocking_socket, open_socket
from signette.client.runtime.sockets import SocketClosed, SocketRejected
from tests.interop.serving import served

pytestmark = pytest.mark.anyio

app = App()


@app.websocket("/echo")
async def echo(socket: Socket[str, str]) -> None:
    await socket.accept(subprotocol="v2" if "v2" in socket.websocket.scope["subprotocols"] else None)
    await socket.send(socket.websocket.headers.get("x-name", ""))
    async for text in socket:
        await socket.send(text)
        if text == "end":
            await socket.close(4000, "the end")


@app.websocket("/bytes")
async def double(socket: Socket[bytes, bytes]) -> None:
    async for data in socket:
        await socket.send(data * 2)


@app.websocket("/closed")
async def closed(websocket: WebSocket) -> None:
    raise HTTPException(404, "There is no such room")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(app) as client:
        yield str(client.base_url).replace("http:", "ws:").rstrip("/")


async def test_frames_and_the_close_code_cross_a_network(url: str) -> None:
    async with open_socket(f"{url}/echo", [("X-Name", "ada")], subprotocols=["v1", "v2"]) as connection:
        assert connection.subprotocol == "v2"
        assert await connection.receive() == "ada"
        await connection.send("end")
        assert await connection.receive() == "end"
        with pytest.raises(SocketClosed) as raised:
            await connection.receive()
        assert (raised.value.code, raised.value.reason) == (4000, "the end")
        with pytest.raises(SocketClosed):
            await connection.send("more")
    async with open_socket(f"{url}/bytes", []) as connection:
        await connection.send(b"ab")
        assert await connection.receive() == b"abab"
        await connection.close(1001, "bye")


async def test_a_rejection_has_the_response(url: str) -> None:
    with pytest.raises(SocketRejected, match="404") as raised:
        async with open_socket(f"{url}/closed", []):
            pass
    assert raised.value.status == 404
    assert ("content-type", "application/problem+json") in raised.value.headers
    assert b"no such room" in raised.value.body


def test_frames_cross_a_network_without_async(url: str) -> None:
    with open_blocking_socket(f"{url}/echo", [("X-Name", "ada")]) as connection:
        assert connection.subprotocol is None
        assert connection.receive(5) == "ada"
        with pytest.raises(TimeoutError):
            connection.receive(0)
        connection.send("end")
        assert connection.receive(5) == "end"
        with pytest.raises(SocketClosed, match="4000: the end"):
            connection.receive(5)
        with pytest.raises(SocketClosed):
            connection.send("more")
        connection.close(1000, "")
    with pytest.raises(SocketRejected, match="404"), open_blocking_socket(f"{url}/closed", []):
        pass


async def test_websockets_is_named_if_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("websockets.asyncio.client", "websockets.trio.client", "websockets.sync.client"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match="pip install websockets"):
        async with open_socket("ws://localhost/", []):
            pass
    with pytest.raises(ImportError, match="pip install websockets"), open_blocking_socket("ws://localhost/", []):
        pass
