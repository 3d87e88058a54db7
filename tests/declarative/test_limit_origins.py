"""The log names the option that has set the limit that was exceeded: raising another one would change nothing."""

import copy
import logging
import pickle
from collections.abc import Callable
from typing import Annotated, Any

import pytest

from signette import App, Body, Form, Mount, Request, Router, UploadFile
from signette.applications import Application
from signette.exceptions import LimitExceeded
from signette.limits import Limits, OptionLimit, limits_within, set_by
from signette.middleware import Middleware
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.body_limit import RequestBodyLimitMiddleware
from signette.responses.plain import PlainTextResponse
from signette.routing.route import Route
from signette.routing.router import Router as PlainRouter
from tests.asgi import JSON, MULTIPART, URLENCODED, call

pytestmark = [pytest.mark.either_loop, pytest.mark.thorough]


async def plain(request: Any) -> Any:
    return PlainTextResponse(str(len(await request.body())))


async def raw(body: Annotated[bytes, Body()]) -> int:
    return len(body)


async def by_hand(request: Request) -> int:
    return len(await request.body())


async def numbers(numbers: list[int]) -> int:
    return len(numbers)


async def text(a: Annotated[str, Form()]) -> None: ...


async def upload(file: UploadFile) -> int:
    return file.size or 0


# The endpoint, and a body of more than 100 bytes.
LONG = b"--cut\r\nContent-Disposition: form-data; name=file; filename=f\r\n\r\n" + b"x" * 100 + b"\r\n--cut--\r\n"
TYPED: dict[str, tuple[Any, dict[str, Any]]] = {
    "raw": (raw, {"body": b"x" * 101}),
    "announced": (raw, {"body": b"x" * 101, "headers": {"content-length": "101"}}),
    "in pieces": (raw, {"body": [b"x" * 90] * 2}),
    "by hand": (by_hand, {"body": b"x" * 101}),
    "JSON": (numbers, {"body": b"[" + b"1,1" * 50 + b"]", "headers": JSON}),
    "urlencoded": (text, {"body": b"a=" + b"x" * 100, "headers": URLENCODED}),
    "multipart": (upload, {"body": LONG, "headers": MULTIPART}),
}

APPLICATION = "`max_body_size=...` of the application"
ROUTER = "`max_body_size=...` of the router"
INCLUDED = "`max_body_size=...` of `include_router`"
ROUTE = "`max_body_size=...` of the route"
MOUNT = "`max_body_size=...` of the mount"
MIDDLEWARE = "`max_body_size=...` of `RequestBodyLimitMiddleware`"
LIMITS = "`App(limits=Limits(body_bytes=...))`, or `max_body_size=...` of the route"
SMALL = Middleware(RequestBodyLimitMiddleware, max_body_size=100)


def typed(router: Any, endpoint: Any, **options: Any) -> Any:
    router.add_api_route("/", endpoint, ["POST"], **options)
    return router


def including(endpoint: Any, own: int | None = None, included: int | None = None, route: int | None = None) -> App:
    app = App(max_body_size=1000)
    app.include_router(typed(Router(max_body_size=own), endpoint, max_body_size=route), max_body_size=included)
    return app


