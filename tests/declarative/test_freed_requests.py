"""Requests are freed when they end, without the garbage collector: objects of other frameworks make no cycles."""

import gc
import weakref
from collections.abc import Iterator
from typing import Annotated, Any

import fastapi
import pytest
import starlette.background
import starlette.requests
import starlette.responses

from signette.app import App
from signette.background import BackgroundTasks
from signette.declarative.signature.depends import Depends
from signette.requests import Request
from signette.responses import Response
from signette.websockets import WebSocket
from tests.asgi import CONNECT, JSON, scope_of

# The class that is annotated, and the one of signette.
CLASSES: dict[str, tuple[Any, Any]] = {
    "request": (starlette.requests.Request, Request),
    "connection": (starlette.requests.HTTPConnection, Request),
    "response": (fastapi.Response, Response),
    "tasks": (starlette.background.BackgroundTasks, BackgroundTasks),
    "tasks of fastapi": (fastapi.BackgroundTasks, BackgroundTasks),
}


@pytest.fixture(autouse=True)
def without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def exchange(app: Any, scope: dict[str, Any]) -> list[Any]:
    """The statuses that are sent. Keeps nothing of the request."""
    sent: list[Any] = []
    messages = [CONNECT if scope["type"] == "websocket" else {"type": "http.request", "body": b"{}"}]

    async def receive() -> dict[str, Any]:
        return messages.pop()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message.get("status", message["type"]))

    await app(scope, receive, send)
    return sent


def annotated(function: Any, **annotations: Any) -> Any:
    function.__annotations__.update(annotations)
    return function


def use(value: Any) -> None:
    """Fill the caches of an object."""
    for name in ("headers", "query_params", "cookies", "state", "url", "client", "status_code", "tasks"):
        getattr(value, name, None)


def routes(name: str, refs: list[Any]) -> App:
    """An application whose endpoint and dependencies get an object, and that of signette."""
    theirs, own = CLASSES[name]
    app = App()

    async def dependency(other: Any, ours: Any) -> None:
        use(other)
        refs.extend((weakref.ref(other), weakref.ref(ours)))

    annotated(dependency, other=theirs, ours=own)

    async def endpoint(other: Any, ready: None) -> int:
        if isinstance(other, starlette.requests.Request):
            await other.body()
            await other.form()
        if isinstance(other, starlette.background.BackgroundTasks):
            other.add_task(use, app)
        refs.append(weakref.ref(other))
        return 1

    app.get("/ok")(annotated(endpoint, other=theirs, ready=Annotated[None, Depends(dependency)]))

    async def failing(other: Any, ready: None) -> int:
        refs.append(weakref.ref(other))
        raise fastapi.HTTPException(400)

    app.get("/failed")(annotated(failing, other=theirs, ready=Annotated[None, Depends(dependency)]))
    return app


@pytest.mark.parametrize("path", ["/ok", "/failed"])
@pytest.mark.parametrize("name", CLASSES)
async def test_nothing_of_a_request_is_left(name: str, path: str) -> None:
    refs: list[Any] = []
    app = routes(name, refs)
    for _ in range(3):
        assert (await exchange(app, scope_of(path, headers=JSON)))[0] in (200, 400)
    assert len(refs) == 9
    assert [ref() for ref in refs] == [None] * 9


async def test_nothing_of_a_websocket_is_left() -> None:
    refs: list[Any] = []
    app = App()

    async def dependency(other: fastapi.WebSocket, ours: WebSocket) -> None:
        use(other)
        refs.extend((weakref.ref(other), weakref.ref(ours)))

    @app.websocket("/talk")
    async def talk(websocket: fastapi.WebSocket, ready: Annotated[None, Depends(dependency)]) -> None:
        await websocket.accept()
        await websocket.close()

    for _ in range(3):
        assert (await exchange(app, scope_of("/talk", kind="websocket")))[0] == "websocket.accept"
    assert len(refs) == 6
    assert [ref() for ref in refs] == [None] * 6


@pytest.mark.parametrize("name", CLASSES)
async def test_an_attribute_that_a_dependency_sets_is_still_there(name: str) -> None:
    """Also if no callable holds the object in the meantime."""
    theirs, _ = CLASSES[name]
    app = App()

    async def dependency(other: Any) -> None:
        other.added = "kept"

    found = []

    async def endpoint(ready: None, other: Any) -> int:
        found.append((other.added, type(other).__name__, isinstance(other, theirs)))
        use(other)
        if isinstance(other, fastapi.Response):
            other.status_code = 201
            other.headers["x-a"] = "b"
        return 1

    app.get("/x")(
        annotated(
            endpoint,
            other=theirs,
            ready=Annotated[None, Depends(annotated(dependency, other=theirs))],
        )
    )
    sent = await exchange(app, scope_of("/x"))
    assert found == [("kept", theirs.__name__, True)]
    assert sent[0] == (201 if name == "response" else 200)
