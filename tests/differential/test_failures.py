"""What fails: programs that must give the same on both."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from tests.differential.names import SIGNETTE, STARLETTE, Names

Program = Callable[[Names], Any]
PROGRAMS: list[Program] = []


def same(program: Program) -> Program:
    PROGRAMS.append(program)
    return program


class Broken(Exception): ...


class Handled(Exception): ...


def outcome(client: Any, method: str = "GET", path: str = "/", **options: Any) -> Any:
    """The status and text of a response, or the names of what was raised and of its cause."""
    try:
        response = client.request(method, path, **options)
    except Exception as exc:  # noqa: BLE001 - what was raised is compared
        return type(exc).__name__, type(exc.__cause__).__name__
    return response.status_code, response.text


@same
def background(names: Names) -> Any:
    """A failing background task, and which handler sees it."""
    seen: list[str] = []

    def endpoint_of(error: Exception, streams: bool) -> Any:
        async def endpoint(request: Any) -> Any:
            def fail() -> None:
                raise error

            task = names.BackgroundTask(fail)
            if streams:
                return names.StreamingResponse(iter(["text"]), background=task)
            return names.PlainTextResponse("text", background=task)

        return endpoint

    async def on_any(request: Any, exc: Exception) -> Any:
        seen.append(f"any: {type(exc).__name__} {request.url.path}")
        return names.PlainTextResponse("any", 500)

    async def on_handled(request: Any, exc: Exception) -> Any:
        seen.append("handled")
        return names.PlainTextResponse("handled", 400)

    async def passes(request: Any, call_next: Any) -> Any:
        return await call_next(request)

    kinds = {
        f"/{type(error).__name__}/{streams}": (error, streams) for error in (Broken(), Handled()) for streams in (0, 1)
    }
    routes = [names.Route(path, endpoint_of(*kind)) for path, kind in kinds.items()]
    results = []
    for dispatches in ([], [passes]):
        layers = [names.Middleware(names.BaseHTTPMiddleware, dispatch=each) for each in dispatches]
        handlers = {Exception: on_any, Handled: on_handled}
        app = names.Application(routes=routes, exception_handlers=handlers, middleware=layers)
        for raises in (True, False):
            client = names.TestClient(app, raise_server_exceptions=raises)
            results += [outcome(client, path=path) for path in kinds]
    return results, seen


@same
def midway(names: Names) -> Any:
    """A stream that fails after its start, and which handler sees it."""
    seen: list[str] = []

    async def endpoint(request: Any) -> Any:
        async def chunks() -> Any:
            yield "text"
            raise Broken

        return names.StreamingResponse(chunks())

    def on_any(request: Any, exc: Exception) -> Any:
        seen.append(type(exc).__name__)
        return names.PlainTextResponse("any", 500)

    app = names.Application(routes=[names.Route("/", endpoint)], exception_handlers={500: on_any})
    return outcome(names.TestClient(app)), seen


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_both_give_the_same(program: Program, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    assert program(SIGNETTE) == program(STARLETTE)
