"""Exceptions of other frameworks, raised in our applications, are what they would be there."""

from collections.abc import Callable
from typing import Any

import fastapi
import pytest
import starlette.exceptions

from signette.app import App
from signette.applications import Application
from signette.declarative.problems.format import ProblemFormat
from signette.exceptions import HTTPException, WebSocketException
from signette.middleware import Middleware
from signette.middleware.handlers import as_signette_exception
from signette.requests import Request
from signette.responses import PlainTextResponse
from signette.routing import Route, WebSocketRoute
from tests.asgi import call


class Layer:
    """Middleware, which raises on its own where it is asked to."""

    def __init__(self, app: Any, exc: Exception | None = None) -> None:
        self.app = app
        self.exc = exc

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.exc is not None:
            raise self.exc
        await self.app(scope, receive, send)


class Gone(starlette.exceptions.HTTPException):
    """A custom class."""

    def __init__(self) -> None:
        super().__init__(410, "gone for good", {"x-a": "b"})


@pytest.fixture(params=["direct", "layered"])
def layers(request: pytest.FixtureRequest) -> list[Middleware]:
    return [Middleware(Layer)] if request.param == "layered" else []


def raising(exc: Exception) -> Any:
    async def endpoint(request: Request) -> None:
        raise exc

    return endpoint


FOREIGN: list[Callable[[], Exception]] = [
    Gone,
    lambda: starlette.exceptions.HTTPException(410, "gone for good", {"x-a": "b"}),
    lambda: fastapi.HTTPException(410, "gone for good", {"x-a": "b"}),
]


@pytest.mark.parametrize("make", FOREIGN)
async def test_status_body_and_headers_agree(layers: list[Middleware], make: Callable[[], Exception]) -> None:
    plain = Application(routes=[Route("/", raising(make()))], middleware=layers)
    response = await call(plain)
    assert (response.status, response.text, response.headers["x-a"]) == (410, "gone for good", "b")
    assert response.error is None

    app = App(middleware=layers)
    app.get("/")(raising(make()))
    response = await call(app)
    problem = '{"type":"about:blank","title":"Gone","status":410,"detail":"gone for good"}'
    assert (response.status, response.text, response.headers["x-a"]) == (410, problem, "b")
    assert response.error is None


async def test_what_middleware_raises_is_handled_alike() -> None:
    for app in (App(middleware=[Middleware(Layer, Gone())]), Application(middleware=[Middleware(Layer, Gone())])):
        response = await call(app)
        assert (response.status, response.error) == (410, None)


@pytest.mark.parametrize(
    ("keys", "called", "kind"),
    [
        ([410], 410, HTTPException),
        ([HTTPException], HTTPException, HTTPException),
        ([starlette.exceptions.HTTPException], starlette.exceptions.HTTPException, Gone),
        ([Gone, starlette.exceptions.HTTPException], Gone, Gone),
        ([Gone, 410], 410, HTTPException),
        ([Gone, HTTPException], Gone, Gone),
        ([Exception, HTTPException], HTTPException, HTTPException),
        ([404, Exception], None, None),
    ],
)
async def test_handlers_are_found_for_the_status_the_class_and_ours(
    layers: list[Middleware], keys: list[Any], called: Any, kind: Any
) -> None:
    calls: list[tuple[Any, type]] = []

    def handler_for(key: Any) -> Any:
        async def handler(request: Any, exc: Any) -> Any:
            calls.append((key, type(exc)))
            return PlainTextResponse(f"{exc.status_code} {exc.detail}", status_code=418, headers=exc.headers)

        return handler

    handlers = {key: handler_for(key) for key in keys}
    app = App(exception_handlers=handlers, middleware=layers)
    app.get("/")(raising(Gone()))
    response = await call(app)
    assert calls == ([] if called is None else [(called, kind)])
    assert (response.status, response.headers["x-a"]) == (410 if called is None else 418, "b")


@pytest.mark.parametrize("own", [False, True])
async def test_an_operation_with_its_own_error_format_formats_them_too(own: bool) -> None:
    class Short(ProblemFormat):
        def body(self, exc: Exception) -> Any:
            return {"status": getattr(exc, "status_code", 500)}

    async def handler(request: Any, exc: Any) -> Any:
        return PlainTextResponse("handler")

    app = App(exception_handlers={Gone: handler} if own else None)
    app.get("/", errors=Short())(raising(Gone()))
    assert (await call(app)).text == ("handler" if own else '{"status":410}')


async def test_a_socket_is_closed_with_the_code(layers: list[Middleware]) -> None:
    async def session(websocket: Any) -> None:
        await websocket.accept()
        raise starlette.exceptions.WebSocketException(4001, "no")

    app = Application(routes=[WebSocketRoute("/", session)], middleware=layers)
    response = await call(app, kind="websocket")
    assert response.messages[-1] == {"type": "websocket.close", "code": 4001, "reason": "no"}
    assert response.error is None


class OfAnSDK(Exception):
    """The error of a client library: another server's status and headers."""

    status_code = 404
    headers = {"set-cookie": "secret"}


async def test_the_status_and_headers_of_any_other_exception_are_its_own_matter(layers: list[Middleware]) -> None:
    app = App(middleware=layers)
    app.get("/")(raising(OfAnSDK()))
    response = await call(app)
    assert response.status == 500
    assert '"status":500' in response.text
    assert "set-cookie" not in response.headers
    assert isinstance(response.error, OfAnSDK)


def made(name: str, **attributes: Any) -> Exception:
    exc: Exception = type(name, (Exception,), attributes)()
    return exc


@pytest.mark.parametrize(
    "exc",
    [
        ValueError("x"),
        made("HTTPException"),
        made("HTTPException", status_code="404"),
        made("HTTPException", status_code=999),
        made("HTTPException", code=404),
        made("WebSocketException", code=None),
        made("WebSocketException", code=7),
        HTTPException(404),
        WebSocketException(1008),
    ],
    ids=lambda exc: f"{type(exc).__name__} {exc}",
)
def test_what_does_not_have_their_shape_is_left_as_it_is(exc: Exception) -> None:
    assert as_signette_exception(exc) is exc


def test_what_has_it_is_ours_and_names_its_cause() -> None:
    exc = made("HTTPException", status_code=404, headers=["no mapping"])
    own = as_signette_exception(exc)
    assert isinstance(own, HTTPException)
    assert (own.status_code, own.detail, own.headers, own.__cause__) == (404, "Not Found", None, exc)
