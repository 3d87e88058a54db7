"""Classes that a function declares are freed with the application that used them: no cache keeps them.

Not those of annotations, whose caches are bounded: an annotation such as `list[Item]` cannot be referenced weakly.
"""

import gc
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import fastapi
import pytest
import starlette.requests
from pydantic import BaseModel

from signette.app import App
from signette.declarative.routing.router import Router
from signette.declarative.signature.depends import Depends
from signette.middleware import Middleware
from signette.requests import Request
from signette.responses import JSONResponse, PlainTextResponse
from signette.routing import APIRoute
from tests.asgi import JSON, call

COUNT = 20


def returning(make: Callable[[], Any]) -> Any:
    """An endpoint that returns a value. Not one for a worker thread, which may hold its last result a moment longer."""

    async def endpoint():  # type: ignore[no-untyped-def]
        return make()

    return endpoint


Made = tuple[App, type]


def of_response(add: Callable[[App, Any], object]) -> Callable[[], Made]:
    def make() -> Made:
        class Own(JSONResponse):
            pass

        app = App()
        add(app, Own)
        return app, Own

    return make


def of_value(make_class: Callable[[], type], shape: Callable[[Any], Any] = lambda value: value) -> Callable[[], Made]:
    def make() -> Made:
        cls = make_class()
        app = App()
        app.get("/x")(returning(lambda: shape(cls())))
        return app, cls

    return make


def plain_class() -> type:
    class Own:
        def __init__(self) -> None:
            self.a = 1

    return Own


def int_class() -> type:
    class Own(int):
        pass

    return Own


def dataclass_class() -> type:
    @dataclass
    class Own:
        a: int = 1

    return Own


def model_class() -> type:
    class Own(BaseModel):
        a: int = 1

    return Own


def of_marker(marker: Any, **options: Any) -> Callable[[], Made]:
    def make() -> Made:
        class Own:
            async def __call__(self) -> int:
                return 1

        async def endpoint(n: int = marker(Own(), **options)) -> int:
            return n

        app = App()
        app.get("/x")(endpoint)
        return app, Own

    return make


def of_request() -> Made:
    class Own(starlette.requests.Request):
        pass

    async def endpoint(request: Any) -> str:
        return str(request.method)

    endpoint.__annotations__["request"] = Own
    app = App()
    app.get("/x")(endpoint)
    return app, Own


def of_route() -> Made:
    class Own(APIRoute):
        pass

    app = App(route_class=Own)
    app.get("/x")(returning(lambda: 1))
    return app, Own


def of_exception() -> Made:
    class Own(Exception):
        pass

    app = App()

    @app.exception_handler(Own)
    async def handle(request: Request, exc: Exception) -> PlainTextResponse:
        return PlainTextResponse("own")

    @app.get("/x")
    async def endpoint() -> int:
        raise Own

    return app, Own


def of_middleware() -> Made:
    class Own:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await self.app(scope, receive, send)

    app = App(middleware=[Middleware(Own)])
    app.get("/x")(returning(lambda: 1))
    return app, Own


def routed() -> Router:
    router = Router()
    router.get("/x")(returning(lambda: 1))
    return router


CASES: dict[str, Callable[[], Made]] = {
    "response_class of a route": of_response(lambda app, cls: app.get("/x", response_class=cls)(returning(lambda: 1))),
    "default_response_class": of_response(lambda app, cls: app.include_router(routed(), default_response_class=cls)),
    "response": of_response(lambda app, cls: app.get("/x")(returning(lambda: cls(1)))),
    "object": of_value(plain_class),
    "subclass of int": of_value(int_class, lambda value: {value: [value]}),
    "dataclass": of_value(dataclass_class, lambda value: [value]),
    "model": of_value(model_class),
    "dependency": of_marker(Depends),
    "dependency with a limit": of_marker(Depends, max_concurrency=2),
    "dependency of fastapi": of_marker(fastapi.Depends),
    "dependency of fastapi with a limit": of_marker(fastapi.Depends, max_concurrency=2),
    "request of starlette": of_request,
    "route_class": of_route,
    "exception": of_exception,
    "middleware": of_middleware,
}


async def refs_of(make: Callable[[], Made]) -> tuple[weakref.ref[Any], weakref.ref[Any]]:
    app, cls = make()
    assert (await call(app, "/x", headers=JSON)).or_raise().status == 200
    app.openapi()
    return weakref.ref(app), weakref.ref(cls)


@pytest.mark.parametrize("name", CASES)
async def test_a_class_is_freed_with_its_application(name: str) -> None:
    refs = [await refs_of(CASES[name]) for _ in range(COUNT)]
    gc.collect()
    assert [(app(), cls()) for app, cls in refs] == [(None, None)] * COUNT
