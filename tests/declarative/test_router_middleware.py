"""Middleware of routers: its order, for which requests it runs, and how many instances it has."""

import gzip
import json
import pickle
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from jsonschema import Draft202012Validator

from signette import (
    App,
    BackgroundTasks,
    Depends,
    Request,
    Response,
    Router,
    StreamingResponse,
    WebSocket,
)
from signette.applications import Application
from signette.declarative.errors.base import SignatureError
from signette.declarative.inspection.plan_json import describe_plan
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.cors import CORSMiddleware
from signette.middleware.gzip import GZipMiddleware
from signette.middleware.registry import Middleware
from signette.policies import Cached, RateLimit
from signette.requests import Request as PlainRequest
from signette.responses.plain import PlainTextResponse
from signette.routing import APIRoute, BaseRoute, Match, Mount
from signette.types import ASGIApp, Message, Receive, Scope, Send
from tests.asgi import JSON, connect, fetch

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas/plan.schema.json").read_text("utf-8"))
INSTANCES: list["Mark"] = []


class Mark:
    """Adds its name to the field `x-order` of a response: the innermost is the first. Counts its calls."""

    def __init__(self, app: ASGIApp, name: str) -> None:
        self.app, self.name, self.scopes = app, name, list[Scope]()
        INSTANCES.append(self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(dict(scope))

        async def marked(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.accept"}:
                headers = [*message.get("headers", ()), (b"x-order", self.name.encode())]
                message = {**message, "headers": headers}
            await send(message)

        await self.app(scope, receive, marked)


def mark(name: str) -> Middleware:
    return Middleware(Mark, name=name)


@pytest.fixture(autouse=True)
def _no_instances() -> None:
    INSTANCES.clear()


async def read(item_id: int) -> int:
    return item_id


async def order(app: Any, target: str, *args: Any) -> list[str]:
    return (await fetch(app, target, *args)).all("x-order")


def nested() -> App:
    app = App(middleware=[mark("app")])
    outer = Router(prefix="/outer", middleware=[mark("outer 1"), mark("outer 2")])
    inner = Router(prefix="/inner", middleware=[mark("inner 1"), mark("inner 2")])
    inner.get("/{item_id}")(read)
    outer.get("/{item_id}")(read)
    outer.include_router(inner, middleware=[mark("call")])
    app.include_router(outer)
    app.get("/{item_id}")(read)
    return app


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/3", ["app"]),
        ("/outer/3", ["outer 2", "outer 1", "app"]),
        ("/outer/inner/3", ["inner 2", "inner 1", "call", "outer 2", "outer 1", "app"]),
        ("/outer/inner/x", ["inner 2", "inner 1", "call", "outer 2", "outer 1", "app"]),
        ("/outer/none/3", ["app"]),
    ],
)
async def test_the_first_of_a_list_and_the_outer_router_are_outside(path: str, expected: list[str]) -> None:
    assert await order(nested(), f"GET {path}") == expected


async def test_it_runs_for_matched_routes_only() -> None:
    app, router = App(), Router(prefix="/items", middleware=[mark("router")])
    router.get("/{item_id}")(read)
    app.include_router(router)
    for request, status in {
        "GET /items/3": 200, "HEAD /items/3": 200, "GET /items/x": 422, "POST /items/3": 405, "OPTIONS /items/3": 200,
        "GET /items": 404, "GET /items/3/": 307,
    }.items():  # fmt: skip
        response = await fetch(app, request)
        assert response.status == status or request.startswith("OPTIONS"), request
        assert response.all("x-order") == (["router"] if status in {200, 422} and "OPTIONS" not in request else [])


async def test_it_sees_the_path_parameters_the_route_and_the_endpoint() -> None:
    app, router = App(), Router(prefix="/of/{user}", middleware=[mark("router")])
    router.get("/{item_id:int}")(read)
    app.include_router(router)
    app.get("/other")(lambda: 1)
    await fetch(app, "GET /of/ann/3")
    (scope,) = INSTANCES[0].scopes
    assert scope["path_params"] == {"user": "ann", "item_id": 3}
    assert scope["route"].path == "/of/{user}/{item_id:int}"
    assert scope["endpoint"] is read
    assert scope["app"] is app
    assert scope["router"] is app.router


