"""Background tasks below `dispatch` begin when the response was sent, however often it was handed on."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from signette.app import App
from signette.applications import Application
from signette.background import BackgroundTask, BackgroundTasks
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.registry import Middleware
from signette.requests import Request
from signette.responses.plain import PlainTextResponse, Response
from signette.responses.streaming import StreamingResponse
from signette.routing.route import Route
from signette.types import Receive, Scope, Send
from tests.asgi import fetch

Dispatch = Callable[[Request, Any], Any]


async def passed(request: Request, call_next: Any) -> Response:
    response: Response = await call_next(request)
    response.headers["x-seen"] = "yes"
    return response


async def read(request: Request, call_next: Any) -> Response:
    response = await call_next(request)
    body = b"".join([chunk async for chunk in response.body_iterator])
    return Response(body, response.status_code)


async def exchanged(request: Request, call_next: Any) -> Response:
    response = await call_next(request)
    chunks = [chunk async for chunk in response.body_iterator]

    async def again() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    response.body_iterator = again()
    made: Response = response
    return made


async def other(request: Request, call_next: Any) -> Response:
    await call_next(request)
    return PlainTextResponse("other")


def application(log: list[str], kind: str) -> Any:
    async def task() -> None:
        log.append("task")

    if kind == "typed":
        app = App()

        @app.get("/")
        async def typed(tasks: BackgroundTasks) -> dict[str, int]:
            tasks.add_task(task)
            return {}

        return app

    async def plain(request: Request) -> Response:
        return PlainTextResponse("text", background=BackgroundTask(task))

    async def stream(request: Request) -> Response:
        async def chunks() -> AsyncIterator[bytes]:
            for number in range(9):
                yield b"%d" % number

        return StreamingResponse(chunks(), background=BackgroundTask(task))

    return Application(routes=[Route("/", plain if kind == "plain" else stream)])


@pytest.mark.parametrize("kind", ["plain", "typed", "stream"])
@pytest.mark.parametrize(
    "dispatches", [[passed], [passed, passed], [read], [passed, exchanged], [read, passed], [other]]
)
async def test_a_task_begins_when_the_response_was_sent(dispatches: list[Dispatch], kind: str) -> None:
    log: list[str] = []
    app = application(log, kind)
    for dispatch in reversed(dispatches):
        app = BaseHTTPMiddleware(app, dispatch)
    await fetch(app, "GET /", log=log)
    # A stream ends where nothing more of it is wanted, and with it what came after.
    assert log == (["sent"] if kind == "stream" and other in dispatches else ["sent", "task"])


async def test_tasks_of_dispatch_run_too() -> None:
    log: list[str] = []

    async def own() -> None:
        log.append("own")

    async def adding(request: Request, call_next: Any) -> Response:
        response: Response = await call_next(request)
        response.background = BackgroundTask(own)
        return response

    async def instead(request: Request, call_next: Any) -> Response:
        await call_next(request)
        return PlainTextResponse("other", background=BackgroundTask(own))

    for dispatch in (adding, instead):
        log.clear()
        app = BaseHTTPMiddleware(application(log, "plain"), dispatch)
        await fetch(BaseHTTPMiddleware(app, passed), "GET /", log=log)
        assert (log[0], sorted(log[1:])) == ("sent", ["own", "task"])


async def test_a_response_without_tasks_waits_for_nothing() -> None:
    ended: list[str] = []

    class Ending:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self.app(scope, receive, send)
            ended.append("application")

    async def endpoint(request: Request) -> Response:
        return PlainTextResponse("text")

    async def dispatch(request: Request, call_next: Any) -> Response:
        response: Response = await call_next(request)
        ended.append("dispatch")
        return response

    app = Application(
        routes=[Route("/", endpoint)],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=dispatch), Middleware(Ending)],
    )
    await fetch(app, "GET /")
    assert ended == ["application", "dispatch"]
