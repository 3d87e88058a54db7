"""Routes, routers and applications of signette in applications of Starlette and FastAPI, and the other way round."""

import pickle
from collections.abc import Callable
from typing import Any

import fastapi
import pytest
import starlette.applications
import starlette.exceptions
import starlette.requests
import starlette.responses
import starlette.routing

from signette.app import App
from signette.applications import Application
from signette.declarative.routing.router import Router as TypedRouter
from signette.exceptions import HTTPException, WebSocketException
from signette.problems import Problem
from signette.requests import Request
from signette.responses import PlainTextResponse
from signette.routing import Host, Mount, NoMatchFound, Route, Router, WebSocketRoute
from tests.asgi import JSON, call


class OutOfStock(Problem, status=409):
    sku: str


async def show(request: Any) -> PlainTextResponse:
    return PlainTextResponse(f"{request.path_params} {request.url_for('show', name='z')}")


async def fail(request: Any) -> None:
    raise HTTPException(418, "short and stout", {"x-a": "b"})


async def talk(websocket: Any) -> None:
    await websocket.accept()
    raise WebSocketException(4001, "no")


def plain_routes() -> list[Any]:
    return [
        Route("/show/{name}", show, name="show"),
        Route("/fail", fail),
        WebSocketRoute("/talk", talk),
        Mount("/below", routes=[Route("/show/{name}", show, name="inner"), Route("/fail", fail)]),
        Host("other.org", Router([Route("/fail", fail)])),
    ]


def typed_routes() -> list[Any]:
    router = TypedRouter()

    @router.get("/typed/{number}", name="typed")
    async def typed(number: int, request: Request) -> str:
        return str(request.url_for("typed", number=number + 1))

    @router.get("/typed-fail")
    async def typed_fail() -> None:
        raise HTTPException(418, "short and stout", {"x-a": "b"})

    @router.get("/problem")
    async def problem() -> str | OutOfStock:
        raise OutOfStock(sku="A")

    @router.post("/sent")
    async def sent(items: list[int]) -> int:
        return sum(items)

    return list(router.routes)


def every_route() -> list[Any]:
    return [*plain_routes(), *typed_routes()]


def mounted_in(outer: Any) -> Any:
    outer.mount("/", Router(every_route()))
    return outer


OUTER: dict[str, Callable[[], Any]] = {
    "routes in Starlette": lambda: starlette.applications.Starlette(routes=every_route()),
    "routes in FastAPI": lambda: fastapi.FastAPI(routes=every_route()),
    "a router in Starlette": lambda: mounted_in(starlette.applications.Starlette()),
    "a router in FastAPI": lambda: mounted_in(fastapi.FastAPI()),
}
HOST = [(b"host", b"a.org")]


@pytest.fixture(params=OUTER)
def outer(request: pytest.FixtureRequest) -> Any:
    return OUTER[request.param]()


async def test_they_are_found_and_reversed(outer: Any) -> None:
    for path in ("/show/a", "/below/show/a"):
        assert (await call(outer, path, headers=HOST)).text == "{'name': 'a'} http://a.org/show/z"
    assert (await call(outer, "/typed/3", headers=HOST)).text == "http://a.org/typed/4"
    assert (await call(outer, "/sent", "POST", body=b"[1, 2]", headers=JSON)).json == 3


@pytest.mark.parametrize("path", ["/fail", "/below/fail", "/typed-fail"])
async def test_an_exception_is_handled_by_the_application_around(outer: Any, path: str) -> None:
    response = await call(outer, path, headers=HOST)
    assert (response.status, response.headers["x-a"], response.error) == (418, "b", None)
    is_fastapi = isinstance(outer, fastapi.FastAPI)
    assert response.text == ('{"detail":"short and stout"}' if is_fastapi else "short and stout")


async def test_wrong_paths_methods_and_hosts_have_their_status(outer: Any) -> None:
    assert (await call(outer, "/below/nowhere", headers=HOST)).status == 404
    response = await call(outer, "/show/a", "POST", headers=HOST)
    assert (response.status, response.headers["allow"]) == (405, "GET, HEAD")
    assert (await call(outer, "/fail", headers=[(b"host", b"other.org")])).status == 418


