"""The application in this process: lifespan, state, streams that do not end, bodies in chunks."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from signette import App, BackgroundTasks, StreamingResponse
from signette import Request as Received
from signette.prove import Request, StartFailed
from signette.prove.in_process import Running

Start = Callable[..., Any]


@asynccontextmanager
async def running(app: Any, **options: Any) -> AsyncIterator[Running]:
    async with anyio.create_task_group() as tasks:
        application = Running(app, **options)
        await tasks.start(application.serve)
        yield application
        await application.stop()


async def test_requests_run_within_the_lifespan_and_have_its_state() -> None:
    events = []

    @asynccontextmanager
    async def lifespan(_: App) -> AsyncIterator[dict[str, str]]:
        events.append("start")
        yield {"word": "hello"}
        events.append("end")

    app = App(lifespan=lifespan)

    @app.post("/echo/{rest:path}")
    async def echo(request: Received, rest: str) -> dict[str, Any]:
        body = (await request.body()).decode()
        headers = {name: request.headers.get(name) for name in ("host", "content-length", "x-a")}
        return {"rest": rest, "word": request.state.word, "query": request.url.query, "body": body, **headers}

    async with running(app, host="shop.test") as application:
        exchange = await application.send(Request("POST", "/echo/a%2Fb?q=%C3%A4", (("X-A", "ä"),), b"hi"))
        assert events == ["start"]
    assert events == ["start", "end"]
    assert (exchange.status, exchange.complete, exchange.error) == (200, True, None)
    assert exchange.json() == {
        "rest": "a/b", "word": "hello", "query": "q=%C3%A4", "body": "hi", "host": "shop.test",
        "content-length": "2", "x-a": "ä",
    }  # fmt: skip


async def test_a_chunked_body_comes_in_two_messages_without_its_length() -> None:
    app = App()

    @app.post("/")
    async def count(request: Received) -> list[Any]:
        chunks = [len(chunk) async for chunk in request.stream() if chunk]
        return [*chunks, request.headers.get("content-length"), request.headers.get("transfer-encoding")]

    async with running(app) as application:
        exchange = await application.send(Request("POST", "/", body=b"12345", chunked=True))
    assert exchange.json() == [3, 2, None, "chunked"]


async def test_a_stream_without_an_end_is_cut_off_and_its_endpoint_ends() -> None:
    app = App()
    ended = anyio.Event()

    @app.get("/")
    async def ticks() -> StreamingResponse:
        async def content() -> AsyncIterator[bytes]:
            try:
                yield b"tick"
                await anyio.Event().wait()
            finally:
                ended.set()

        return StreamingResponse(content())

    async with running(app) as application:
        exchange = await application.send(Request("GET", "/"))
        assert (exchange.status, exchange.body, exchange.complete) == (200, b"tick", False)
        assert ended.is_set()


async def test_a_stream_that_is_very_long_is_cut_off() -> None:
    app = App()

    @app.get("/")
    async def zeros() -> StreamingResponse:
        async def content() -> AsyncIterator[bytes]:
            while True:
                yield bytes(64 * 1024)

        return StreamingResponse(content())

    async with running(app) as application:
        exchange = await application.send(Request("GET", "/"))
    assert not exchange.complete
    assert 500_000 < len(exchange.body) < 2_000_000


async def test_an_exception_is_kept_and_a_request_may_stay_without_a_response() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            raise NotImplementedError
        if scope["path"] == "/error":
            raise KeyError("x")
        await anyio.Event().wait()

    async with running(app, timeout=0.05) as application:
        failed = await application.send(Request("GET", "/error"))
        waited = await application.send(Request("GET", "/wait"))
    assert isinstance(failed.error, KeyError)
    assert (failed.status, waited.status, waited.error) == (None, None, None)


async def test_background_tasks_have_ended_when_the_response_is_checked() -> None:
    app = App()
    done: list[int] = []

    @app.get("/")
    async def later(tasks: BackgroundTasks) -> None:
        tasks.add_task(done.append, 1)

    async with running(app) as application:
        await application.send(Request("GET", "/"))
        assert done == [1]


@pytest.mark.parametrize("fails", ["raises", "reports"])
async def test_an_application_that_does_not_start_is_an_error(fails: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        if fails == "raises":
            raise LookupError("no database")
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    with pytest.raises(StartFailed, match=r"the application did not start: .*no database"):
        await Running(app).serve(task_status=anyio.TASK_STATUS_IGNORED)
