"""A body that exceeds a limit of signette is a 413 also if an application of Starlette or FastAPI reads it."""

import copy
import pickle
import sys
from collections.abc import Callable
from typing import Any

import fastapi
import pytest
import starlette.applications
import starlette.exceptions
import starlette.responses
import starlette.routing

from signette import App
from signette.applications import Application
from signette.body import LimitedReceive
from signette.exceptions import LimitExceeded
from signette.limits import Limits
from signette.middleware import Middleware
from signette.middleware.body_limit import RequestBodyLimitMiddleware
from signette.routing.host import Host
from signette.routing.mount import Mount
from signette.routing.router import Router
from tests.asgi import JSON, body_of, call, exchange, scope_of

pytestmark = pytest.mark.either_loop


async def size(request: Any) -> Any:
    return starlette.responses.PlainTextResponse(str(len(await request.body())))


def of_starlette(**options: Any) -> Any:
    routes = [starlette.routing.Route("/", size, methods=["POST"])]
    return starlette.applications.Starlette(routes=routes, **options)


def of_fastapi() -> Any:
    app = fastapi.FastAPI()

    async def count(numbers: list[int]) -> int:
        return len(numbers)

    app.post("/")(count)
    return app


FRAMEWORKS: dict[str, Callable[[], Any]] = {"Starlette": of_starlette, "FastAPI": of_fastapi}
SMALL = Middleware(RequestBodyLimitMiddleware, max_body_size=5)
AROUND: dict[str, Callable[[Any], Any]] = {
    "App": lambda app: App(max_body_size=5, routes=[Mount("", app)], openapi_url=None),
    "Application": lambda app: Application(limits=Limits(body_bytes=5), routes=[Mount("", app)]),
    "mount": lambda app: App(routes=[Mount("", app, max_body_size=5)], openapi_url=None),
    "middleware of a mount": lambda app: Application(routes=[Mount("", app, middleware=[SMALL])]),
    "host": lambda app: Application(routes=[Host("host", app)], max_body_size=5),
    "default of a router": lambda app: Application(routes=[Mount("", Router(default=app))], max_body_size=5),
    "mount alone": lambda app: Mount("", app, max_body_size=5),
    "middleware alone": lambda app: RequestBodyLimitMiddleware(app, max_body_size=5),
}


@pytest.mark.parametrize("pieces", [[b"[1,2,3]"], [b"[1,", b"2,3]"]], ids=len)
@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("around", AROUND)
async def test_a_body_over_the_limit_is_a_413(around: str, framework: str, pieces: list[bytes]) -> None:
    app = AROUND[around](FRAMEWORKS[framework]())
    headers = {"host": "host", **JSON}
    response = (await call(app, "/", "POST", headers=headers, body=pieces)).or_raise()
    assert (response.status, "body exceeds 5 bytes" in response.text) == (413, True)
    announced = {"content-length": "7", **headers}
    assert (await call(app, "/", "POST", headers=announced, body=pieces)).or_raise().status == 413
    assert (await call(app, "/", "POST", headers=headers, body=b"[1,2]")).or_raise().status == 200


async def test_the_handlers_of_the_inner_application_respond() -> None:
    async def handler(request: Any, exc: Any) -> Any:
        return starlette.responses.PlainTextResponse(f"{exc.status_code} {exc.detail}", 418)

    inner = of_starlette(exception_handlers={starlette.exceptions.HTTPException: handler})
    response = await call(Application(routes=[Mount("", inner)], max_body_size=5), "/", "POST", body=b"123456")
    assert (response.status, response.text) == (418, "413 body exceeds 5 bytes")


async def exceeded() -> LimitExceeded:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await LimitedReceive(receive, 5, [])()

    error = (await exchange(app, scope_of(), *body_of(b"123456"))).error
    assert isinstance(error, LimitExceeded)
    return error


async def test_the_error_is_that_of_both() -> None:
    error = await exceeded()
    assert isinstance(error, starlette.exceptions.HTTPException)
    assert (str(error), repr(error)) == (
        "413: body exceeds 5 bytes",
        "LimitExceeded(status_code=413, detail='body exceeds 5 bytes')",
    )
    for same in copy.copy(error), pickle.loads(pickle.dumps(error)):
        assert type(same) is LimitExceeded
        assert (same.status_code, same.limit, same.limit_value, same.detail, same.hint, same.headers) == (
            *(413, "body_bytes", 5, "body exceeds 5 bytes"),
            *(error.hint, None),
        )


async def test_it_is_signettes_alone_where_starlette_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "starlette.exceptions")
    assert type(await exceeded()) is LimitExceeded
