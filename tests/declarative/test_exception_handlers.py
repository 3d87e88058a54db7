"""The handlers of an application, called from handlers that are registered for the same errors."""

from typing import Annotated, Any

import anyio
import pytest

from signette import App, HTTPException, Path, Request, WebSocket, WebSocketDisconnect
from signette.applications import Application
from signette.compat import FastAPIErrors
from signette.exception_handlers import (
    http_exception_handler,
    request_validation_exception_handler,
    websocket_request_validation_exception_handler,
)
from signette.exceptions import RequestValidationError, WebSocketRequestValidationError
from signette.responses import PlainTextResponse
from signette.testclient import TestClient, WebSocketDenialResponse


def made(**options: Any) -> tuple[App, list[str]]:
    app, seen = App(**options), []

    @app.exception_handler(HTTPException)
    async def custom_http_exception_handler(request: Request, exc: HTTPException) -> Any:
        seen.append(repr(exc))
        return await http_exception_handler(request, exc)

    @app.exception_handler(RequestValidationError)
    async def validation_exception_handler(request: Request, exc: RequestValidationError) -> Any:
        seen.append(f"invalid {request.url.path}")
        return await request_validation_exception_handler(request, exc)

    return app, seen


def declare(app: App, **options: Any) -> None:
    @app.get("/items/{item_id}", **options)
    async def read_item(item_id: int) -> int:
        if item_id == 3:
            raise HTTPException(418, "Nope! I don't like 3.", headers={"x-a": "b"})
        return item_id


PATHS = ("/items/3", "/items/x", "/nowhere")


@pytest.mark.parametrize("errors", [None, FastAPIErrors()], ids=["problems", "as in FastAPI"])
def test_a_handler_may_leave_the_response_to_the_application(errors: Any) -> None:
    plain, (app, seen) = App(errors=errors), made(errors=errors)
    declare(plain)
    declare(app)
    for path in PATHS:
        expected, found = TestClient(plain).get(path), TestClient(app).get(path)
        assert (found.status_code, found.json(), found.headers) == (
            expected.status_code,
            expected.json(),
            expected.headers,
        )
    assert [text[:9] for text in seen] == ["HTTPExcep", "invalid /", "HTTPExcep"]


def test_the_format_of_a_route_counts() -> None:
    app, _ = made()
    declare(app, errors=FastAPIErrors())
    assert TestClient(app).get("/items/3").json() == {"detail": "Nope! I don't like 3."}


def test_a_plain_application_has_the_format_of_problems() -> None:
    app = Application(exception_handlers={HTTPException: http_exception_handler})
    assert TestClient(app).get("/").headers["content-type"] == "application/problem+json"


async def talk(socket: WebSocket, number: Annotated[int, Path(le=3)]) -> None:
    await socket.accept()
    await socket.close()


def test_a_socket_has_a_class_of_its_own_which_other_handlers_know() -> None:
    seen: list[Any] = []

    def closing(key: type[Exception]) -> App:
        app = App()
        app.websocket("/{number}")(talk)

        @app.exception_handler(key)
        async def close(socket: WebSocket, exc: RequestValidationError) -> None:
            seen.append((type(exc), exc.errors()[0]["in"]))
            await websocket_request_validation_exception_handler(socket, exc)

        return app

    for key in (WebSocketRequestValidationError, RequestValidationError):
        with pytest.raises(WebSocketDisconnect) as closed, TestClient(closing(key)).websocket_connect("/9"):
            pass
        assert (closed.value.code, closed.value.reason) == (1008, "request validation failed: number")
    assert seen == [(WebSocketRequestValidationError, "path")] * 2
    # A handler for `HTTPException` gets no validation errors.
    with pytest.raises(WebSocketDenialResponse), TestClient(closing(HTTPException)).websocket_connect("/9"):
        pass
    assert len(seen) == 2


def test_a_handler_for_sockets_leaves_requests_alone() -> None:
    app = App()
    declare(app)
    app.websocket("/{number}")(talk)

    @app.exception_handler(WebSocketRequestValidationError)
    async def respond(socket: WebSocket, exc: RequestValidationError) -> PlainTextResponse:
        return PlainTextResponse("socket", status_code=400)

    client = TestClient(app)
    assert client.get("/items/x").status_code == 422
    with pytest.raises(WebSocketDenialResponse) as denied, client.websocket_connect("/9"):
        pass
    assert denied.value.status_code == 400


def test_a_long_reason_is_cut_at_a_character() -> None:
    entry: Any = {"in": "query", "name": "ä" * 200, "code": "missing", "message": ""}
    reasons: list[str] = []

    class Socket:
        async def close(self, code: int, reason: str) -> None:
            reasons.append(reason)

    anyio.run(websocket_request_validation_exception_handler, Socket(), RequestValidationError([entry]))
    assert len(reasons[0].encode()) <= 123
    assert reasons[0].startswith("request validation failed: ä")
