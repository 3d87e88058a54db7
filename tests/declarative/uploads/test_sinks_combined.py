"""Sinks with what else reads a body or wraps an endpoint: policies, middleware, handlers of routes, classes."""

import gzip
import random
from typing import Annotated, Any

import pytest

from signette import App, File, Form, Middleware, Request, Response, Router, Security, To, Upload, UploadFile
from signette.cbv import cbv
from signette.middleware.base import BaseHTTPMiddleware
from signette.policies import Idempotent
from signette.routing import APIRoute
from signette.state import MemoryStore
from signette.testclient import TestClient
from tests.asgi import Exchange, body_of, call, exchange, scope_of
from tests.declarative.policies.stores import app_with
from tests.declarative.uploads.parts import END, HEADERS, Shelf, field, part

FORM = part("file", b"content") + field("title", "T") + END
INVALID = part("file", b"content") + END


def an_app(shelf: Shelf, app: App | None = None, router: Any = None, **options: Any) -> App:
    app = app or App(**options)

    @(router or app).post("/")
    async def store(file: Annotated[Upload, To(shelf)], title: Annotated[str, Form()]) -> str:
        return f"{title} {file.result}"

    if router is not None:
        app.include_router(router)
    return app


async def post(app: App, body: bytes = FORM, **more: Any) -> Exchange:
    headers = [*HEADERS, *((name.encode(), value.encode()) for name, value in more.items())]
    return await call(app, "/", "POST", headers=headers, body=[body[:100], body[100:]])


class ReadsForm(BaseHTTPMiddleware):
    """Middleware such as a check of CSRF tokens."""

    async def dispatch(self, request: Request, call_next: Any) -> Any:
        await request.body()
        async with request.form() as form:
            assert "file" in form
        return await call_next(request)


class OwnRoute(APIRoute):
    """A route whose handler sees the request and the response."""

    def get_route_handler(self) -> Any:
        original = super().get_route_handler()

        async def handler(request: Request) -> Response:
            response: Response = await original(request)
            response.headers["x-own"] = "1"
            return response

        return handler


class ReadingRoute(APIRoute):
    """A route whose handler has read the body."""

    def get_route_handler(self) -> Any:
        original = super().get_route_handler()

        async def handler(request: Request) -> Response:
            assert await request.body()
            response: Response = await original(request)
            return response

        return handler


WAYS = {
    "middleware that reads the form": lambda shelf: an_app(shelf, middleware=[Middleware(ReadsForm)]),
    "a handler of the route": lambda shelf: an_app(shelf, router=Router(route_class=OwnRoute)),
    "a handler that reads the body": lambda shelf: an_app(shelf, router=Router(route_class=ReadingRoute)),
    "exception handlers that read the form": lambda shelf: an_app(shelf, exception_handlers={422: _reads_form}),
}


async def _reads_form(request: Request, exc: Any) -> Response:
    return Response(str(sorted(await request.form())), 422)


@pytest.mark.parametrize("way", WAYS)
async def test_a_sink_gets_the_file_once_with(way: str) -> None:
    shelf = Shelf()
    app = WAYS[way](shelf)
    response = await post(app)
    assert (response.status, response.text) == (200, "T key 1")
    assert (shelf.kept, shelf.log) == ([b"content"], ["open f", "close"])
    assert (await post(app, INVALID)).status == 422
    assert shelf.log[2:] == ["open f", "close", "abort"]


async def test_a_repetition_of_an_idempotent_upload_sends_nothing_to_the_sink() -> None:
    shelf, app = Shelf(), app_with("idempotency", MemoryStore())

    @app.post("/", policies=[Idempotent()])
    async def store(file: Annotated[Upload, To(shelf)], title: Annotated[str, Form()]) -> str:
        return f"{title} {file.result}"

    first, again = await post(app, **{"idempotency-key": "k"}), await post(app, **{"idempotency-key": "k"})
    assert (first.text, again.text, shelf.kept) == ("T key 1", "T key 1", [b"content"])
    other = await post(app, FORM.replace(b"content", b"another"), **{"idempotency-key": "k"})
    assert (other.status, shelf.kept) == (422, [b"content"])
    assert (await post(app, INVALID, **{"idempotency-key": "2"})).status == 422
    assert shelf.log == ["open f", "close", "open f", "close", "abort"]


@pytest.mark.parametrize(("size", "status"), [(1000, 200), (1001, 413)])
async def test_a_compressed_form_is_measured_as_it_is_read(size: int, status: int) -> None:
    shelf, app = Shelf(), App()

    @app.post("/", request_encodings=["gzip"])
    async def store(file: Annotated[Upload, File(max_bytes=1000), To(shelf)]) -> int:
        return file.size

    content = random.Random(1).randbytes(size // 2).hex().encode().ljust(size, b"x")
    body = gzip.compress(part("file", content) + END)
    response = await post(app, body, **{"content-encoding": "gzip"})
    assert (response.status, shelf.kept) == (status, [content] if status == 200 else [])


def test_views_in_classes_have_sinks() -> None:
    shelf, router = Shelf(), Router()

    @cbv(router)
    class Files:
        file: Annotated[Upload, To(shelf.store)]

        @router.post("/files")
        def store(self) -> str:
            return str(self.file.result)

    app = App()
    app.include_router(router)
    client = TestClient(app)
    assert client.post("/files", files={"file": b"1"}).text == "key 1"


@pytest.mark.parametrize("annotation", [UploadFile, Annotated[Upload, To(Shelf())]], ids=["UploadFile", "Upload"])
@pytest.mark.parametrize("reads", ["body", "stream"])
async def test_a_guard_that_has_read_the_body_leaves_it_to_the_form(annotation: Any, reads: str) -> None:
    """A body that is gone is an error, and not a wait for what will never arrive."""

    async def guard(request: Request) -> None:
        if reads == "body":
            await request.body()
        else:
            assert [chunk async for chunk in request.stream()]

    app = App()

    async def store(file: Any) -> int:
        return file.size  # type: ignore[no-any-return]

    store.__annotations__["file"] = annotation
    app.post("/", dependencies=[Security(guard)])(store)
    response = await exchange(app, scope_of("/", "POST", headers=HEADERS), *body_of(FORM))
    assert response.status == (200 if reads == "body" else 500)
    assert str(response.error) == ("None" if reads == "body" else "Stream consumed")
