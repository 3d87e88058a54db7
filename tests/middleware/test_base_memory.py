"""A request that has passed `dispatch` is freed at its end, without the garbage collector."""

import gc
import weakref
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

import anyio
import pytest

from signette.app import App
from signette.applications import Application
from signette.background import BackgroundTask
from signette.exceptions import HTTPException
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.registry import Middleware
from signette.requests import Request
from signette.responses import streaming
from signette.responses.plain import PlainTextResponse, Response
from signette.responses.streaming import StreamingResponse
from signette.routing.route import Route
from tests.asgi import scope_of


class Freed(dict[str, Any]):
    """A scope or a message that a weak reference can watch."""


class Watch:
    """Weak references to what belongs to one request."""

    def __init__(self) -> None:
        self.references: list[tuple[str, weakref.ref[Any]]] = []

    def __call__(self, value: Any) -> Any:
        self.references.append((type(value).__name__, weakref.ref(value)))
        return value

    @property
    def alive(self) -> list[str]:
        return [name for name, reference in self.references if reference() is not None]


@pytest.fixture(autouse=True)
def _without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def passes(request: Any, call_next: Any) -> Any:
    return await call_next(request)


async def changes(request: Any, call_next: Any) -> Any:
    response = await call_next(request)
    response.headers["x-seen"] = "yes"
    return response


async def reads_and_responds(request: Any, call_next: Any) -> Any:
    response = await call_next(request)
    return Response(b"".join([chunk async for chunk in response.body_iterator]))


async def wraps(request: Any, call_next: Any) -> Any:
    response = await call_next(request)
    inner = response.body_iterator

    async def again() -> AsyncIterator[bytes]:
        async for chunk in inner:
            yield chunk

    response.body_iterator = again()
    return response


async def replaces(request: Any, call_next: Any) -> Any:
    await call_next(request)
    return PlainTextResponse("other")


async def responds_alone(request: Any, call_next: Any) -> Any:
    return PlainTextResponse("other")


async def calls_twice(request: Any, call_next: Any) -> Any:
    await call_next(request)
    return await call_next(request)


async def closes(request: Any, call_next: Any) -> Any:
    response = await call_next(request)
    await response.body_iterator.aclose()
    return response


async def raises(request: Any, call_next: Any) -> Any:
    raise ValueError("in dispatch")


async def raises_after(request: Any, call_next: Any) -> Any:
    await call_next(request)
    raise ValueError("in dispatch")


async def catches(request: Any, call_next: Any) -> Any:
    try:
        return await call_next(request)
    except ValueError:
        return PlainTextResponse("caught", 500)


DISPATCHES = [
    passes,
    changes,
    reads_and_responds,
    wraps,
    replaces,
    responds_alone,
    calls_twice,
    closes,
    raises,
    raises_after,
    catches,
]


async def plain() -> Response:
    return PlainTextResponse("text")


async def chunks() -> AsyncIterator[bytes]:
    for _ in range(9):
        yield b"chunk"


async def stream() -> Response:
    return StreamingResponse(chunks())


async def nothing() -> None:
    pass


async def background() -> Response:
    return PlainTextResponse("text", background=BackgroundTask(nothing))


async def fails() -> Response:
    raise ValueError("in the endpoint")


async def rejects() -> Response:
    raise HTTPException(400)


async def fails_in_stream() -> Response:
    async def broken() -> AsyncIterator[bytes]:
        yield b"chunk"
        raise ValueError("in the stream")

    return StreamingResponse(broken())


ENDPOINTS = [plain, stream, background, fails, rejects, fails_in_stream]


def application(kind: str, endpoint: Any, *dispatches: Any) -> Any:
    middleware = [Middleware(BaseHTTPMiddleware, dispatch=dispatch) for dispatch in dispatches]
    if kind == "typed":
        app = App(middleware=middleware)
        app.post("/")(endpoint)
        return app

    async def of_request(request: Request) -> Response:
        await request.body()
        response: Response = await endpoint()
        return response

    return Application(routes=[Route("/", of_request, methods=["POST"])], middleware=middleware)


def watching(watch: Watch, dispatch: Any) -> Any:
    """A `dispatch` whose request, with the body that it has read, and whose response are watched."""

    async def watched(request: Any, call_next: Any) -> Any:
        await watch(request).body()

        async def next_(request: Any) -> Any:
            return watch(await call_next(request))

        return await dispatch(request, next_)

    return watched


async def handle(app: Any, watch: Watch) -> None:
    """Send a request as a server does that keeps nothing of it."""
    body: Any = watch(Freed(type="http.request", body=b"x" * 100, more_body=False))
    scope: Any = watch(Freed(scope_of("/", "POST")))

    async def receive() -> Any:
        return body

    async def send(message: Any) -> None:
        await anyio.lowlevel.checkpoint()

    with suppress(ValueError):
        await app(scope, receive, send)
    for _ in range(9):  # trio closes asynchronous generators in its own task
        await anyio.lowlevel.checkpoint()


@pytest.fixture(autouse=True)
def one_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """No stream gives others a turn, however slow the machine is: it would wait then, when it is cancelled."""
    monkeypatch.setattr(streaming, "TURN_SECONDS", 3600)


# An application that is cancelled while it waits is left to the collector: asyncio's task keeps its own exception.
CASES = [
    (dispatch, endpoint)
    for dispatch in DISPATCHES
    for endpoint in ENDPOINTS
    if (dispatch, endpoint) not in {(raises_after, background), (calls_twice, stream)}
]


@pytest.mark.parametrize("middleware", [1, 2])
@pytest.mark.parametrize("kind", ["typed", "plain"])
@pytest.mark.parametrize(("dispatch", "endpoint"), CASES)
async def test_a_request_leaves_no_reference_cycle(dispatch: Any, endpoint: Any, kind: str, middleware: int) -> None:
    watch = Watch()
    app = application(kind, endpoint, *[watching(watch, dispatch)] * middleware)
    await handle(app, Watch())  # what the first request makes stays
    watch.references.clear()
    await handle(app, watch)
    assert len(watch.references) > 2
    assert watch.alive == []