async def test_it_runs_for_all_kinds_of_routes() -> None:
    app, router = App(), Router(middleware=[mark("router")])

    async def plain(request: PlainRequest) -> Response:
        return PlainTextResponse("plain")

    async def sink(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(f"mounted {scope['path_params']['tenant']}")(scope, receive, send)

    router.add_route("/plain", plain)
    router.mount("/{tenant}/mounted", sink)
    router.host("admin.example", PlainTextResponse("host"))
    app.include_router(router)
    for target in ("GET /plain", "GET /7/mounted/x", "HEAD /plain"):
        assert await order(app, target) == ["router"], target
    assert (await fetch(app, "GET /", headers={"host": "admin.example"})).all("x-order") == ["router"]
    assert len(INSTANCES) == 1


@pytest.mark.parametrize("kind", ["typed", "plain"])
async def test_it_runs_for_websockets(kind: str) -> None:
    app, router = App(), Router(middleware=[mark("router"), Middleware(BaseHTTPMiddleware, dispatch=None)])

    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()

    if kind == "typed":
        router.websocket("/talk/{n}")(talk)
    else:
        router.add_websocket_route("/talk/{n}", talk)
    app.include_router(router)
    exchange = await connect(app, "/talk/3")
    assert [name for name, _ in exchange.messages[0]["headers"]] == [b"x-order"]
    assert INSTANCES[0].scopes[0]["path_params"] == {"n": "3"}


async def test_it_has_one_instance_for_each_application() -> None:
    router = Router(middleware=[mark("router")])
    router.get("/a/{item_id}")(read)
    router.get("/b/{item_id}")(read)
    apps = [App(), App()]
    for app in apps:
        app.include_router(router, prefix="/v1")
        app.include_router(router, prefix="/v2")
        for path in ("/v1/a/1", "/v2/b/2", "/v2/a/3"):
            assert (await fetch(app, f"GET {path}")).body == path[-1:].encode()
    assert len(INSTANCES) == 2


async def test_that_of_an_inclusion_has_one_instance_for_each_inclusion() -> None:
    app, router = App(), Router()
    router.get("/a/{item_id}")(read)
    router.get("/b/{item_id}")(read)
    app.include_router(router, prefix="/v1", middleware=[mark("v1")])
    app.include_router(router, prefix="/v2", middleware=[mark("v2")])
    app.include_router(router, prefix="/v3")
    assert await order(app, "GET /v1/a/1") == await order(app, "GET /v1/b/1") == ["v1"]
    assert await order(app, "GET /v2/a/1") == ["v2"]
    assert await order(app, "GET /v3/a/1") == []
    assert len(INSTANCES) == 2


async def test_what_is_added_later_counts() -> None:
    app, outer, inner = App(), Router(), Router()
    outer.include_router(inner)
    app.include_router(outer)
    inner.get("/typed/{item_id}")(read)
    inner.add_route("/plain", lambda request: PlainTextResponse("plain"))
    inner.add_middleware(Mark, name="inner")

    @outer.middleware("http")
    async def timed(request: Request, call_next: Any) -> Response:
        response: Response = await call_next(request)
        response.headers.append("x-order", "outer")
        return response

    for target in ("GET /typed/1", "GET /plain"):
        assert await order(app, target) == ["inner", "outer"]
    late = Router(middleware=[mark("late")])
    late.get("/late/{item_id}")(read)
    late.add_route("/plain/late", lambda request: PlainTextResponse("plain"))
    inner.include_router(late)
    for target in ("GET /late/1", "GET /plain/late"):
        assert await order(app, target) == ["late", "inner", "outer"]


async def test_changes_after_the_first_request_are_errors() -> None:
    app, router, mounted = App(), Router(), Router()
    router.get("/{item_id}")(read)
    app.include_router(router)
    app.mount("/mounted", mounted)
    await fetch(app, "GET /1")
    for each in (router, mounted):
        with pytest.raises(RuntimeError, match="cannot add middleware to a router after an application with it has"):
            each.add_middleware(Mark, name="late")
        with pytest.raises(RuntimeError, match="cannot add an exception handler to a router after an application"):
            each.add_exception_handler(404, lambda request, exc: PlainTextResponse("late"))
    with pytest.raises(AttributeError):
        router.user_middleware.append(mark("late"))  # type: ignore[attr-defined]  # that is the test


def test_only_http_middleware_is_a_function() -> None:
    with pytest.raises(ValueError, match="use `add_middleware` for others"):
        Router().middleware("websocket")  # type: ignore[arg-type]  # that is the test


def sync_middleware(request: Request, call_next: Any) -> Any:
    return call_next(request)


async def middleware_without_next(request: Request) -> Any: ...


@pytest.mark.parametrize("owner", [App, Router])
def test_a_function_is_async_and_takes_the_request_and_the_next_application(owner: Any) -> None:
    with pytest.raises(SignatureError, match="`sync_middleware` is a `def`"):
        owner().middleware("http")(sync_middleware)
    with pytest.raises(SignatureError, match=r"`middleware_without_next` takes `\(request\)`"):
        owner().middleware("http")(middleware_without_next)
    owner().middleware("http")(lambda request, call_next: call_next(request))  # returns what is awaited


async def test_a_function_that_returns_no_response_is_named() -> None:
    app = App()

    @app.middleware("http")
    async def forgetful(request: Request, call_next: Any) -> Any:
        await call_next(request)

    app.get("/")(lambda: 1)
    with pytest.raises(TypeError, match="`forgetful` returned a `NoneType`: return a `Response`"):
        await fetch(app, "GET /")


async def test_a_mounted_router_has_its_middleware_around_all_that_it_handles() -> None:
    app, router = App(), Router(middleware=[mark("mounted")])
    router.get("/{item_id}")(read)
    app.mount("/there", router)
    for path in ("/there/1", "/there/1/2"):
        assert await order(app, f"GET {path}") == ["mounted"]
    assert await order(router, "GET /1") == ["mounted"]
    application = Application(routes=[Mount("/there", router)])
    assert await order(application, "GET /there/1") == ["mounted"]


async def test_an_included_router_in_a_mounted_one_has_its_own() -> None:
    app, outer, inner = App(), Router(middleware=[mark("outer")]), Router(middleware=[mark("inner")])
    inner.get("/{item_id}")(read)
    inner.add_route("/plain/x", lambda request: PlainTextResponse(request.path_params["tenant"]))
    outer.include_router(inner)
    app.mount("/{tenant}", outer)
    for path in ("/a/1", "/a/plain/x"):
        assert await order(app, f"GET {path}") == ["inner", "outer"]
    assert INSTANCES[-1].scopes[0]["path_params"] in ({"tenant": "a", "item_id": 1}, {"tenant": "a", "item_id": "1"})


async def test_a_request_may_pass_the_middleware_twice() -> None:
    class Twice:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            async def ignore(message: Message) -> None: ...

            await self.app(dict(scope), receive, ignore)
            await self.app(dict(scope), receive, send)

    app, outer, inner = App(), Router(middleware=[Middleware(Twice)]), Router(middleware=[mark("inner")])
    inner.get("/{item_id}")(read)
    outer.include_router(inner)
    app.include_router(outer)
    assert (await fetch(app, "GET /3")).body == b"3"
    assert len(INSTANCES[0].scopes) == 2


async def test_it_may_read_the_body_within_the_limits_of_the_application() -> None:
    app, router = App(max_body_size=8), Router()

    @router.middleware("http")
    async def look(request: Request, call_next: Any) -> Response:
        request.state.length = len(await request.body())
        response: Response = await call_next(request)
        return response

    @router.post("/")
    async def take(request: Request, body: list[int]) -> list[int]:
        return [request.state.length, *body]

    app.include_router(router, prefix="/items")
    assert (await fetch(app, "POST /items/", b"[1, 2]", headers=JSON)).json == [6, 1, 2]
    assert (await fetch(app, "POST /items/", b"[1, 2, 3]", headers=JSON)).status == 413


async def test_it_is_outside_of_policies() -> None:
    app = App()
    router = Router(prefix="/items", middleware=[Middleware(GZipMiddleware, minimum_size=10)], policies=[Cached(60)])
    calls = []

    @router.get("/text", policies=[RateLimit("2/minute")])
    async def text() -> str:
        calls.append(1)
        return "text " * 100

    app.include_router(router)
    plain = await fetch(app, "GET /items/text")
    packed = await fetch(app, "GET /items/text", headers={"accept-encoding": "gzip"})
    assert plain["content-encoding"] is None
    assert packed["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(calls) == 1
    assert (await fetch(app, "GET /items/text")).status in {200, 429}


async def test_it_works_with_a_route_class_streams_and_background_tasks() -> None:
    seen = []

    class Own(APIRoute):
        def get_route_handler(self) -> Any:
            original = super().get_route_handler()

            async def handler(request: Request) -> Response:
                seen.append("handler")
                return await original(request)

            return handler

    app, router = App(debug=True), Router(middleware=[mark("router")], route_class=Own)

    async def lines() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"

    @router.get("/stream")
    async def stream(tasks: BackgroundTasks) -> StreamingResponse:
        tasks.add_task(seen.append, "task")
        return StreamingResponse(lines())

    app.include_router(router)
    response = await fetch(app, "GET /stream")
    assert (response.body, response.all("x-order"), seen) == (b"ab", ["router"], ["handler", "task"])


async def test_overrides_count_below_it() -> None:
    app, router = App(), Router(middleware=[mark("router")], dependencies=[Depends(lambda: None)])

    def user() -> str:
        return "ann"

    @router.get("/")
    async def me(name: str = Depends(user)) -> str:
        return name

    app.include_router(router, prefix="/me")
    assert (await fetch(app, "GET /me/")).body == b"ann"
    with app.override(user, lambda: "bob"):
        assert (await fetch(app, "GET /me/")).body == b"bob"
    assert len(INSTANCES) == 1


def test_explain_shows_it() -> None:
    text = nested().explain("GET /outer/inner/{item_id}").splitlines()
    assert text[1:6] == [
        "  around   Mark(name='outer 1') of the router /outer",
        "  around   Mark(name='outer 2') of the router /outer",
        "  around   Mark(name='call') of the `include_router`",
        "  around   Mark(name='inner 1') of the router /inner",
        "  around   Mark(name='inner 2') of the router /inner",
    ]


def test_the_json_of_a_plan_has_it() -> None:
    app, router = App(), Router(prefix="/items", middleware=[mark("router")], exception_handlers={404: gone})
    router.get("/{item_id}")(read)
    app.include_router(router)
    described = [stack.described() for stack in app.routes[-1].stacks]
    assert described == [
        {
            "owner": "router /items",
            "middleware": ["Mark(name='router')"],
            "exception_handlers": [{"key": "404", "handler": "gone"}],
        }
    ]
    plan = describe_plan(app.routes[-1].plan, (), described)
    Draft202012Validator(SCHEMA).validate(plan)
    assert plan["routers"] == described


async def gone(request: Request, exc: Exception) -> Response:
    return PlainTextResponse("gone", 410)


async def test_a_route_without_it_has_the_same_binder() -> None:
    app, router = App(), Router()
    router.get("/{item_id}")(read)
    router.add_route("/plain/x", lambda request: PlainTextResponse("plain"))
    app.include_router(router)
    await fetch(app, "GET /1")
    typed, plain = app.routes[-2:]
    assert typed.binder_for(app).__name__ == "bind"
    assert typed.enforces_limits
    assert not hasattr(plain, "guard")


async def test_an_application_with_it_can_be_pickled() -> None:
    app, router, mounted = App(), Router(middleware=[mark("router")]), Router(middleware=[mark("mounted")])
    router.get("/{item_id}")(read)
    mounted.get("/{item_id}")(read)
    app.include_router(router)
    app.mount("/mounted", mounted)
    await fetch(app, "GET /1")
    await fetch(app, "GET /mounted/1")
    again = pickle.loads(cloudpickle.dumps(app))
    for path, name in {"/1": "router", "/mounted/1": "mounted"}.items():
        assert await order(again, f"GET {path}") == [name]


# -- errors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("middleware", [[GZipMiddleware], Middleware(GZipMiddleware), ["gzip"], GZipMiddleware])
def test_middleware_is_a_list_of_middleware(middleware: Any) -> None:
    for declare in (
        lambda: Router(middleware=middleware),
        lambda: App().include_router(Router(), middleware=middleware),
    ):
        with pytest.raises(SignatureError, match="`middleware=` takes a list of `Middleware") as raised:
            declare()
        assert "tests.declarative.test_router_middleware" in str(raised.value)


def test_cors_of_an_included_router_is_an_error() -> None:
    router = Router(middleware=[Middleware(CORSMiddleware, allow_origins=["*"])])
    App().mount("/there", router)
    with pytest.raises(SignatureError, match="`CORSMiddleware` of an included router never runs for preflight"):
        App().include_router(router)
    late, app = Router(), App()
    app.include_router(late)
    with pytest.raises(SignatureError, match="never runs for preflight"):
        late.add_middleware(CORSMiddleware)


class Everything(BaseRoute):
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return Match.FULL, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("all of it")(scope, receive, send)


def test_a_custom_route_class_cannot_have_it() -> None:
    with pytest.raises(SignatureError, match="the router cannot be applied to a custom route class"):
        App().include_router(Router([Everything()], middleware=[mark("router")]))
    app, router = App(), Router([Everything()])
    app.include_router(router)
    with pytest.raises(SignatureError, match="cannot be applied to a custom route class"):
        router.add_middleware(Mark, name="late")


async def test_a_custom_route_class_needs_no_middleware() -> None:
    app = App()
    app.include_router(Router([Everything()]))
    assert (await fetch(app, "GET /any")).body == b"all of it"
