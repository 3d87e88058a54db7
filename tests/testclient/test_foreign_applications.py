"""The clients drive applications and middleware of Starlette and FastAPI as they drive signette's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import fastapi
import pytest
import starlette.applications
import starlette.middleware.base
import starlette.responses
import starlette.routing

from signette.app import App
from signette.testclient import AsyncTestClient, TestClient


class Marked(starlette.middleware.base.BaseHTTPMiddleware):
    """Middleware that runs the application in a task group of its own."""

    async def dispatch(self, request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers["x-seen"] = request.url.path
        return response


async def state(request: Any) -> Any:
    return starlette.responses.JSONResponse({"number": request.state.number})


async def fail(request: Any) -> Any:
    raise LookupError("nothing there")


async def stream(request: Any) -> Any:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"

    return starlette.responses.StreamingResponse(chunks())


async def late_failure(request: Any) -> Any:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"a"
        raise LookupError("nothing more")

    return starlette.responses.StreamingResponse(chunks())


async def echo(websocket: Any) -> None:
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close(4000)


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, int]]:
    yield {"number": 3}


@pytest.fixture(params=[starlette.applications.Starlette, fastapi.FastAPI, App])
def app(request: pytest.FixtureRequest) -> Any:
    app = request.param(lifespan=lifespan)
    app.add_middleware(Marked)
    for endpoint in (state, fail, stream, late_failure):
        app.router.routes.append(starlette.routing.Route(f"/{endpoint.__name__}", endpoint))
    app.router.routes.append(starlette.routing.WebSocketRoute("/echo", echo))
    return app


def test_requests_streams_and_websockets(app: Any) -> None:
    with TestClient(app) as client:
        response = client.get("/state")
        assert (response.json(), response.headers["x-seen"]) == ({"number": 3}, "/state")
        with client.stream("GET", "/stream") as streamed:
            assert list(streamed.iter_bytes()) == [b"a", b"b"]
        with client.websocket_connect("/echo") as websocket:
            websocket.send_text("hello")
            assert websocket.receive_text() == "hello"


@pytest.mark.parametrize("path", ["/fail", "/late_failure"])
def test_an_error_below_their_middleware_is_raised(app: Any, path: str) -> None:
    with TestClient(app) as client, pytest.raises(LookupError):
        client.get(path)
    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get("/fail").status_code == 500


async def test_the_asynchronous_client_drives_them_too(app: Any) -> None:
    async with AsyncTestClient(app) as client:
        assert (await client.get("/state")).json() == {"number": 3}
        with pytest.raises(LookupError):
            await client.get("/fail")