# An application with this endpoint, and the option that sets its limit of 100 bytes.
LIMITED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "limits": (lambda endpoint: typed(App(limits=Limits(body_bytes=100)), endpoint), LIMITS),
    "application": (lambda endpoint: typed(App(max_body_size=100), endpoint), APPLICATION),
    "application with limits": (
        lambda endpoint: typed(App(max_body_size=100, limits=Limits(body_bytes=1000)), endpoint),
        APPLICATION,
    ),
    "application with middleware": (
        lambda endpoint: typed(
            App(max_body_size=100, middleware=[Middleware(BaseHTTPMiddleware, dispatch=pass_on)]), endpoint
        ),
        APPLICATION,
    ),
    "route": (lambda endpoint: typed(App(max_body_size=1000), endpoint, max_body_size=100), ROUTE),
    "route in a router": (lambda endpoint: including(endpoint, own=1000, route=100), ROUTE),
    "router": (lambda endpoint: including(endpoint, own=100, included=1000), ROUTER),
    "include_router": (lambda endpoint: including(endpoint, included=100), INCLUDED),
    "mounted router": (
        lambda endpoint: App(routes=[Mount("", typed(Router(max_body_size=100), endpoint))], openapi_url=None),
        ROUTER,
    ),
    "mount": (
        lambda endpoint: App(routes=[Mount("", typed(App(), endpoint), max_body_size=100)], openapi_url=None),
        MOUNT,
    ),
    "middleware": (lambda endpoint: typed(App(middleware=[SMALL]), endpoint), MIDDLEWARE),
    "outer application": (
        lambda endpoint: App(max_body_size=100, routes=[Mount("", typed(App(), endpoint))], openapi_url=None),
        APPLICATION,
    ),
    "plain application": (
        lambda endpoint: Application(max_body_size=100, routes=[Mount("", typed(Router(), endpoint))]),
        APPLICATION,
    ),
    "route of a plain application": (
        lambda endpoint: Application(max_body_size=100, routes=typed(Router(), endpoint).routes),
        APPLICATION,
    ),
}


async def pass_on(request: Any, call_next: Any) -> Any:
    return await call_next(request)


async def read_first(request: Any, call_next: Any) -> Any:
    await request.body()
    return await call_next(request)


async def logged(caplog: pytest.LogCaptureFixture, app: Any, **request: Any) -> str:
    """What the log says raises the limit that this request exceeds."""
    caplog.clear()
    with caplog.at_level(logging.DEBUG, "signette.limits"):
        response = await call(app, "/", "POST", **request)
    assert response.status in (400, 413)
    [record] = [each for each in caplog.records if each.name == "signette.limits"]
    return record.getMessage().partition("; raise the limit with ")[2]


@pytest.mark.parametrize("body", TYPED)
@pytest.mark.parametrize("limited", LIMITED)
async def test_a_typed_endpoint_names_the_option(limited: str, body: str, caplog: pytest.LogCaptureFixture) -> None:
    make, option = LIMITED[limited]
    endpoint, request = TYPED[body]
    assert await logged(caplog, make(endpoint), **request) == option


PLAIN: dict[str, tuple[Callable[[], Any], str]] = {
    "limits": (lambda: Application(routes=[route()], limits=Limits(body_bytes=100)), LIMITS),
    "application": (lambda: Application(routes=[route()], max_body_size=100), APPLICATION),
    "route": (lambda: Application(routes=[route(max_body_size=100)], max_body_size=1000), ROUTE),
    "route of an App": (lambda: App(routes=[route(max_body_size=100)], limits=Limits(body_bytes=1000)), ROUTE),
    "mount": (lambda: App(routes=[Mount("", routes=[route()], max_body_size=100)], openapi_url=None), MOUNT),
    "router": (lambda: PlainRouter([route()], max_body_size=100), ROUTER),
    "included router": (lambda: _including_plain(Router([route()], max_body_size=100)), ROUTER),
    "include_router": (lambda: _including_plain(Router([route()]), max_body_size=100), INCLUDED),
    "middleware": (lambda: Application(routes=[route()], middleware=[SMALL]), MIDDLEWARE),
    "middleware alone": (lambda: RequestBodyLimitMiddleware(PlainRouter([route()]), 100), MIDDLEWARE),
    "route behind middleware that reads": (
        lambda: Application(
            routes=[route(max_body_size=100)],
            middleware=[Middleware(BaseHTTPMiddleware, dispatch=read_first)],
            max_body_size=1000,
        ),
        ROUTE,
    ),
}


def route(**options: Any) -> Route:
    return Route("/", plain, methods=["POST"], **options)


def _including_plain(router: Router, **options: Any) -> App:
    app = App()
    app.include_router(router, **options)
    return app


