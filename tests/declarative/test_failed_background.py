"""Background tasks that fail: the other tasks run, dependencies end as usual, and then the failure is raised."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import pytest

from signette.app import App
from signette.background import BackgroundTask, BackgroundTasks
from signette.declarative.routing.router import Router
from signette.declarative.signature.depends import Depends
from signette.exceptions import ClientDisconnect
from signette.requests import Request
from signette.responses.plain import PlainTextResponse, Response
from signette.responses.streaming import StreamingResponse
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.websockets import WebSocket, WebSocketDisconnect
from tests.asgi import call, connect


class OutOfOrder(Exception): ...


def fails() -> None:
    raise OutOfOrder


def transactions(log: list[str]) -> list[Any]:
    """Two dependencies that note whether what they did counts."""

    async def on_the_loop() -> AsyncIterator[None]:
        try:
            yield
        except BaseException as exc:
            log.append(f"loop rolled back: {type(exc).__name__}")
            raise
        log.append("loop committed")

    def in_a_thread() -> Iterator[None]:
        try:
            yield
        except BaseException as exc:
            log.append(f"thread rolled back: {type(exc).__name__}")
            raise
        log.append("thread committed")

    return [on_the_loop, in_a_thread]


MADE: dict[str, Callable[[Any], Any]] = {
    "a value": lambda own: "done",
    "a response": lambda own: PlainTextResponse("done", background=own),
    "a stream": lambda own: StreamingResponse([b"do", b"ne"], background=own),
}


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("failing", ["own", "injected", "both"])
async def test_all_tasks_run_and_transactions_are_committed_before_it_is_raised(
    made: str, method: str, failing: str
) -> None:
    log: list[str] = []
    app = App(exception_handlers={Exception: lambda request, exc: log.append(f"handled {type(exc).__name__}")})
    outer, inner = transactions(log)

    @app.get("/", dependencies=[Depends(outer)])
    async def endpoint(tasks: BackgroundTasks, _: Annotated[None, Depends(inner)]) -> Any:
        own = BackgroundTasks()
        for name, each in (("own", own), ("injected", tasks)):
            if failing in (name, "both"):
                each.add_task(fails)
            each.add_task(log.append, name)
        return MADE[made](own)

    response = await call(app, method=method)
    fails_at_all = failing != "own" or made != "a value"
    assert (response.status, response.is_complete) == (200, True)
    assert type(response.error) is (OutOfOrder if fails_at_all else type(None))
    own = ["own"] if made != "a value" else []
    handled = ["handled OutOfOrder"] if fails_at_all else []
    assert log == [*own, "injected", "thread committed", "loop committed", *handled]


@pytest.mark.parametrize("made", ["a response", "a stream"])
async def test_so_it_is_where_the_response_alone_has_tasks(made: str) -> None:
    log: list[str] = []
    app = App()
    outer, inner = transactions(log)

    @app.get("/", dependencies=[Depends(outer)])
    async def endpoint(_: Annotated[None, Depends(inner)]) -> str:
        response: Any = MADE[made](BackgroundTasks([BackgroundTask(fails), BackgroundTask(log.append, "own")]))
        return response

    response = await call(app)
    assert (response.text, type(response.error)) == ("done", OutOfOrder)
    assert log == ["own", "thread committed", "loop committed"]


async def test_a_stream_that_fails_is_rolled_back_and_its_tasks_do_not_run() -> None:
    log: list[str] = []
    app = App()
    outer, _ = transactions(log)

    async def chunks() -> AsyncIterator[bytes]:
        yield b"x"
        raise OutOfOrder

    @app.get("/", dependencies=[Depends(outer)])
    async def endpoint(tasks: BackgroundTasks) -> Response:
        tasks.add_task(log.append, "injected")
        return StreamingResponse(chunks(), background=BackgroundTask(log.append, "own"))

    response = await call(app)
    assert (response.is_complete, type(response.error)) == (False, OutOfOrder)
    assert log == ["loop rolled back: OutOfOrder"]


@pytest.mark.parametrize("place", ["route", "mount", "typed application"])
async def test_guards_of_a_plain_route_or_of_a_mount_are_committed_too(place: str) -> None:
    log: list[str] = []
    outer, inner = transactions(log)

    def adds_a_task(tasks: BackgroundTasks) -> None:
        tasks.add_task(log.append, "of the guard")

    async def plain(request: Request) -> Response:
        return PlainTextResponse("done", background=BackgroundTask(fails))

    async def typed(tasks: BackgroundTasks) -> str:
        tasks.add_task(fails)
        return "done"

    mounted = App()
    mounted.get("/")(typed)
    router = Router(dependencies=[Depends(outer), Depends(inner), Depends(adds_a_task)])
    places = {
        "route": Route("/", plain),
        "mount": Mount("/", Route("/", plain).app),
        "typed application": Mount("/", mounted),
    }
    router.routes.append(places[place])
    app = App()
    app.include_router(router)
    response = await call(app)
    assert (response.text, type(response.error)) == ("done", OutOfOrder)
    assert log == ["of the guard", "thread committed", "loop committed"]


ENDS: dict[str, tuple[Any, str]] = {
    "returns": (None, "committed"),
    "left by the client": (WebSocketDisconnect(1001), "rolled back: WebSocketDisconnect"),
    "the client has gone": (ClientDisconnect(), "rolled back: ClientDisconnect"),
}


@pytest.mark.parametrize("end", ENDS)
async def test_a_failure_after_a_socket_is_raised_however_the_socket_ended(end: str) -> None:
    log: list[str] = []
    app = App()
    outer, inner = transactions(log)
    error, outcome = ENDS[end]

    @app.websocket("/", dependencies=[Depends(outer)])
    async def endpoint(socket: WebSocket, tasks: BackgroundTasks, _: Annotated[None, Depends(inner)]) -> None:
        await socket.accept()
        tasks.add_task(fails)
        tasks.add_task(log.append, "injected")
        if error is not None:
            raise error

    response = await connect(app)
    assert type(response.error) is OutOfOrder
    assert log == ["injected", f"thread {outcome}", f"loop {outcome}"]
