"""SIGTERM over real sockets: a request in flight, an event stream and a WebSocket end as they should."""

import http.client
import json
import signal
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.test_cli import Serving, serving
from tests.timeouts import SECONDS

SHOP = """
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import anyio

from signette import App, Depends, WebSocket, WebSocketDisconnect
from signette.draining import current_draining
from signette.health import Health
from signette.responses import ServerSentEvent


@asynccontextmanager
async def lifespan(app):
    yield
    print("lifespan closed", flush=True)


async def pool() -> AsyncIterator[str]:
    yield "pool"
    print("dependency closed", flush=True)


async def database(pool: Annotated[str, Depends(pool, scope="app")]) -> None: ...


app = App(lifespan=lifespan, health=Health(database))


@app.get("/slow")
async def slow() -> str:
    print("request begun", flush=True)
    await current_draining().wait()
    await anyio.sleep(0.1)
    print("request done", flush=True)
    return "done"


@app.get("/events")
async def events() -> AsyncIterator[ServerSentEvent]:
    try:
        yield ServerSentEvent("hello", id=7)
        await anyio.sleep_forever()
    finally:
        print("stream closed", flush=True)


@app.websocket("/feed")
async def feed(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        await websocket.receive_text()
    except WebSocketDisconnect as exc:
        print("websocket closed", exc.code, flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "draining_shop.py").write_text(SHOP)
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Client:
    """A connection that has sent a request, and reads its response when it is asked to."""

    def __init__(self, server: Serving, path: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=SECONDS)
        self.connection.request("GET", path)

    def response(self) -> tuple[int, bytes]:
        with closing(self.connection):
            response = self.connection.getresponse()
            return response.status, response.read()


def lines(server: Serving) -> Iterator[str]:
    assert server.process.stdout is not None
    for line in server.process.stdout:
        yield line.strip()


def test_sigterm_ends_requests_streams_and_websockets_and_then_dependencies(folder: Path) -> None:
    with serving("draining_shop:app", "--drain-delay", "1", "--no-access-log") as server:
        printed = lines(server)
        slow = Client(server, "/slow")
        assert next(printed) == "request begun"
        events = Client(server, "/events")
        stream = events.connection.getresponse()
        assert stream.readline() == b"id: 7\n"
        assert Client(server, "/readyz").response()[0] == 200
        with connect(f"{server.url.replace('http', 'ws')}/feed") as feed:
            server.process.send_signal(signal.SIGTERM)
            # Load balancers notice now; requests are still served.
            while (ready := Client(server, "/readyz").response())[0] == 200:
                pass
            assert json.loads(ready[1])["reason"] == "draining"
            assert Client(server, "/livez").response()[0] == 200
            with pytest.raises(ConnectionClosed) as closed:
                feed.recv(timeout=SECONDS)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        with closing(events.connection):
            rest = stream.read().decode()
        assert "event: draining\nretry: " in rest
        assert rest.endswith('data: {"reason":"shutdown"}\n\n')
        assert slow.response() == (200, b"done")
        assert server.process.wait(SECONDS) in {0, -signal.SIGTERM}
        left = list(printed)
        assert sorted(left[:3]) == ["request done", "stream closed", "websocket closed 1012"]
        assert left[3:] == ["dependency closed", "lifespan closed"]
        assert server.process.stderr is not None
        assert "Traceback" not in server.process.stderr.read()


@pytest.mark.slow
def test_a_process_that_hangs_exits_in_time(folder: Path) -> None:
    hanging = SHOP.replace('print("dependency closed", flush=True)', "await anyio.sleep_forever()")
    (folder / "hanging_shop.py").write_text(hanging)
    with serving("hanging_shop:app", "--graceful-timeout", "1") as server:
        assert Client(server, "/readyz").response()[0] == 200
        server.process.send_signal(signal.SIGTERM)
        _, err = server.process.communicate(timeout=SECONDS)
    assert server.process.returncode == 1
    assert "it has not stopped within 2 seconds" in err


def test_ctrl_c_ends_an_event_stream_at_once(folder: Path) -> None:
    with serving("draining_shop:app", "--graceful-timeout", "60") as server:
        events = Client(server, "/events")
        with closing(events.connection):
            stream = events.connection.getresponse()
            reading = threading.Thread(target=stream.read)
            reading.start()
            status, _, err = server.end(signal.SIGINT)
            reading.join(SECONDS)
    assert status == 0
    assert "Traceback" not in err
