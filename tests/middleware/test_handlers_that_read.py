"""Exception handlers that read a body which is too large, or gone: an error at once, and the right status."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
from anyio.lowlevel import checkpoint
from pydantic import BaseModel

from signette.app import App
from signette.applications import Application
from signette.datastructures.upload import UploadFile
from signette.declarative.signature.markers import Body, Form
from signette.errors import ProblemFormat
from signette.exceptions import HTTPException, RequestValidationError
from signette.limits import Limits
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.registry import Middleware
from signette.middleware.wsgi import WSGIMiddleware
from signette.problems import Problem
from signette.requests import Request
from signette.responses.plain import JSONResponse, Response
from signette.responses.streaming import StreamingResponse
from signette.routing.mount import Mount
from signette.routing.route import Route
from tests.asgi import JSON, MULTIPART, URLENCODED, VERSIONS, Exchange, call
from tests.declarative.building import form, part

LIMITS = Limits(body_bytes=10, json_bytes=10)
TOO_LARGE = [b"x" * 11]
ANNOUNCED = {"content-length": "11"}
READS_FORM = "Stream consumed: the body was read as a form; use `await request.form()`"


class Broken(Exception): ...


class Passes(BaseHTTPMiddleware):
    async def dispatch(self, request: Any, call_next: Any) -> Any:
        return await call_next(request)


class CopiesScope:
    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app({**scope}, receive, send)


MIDDLEWARE: dict[str, list[Any]] = {
    "without": [],
    "dispatch": [Passes],
    "copies": [CopiesScope],
    "both": [CopiesScope, Passes],
}
surrounded = pytest.mark.parametrize("around", MIDDLEWARE.values(), ids=MIDDLEWARE)
kinds = pytest.mark.parametrize("kind", [App, Application])


async def reading(request: Any, exc: Exception) -> Response:
    return JSONResponse(len(await request.body()), getattr(exc, "status_code", 500))


async def raising(request: Request) -> Response:
    raise HTTPException(400)


async def breaking(request: Request) -> Response:
    raise Broken


def application(kind: Any, endpoint: Any, handlers: Any, around: Any = (), **options: Any) -> Any:
    middleware = [Middleware(cls) for cls in around]
    routes = [Route("/", endpoint, methods=["POST"])]
    return kind(routes=routes, exception_handlers=handlers, middleware=middleware, **options)


def typed(endpoint: Any, handlers: Any, around: Any = (), **options: Any) -> Any:
    app = App(exception_handlers=handlers, middleware=[Middleware(cls) for cls in around], **options)
    app.post("/")(endpoint)
    return app


def is_too_large(response: Exchange, kind: Any = App) -> None:
    assert response.error is None
    assert response.status == 413
    detail = response.json["detail"] if kind is App else response.text
    assert detail.endswith("body exceeds 10 bytes")


# A body that is too large.


@kinds
@surrounded
@pytest.mark.parametrize("headers", [{}, ANNOUNCED], ids=["counted", "announced"])
@pytest.mark.parametrize("key", [HTTPException, 400, Broken])
async def test_a_handler_that_reads_too_large_a_body_ends_in_413(
    kind: Any, around: Any, headers: Any, key: Any
) -> None:
    endpoint = breaking if key is Broken else raising
    app = application(kind, endpoint, {key: reading}, around, limits=LIMITS)
    is_too_large(await call(app, method="POST", body=TOO_LARGE, headers=headers), kind)
    assert (await call(app, method="POST", body=b"x" * 10)).text == "10"


@kinds
@surrounded
async def test_handlers_that_all_read_end_in_413(kind: Any, around: Any) -> None:
    async def again(request: Any, exc: Exception) -> Response:
        raise Broken

    for handlers in ({400: reading, 413: reading}, {400: again, Broken: reading, 413: reading}):
        app = application(kind, raising, handlers, around, limits=LIMITS)
        is_too_large(await call(app, method="POST", body=TOO_LARGE), kind)


@kinds
@surrounded
async def test_a_handler_of_413_that_does_not_read_responds(kind: Any, around: Any) -> None:
    async def too_large(request: Any, exc: Exception) -> Response:
        return JSONResponse("mine", 413)

    app = application(kind, raising, {400: reading, 413: too_large}, around, limits=LIMITS)
    assert (await call(app, method="POST", body=TOO_LARGE)).json == "mine"


@kinds
@surrounded
async def test_a_handler_of_all_errors_that_reads_too_large_a_body_ends_in_413(kind: Any, around: Any) -> None:
    app = application(kind, breaking, {Exception: reading}, around, limits=LIMITS)
    response = await call(app, method="POST", body=TOO_LARGE)
    assert isinstance(response.error, Broken)
    response.error = None
    is_too_large(response, kind)


async def test_the_413_has_the_format_of_the_application() -> None:
    class Short(ProblemFormat):
        def respond(self, exc: Exception) -> Response:
            return JSONResponse({"short": str(exc)}, 413)

    app = application(App, raising, {HTTPException: reading}, limits=LIMITS, errors=Short())
    response = await call(app, method="POST", body=TOO_LARGE)
    assert response.json == {"short": "413: body exceeds 10 bytes"}


class Item(BaseModel):
    name: str


async def takes_json(item: Item) -> None: ...


async def takes_both(item: Item, request: Request) -> None: ...


async def takes_bytes(data: Annotated[bytes, Body()]) -> None: ...


@surrounded
@pytest.mark.parametrize("headers", [{}, ANNOUNCED], ids=["counted", "announced"])
@pytest.mark.parametrize("endpoint", [takes_json, takes_both, takes_bytes])
@pytest.mark.parametrize("most", [LIMITS, Limits(json_bytes=10)], ids=["all", "json"])
async def test_the_rest_of_a_body_that_was_rejected_is_not_read(
    around: Any, headers: Any, endpoint: Any, most: Limits
) -> None:
    if endpoint is takes_bytes and most.body_bytes != 10:
        most = LIMITS
    app = typed(endpoint, {HTTPException: reading}, around, limits=most)
    response = await call(app, method="POST", body=[b"x" * 11, b"y" * 20], headers=JSON | headers)
    assert response.status == 413
    assert response.json["detail"].endswith("body exceeds 10 bytes")
    assert response.receives == (0 if headers else 1)


# A form.


async def fields(name: Annotated[str, Form()]) -> None:
    raise HTTPException(418, "after the form")


async def upload(file: UploadFile) -> None:
    raise HTTPException(418, "after the form")


FORMS: dict[str, tuple[Any, bytes, Any, int]] = {
    "fields": (fields, b"name=x", URLENCODED, 418),
    "upload": (upload, form(part("file", "x", file_name="a")), MULTIPART, 418),
    "invalid": (fields, b"other=x", URLENCODED, 422),
    "malformed": (upload, b"x", MULTIPART, 400),
}


@surrounded
@pytest.mark.parametrize("name", FORMS)
async def test_a_handler_that_reads_the_body_of_a_form_leaves_the_response_to_the_error(around: Any, name: str) -> None:
    endpoint, body, headers, status = FORMS[name]
    app = typed(endpoint, {HTTPException: reading, RequestValidationError: reading}, around)
    response = await call(app, method="POST", body=body, headers=headers)
    assert response.status == response.json["status"] == status
    assert str(response.error) == ("Stream consumed" if name == "malformed" else READS_FORM)


@kinds
@surrounded
async def test_a_form_that_an_endpoint_has_read_is_no_body(kind: Any, around: Any) -> None:
    async def endpoint(request: Request) -> Response:
        await request.form()
        raise HTTPException(400)

    response = await call(
        application(kind, endpoint, {400: reading}, around), method="POST", body=b"a=1", headers=URLENCODED
    )
    assert response.status == 400
    assert str(response.error) == READS_FORM


@kinds
@surrounded
async def test_a_handler_of_all_errors_that_reads_the_body_of_a_form_keeps_the_error(kind: Any, around: Any) -> None:
    async def endpoint(request: Request) -> Response:
        await request.form()
        raise Broken

    app = application(kind, endpoint, {Exception: reading}, around)
    response = await call(app, method="POST", body=b"a=1", headers=URLENCODED)
    assert response.status == 500
    assert isinstance(response.error, Broken)
    assert response.error.__notes__ == [f"The exception handler of this error has failed: {READS_FORM}"]


# A response that has started, or a watcher of disconnects that has received the body.


async def fails_midway() -> AsyncIterator[bytes]:
    yield b"a"
    for _ in range(5):
        await checkpoint()
    raise Broken


async def fails_at_once() -> AsyncIterator[bytes]:
    for _ in range(5):
        await checkpoint()
    raise Broken
    yield b""


READERS: dict[str, Any] = {
    "body": lambda request: request.body(),
    "json": lambda request: request.json(),
    "stream": lambda request: anext(request.stream()),
    "form": lambda request: request._read_form(None, None, None, None),
}


@kinds
@surrounded
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("read", READERS)
async def test_a_handler_never_waits_after_the_response_has_started(
    kind: Any, around: Any, version: str, read: str
) -> None:
    seen: list[str] = []

    async def reports(request: Any, exc: Exception) -> Response:
        assert isinstance(exc, Broken)
        try:
            await READERS[read](request)
        except RuntimeError as failed:
            seen.append(str(failed))
            raise
        return Response()

    async def endpoint(request: Request) -> Response:
        return StreamingResponse(fails_midway())

    app = application(kind, endpoint, {Exception: reports}, around)
    asgi = {"version": "3.0", "spec_version": version}
    response = await call(app, method="POST", body=[b"x", b"y"], asgi=asgi, headers=URLENCODED)
    assert response.status == 200
    assert isinstance(response.error, Broken)
    assert seen == ["Stream consumed"]


@kinds
@surrounded
async def test_what_was_read_before_the_response_started_stays_readable(kind: Any, around: Any) -> None:
    seen: list[bytes] = []

    async def reports(request: Any, exc: Exception) -> Response:
        seen.append(await request.body())
        return Response()

    async def endpoint(request: Request) -> Response:
        await request.body()
        return StreamingResponse(fails_midway())

    app = application(kind, endpoint, {Exception: reports}, around)
    response = await call(app, method="POST", body=[b"x", b"y"], asgi={"version": "3.0", "spec_version": "2.3"})
    assert isinstance(response.error, Broken)
    assert seen == [b"xy"]


@surrounded
@pytest.mark.parametrize("key", [Broken, Exception])
async def test_a_handler_never_waits_for_what_a_watcher_has_received(around: Any, key: Any) -> None:
    async def endpoint() -> AsyncIterator[bytes]:
        async for chunk in fails_at_once():
            yield chunk

    async def reads(request: Any, exc: Exception) -> Response:
        try:
            return JSONResponse(len(await request.body()))
        except RuntimeError as failed:
            return JSONResponse(str(failed))

    app = typed(endpoint, {key: reads}, around)
    response = await call(app, method="POST", body=[b"x", b"y"], asgi={"version": "3.0", "spec_version": "2.3"})
    assert response.json == "Stream consumed"


@kinds
@surrounded
@pytest.mark.parametrize("key", [Broken, Exception])
async def test_a_handler_never_waits_for_what_wsgi_has_received(kind: Any, around: Any, key: Any) -> None:
    def wsgi(environ: Any, start_response: Any) -> Any:
        environ["wsgi.input"].read()
        raise Broken

    async def reads(request: Any, exc: Exception) -> Response:
        try:
            return JSONResponse(len(await request.body()))
        except RuntimeError as failed:
            return JSONResponse(str(failed))

    middleware = [Middleware(cls) for cls in around]
    app = kind(routes=[Mount("/wsgi", WSGIMiddleware(wsgi))], exception_handlers={key: reads}, middleware=middleware)
    response = await call(app, "/wsgi/", "POST", body=[b"x", b"y"], headers={"content-length": "2"})
    assert response.json == "Stream consumed"


class Gone(Problem, status=410):
    """It is gone."""


@surrounded
async def test_a_problem_is_the_response_too_if_its_handler_reads_what_is_gone(around: Any) -> None:
    async def endpoint(name: Annotated[str, Form()]) -> None:
        raise Gone

    app = typed(endpoint, {Gone: reading}, around)
    response = await call(app, method="POST", body=b"name=x", headers=URLENCODED)
    assert response.status == 410
    assert str(response.error) == READS_FORM