async def test_typed_errors_are_problem_documents(outer: Any) -> None:
    for path, status in (("/typed/x", 422), ("/problem", 409)):
        response = await call(outer, path, headers=HOST)
        assert (response.status, response.headers["content-type"]) == (status, "application/problem+json")
        assert response.json["status"] == status
        assert response.error is None
    assert (await call(outer, "/sent", "POST", body=b'["x"]', headers=JSON)).errors == [("body", "/0", "int_parsing")]


async def test_a_websocket_is_closed_with_its_code(outer: Any) -> None:
    response = await call(outer, "/talk", kind="websocket", headers=HOST)
    assert response.messages[-1] == {"type": "websocket.close", "code": 4001, "reason": "no"}


async def test_a_handler_for_the_class_of_signette_gets_it() -> None:
    async def handle(request: Any, exc: Any) -> Any:
        return starlette.responses.PlainTextResponse(type(exc).__module__)

    app = starlette.applications.Starlette(routes=plain_routes(), exception_handlers={HTTPException: handle})
    assert (await call(app, "/fail")).text == "signette.exceptions"


# -- names across applications -----------------------------------------------------------------------------------------


def of_fastapi() -> fastapi.FastAPI:
    inner = fastapi.FastAPI()

    @inner.get("/items/{n}", name="item")
    def item(n: int, request: fastapi.Request) -> Any:
        return str(request.url_for("item", n=n))

    return inner


def of_starlette() -> starlette.applications.Starlette:
    async def item(request: starlette.requests.Request) -> Any:
        return starlette.responses.JSONResponse(str(request.url_for("item", n=request.path_params["n"])))

    return starlette.applications.Starlette(routes=[starlette.routing.Route("/items/{n}", item, name="item")])


def of_signette() -> App:
    inner = App()

    @inner.get("/items/{n}", name="item", response_model=None)
    async def item(n: int, request: Request) -> Any:
        return str(request.url_for("item", n=n))

    return inner


def of_toolkit() -> Application:
    async def item(request: Request) -> Any:
        return PlainTextResponse(f'"{request.url_for("item", n=request.path_params["n"])}"')

    return Application(routes=[Mount("/items", routes=[Route("/{n}", item, name="item")])])


APPLICATIONS = [of_fastapi, of_starlette, of_signette, of_toolkit]


@pytest.mark.parametrize("inner", APPLICATIONS)
@pytest.mark.parametrize("outer", [fastapi.FastAPI, starlette.applications.Starlette, App, Application])
async def test_an_application_finds_its_own_routes_wherever_it_is_mounted(inner: Any, outer: Any) -> None:
    app = outer()
    app.mount("/deep", inner())
    response = await call(app, "/deep/items/3", headers=HOST)
    assert response.or_raise().text == '"http://a.org/deep/items/3"'
    assert str(app.url_path_for("item", n=3)) == "/deep/items/3"


@pytest.mark.parametrize("inner", [of_signette, of_toolkit])
@pytest.mark.parametrize("outer", [fastapi.FastAPI, starlette.applications.Starlette, App, Application])
async def test_an_application_of_signette_finds_them_below_a_mount_with_a_name_too(inner: Any, outer: Any) -> None:
    app = outer()
    app.mount("/{tenant}/deep", inner(), name="deep")
    response = await call(app, "/proxy/acme/deep/items/3", headers=HOST, root_path="/proxy")
    assert response.or_raise().text == '"http://a.org/proxy/acme/deep/items/3"'


@pytest.mark.parametrize("inner", APPLICATIONS)
@pytest.mark.parametrize("outer", [fastapi.FastAPI, starlette.applications.Starlette, App, Application])
def test_a_name_that_no_application_has_is_not_found_for_both(inner: Any, outer: Any) -> None:
    app = outer()
    app.mount("/deep", inner())
    with pytest.raises(Exception, match="No route exists") as raised:
        app.url_path_for("nowhere", n=3)
    assert type(raised.value).__name__ == "NoMatchFound"
    assert isinstance(raised.value, starlette.routing.NoMatchFound)
    assert isinstance(raised.value, NoMatchFound) or outer not in (App, Application)


def test_the_shared_exception_can_be_pickled() -> None:
    with pytest.raises(NoMatchFound) as raised:
        Router().url_path_for("nowhere", n=3)
    copy = pickle.loads(pickle.dumps(raised.value))
    assert (type(copy), copy.name, copy.path_params) == (type(raised.value), "nowhere", {"n": 3})
    assert str(copy) == 'No route exists for name "nowhere" and params "n".'
