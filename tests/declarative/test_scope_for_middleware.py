"""Middleware reads the route, its endpoint and its path parameters after the call, wherever it is placed."""

from collections.abc import Callable
from typing import Any

import pytest
import starlette.applications
import starlette.middleware.base
import starlette.routing

from signette.app import App
from signette.applications import Application
from signette.declarative.routing.router import Router
from signette.middleware import Middleware
from signette.middleware.base import BaseHTTPMiddleware
from signette.requests import Request
from signette.responses import PlainTextResponse
from signette.routing import Mount, Route
from signette.routing import Router as PlainRouter
from tests.asgi import call

seen: list[dict[str, Any]] = []


class Look:
    """ASGI middleware that reads the scope after the call."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self.app(scope, receive, send)
        finally:
            if scope["type"] != "lifespan":
                seen.append(dict(scope))


class LookBehind(BaseHTTPMiddleware):
    async def dispatch(self, request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        seen.append(dict(request.scope))
        return response


class LookBehindStarlettes(starlette.middleware.base.BaseHTTPMiddleware):
    async def dispatch(self, request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        seen.append(dict(request.scope))
        return response


async def short() -> str:
    return "short"


async def numbered(number: int) -> int:
    return number


async def converted(name: str, number: int) -> int:
    return number


async def asking(request: Request, number: int) -> int:
    assert request.path_params == {"number": str(number)}
    return number


async def plain(request: Request) -> PlainTextResponse:
    return PlainTextResponse("plain")


async def failing(number: int) -> None:
    raise LookupError


def add_routes(router: Any) -> None:
    router.get("/short")(short)
    router.get("/numbered/{number}")(numbered)
    router.get("/converted/{name}/{number:int}")(converted)
    router.get("/asking/{number}")(asking)
    router.get("/failing/{number}")(failing)
    router.routes.append(Route("/plain/{name}", plain))


# path -> endpoint, path parameters
REQUESTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "/short": (short, {}),
    "/numbered/3": (numbered, {"number": "3"}),
    "/numbered/x": (numbered, {"number": "x"}),
    "/converted/a/3": (converted, {"name": "a", "number": 3}),
    "/asking/3": (asking, {"number": "3"}),
    "/failing/3": (failing, {"number": "3"}),
    "/plain/ada": (plain, {"name": "ada"}),
}


def app_of(**options: Any) -> App:
    app = App(**options)
    add_routes(app)
    return app


def router_of() -> Router:
    router = Router()
    add_routes(router)
    return router


def wrapped_by_decorator() -> App:
    app = app_of()

    @app.middleware("http")
    async def look(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        seen.append(dict(request.scope))
        return response

    return app


PLACES: dict[str, Callable[[], Any]] = {
    "in the application": lambda: app_of(middleware=[Middleware(Look)]),
    "in a plain application": lambda: Application(routes=router_of().routes, middleware=[Middleware(Look)]),
    "around the application": lambda: Look(app_of()),
    "around a plain application": lambda: Look(Application(routes=router_of().routes)),
    "by a decorator": wrapped_by_decorator,
    "of a base class": lambda: app_of(middleware=[Middleware(LookBehind)]),
    "of Starlette's base class": lambda: app_of(middleware=[Middleware(LookBehindStarlettes)]),
    "of Starlette's base class, around": lambda: LookBehindStarlettes(app_of()),
    "of a router": lambda: Application(
        routes=[Mount("", PlainRouter(router_of().routes, middleware=[Middleware(Look)]))]
    ),
    "of a mount": lambda: App(routes=[Mount("", app_of(), middleware=[Middleware(Look)])], openapi_url=None),
    "around a mounted application": lambda: Look(App(routes=[Mount("", app_of())], openapi_url=None)),
    "around a mounted router": lambda: Look(App(routes=[Mount("", routes=router_of().routes)], openapi_url=None)),
    "in an application of Starlette around": lambda: starlette.applications.Starlette(
        routes=[starlette.routing.Mount("/", app_of())], middleware=[starlette.applications.Middleware(Look)]
    ),
}


@pytest.mark.parametrize("path", REQUESTS)
@pytest.mark.parametrize("place", PLACES)
async def test_middleware_finds_route_endpoint_and_path_parameters(place: str, path: str) -> None:
    endpoint, params = REQUESTS[path]
    seen.clear()
    app = PLACES[place]()
    await call(app, path)
    await call(app, path)
    assert seen or "failing" in path  # an exception has passed its `call_next`
    for scope in seen:
        assert scope["endpoint"] is endpoint
        assert scope["route"].path.startswith(path[: path.find("/", 1)])
        assert scope["route"].endpoint is endpoint
        assert (scope.get("path_params") or {}) == params
        assert scope["app"] is not None


@pytest.mark.parametrize("path", ["/nowhere", "/numbered/3"])
async def test_a_request_that_no_route_handles_has_no_route(path: str) -> None:
    seen.clear()
    await call(app_of(middleware=[Middleware(Look)]), path, "DELETE")
    assert ("route" in seen[0]) == (path != "/nowhere")  # 405: the first route of this path


async def test_middleware_around_a_websocket_finds_its_route() -> None:
    app = App(openapi_url=None)

    @app.websocket("/rooms/{room}")
    async def talk(room: str) -> None: ...

    for wrapped in (Look(app), app_of(middleware=[Middleware(Look)], routes=app.routes)):
        seen.clear()
        await call(wrapped, "/rooms/blue", kind="websocket")
        assert seen[0]["endpoint"] is talk
        assert seen[0]["path_params"] == {"room": "blue"}


async def test_inner_path_parameters_are_added_to_those_of_the_mount() -> None:
    seen.clear()
    app = App(routes=[Mount("/{tenant}", app_of())])
    await call(Look(app), "/acme/numbered/3")
    assert seen[0]["path_params"] == {"tenant": "acme", "number": "3"}
