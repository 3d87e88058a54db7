"""Limits of headers: all that read headers are limited, and a request whose headers nothing reads is not."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from signette import (
    App,
    Body,
    Cookie,
    Depends,
    Form,
    Header,
    HTTPException,
    Limits,
    Query,
    Request,
    Response,
    Router,
    UploadFile,
)
from signette.declarative.binding.header_limits import few_headers
from signette.declarative.routing.routes import TypedRoute
from signette.middleware import Middleware
from signette.routing import Host, Mount, Route
from tests.asgi import call

LIMITS = Limits(header_bytes=100, header_fields=4)
LONG = [(b"x-token", b"ann"), (b"x-other", b"o" * 100)]
MANY = [(b"x-token", b"ann"), *[(b"x", b"y")] * 4]
FITS = [(b"x-token", b"a" * 50), (b"x", b"y" * 42)]


class Fields(BaseModel):
    a: int = 1


async def none() -> str:
    return "read"


async def of_path_and_query(number: int, q: str = "", fields: Annotated[Fields, Query()] = Fields()) -> str:
    return "read"


def in_thread() -> str:
    return "read"


async def one(x_token: Annotated[str, Header()]) -> str:
    return x_token


async def two(x_token: Annotated[str, Header()], x_other: Annotated[int, Header()] = 0) -> str:
    return x_token


async def by_dependency(token: Annotated[str, Depends(one)]) -> str:
    return token


async def three(
    x_token: Annotated[str, Header()], b: Annotated[str, Header()] = "", c: Annotated[str, Header()] = ""
) -> str:
    return x_token


async def seven(
    x_token: Annotated[str, Header()],
    b: Annotated[str, Header()] = "",
    c: Annotated[str, Header()] = "",
    d: Annotated[str, Header()] = "",
    e: Annotated[str, Header()] = "",
    f: Annotated[str, Header()] = "",
    g: Annotated[str, Header()] = "",
) -> str:
    return x_token


async def several(x_token: Annotated[list[str], Header()]) -> list[str]:
    return x_token


async def model(headers: Annotated[Fields, Header()]) -> int:
    return headers.a


async def cookie(session: Annotated[str | None, Cookie()] = None) -> str:
    return "read"


async def cookie_and_headers(
    x_token: Annotated[str, Header()],
    session: Annotated[str | None, Cookie()] = None,
    x_other: Annotated[str, Header()] = "",
    lang: Annotated[str, Cookie()] = "en",
) -> str:
    return f"{x_token} {session} {x_other} {lang}"


async def cookie_as_header(cookie: Annotated[str, Header()] = "") -> str:
    return "read"


async def request(request: Request) -> str:
    return "read"


async def form(a: Annotated[str, Form()] = "") -> str:
    return "read"


async def forms(a: Annotated[list[str], Form()]) -> str:
    return "read"


async def file(a: UploadFile) -> str:
    return "read"


async def body(fields: Fields | None = None) -> str:
    return "read"


async def body_and_header(fields: Fields, x_token: Annotated[str, Header()]) -> str:
    return "read"


async def raw_body(content: Annotated[bytes, Body()]) -> str:
    return "read"


async def response() -> Response:
    return Response("read")


async def generator() -> AsyncIterator[str]:
    yield "read"


FEW: list[tuple[Any, Any]] = [
    (none, ()),
    (of_path_and_query, ()),
    (in_thread, ()),
    (one, (b"x-token",)),
    (two, (b"x-token", b"x-other")),
    (by_dependency, (b"x-token",)),
    (three, (b"x-token", b"b", b"c")),
    (cookie, (b"cookie",)),
    (cookie_and_headers, (b"cookie", b"x-token", b"x-other")),
    (body, (b"content-type", b"content-length")),
    (form, (b"content-type", b"content-length")),
    (body_and_header, (b"content-type", b"content-length", b"x-token")),
]
OTHERS: list[Any] = [seven, several, model, cookie_as_header, request, file, forms, raw_body, response]


READING = [endpoint for endpoint, names in FEW if names]


@pytest.mark.parametrize(("endpoint", "names"), FEW)
def test_a_plan_knows_the_few_headers_that_are_read(endpoint: Any, names: Any) -> None:
    path = "/{number}" if endpoint is of_path_and_query else "/"
    assert few_headers(TypedRoute(path, endpoint, methods=["POST"]).plan) == names


@pytest.mark.parametrize("endpoint", OTHERS)
def test_all_other_plans_leave_the_limits_to_the_application(endpoint: Any) -> None:
    assert few_headers(TypedRoute("/", endpoint, methods=["POST"]).plan) is None


@pytest.mark.parametrize("headers", [LONG, MANY], ids=["long", "many"])
@pytest.mark.parametrize("endpoint", [*READING, *OTHERS])
async def test_headers_that_are_read_are_limited(endpoint: Any, headers: Any) -> None:
    app = App(limits=LIMITS)
    app.post("/")(endpoint)
    for _ in range(2):  # the first request makes the binder
        assert (await call(app, "/", "POST", headers=headers)).status == 431


async def test_cookies_of_several_fields_are_read_and_headers_have_their_first_value() -> None:
    app = App()
    app.get("/")(cookie_and_headers)
    pairs = [("cookie", "session=a"), ("x-other", "1"), ("x-token", "t"), ("cookie", "lang=de"), ("x-other", "2")]
    assert (await call(app, headers=pairs)).text == "t a 1 de"
    assert (await call(app, headers=[("x-token", ""), ("cookie", ""), ("x-tokens", "t")])).text == " None  en"


@pytest.mark.parametrize("headers", [LONG, MANY], ids=["long", "many"])
async def test_headers_that_nothing_reads_are_not_limited(headers: Any) -> None:
    app = App(limits=LIMITS)
    app.get("/")(none)
    app.get("/in/{number}")(of_path_and_query)
    await call(app, "/")  # makes the binders
    await call(app, "/in/1")
    assert (await call(app, "/", headers=headers)).status == 200
    assert (await call(app, "/in/1", headers=headers, query_string=b"q=1&a=2")).status == 200


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 431), ("/only-post", 431), ("/plain", 431)])
async def test_what_is_no_such_route_is_limited(path: str, status: int) -> None:
    app = App(limits=LIMITS, routes=[Route("/plain", lambda request: Response("read"))])
    app.post("/only-post")(none)
    for _ in range(2):
        assert (await call(app, path, headers=LONG)).status == status


async def test_routes_that_match_by_a_header_do_not_see_one_over_the_limit() -> None:
    app = App(limits=LIMITS)
    app.router.routes.insert(0, Host("o" * 99, Route("/", lambda request: Response("read"))))
    app.get("/")(none)
    for _ in range(2):
        assert (await call(app, "/", headers=[(b"host", b"o" * 99)])).status == 431


async def test_just_the_limit_fits() -> None:
    app = App(limits=LIMITS)
    app.get("/")(one)
    assert (await call(app, "/", headers=FITS)).status == 200
    assert (await call(app, "/", headers=[*FITS, (b"z", b"")])).status == 431


@pytest.mark.parametrize(
    "limits", [Limits(header_bytes=None, header_fields=4), Limits(header_bytes=100, header_fields=None)]
)
async def test_one_limit_may_be_off(limits: Limits) -> None:
    app = App(limits=limits)
    app.get("/")(one)
    assert {(await call(app, "/", headers=each)).status for each in (LONG, MANY)} == {200, 431}


async def test_no_limit_is_no_check() -> None:
    app = App(limits=Limits(header_bytes=None, header_fields=None))
    app.get("/")(one)
    assert (await call(app, "/", headers=LONG + MANY)).text == "ann"


async def test_the_first_value_of_a_name_counts() -> None:
    app = App()
    app.get("/")(two)
    headers = [(b"x-other", b"1"), (b"x-token", b"first"), (b"x-token", b"second"), (b"x-other", b"no")]
    assert (await call(app, "/", headers=headers)).text == "first"


async def test_a_dependency_does_not_run_before_its_request_is_rejected() -> None:
    ran = []

    async def guard() -> None:
        ran.append(1)

    app = App(limits=LIMITS, dependencies=[Depends(guard)])
    app.get("/")(one)
    assert (await call(app, "/", headers=LONG)).status == 431
    assert (await call(app, "/", headers=LONG)).status == 431
    assert not ran


async def test_a_response_of_the_endpoint_may_read_headers() -> None:
    async def returns_either(plain: bool = False) -> dict[str, str]:
        response: Any = {"a": "read"} if plain else Response("read")
        return response  # type: ignore[no-any-return]

    app = App(limits=LIMITS)
    app.get("/")(returns_either)
    for _ in range(2):
        assert (await call(app, "/", headers=LONG)).status == 431
    assert (await call(app, "/", headers=LONG, query_string=b"plain=1")).status == 200


async def test_an_exception_handler_sees_only_what_the_limits_allow() -> None:
    seen: list[Any] = []

    async def handler(request: Request, exc: Exception) -> Response:
        seen.append(request.headers.raw)
        return Response("handled", 418)

    async def fails() -> str:
        raise KeyError("x")

    app = App(limits=LIMITS, exception_handlers={KeyError: handler})
    app.get("/")(fails)
    await call(app, "/")
    assert (await call(app, "/", headers=LONG)).status == 418
    assert seen[1] == [(b"x-token", b"ann")]


async def test_an_exception_with_its_own_response_is_sent_as_it_is() -> None:
    async def fails() -> str:
        raise HTTPException(409)

    app = App(limits=LIMITS)
    app.get("/")(fails)
    await call(app, "/")
    assert (await call(app, "/", headers=LONG)).status == 409


class Passes:
    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@pytest.mark.parametrize("endpoint", [none, one])
async def test_middleware_is_limited_whatever_the_route_reads(endpoint: Any) -> None:
    app = App(limits=LIMITS, middleware=[Middleware(Passes)])
    app.get("/")(endpoint)
    for _ in range(2):
        assert (await call(app, "/", headers=LONG)).status == 431


@pytest.mark.parametrize("endpoint", [none, one])
async def test_routers_with_middleware_and_mounted_applications_are_limited(endpoint: Any) -> None:
    router = Router(middleware=[Middleware(Passes)])
    router.get("/routed")(endpoint)
    inner = App()
    inner.get("/")(endpoint)
    app = App(limits=LIMITS, routes=[Mount("/mounted", inner)])
    app.include_router(router)
    for path in ("/routed", "/mounted/"):
        for _ in range(2):
            assert (await call(app, path, headers=LONG)).status == 431


async def test_the_limits_of_the_application_that_serves_a_route_count() -> None:
    router = Router()
    router.get("/")(one)
    narrow, wide = App(limits=LIMITS), App()
    for app in (narrow, wide):
        app.include_router(router)
    assert [(await call(app, "/", headers=LONG)).status for app in (narrow, wide, narrow, wide)] == [431, 200, 431, 200]
