"""Exception handlers of routers: which one is used, for which errors, and what the documents have of them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import Mount as StarletteMount
from starlette.testclient import TestClient as StarletteClient

from signette import App, Depends, HTTPException, Problem, Request, Response, Router, WebSocket
from signette.applications import Application
from signette.compat import FastAPIErrors
from signette.declarative.errors.base import SignatureError
from signette.exceptions import RequestValidationError, WebSocketException
from signette.middleware.registry import Middleware
from signette.policies import Idempotent, RateLimit
from signette.problems import ProblemResponse
from signette.responses.plain import JSONResponse, PlainTextResponse
from signette.routing import Mount
from signette.testclient import TestClient
from signette.types import ASGIApp, Message, Receive, Scope, Send
from tests.asgi import DENIAL, JSON, call, connect, fetch


class OutOfStock(Exception): ...


class SoldOut(OutOfStock): ...


class Missing(Problem):
    status = 404


def text(name: str, status: int = 409) -> Any:
    """A handler that responds with its name and the class of the exception."""

    async def handler(request: Request, exc: Exception) -> Response:
        return PlainTextResponse(f"{name} {type(exc).__name__}", status)

    return handler


def raising(exc: Exception) -> Any:
    async def endpoint() -> None:
        raise exc

    return endpoint


ERRORS = {
    "out": OutOfStock(), "sold": SoldOut(), "teapot": HTTPException(418), "missing": Missing(),
    "theirs": StarletteHTTPException(403, "no"), "key": KeyError("x"),
}  # fmt: skip


def nested(app: App, **handlers: dict[Any, Any]) -> App:
    inner = Router(prefix="/inner", exception_handlers=handlers.get("inner"))
    outer = Router(prefix="/outer", exception_handlers=handlers.get("outer"))
    for router in (inner, outer):
        for name, exc in ERRORS.items():
            router.get(f"/{name}")(raising(exc))
        router.get("/number/{n}")(number)
    outer.include_router(inner, exception_handlers=handlers.get("call"))
    app.include_router(outer)
    return app


async def number(n: int) -> int:
    return n


@pytest.mark.parametrize(
    ("handlers", "path", "expected"),
    [
        ({"inner": {OutOfStock: text("inner")}, "outer": {OutOfStock: text("outer")}}, "inner/out", "inner OutOfStock"),
        ({"inner": {OutOfStock: text("inner")}, "outer": {OutOfStock: text("outer")}}, "out", "outer OutOfStock"),
        ({"inner": {OutOfStock: text("inner")}}, "inner/sold", "inner SoldOut"),
        ({"inner": {OutOfStock: text("inner")}, "outer": {SoldOut: text("outer")}}, "inner/sold", "inner SoldOut"),
        ({"inner": {KeyError: text("inner")}, "outer": {OutOfStock: text("outer")}}, "inner/out", "outer OutOfStock"),
        ({"call": {OutOfStock: text("call")}, "outer": {OutOfStock: text("outer")}}, "inner/out", "call OutOfStock"),
        ({"inner": {418: text("inner")}}, "inner/teapot", "inner HTTPException"),
        (
            {"inner": {HTTPException: text("inner")}, "outer": {418: text("outer")}},
            "inner/teapot",
            "inner HTTPException",
        ),
        ({"outer": {418: text("status"), HTTPException: text("class")}}, "inner/teapot", "status HTTPException"),
        ({"inner": {Missing: text("inner")}}, "inner/missing", "inner Missing"),
        ({"inner": {Problem: text("inner")}}, "inner/missing", "inner Missing"),
        ({"inner": {403: text("inner")}}, "inner/theirs", "inner HTTPException"),
        ({"inner": {StarletteHTTPException: text("inner")}}, "inner/theirs", "inner HTTPException"),
        ({"inner": {RequestValidationError: text("inner")}}, "inner/number/x", "inner RequestValidationError"),
        ({"inner": {422: text("inner")}}, "inner/number/x", "inner RequestValidationError"),
        ({"outer": {422: text("outer")}}, "inner/number/x", "outer RequestValidationError"),
        ({"inner": {Exception: text("inner")}}, "inner/teapot", None),
    ],
)
@pytest.mark.parametrize("with_middleware", [False, True])
@pytest.mark.either_loop
async def test_the_nearest_handler_is_used(
    handlers: dict[str, Any], path: str, expected: str | None, with_middleware: bool
) -> None:
    app = App(middleware=[Middleware(lambda app: app)] if with_middleware else [])
    response = await fetch(nested(app, **handlers), f"GET /outer/{path}")
    if expected is None:
        assert response["content-type"] == "application/problem+json"
    else:
        assert response.text == expected


KEYS = (OutOfStock, SoldOut, KeyError, HTTPException, Problem, Missing, RequestValidationError, 403, 418, 422)
LEVELS = st.lists(st.tuples(st.sets(st.sampled_from(KEYS)), st.booleans()), min_size=1, max_size=3)


def key_of(exc: Exception, keys: set[Any]) -> Any:
    """The key whose handler is for an exception: its status, or the nearest class."""
    candidates = [getattr(exc, "status_code", None), *type(exc).__mro__]
    return next((key for key in candidates if key in keys), None)


@given(LEVELS, st.sets(st.sampled_from(KEYS)), st.sampled_from(["out", "sold", "teapot", "missing", "key", "n/x"]))
@settings(max_examples=60, deadline=None)
def test_the_handler_is_that_of_the_first_level_with_one(
    levels: list[tuple[set[Any], bool]], of_app: set[Any], path: str
) -> None:
    exc = RequestValidationError([]) if path == "n/x" else ERRORS[path]
    router = Router()
    router.get(f"/{path}" if path != "n/x" else "/n/{n}")(number if path == "n/x" else raising(exc))
    for place, (keys, has_middleware) in enumerate(levels):
        handlers = {key: text(f"{place} {KEYS.index(key)}") for key in keys}
        middleware = [Middleware(lambda app: app)] if has_middleware else []
        outer = Router()
        outer.include_router(router, exception_handlers=handlers, middleware=middleware)
        router = outer
    app = App(exception_handlers={key: text(f"app {KEYS.index(key)}") for key in of_app})
    app.include_router(router)
    found = TestClient(app, raise_server_exceptions=False).get(f"/{path}")
    places = [(place, key_of(exc, keys)) for place, (keys, _) in enumerate(levels)]
    place, key = next((each for each in places if each[1] is not None), ("app", key_of(exc, of_app)))
    if key is None or (place == "app" and isinstance(exc, RequestValidationError) and key is HTTPException):
        assert found.headers["content-type"] == "application/problem+json"  # the format goes before its base class
    else:
        assert found.text == f"{place} {KEYS.index(key)} {type(exc).__name__}"


async def test_handlers_get_validation_errors_in_the_format_of_the_application() -> None:
    app, router = App(errors=FastAPIErrors()), Router()

    @router.exception_handler(RequestValidationError)
    async def first(request: Request, exc: RequestValidationError) -> Response:
        return JSONResponse(exc.errors()[0], 400)

    router.get("/{n}")(number)
    app.include_router(router)
    response = await fetch(app, "GET /x")
    assert (response.status, response.json["loc"], response.json["type"]) == (400, ["path", "n"], "int_parsing")


async def test_handlers_of_the_application_are_the_outermost() -> None:
    app = App(exception_handlers={OutOfStock: text("app"), 418: text("app"), 422: text("app")})
    nested(app, inner={SoldOut: text("inner")})
    assert (await fetch(app, "GET /outer/inner/sold")).text == "inner SoldOut"
    for path in ("inner/out", "sold", "inner/teapot", "inner/number/x"):
        assert (await fetch(app, f"GET /outer/{path}")).text.startswith("app ")


@pytest.mark.parametrize("errors", [None, FastAPIErrors()])
async def test_other_errors_have_the_format_of_the_route_or_of_the_application(errors: Any) -> None:
    plain, with_handlers = (nested(App(errors=errors), inner=each) for each in ({}, {OutOfStock: text("inner")}))
    for path in ("teapot", "missing", "number/x", "theirs"):
        expected, found = [await fetch(app, f"GET /outer/inner/{path}") for app in (plain, with_handlers)]
        assert (found.status, found.body, found.fields) == (expected.status, expected.body, expected.fields)


async def test_the_own_format_of_a_route_counts() -> None:
    app, router = App(), Router(exception_handlers={OutOfStock: text("router")}, errors=FastAPIErrors())
    router.get("/teapot")(raising(HTTPException(418, "short")))
    router.get("/out")(raising(OutOfStock()))
    router.get("/{n}")(number)
    app.include_router(router)
    assert (await fetch(app, "GET /teapot")).json == {"detail": "short"}
    assert (await fetch(app, "GET /x")).json["detail"][0]["loc"] == ["path", "n"]
    assert (await fetch(app, "GET /out")).text == "router OutOfStock"


def dependency() -> None:
    raise OutOfStock


async def cleanup() -> AsyncIterator[None]:
    try:
        yield
    except OutOfStock as exc:
        raise SoldOut from exc


def failing(app: ASGIApp) -> ASGIApp:
    async def fail(scope: Scope, receive: Receive, send: Send) -> None:
        raise OutOfStock

    return fail


@pytest.mark.either_loop
@pytest.mark.parametrize("kind", ["typed", "plain", "mounted"])
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"dependencies": [Depends(dependency)]}, "router OutOfStock"),
        ({"dependencies": [Depends(cleanup)]}, "router SoldOut"),
        ({"middleware": [Middleware(failing)]}, "router OutOfStock"),
        ({}, "router OutOfStock"),
    ],
)
async def test_errors_of_dependencies_middleware_and_all_kinds_of_routes_are_handled(
    kind: str, options: dict[str, Any], expected: str
) -> None:
    app, router = App(), Router(exception_handlers={OutOfStock: text("router")}, **options)

    async def fail(scope: Scope, receive: Receive, send: Send) -> None:
        raise OutOfStock

    async def plain(request: Request) -> Response:
        raise OutOfStock

    if kind == "typed":
        router.get("/x")(raising(OutOfStock()))
    elif kind == "plain":
        router.add_route("/x", plain)
    else:
        router.mount("/x", fail)
    app.include_router(router)
    assert (await fetch(app, f"GET /x{'/' if kind == 'mounted' else ''}")).text == expected


async def test_validation_errors_of_dependencies_of_plain_routes_are_handled() -> None:
    def key(x_key: int) -> None: ...

    app = App()
    router = Router(dependencies=[Depends(key)], exception_handlers={RequestValidationError: text("router", 400)})
    router.add_route("/x", lambda request: PlainTextResponse("plain"))
    app.include_router(router)
    assert (await fetch(app, "GET /x?x_key=1")).text == "plain"
    assert (await fetch(app, "GET /x?x_key=a")).text == "router RequestValidationError"


async def test_middleware_sees_responses() -> None:
    seen = []

    class Look:
        def __init__(self, app: ASGIApp, name: str) -> None:
            self.app, self.name = app, name

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            async def note(message: Message) -> None:
                if message["type"] == "http.response.start":
                    seen.append((self.name, message["status"]))
                await send(message)

            await self.app(scope, receive, note)
            seen.append((self.name, "returned"))

    app = App()
    router = Router(middleware=[Middleware(Look, name="router")], exception_handlers={OutOfStock: text("inner", 410)})
    router.get("/out")(raising(OutOfStock()))
    router.get("/teapot")(raising(HTTPException(418)))
    outer = Router(middleware=[Middleware(Look, name="outer")], exception_handlers={418: text("outer", 420)})
    outer.include_router(router)
    app.include_router(outer)
    for path, status in {"/out": 410, "/teapot": 420}.items():
        seen.clear()
        assert (await fetch(app, f"GET {path}")).status == status
        assert seen == [("router", status), ("outer", status), ("router", "returned"), ("outer", "returned")]


async def test_policies_see_responses() -> None:
    app, calls = App(), []
    router = Router(exception_handlers={OutOfStock: text("router", 410)}, policies=[RateLimit("9/minute")])

    @router.post("/out", policies=[Idempotent()])
    async def out() -> None:
        calls.append(1)
        raise OutOfStock

    app.include_router(router)
    responses = [await fetch(app, "POST /out", headers={"idempotency-key": "a"}) for _ in range(2)]
    assert [(each.status, each.text) for each in responses] == [(410, "router OutOfStock")] * 2
    assert all(each["ratelimit"] for each in responses)
    assert len(calls) == 1


async def test_a_handler_may_be_sync_and_may_read_the_body() -> None:
    app, router = App(), Router()

    @router.exception_handler(OutOfStock)
    def sync(request: Request, exc: OutOfStock) -> Response:
        return PlainTextResponse(f"sync {request.path_params['n']}", 409)

    @router.exception_handler(RequestValidationError)
    async def with_body(request: Request, exc: RequestValidationError) -> Response:
        return PlainTextResponse(await request.body(), 400)

    @router.post("/{n}")
    async def take(n: int, body: list[int]) -> None:
        raise OutOfStock

    app.include_router(router)
    assert (await fetch(app, "POST /3", b"[1]", headers=JSON)).text == "sync 3"
    assert (await fetch(app, "POST /3", b'["a"]', headers=JSON)).text == '["a"]'


async def test_a_handler_may_raise_for_another() -> None:
    app, router = App(), Router()

    @router.exception_handler(OutOfStock)
    async def as_problem(request: Request, exc: OutOfStock) -> Response:
        raise Missing from exc

    router.get("/out")(raising(OutOfStock()))
    app.include_router(router)
    response = await fetch(app, "GET /out")
    assert (response.status, response["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("key", [Exception, 500])
def test_a_handler_for_all_other_errors_leaves_the_error_to_the_log_of_the_server(key: Any) -> None:
    app, router = App(), Router(exception_handlers={key: text("router", 500)})
    router.get("/key")(raising(KeyError("x")))
    router.get("/teapot")(raising(HTTPException(418)))
    router.add_route("/plain", lambda request: 1 / 0)
    app.include_router(router)
    app.get("/other")(raising(KeyError("x")))
    client = TestClient(app, raise_server_exceptions=False)
    assert client.get("/key").text == "router KeyError"
    assert client.get("/plain").text == "router ZeroDivisionError"
    assert client.get("/teapot").json()["status"] == 418
    assert client.get("/other").json()["status"] == 500
    with pytest.raises(KeyError):
        TestClient(app).get("/key")


def test_debug_shows_the_traceback_in_its_place() -> None:
    app, router = App(debug=True), Router(exception_handlers={Exception: text("router", 500)})
    router.get("/key")(raising(KeyError("x")))
    app.include_router(router)
    assert "Traceback" in TestClient(app, raise_server_exceptions=False).get("/key").text


async def test_a_response_that_has_started_is_not_replaced() -> None:
    app, router = App(), Router(exception_handlers={OutOfStock: text("router"), Exception: text("router")})

    async def sends(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        raise OutOfStock if scope["path"] == "/out/" else KeyError

    router.mount("/out", sends)
    router.mount("/key", sends)
    app.include_router(router)
    for path in ("/out/", "/key/"):
        exchange = await call(app, path=path)
        assert (exchange.status, exchange.body) == (200, b"begun")
        assert isinstance(exchange.error, RuntimeError if path == "/out/" else KeyError)


async def test_websockets_have_handlers() -> None:
    app, router = App(), Router()

    @router.exception_handler(OutOfStock)
    async def close(websocket: WebSocket, exc: OutOfStock) -> None:
        await websocket.close(4000, "out of stock")

    @router.exception_handler(SoldOut)
    async def deny(websocket: WebSocket, exc: SoldOut) -> Response:
        return PlainTextResponse("sold", 410)

    @router.websocket("/talk/{n}")
    async def talk(websocket: WebSocket, n: int) -> None:
        if n == 0:
            raise SoldOut
        await websocket.accept()
        raise OutOfStock if n == 1 else WebSocketException(4001)

    app.include_router(router)
    assert (await connect(app, "/talk/0", extensions=DENIAL)).start["status"] == 410
    assert (await connect(app, "/talk/1")).messages[-1]["code"] == 4000
    assert (await connect(app, "/talk/2")).messages[-1]["code"] == 4001


async def test_handlers_that_are_added_later_count() -> None:
    app, outer, inner = App(), Router(), Router()
    inner.get("/out")(raising(OutOfStock()))
    inner.mount("/mounted", failing(PlainTextResponse("")))
    outer.include_router(inner)
    app.include_router(outer)
    outer.add_exception_handler(OutOfStock, text("outer"))
    assert (await fetch(app, "GET /out")).text == "outer OutOfStock"
    assert (await fetch(app, "GET /mounted/x")).text == "outer OutOfStock"


async def test_a_mounted_router_has_handlers_for_all_that_it_handles() -> None:
    app, router = App(), Router(exception_handlers={404: text("router", 404), OutOfStock: text("router")})
    router.get("/out")(raising(OutOfStock()))
    router.get("/teapot")(raising(HTTPException(418)))
    app.mount("/there", router)
    application = Application(
        routes=[Mount("/there", router)], exception_handlers={418: text("application"), 404: text("application")}
    )
    for outer in (app, application):
        assert (await fetch(outer, "GET /there/out")).text == "router OutOfStock"
        assert (await fetch(outer, "GET /there/none")).status == 404
    assert (await fetch(application, "GET /there/teapot")).text == "application HTTPException"


async def test_a_router_works_without_an_application() -> None:
    outer, inner = Router(), Router(exception_handlers={OutOfStock: text("inner")}, errors=FastAPIErrors())
    inner.get("/out")(raising(OutOfStock()))
    inner.get("/teapot")(raising(HTTPException(418, "short")))
    outer.include_router(inner)
    outer.get("/out/2")(raising(OutOfStock()))
    assert (await fetch(outer, "GET /out")).text == "inner OutOfStock"
    assert (await fetch(outer, "GET /teapot")).json == {"detail": "short"}
    with pytest.raises(OutOfStock):
        await fetch(outer, "GET /out/2")


def test_an_application_of_another_framework_keeps_its_handlers() -> None:
    outer, inner = Router(), Router(exception_handlers={OutOfStock: text("inner")})
    inner.get("/out")(raising(OutOfStock()))
    inner.get("/teapot")(raising(HTTPException(418)))
    inner.get("/number/{n}")(number)
    outer.include_router(inner)
    app = Starlette(routes=[StarletteMount("/", app=outer)], exception_handlers={418: text("starlette")})
    client = StarletteClient(app)
    assert client.get("/out").text == "inner OutOfStock"
    assert client.get("/teapot").text == "starlette HTTPException"
    assert client.get("/number/x").json()["status"] == 422


class Shortage(BaseModel):
    left: int


def test_the_document_has_the_responses_that_handlers_declare() -> None:
    app, router = App(), Router(prefix="/items", responses={410: {"description": "of the router"}})
    router.get("/{n}")(number)
    app.include_router(router)

    @router.exception_handler(OutOfStock, responses={409: {"model": Shortage}, 410: {"description": "of the handler"}})
    async def shortage(request: Request, exc: OutOfStock) -> Response:
        return JSONResponse({"left": 0}, 409)

    app.get("/other")(number)
    paths = app.openapi()["paths"]
    responses = paths["/items/{n}"]["get"]["responses"]
    assert responses["409"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Shortage"}
    assert responses["410"]["description"] == "of the router"
    assert "409" not in paths["/other"]["get"]["responses"]
    line = f"  handler  OutOfStock: {shortage.__qualname__} of the router /items"
    assert line in app.explain("GET /items/3").splitlines()


# -- errors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["404", 99, 600, True, KeyboardInterrupt, OutOfStock(), None])
def test_a_key_is_a_status_of_an_error_or_an_exception_class(key: Any) -> None:
    with pytest.raises(SignatureError, match="an exception handler cannot be registered for"):
        Router(exception_handlers={key: text("router")})


async def with_dependency(request: Request, exc: Exception, user: str) -> Response:
    return ProblemResponse({})


@pytest.mark.parametrize(
    "handler", [None, lambda: None, lambda exc: None, with_dependency, PlainTextResponse("x"), "x"]
)
def test_a_handler_takes_the_request_and_the_exception(handler: Any) -> None:
    for declare in (
        lambda: Router(exception_handlers={404: handler}),
        lambda: Router().exception_handler(404)(handler),
        lambda: App().include_router(Router(), exception_handlers={404: handler}),
    ):
        with pytest.raises(SignatureError, match="is called with the request and the exception"):
            declare()


@pytest.mark.parametrize("handler", [None, lambda exc: None, with_dependency])
def test_a_handler_of_an_application_takes_them_too(handler: Any) -> None:
    for declare in (
        lambda: App(exception_handlers={404: handler}),
        lambda: App().exception_handler(404)(handler),
        lambda: App().add_exception_handler(404, handler),
    ):
        with pytest.raises(SignatureError, match="is called with the request and the exception"):
            declare()


@pytest.mark.parametrize("owner", [App, Router])
def test_the_decorator_has_a_key(owner: Any) -> None:
    with pytest.raises(TypeError, match=r"call the decorator: `@\w+.exception_handler\(404\)`"):
        owner().exception_handler(with_dependency)


async def test_a_handler_that_returns_no_response_is_named() -> None:
    app, router = App(), Router()

    @router.exception_handler(OutOfStock)
    async def sold_out(request: Request, exc: OutOfStock) -> Any:
        return {"left": 0}

    @router.get("/")
    async def buy() -> None:
        raise OutOfStock

    app.include_router(router)
    with pytest.raises(TypeError, match="the exception handler `sold_out` returned a `dict`: return a `Response`"):
        await fetch(app, "GET /")


def test_declared_responses_are_checked() -> None:
    with pytest.raises(SignatureError, match="responses"):
        Router().add_exception_handler(OutOfStock, text("router"), responses={"so": {}})  # type: ignore[arg-type]  # that is the test
