"""Socket.IO by python-socketio: around the application, and mounted."""

import socketio
from websockets.sync.client import connect

from signette import App
from tests.interop.serving import served


def test_it_is_around_the_application_or_mounted() -> None:
    app, server = App(), socketio.AsyncServer(async_mode="asgi")

    @app.get("/items")
    async def items() -> int:
        return 1

    with served(socketio.ASGIApp(server, app)) as client:
        assert client.get("/items").json() == 1
        assert client.get("/socket.io/", params={"EIO": 4, "transport": "polling"}).text.startswith('0{"sid"')
    app.mount("/live", socketio.ASGIApp(server, socketio_path="/live/socket.io"))
    with served(app) as client:
        assert client.get("/items").json() == 1
        assert client.get("/live/socket.io/", params={"EIO": 4, "transport": "polling"}).text.startswith('0{"sid"')


def test_events_are_exchanged_over_a_websocket() -> None:
    app, server = App(), socketio.AsyncServer(async_mode="asgi")

    @server.event
    async def double(sid: str, number: int) -> int:
        return 2 * number

    with served(socketio.ASGIApp(server, app)) as client:
        url = f"ws://{client.base_url.netloc.decode()}/socket.io/?EIO=4&transport=websocket"
        with connect(url) as websocket:
            assert str(websocket.recv()).startswith('0{"sid"')
            websocket.send("40")
            assert str(websocket.recv()).startswith('40{"sid"')
            websocket.send('421["double",4]')
            assert websocket.recv() == "431[8]"
