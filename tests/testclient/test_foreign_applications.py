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
from signette.applications import Application
from signette.background import BackgroundTask
from signette.middleware.registry import Middleware
from signette.responses.plain import PlainTextResponse
from signette.routing.route import Route
from signette.testclient import AsyncTestClient, TestClient


class Marked(starlette.middleware.base.BaseHTTPMiddleware):
    """Middleware that runs the application in its own task group."""

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


@pytest.mark.parametrize("middleware", [1, 3])
@pytest.mark.parametrize("error", [LookupError("gone"), ExceptionGroup("", [LookupError("gone")])])
def test_errors_below_several_of_their_middleware_are_raised_as_they_are(middleware: int, error: Exception) -> None:
    def fails() -> None:
        raise error

    async def at_once(request: Any) -> Any:
        fails()

    async def in_background(request: Any) -> Any:
        return PlainTextResponse("text", background=BackgroundTask(fails))

    app = Application(
        routes=[Route("/at-once", at_once), Route("/in-background", in_background)],
        middleware=[Middleware(Marked)] * middleware,
    )
    for path in ("/at-once", "/in-background"):
        with TestClient(app) as client, pytest.raises(type(error)) as raised:
            client.get(path)
        assert raised.value is error


async def test_the_asynchronous_client_drives_them_too(app: Any) -> None:
    async with AsyncTestClient(app) as client:
        assert (await client.get("/state")).json() == {"number": 3}
        with pytest.raises(LookupError):
            await client.get("/fail")