@pytest.mark.parametrize("pieces", [[b"x" * 101], [b"x" * 90] * 2], ids=["one piece", "two pieces"])
@pytest.mark.parametrize("limited", PLAIN)
async def test_a_plain_endpoint_names_the_option(
    limited: str, pieces: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    make, option = PLAIN[limited]
    assert await logged(caplog, make(), body=pieces) == option


# -- forms -------------------------------------------------------------------------------------------------------------

FIELDS = {"body": b"a=1&a=2&a=3", "headers": URLENCODED}
FORMS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "application": (
        lambda endpoint: typed(App(form_limits={"max_fields": 2}), endpoint),
        "`form_limits={'max_fields': ...}` of the application",
    ),
    "router": (
        lambda endpoint: _including_plain(typed(Router(form_limits={"max_fields": 2}), endpoint)),
        "`form_limits={'max_fields': ...}` of the router",
    ),
    "include_router": (
        lambda endpoint: _including_plain(typed(Router(), endpoint), form_limits={"max_fields": 2}),
        "`form_limits={'max_fields': ...}` of `include_router`",
    ),
    "route": (
        lambda endpoint: typed(
            App(form_limits={"max_fields": 9, "max_files": 1}), endpoint, form_limits={"max_fields": 2}
        ),
        "`form_limits={'max_fields': ...}` of the route",
    ),
}


async def read_form(request: Request) -> int:
    return len(await request.form())


@pytest.mark.parametrize("endpoint", [text, read_form])
@pytest.mark.parametrize("limited", FORMS)
async def test_form_limits_are_named_where_they_are_set(
    limited: str, endpoint: Any, caplog: pytest.LogCaptureFixture
) -> None:
    make, option = FORMS[limited]
    assert await logged(caplog, make(endpoint), **FIELDS) == option


async def test_form_limits_of_a_router_are_named_for_plain_routes_too(caplog: pytest.LogCaptureFixture) -> None:
    async def read(request: Any) -> Any:
        return PlainTextResponse(str(len(await request.form())))

    router = Router([Route("/", read, methods=["POST"])], form_limits={"max_fields": 2})
    assert await logged(caplog, _including_plain(router), **FIELDS) == "`form_limits={'max_fields': ...}` of the router"


@pytest.mark.parametrize(("argument", "parts"), [("max_fields", "a a"), ("max_files", "f f"), ("max_part_size", "a")])
@pytest.mark.parametrize("method", ["form", "parts"])
async def test_an_argument_of_the_reader_is_named(
    method: str, argument: str, parts: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def read(request: Any) -> Any:
        if method == "parts":
            return PlainTextResponse(str([await part.read() async for part in request.parts(**{argument: 1})]))
        return PlainTextResponse(str(len(await request.form(**{argument: 1}))))

    body = "".join(
        f'--cut\r\nContent-Disposition: form-data; name="{part}"{"; filename=f" if part == "f" else ""}\r\n\r\nxx\r\n'
        for part in parts.split()
    )
    request: dict[str, Any] = {"body": f"{body}--cut--\r\n".encode(), "headers": MULTIPART}
    for app in (
        Application(routes=[Route("/", read, methods=["POST"])]),
        App(routes=[Route("/", read, methods=["POST"])]),
    ):
        assert await logged(caplog, app, **request) == f"`request.{method}({argument}=...)`"


# -- the limits themselves ---------------------------------------------------------------------------------------------


def test_a_limit_that_names_its_option_is_the_number() -> None:
    limit = set_by("`a=...`", 5)
    for same in (limit, copy.deepcopy(limit), pickle.loads(pickle.dumps(limit))):
        assert (type(same), same, same.option, str(same)) == (OptionLimit, 5, "`a=...`", "5")
    assert set_by("`b=...`", limit) is limit
    assert set_by("`b=...`", None) is None
    exc = LimitExceeded(413, "body_bytes", limit)
    assert (type(exc.limit_value), exc.limit_value, exc.hint) == (int, 5, "`a=...`")


def test_the_name_goes_through_limits_inside_of_each_other() -> None:
    outer = Limits(body_bytes=set_by("`a=...`", 5))
    assert limits_within(Limits(), outer).body_bytes.option == "`a=...`"  # type: ignore[union-attr]  # that of `outer`


@pytest.mark.parametrize("make", [App, Router, lambda **options: App().include_router(Router(), **options)])
@pytest.mark.parametrize("wrong", ["10", "10MB", True])
def test_what_is_no_number_is_still_rejected(make: Any, wrong: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"max_body_size|body_bytes"):
        make(max_body_size=wrong)
