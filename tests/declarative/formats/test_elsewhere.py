"""Formats and envelopes of routes that other things are around: classes, handlers, middleware, other frameworks."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import pytest
import starlette.applications
import starlette.routing
from pydantic import BaseModel

from signette import App, HTTPException, JSONResponse, Middleware, Problem, Request, Response, Router, TypedRoute
from signette.cbv import cbv
from signette.formats import CSV, JSON, NotAcceptable
from signette.middleware.compression import CompressionMiddleware
from signette.testclient import TestClient
from tests.asgi import Exchange, fetch

pytestmark = pytest.mark.either_loop
T = TypeVar("T")


class Row(BaseModel):
    id: int


class Envelope(BaseModel, Generic[T]):
    data: T


class Gone(Problem, status=410):
    """It was here once."""


async def rows() -> list[Row]:
    return [Row(id=1)]


async def gone() -> Row | Gone:
    raise Gone


async def get(app: Any, accept: str, path: str = "/", **headers: str) -> Exchange:
    return await fetch(app, f"GET {path}", headers={"accept": accept, **headers})


async def check(app: Any, path: str = "/", vary: str = "Accept") -> None:
    """The formats and the envelope work, and each response varies."""
    table, whole = await get(app, "text/csv", path), await get(app, "application/json", path)
    other = await get(app, "image/png", path)
    assert (table.status, table.body, table["vary"]) == (200, b"id\r\n1\r\n", vary)
    assert (whole.status, whole.json, whole["vary"]) == (200, {"data": [{"id": 1}]}, vary)
    assert (other.status, other["vary"]) == (406, vary)


async def test_class_based_views() -> None:
    app, router = App(openapi_url=None), Router(renders=[JSON, CSV], envelope=Envelope)

    @cbv(router)
    class Views:
        @router.get("/")
        async def rows(self) -> list[Row]:
            return [Row(id=1)]

        @router.get("/plain", renders=None, envelope=None)
        async def plain(self) -> list[Row]:
            return [Row(id=1)]

    app.include_router(router)
    await check(app)
    assert (await get(app, "image/png", "/plain")).json == [{"id": 1}]


async def test_a_route_class_with_its_own_handler() -> None:
    seen: list[int] = []

    class Seen(TypedRoute):
        def get_route_handler(self) -> Callable[[Request], Any]:
            original = super().get_route_handler()

            async def handle(request: Request) -> Response:
                response: Response = await original(request)
                seen.append(response.status_code)
                return response

            return handle

    app = App(openapi_url=None, route_class=Seen, renders=[JSON, CSV], envelope=Envelope)
    app.get("/")(rows)
    await check(app)
    assert seen == [200, 200]


async def test_middleware_and_exception_handlers_of_a_router() -> None:
    async def handle(_: Request, exc: Exception) -> Response:
        return JSONResponse({"type": type(exc).__name__}, 418)

    router = Router(
        renders=[JSON, CSV],
        envelope=Envelope,
        middleware=[Middleware(CompressionMiddleware, minimum_size=1)],
        exception_handlers={Gone: handle},
    )
    router.get("/")(rows)
    router.get("/gone")(gone)
    app = App(openapi_url=None)
    app.include_router(router)
    await check(app, vary="Accept-Encoding, Accept")
    handled = await get(app, "*/*", "/gone")
    assert (handled.status, handled.json, handled["vary"]) == (418, {"type": "Gone"}, "Accept-Encoding, Accept")
    packed = await get(app, "*/*", **{"accept-encoding": "gzip"})
    assert (packed["content-encoding"], packed["vary"]) == ("gzip", "Accept-Encoding, Accept")


async def test_a_handler_of_the_application_for_a_406() -> None:
    app = App(openapi_url=None, renders=[CSV])

    @app.exception_handler(NotAcceptable)
    async def handle(_: Request, exc: NotAcceptable) -> Response:
        return JSONResponse({"choices": exc.available}, 406)

    app.get("/")(rows)
    response = await get(app, "image/png")
    assert (response.status, response.json) == (406, {"choices": ["text/csv; charset=utf-8"]})
    assert response["vary"] == "Accept"


async def test_a_route_without_an_application_and_in_one_of_starlette() -> None:
    route = TypedRoute("/", rows, renders=[JSON, CSV], envelope=Envelope)
    outer = starlette.applications.Starlette(
        routes=[starlette.routing.Mount("/in", App(openapi_url=None, routes=[route]))]
    )
    assert (await get(outer, "text/csv", "/in/")).body == b"id\r\n1\r\n"
    assert (await get(outer, "image/png", "/in/")).status == 406


async def test_a_mounted_router() -> None:
    app, router = App(openapi_url=None), Router(renders=[JSON, CSV], envelope=Envelope)
    router.get("/")(rows)
    app.mount("/in", router)
    await check(app, "/in/")


async def test_a_vary_of_an_error_is_kept() -> None:
    app = App(openapi_url=None, renders=[JSON])

    @app.get("/")
    async def fail() -> Row:
        raise HTTPException(418, headers={"vary": "*"})

    assert (await get(app, "*/*"))["vary"] == "*"


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_test_client_and_worker_threads(backend: str) -> None:
    app = App(renders=[JSON, CSV], envelope=Envelope)

    @app.get("/")
    def listed() -> list[Row]:
        return [Row(id=1)]

    with TestClient(app, backend=backend) as client:
        assert client.get("/", headers={"Accept": "text/csv"}).text == "id\r\n1\r\n"
        assert client.get("/").json() == {"data": [{"id": 1}]}
        assert client.head("/", headers={"Accept": "text/csv"}).headers["content-length"] == "7"
