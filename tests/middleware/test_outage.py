"""A state engine that does not work, as an error response."""

from typing import Any

import pytest

from signette.app import App
from signette.applications import Application
from signette.compat import FastAPIErrors
from signette.middleware.gzip import GZipMiddleware
from signette.middleware.outage import OutageLog
from signette.middleware.registry import Middleware
from signette.requests import Request
from signette.responses.plain import PlainTextResponse, Response
from signette.routing.route import Route
from signette.state import StateUnavailable
from tests.asgi import fetch


async def fail(request: Request) -> Response:
    raise StateUnavailable("the engine redis://host is full")


APPLICATIONS = {
    "toolkit": lambda **options: Application(routes=[Route("/", fail)], **options),
    "typed": lambda **options: App(routes=[Route("/", fail)], **options),
    "middleware": lambda **options: App(routes=[Route("/", fail)], middleware=[Middleware(GZipMiddleware)], **options),
}


@pytest.mark.parametrize("make", APPLICATIONS.values(), ids=APPLICATIONS)
async def test_it_is_a_503_that_says_when_to_try_again(make: Any) -> None:
    response = await fetch(make(), "GET /")
    assert response.status == 503
    assert response["retry-after"] == "1"
    assert "redis" not in response.text


async def test_a_typed_endpoint_responds_in_the_error_format() -> None:
    app = App()

    @app.get("/")
    async def read() -> str:
        raise StateUnavailable("the engine redis://host is full")

    response = await fetch(app, "GET /")
    assert (response.status, response["content-type"]) == (503, "application/problem+json")
    assert response.json["status"] == 503


@pytest.mark.parametrize("make", APPLICATIONS.values(), ids=APPLICATIONS)
async def test_a_handler_of_the_application_goes_first(make: Any) -> None:
    async def handle(request: Request, exc: Exception) -> Response:
        return PlainTextResponse(f"later: {exc}", 500)

    response = await fetch(make(exception_handlers={StateUnavailable: handle}), "GET /")
    assert (response.status, response.text) == (500, "later: the engine redis://host is full")


async def test_a_route_responds_in_its_own_error_format(caplog: pytest.LogCaptureFixture) -> None:
    app = App()

    @app.get("/", errors=FastAPIErrors())
    async def read() -> str:
        raise StateUnavailable("the engine redis://host is full")

    response = await fetch(app, "GET /")
    assert (response.status, response["retry-after"], response.json) == (503, "1", {"detail": "Service Unavailable"})
    assert len(caplog.records) == 1


@pytest.mark.parametrize("make", APPLICATIONS.values(), ids=APPLICATIONS)
async def test_an_outage_is_one_line_in_the_log_of_an_application(make: Any, caplog: pytest.LogCaptureFixture) -> None:
    app = make()
    for _ in range(3):
        await fetch(app, "GET /")
    assert [record.getMessage() for record in caplog.records] == [
        "requests are rejected with 503, because the state cannot be used: the engine redis://host is full"
    ]


def test_an_outage_that_lasts_is_logged_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    log = OutageLog(lambda: now)
    for _ in range(100):
        log.note(StateUnavailable("full"))
        now += 0.25
    assert len(caplog.records) == 3
