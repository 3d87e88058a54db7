"""A router of FastAPI is included: its routes respond as in an application of FastAPI."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import fastapi
import pytest
import starlette.responses
import starlette.routing
from fastapi import APIRouter, Depends
from pydantic import BaseModel

from signette.app import App
from signette.declarative.routing.router import Router
from signette.testclient import TestClient
from tests.asgi import JSON, call


class Item(BaseModel):
    name: str
    secret: str = "s"


class Shown(BaseModel):
    name: str


def login(x_token: Annotated[str, fastapi.Header()]) -> str:
    if x_token != "open":
        raise fastapi.HTTPException(403, "closed")
    return "ann"


def router_of() -> APIRouter:
    router = APIRouter(
        prefix="/shop", tags=["shop"], dependencies=[Depends(login)], responses={418: {"description": "Short"}}
    )

    @router.get("/text")
    def text() -> str:
        return "text"

    @router.get("/plain")
    def plain():  # type: ignore[no-untyped-def]
        return "plain"

    @router.get("/null")
    async def null() -> None:
        return None

    @router.delete("/gone", status_code=204)
    async def gone() -> None:
        return None

    @router.post("/items", response_model=Shown, status_code=201, summary="Add", operation_id="add-item")
    async def add(item: Item) -> Any:
        return item

    @router.get("/unset", response_model_exclude_unset=True)
    async def unset() -> Item:
        return Item(name="tea")

    @router.get("/response")
    async def response() -> fastapi.Response:
        return fastapi.Response("raw", media_type="text/x")

    @router.get("/page", response_class=fastapi.responses.HTMLResponse)
    async def page():  # type: ignore[no-untyped-def]
        return "<p>"

    @router.api_route("/both", methods=["GET", "PUT"], name="both", deprecated=True)
    async def both(request: fastapi.Request, user: Annotated[str, Depends(login)]) -> list[str]:
        return [request.method, user, str(request.url_for("both"))]

    @router.get("/hidden", include_in_schema=False)
    async def hidden(n: int = 3) -> int:
        return n

    @router.websocket("/talk/{room}")
    async def talk(websocket: fastapi.WebSocket, room: str, response: fastapi.Response) -> None:
        await websocket.accept()
        await websocket.send_text(room)

    return router


REQUESTS = [
    ("GET", "/text"),
    ("GET", "/plain"),
    ("GET", "/null"),
    ("DELETE", "/gone"),
    ("POST", "/items"),
    ("GET", "/unset"),
    ("GET", "/response"),
    ("GET", "/page"),
    ("GET", "/both"),
    ("PUT", "/both"),
    ("GET", "/hidden"),
]


@pytest.mark.parametrize(("method", "path"), REQUESTS)
async def test_its_routes_respond_as_in_fastapi(method: str, path: str) -> None:
    ours, theirs = App(), fastapi.FastAPI()
    ours.include_router(router_of(), prefix="/v1")  # type: ignore[arg-type]
    theirs.include_router(router_of(), prefix="/v1")
    sent = {**JSON, "host": "a.org", "x-token": "open"}
    for headers in (sent, sent | {"x-token": "shut"}):
        body = b'{"name": "tea"}' if method == "POST" else b""
        here = await call(ours, f"/v1/shop{path}", method, headers=headers, body=body)
        there = await call(theirs, f"/v1/shop{path}", method, headers=headers, body=body)
        assert here.or_raise().status == there.or_raise().status
        if here.status < 300:
            assert here.text == there.text
            assert here["content-type"] == (there["content-type"] if here.status != 204 else None)


async def test_its_websockets_and_their_dependencies() -> None:
    app = App()
    app.include_router(router_of())  # type: ignore[arg-type]
    accepted = await call(app, "/shop/talk/blue", kind="websocket", headers={"x-token": "open"})
    assert accepted.messages[1] == {"type": "websocket.send", "text": "blue"}
    assert (await call(app, "/shop/talk/blue", kind="websocket", headers={"x-token": "shut"})).types == [
        "websocket.close"
    ]


def test_they_are_documented() -> None:
    app = App()
    app.include_router(router_of(), prefix="/v1", tags=["v1"])  # type: ignore[arg-type]
    paths = app.openapi()["paths"]
    assert "/v1/shop/hidden" not in paths
    operation = paths["/v1/shop/items"]["post"]
    assert (operation["summary"], operation["operationId"]) == ("Add", "add-item")
    assert operation["tags"] == ["v1", "shop"]
    assert operation["responses"].keys() >= {"201", "418", "422"}
    assert operation["responses"]["201"]["content"]["application/json"]["schema"]["$ref"].endswith("/Shown")
    assert paths["/v1/shop/both"]["put"]["deprecated"] is True


def test_it_may_be_included_in_a_router_and_twice() -> None:
    app, outer = App(), Router(prefix="/outer")
    outer.include_router(router_of())  # type: ignore[arg-type]
    app.include_router(outer)
    app.include_router(outer, prefix="/again")
    with TestClient(app, headers={"x-token": "open"}) as client:
        assert client.get("/outer/shop/text").json() == client.get("/again/outer/shop/text").json() == "text"


def test_its_lifespan_starts() -> None:
    events = []

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        events.append("start")
        yield
        events.append("stop")

    app = App()
    app.include_router(APIRouter(lifespan=lifespan))  # type: ignore[arg-type]
    with TestClient(app):
        assert events == ["start"]
    assert events == ["start", "stop"]


class OwnRoute(fastapi.routing.APIRoute):
    """A route class of an application, which may do anything."""


def with_own_class() -> APIRouter:
    router = APIRouter(route_class=OwnRoute)
    router.get("/x")(lambda: 1)
    return router


def with_another_router() -> APIRouter:
    router = APIRouter()
    router.include_router(with_routes(), prefix="/inner")
    return router


def with_routes() -> APIRouter:
    router = APIRouter()
    router.get("/x")(lambda: 1)
    return router


def with_plain_route() -> APIRouter:
    router = APIRouter()
    router.routes.append(starlette.routing.Route("/x", starlette.responses.PlainTextResponse("x")))
    return router


def with_callbacks() -> APIRouter:
    router = APIRouter()
    router.get("/x", callbacks=list(with_routes().routes))(lambda: 1)
    return router


@pytest.mark.parametrize("make", [with_own_class, with_plain_route, with_callbacks])
def test_what_has_no_equivalent_is_rejected(make: Any) -> None:
    with pytest.raises(TypeError, match=r"cannot be included, because it has .*; mount an application of FastAPI"):
        App().include_router(make())


async def test_a_router_in_it_is_included_or_rejected() -> None:
    """Releases of FastAPI differ: a router has the routes of another one, or the router itself."""
    app, router = App(), with_another_router()
    if all(type(each).__name__ == "APIRoute" for each in router.routes):
        app.include_router(router)  # type: ignore[arg-type]
        assert (await call(app, "/inner/x")).json == 1
    else:
        with pytest.raises(TypeError, match="it has another router"):
            app.include_router(router)  # type: ignore[arg-type]
