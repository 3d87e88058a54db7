"""Limits of bodies and forms hold as in FastAPI, where they stand inside of each other and behind middleware."""

import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Annotated, Any

import fastapi
import fastapi.testclient
import pytest
import starlette.responses

import signette
import signette.responses
import signette.testclient

THEIRS = SimpleNamespace(
    App=fastapi.FastAPI,
    Router=fastapi.APIRouter,
    Request=fastapi.Request,
    Form=fastapi.Form,
    TestClient=fastapi.testclient.TestClient,
    PlainTextResponse=starlette.responses.PlainTextResponse,
)
OURS = SimpleNamespace(
    App=signette.App,
    Router=signette.Router,
    Request=signette.Request,
    Form=signette.Form,
    TestClient=signette.testclient.TestClient,
    PlainTextResponse=signette.responses.PlainTextResponse,
)


async def read_first(request: Any, call_next: Any) -> Any:
    await request.body()
    return await call_next(request)


def add_endpoints(side: Any, router: Any, **options: Any) -> Any:
    async def size(request: Any) -> Any:
        return side.PlainTextResponse(str(len(await request.body())))

    async def numbers(items: list[int]) -> int:
        return len(items)

    async def text(a: str) -> int:
        return len(a)

    size.__annotations__["request"] = side.Request
    text.__annotations__["a"] = Annotated[str, side.Form()]
    router.post("/size", response_model=None, **options)(size)
    router.post("/json", **options)(numbers)
    router.post("/form", **options)(text)
    return router


def app(side: Any, *, reads: bool = False, **options: Any) -> Any:
    made = side.App(**options)
    if reads:
        made.middleware("http")(read_first)
    return made


def mounting(outer: Any, inner: Any) -> Any:
    outer.mount("/in", inner)
    return outer


def including(outer: Any, router: Any, **options: Any) -> Any:
    outer.include_router(router, **options)
    return outer


# The paths begin with /in where something is mounted.
NESTED: dict[str, Callable[[Any], Any]] = {
    "inner": lambda side: mounting(app(side), add_endpoints(side, app(side, max_body_size=10))),
    "outer, the inner reads": lambda side: mounting(
        app(side, max_body_size=10), add_endpoints(side, app(side, reads=True))
    ),
    "inner that reads": lambda side: mounting(app(side), add_endpoints(side, app(side, reads=True, max_body_size=10))),
    "inner, the outer reads": lambda side: mounting(
        app(side, reads=True), add_endpoints(side, app(side, max_body_size=10))
    ),
    "router around a mount": lambda side: including(
        app(side), mounting(side.Router(max_body_size=10), add_endpoints(side, app(side)))
    ),
    "include_router around a mount": lambda side: including(
        app(side), mounting(side.Router(), add_endpoints(side, app(side))), max_body_size=10
    ),
    "larger inner": lambda side: mounting(app(side, max_body_size=5), add_endpoints(side, app(side, max_body_size=10))),
    "larger outer": lambda side: mounting(
        app(side, max_body_size=20), add_endpoints(side, app(side, max_body_size=10))
    ),
    "larger inner, the outer reads": lambda side: mounting(
        app(side, reads=True, max_body_size=5), add_endpoints(side, app(side, max_body_size=10))
    ),
}
FLAT: dict[str, Callable[[Any], Any]] = {
    "application": lambda side: add_endpoints(side, app(side, max_body_size=10)),
    "route": lambda side: add_endpoints(side, app(side, max_body_size=20), max_body_size=10),
    "route, middleware reads": lambda side: add_endpoints(
        side, app(side, reads=True, max_body_size=20), max_body_size=10
    ),
    "larger route": lambda side: add_endpoints(side, app(side, max_body_size=5), max_body_size=10),
    "router": lambda side: including(app(side), add_endpoints(side, side.Router(max_body_size=10))),
    "include_router": lambda side: including(app(side), add_endpoints(side, side.Router()), max_body_size=10),
}


def statuses(side: Any, made: Any, prefix: str) -> dict[str, list[int]]:
    """The statuses of bodies of 5, 9, 11 and 21 bytes, with and without Content-Length."""
    found: dict[str, list[int]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of their test client
        client = side.TestClient(made, raise_server_exceptions=False)
    for path, begin, end, media_type in (
        ("/size", b"", b"", "text/plain"),
        ("/json", b"[", b"]", "application/json"),
        ("/form", b"a=", b"", "application/x-www-form-urlencoded"),
    ):
        for size in 5, 9, 11, 21:
            body = begin + b"1" * (size - len(begin) - len(end)) + end
            for content in body, iter([body[:3], body[3:]]):
                response = client.post(prefix + path, content=content, headers={"content-type": media_type})
                found.setdefault(path, []).append(response.status_code)
    return found


@pytest.mark.parametrize("where", NESTED)
def test_limits_of_applications_inside_of_each_other_hold(where: str) -> None:
    theirs, ours = [statuses(side, NESTED[where](side), "/in") for side in (THEIRS, OURS)]
    assert ours == theirs
    assert 413 in ours["/size"]


@pytest.mark.parametrize("where", FLAT)
def test_limits_of_routes_and_routers_hold(where: str) -> None:
    theirs, ours = [statuses(side, FLAT[where](side), "") for side in (THEIRS, OURS)]
    assert ours == theirs
    assert set(ours["/size"]) == {200, 413}
