"""`dependencies=` of an `App`, a `Router` or an `include_router` run before each of its routes, typed or not."""

import copy
import pickle
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import cloudpickle
import pytest

from signette.app import App, Router
from signette.applications import Application
from signette.background import BackgroundTasks
from signette.cli.listing import rows_of
from signette.declarative.errors.base import SignatureError
from signette.declarative.routing.routes import TypedRoute
from signette.declarative.signature.marker_functions import Depends, Security
from signette.declarative.signature.markers import Body, Form, Header
from signette.endpoints import HTTPEndpoint, WebSocketEndpoint
from signette.exceptions import HTTPException
from signette.middleware.registry import Middleware
from signette.requests import HTTPConnection, Request
from signette.responses.plain import PlainTextResponse, Response
from signette.responses.streaming import StreamingResponse
from signette.routing.base import BaseRoute
from signette.routing.host import Host
from signette.routing.matching import Match
from signette.routing.mount import Mount
from signette.routing.route import Route
from signette.routing.websocket import WebSocketRoute
from signette.staticfiles import StaticFiles
from signette.types import Receive, Scope, Send
from signette.websockets import WebSocket
from tests.asgi import fetch
from tests.declarative.test_websocket_endpoints import talk

pytestmark = pytest.mark.either_loop

KEY = {"x-key": "secret"}
DENIAL = {"websocket.http.response": {}}


def with_key(x_key: Annotated[str | None, Header()] = None) -> None:
    if x_key != "secret":
        raise HTTPException(401)


GUARD = [Depends(with_key)]


async def plain(request: Request) -> Response:
    return PlainTextResponse("open")


def in_thread(request: Request) -> Response:
    return PlainTextResponse("open")


def typed() -> str:
    return "open"


class ByClass(HTTPEndpoint):
    async def get(self, request: Request) -> Response:
        return PlainTextResponse("open")


async def by_asgi(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("open")(scope, receive, send)


class ByInstance:
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await by_asgi(scope, receive, send)


class Through:
    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


def inner_app() -> App:
    app = App()

    @app.get("/x")
    async def endpoint() -> str:
        return "open"

    @app.websocket("/socket")
    async def chat(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close()

    return app


async def chat(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


class ChatByClass(WebSocketEndpoint):
    async def on_connect(self, websocket: WebSocket) -> None:
        await websocket.accept()


def folder() -> StaticFiles:
    return StaticFiles(directory=Path(__file__).parent / "golden", check_dir=False)


# What a plain route is made of, and a path that it matches.
ROUTES: dict[str, tuple[Callable[[], Any], str]] = {
    "function": (lambda: Route("/x", plain), "/x"),
    "sync function": (lambda: Route("/x", in_thread), "/x"),
    "endpoint class": (lambda: Route("/x", ByClass), "/x"),
    "instance": (lambda: Route("/x", ByInstance()), "/x"),
    "middleware and limit": (lambda: Route("/x", plain, middleware=[Middleware(Through)], max_body_size=9), "/x"),
    "parameters": (lambda: Route("/{a}/{b:path}", plain), "/a/b/c"),
    "across slashes": (lambda: Route("/{a:path}/end", plain), "/a/b/end"),
    "mounted application": (lambda: Mount("/in", inner_app()), "/in/x"),
    "its document": (lambda: Mount("/in", inner_app()), "/in/openapi.json"),
    "mounted plain application": (lambda: Mount("/in", Application(routes=[Route("/x", plain)])), "/in/x"),
    "mounted routes": (lambda: Mount("/in", routes=[Route("/x", plain)], middleware=[Middleware(Through)]), "/in/x"),
    "mounted function": (lambda: Mount("/in", by_asgi), "/in/x"),
    "mount with a parameter": (lambda: Mount("/{tenant}", by_asgi), "/in/x"),
    "static files": (lambda: Mount("/in", folder()), "/in/pool.txt"),
    "host": (lambda: Host("test.example", inner_app()), "/x"),
    "typed route": (lambda: TypedRoute("/x", typed), "/x"),
}
SOCKETS: dict[str, tuple[Callable[[], Any], str]] = {
    "function": (lambda: WebSocketRoute("/x", chat), "/x"),
    "endpoint class": (lambda: WebSocketRoute("/x", ChatByClass), "/x"),
    "mounted application": (lambda: Mount("/in", inner_app()), "/in/socket"),
    "host": (lambda: Host("test.example", inner_app()), "/socket"),
}


def by_argument(route: Any) -> App:
    return App(routes=[route], dependencies=GUARD)


def by_append(route: Any) -> App:
    app = App(dependencies=GUARD)
    app.routes.append(route)
    return app


def by_extend(route: Any) -> App:
    app = App(dependencies=GUARD)
    app.router.routes.extend(Router([route]).routes)
    return app


def by_addition(route: Any) -> App:
    app = App(dependencies=GUARD)
    app.router.routes += [route]
    return app


def by_insert(route: Any) -> App:
    app = App(dependencies=GUARD)
    app.router.routes.insert(0, route)
    return app


def by_item(route: Any) -> App:
    app = App(dependencies=GUARD)
    app.router.routes[0] = route
    return app


def by_slice(route: Any) -> App:
    app = App(dependencies=GUARD)
    app.router.routes[1:] = [route]
    return app


def by_assignment(route: Any) -> App:
    app = App(dependencies=GUARD)
    app.router.routes = [route]  # type: ignore[assignment]  # the setter takes any
    return app


def in_router(route: Any) -> App:
    app = App()
    app.include_router(Router([route], dependencies=GUARD))
    return app


def by_include(route: Any) -> App:
    app = App()
    app.include_router(Router([route]), dependencies=GUARD)
    return app


def in_included_router(route: Any) -> App:
    app = App(dependencies=GUARD)
    outer, inner = Router(max_body_size=1000), Router()
    app.include_router(outer)
    outer.include_router(inner)
    inner.routes.append(route)  # seen by who includes it from now on
    app.include_router(inner)
    return app


def in_mounted_router(route: Any) -> App:
    app = App()
    app.mount("/", Router([route], dependencies=GUARD))
    return app


WAYS = [by_argument, by_append, by_extend, by_addition, by_insert, by_item, by_slice, by_assignment, in_router,
        by_include, in_included_router, in_mounted_router]  # fmt: skip


def pairs_of(kinds: dict[str, Any]) -> list[tuple[str, Callable[[Any], App]]]:
    """Each kind in some ways, and some kinds in each way."""
    some_kinds, some_ways = {"function", "mounted application", "typed route"}, (by_append, by_include)
    return [(kind, way) for kind in kinds for way in WAYS if kind in some_kinds or way in some_ways]


@pytest.mark.parametrize(("kind", "way"), pairs_of(ROUTES))
async def test_every_endpoint_is_guarded_however_it_was_added(kind: str, way: Callable[[Any], App]) -> None:
    make, path = ROUTES[kind]
    app = way(make())
    host = {"host": "test.example"}
    for method in ("GET", "HEAD"):
        rejected = await fetch(app, f"{method} {path}", headers=host)
        assert (rejected.status, rejected.receives) == (401, 0)
    response = await fetch(app, f"GET {path}", headers=KEY | host)
    assert response.status == 200
    assert response.body == b"open" or kind in {"static files", "its document"}


@pytest.mark.parametrize(("kind", "way"), pairs_of(SOCKETS))
async def test_a_socket_is_rejected_before_it_is_accepted(kind: str, way: Callable[[Any], App]) -> None:
    make, path = SOCKETS[kind]
    app = way(make())
    host = {"host": "test.example"}
    (closed,) = await talk(app, path, host)
    assert (closed["type"], closed["code"]) == ("websocket.close", 1008)
    assert (await talk(app, path, host, DENIAL))[0]["status"] == 401
    assert (await talk(app, path, KEY | host))[0]["type"] == "websocket.accept"


async def test_the_ways_to_add_one_guard_it() -> None:
    app = App(dependencies=GUARD)
    app.add_route("/route", plain)
    app.add_websocket_route("/socket", chat)
    app.mount("/mount", by_asgi)
    app.host("test.example", by_asgi)
    for path, headers in (("/route", {}), ("/mount/x", {}), ("/any", {"host": "test.example"})):
        assert (await fetch(app, f"GET {path}", headers=headers)).status == 401
        assert (await fetch(app, f"GET {path}", headers=KEY | headers)).body == b"open"
    assert (await talk(app, "/socket", {}, DENIAL))[0]["status"] == 401


async def test_the_applications_own_document_and_page_stay_open() -> None:
    app = App(dependencies=GUARD)
    for path in ("/openapi.json", "/docs"):
        assert (await fetch(app, f"GET {path}")).status == 200
        app.routes.append(app.routes.pop(0))


async def test_what_no_route_handles_is_reported_without_a_guard() -> None:
    app = App(dependencies=GUARD)
    app.add_route("/x", plain)
    result = [(await fetch(app, requested)).status for requested in ("GET /y", "POST /x", "OPTIONS /x", "GET /x/")]
    assert result == [404, 405, 204, 307]


async def test_what_responds_in_place_of_a_route_is_guarded() -> None:
    router = Router(default=by_asgi, dependencies=GUARD)
    mounting = App(routes=[Mount("/", router)], openapi_url=None)
    assert (await fetch(mounting, "GET /y")).status == 401
    assert (await fetch(mounting, "GET /y", headers=KEY)).body == b"open"
    app = App(dependencies=GUARD)
    assert (await fetch(app, "GET /y")).status == 404
    app.router.default = by_asgi
    assert (await fetch(app, "GET /y")).status == 401
    assert (await fetch(app, "GET /y", headers=KEY)).body == b"open"


# -- what is asked, and when -------------------------------------------------------------------------------------------


async def test_each_dependency_runs_once_from_the_outermost_level_in() -> None:
    seen: list[str] = []

    def noting(name: str) -> Any:
        def note() -> None:
            seen.append(name)

        return Depends(note)

    shared = noting("shared")
    app = App(dependencies=[noting("app"), shared])
    outer = Router(prefix="/outer", dependencies=[noting("outer"), shared])
    inner = Router(dependencies=[noting("inner")])
    inner.add_route("/x", plain)
    outer.include_router(inner, prefix="/in", dependencies=[noting("include")])
    app.include_router(outer)
    inner.add_route("/later", plain)
    for path in ("/outer/in/x", "/outer/in/later"):
        assert (await fetch(app, f"GET {path}")).body == b"open"
        assert seen == ["app", "shared", "outer", "include", "inner"]
        seen.clear()
    app.routes.append(app.routes.pop())
    await fetch(app, "GET /outer/in/later")
    assert seen == ["app", "shared", "outer", "include", "inner"]


async def test_a_generator_is_closed_after_the_response() -> None:
    events: list[str] = []

    async def asynchronous() -> AsyncIterator[None]:
        events.append("open")
        yield
        events.append("closed")

    def sync() -> Iterator[None]:
        try:
            yield
        except HTTPException as exc:
            events.append(f"sees {exc.status_code}")
            raise

    async def fails(request: Request) -> Response:
        raise HTTPException(418)

    app = App(dependencies=[Depends(asynchronous), Depends(sync)])
    app.add_route("/x", plain)
    app.add_route("/fails", fails)
    await fetch(app, "GET /x", log=events)
    assert events == ["open", "sent", "closed"]
    events.clear()
    assert (await fetch(app, "GET /fails")).status == 418
    assert events == ["open", "sees 418"]


async def test_values_come_from_the_head_and_the_path() -> None:
    seen: list[Any] = []

    async def note(tenant: int, q: str = "", x_n: Annotated[int, Header()] = 0) -> None:
        seen.append((tenant, q, x_n))

    router = Router(dependencies=[Depends(note)])
    router.add_route("/x/{rest:path}", plain)
    router.mount("/in", inner_app())
    app = App()
    app.include_router(router, prefix="/v1/{tenant}")
    assert (await fetch(app, "GET /v1/3/x/a%2Fb?q=a", headers={"x-n": "5"})).status == 200
    assert (await fetch(app, "GET /v1/4/in/x")).body == b"open"
    assert seen == [(3, "a", 5), (4, "", 0)]
    rejected = await fetch(app, "GET /v1/x/in/x", headers={"x-n": "x"})
    assert rejected.errors == [("path", "tenant", "int_parsing"), ("header", "x-n", "int_parsing")]


@pytest.mark.parametrize("reads", ["body", "form", "stream", "disconnect"])
async def test_a_body_that_a_dependency_reads_by_hand_is_there_for_the_route(reads: str) -> None:
    async def look(request: Request) -> None:
        if reads == "stream":
            assert [chunk async for chunk in request.stream()] == [b"a=1", b""]
        elif reads == "disconnect":
            assert not await request.is_disconnected()
        else:
            assert await getattr(request, reads)()

    async def echo(request: Request) -> Response:
        return Response(await request.body())

    inner = App()
    inner.post("/typed")(read_a)
    app = App(dependencies=[Depends(look)])
    app.add_route("/x", echo, methods=["POST"])
    app.mount("/in", inner)
    declared = {"content-type": "application/x-www-form-urlencoded"}
    assert (await fetch(app, "POST /x", b"a=1", declared)).body == b"a=1"
    assert (await fetch(app, "POST /in/typed", b"a=1", declared)).json == 1


async def read_a(a: Annotated[int, Form()]) -> int:
    return a


async def test_limits_of_the_route_apply_after_a_dependency_that_takes_the_request() -> None:
    async def look(request: Request) -> None:
        await request.body()

    async def echo(request: Request) -> Response:
        return Response(await request.body())

    for outer in (App, lambda **declared: Application(routes=[Mount("/", Router(**declared))])):
        app = outer(dependencies=[Depends(look)], routes=[Route("/", echo, methods=["POST"], max_body_size=3)])
        assert (await fetch(app, "POST /", b"abc")).body == b"abc"
        assert (await fetch(app, "POST /", b"abcd")).status == 413


async def test_overrides_of_tests_apply() -> None:
    app = App(dependencies=GUARD)
    app.add_route("/x", plain)
    app.mount("/in", inner_app())
    assert (await fetch(app, "GET /x")).status == 401
    with app.override(with_key, lambda: None):
        assert [(await fetch(app, f"GET {path}")).body for path in ("/x", "/in/x")] == [b"open"] * 2
    assert (await fetch(app, "GET /x")).status == 401


async def test_what_lives_as_long_as_the_application_is_made_at_its_start() -> None:
    made: list[str] = []

    async def pool() -> AsyncIterator[str]:
        made.append("open")
        yield "pool"
        made.append("closed")

    async def check(pool: Annotated[str, Depends(pool, scope="app")]) -> None:
        made.append(pool)

    app = App(dependencies=[Security(check)])
    app.add_route("/x", plain)
    async with app.router.lifespan_context(app):
        assert made == ["open"]
        assert (await fetch(app, "GET /x")).status == 200
    assert made == ["open", "pool", "closed"]


async def test_header_fields_of_a_dependency_are_sent_with_the_routes_own() -> None:
    async def limits(response: Response) -> None:
        response.headers["x-left"] = "3"
        response.headers["cache-control"] = "no-store"
        response.status_code = 418
        response.set_cookie("seen", "1")

    async def own(request: Request) -> Response:
        return PlainTextResponse("open", 202, headers={"x-own": "1", "cache-control": "public"})

    app = App(dependencies=[Depends(limits)])
    app.add_route("/x", own)
    app.mount("/in", inner_app())
    reply = await fetch(app, "GET /x")
    assert (reply.status, reply["x-own"], reply["x-left"], reply.body) == (202, "1", "3", b"open")
    assert reply.all("set-cookie") == ["seen=1; Path=/; SameSite=lax"]
    assert (reply.all("content-length"), reply.all("cache-control")) == (["4"], ["no-store"])
    assert (await fetch(app, "GET /in/x"))["x-left"] == "3"
    with app.override(limits, lambda: None):
        assert (await fetch(app, "GET /x"))["x-left"] is None
    free = App(dependencies=GUARD)
    free.add_route("/x", own)
    with free.override(with_key, limits):
        assert (await fetch(free, "GET /x"))["x-left"] == "3"


async def test_background_work_of_a_dependency_runs_after_the_response() -> None:
    events: list[str] = []

    async def later(tasks: BackgroundTasks) -> None:
        tasks.add_task(events.append, "done")

    app = App(dependencies=[Depends(later)])
    app.add_route("/x", plain)
    await fetch(app, "GET /x", log=events)
    assert events == ["sent", "done"]


async def test_a_mounted_lifespan_and_names_are_those_of_what_is_mounted() -> None:
    started: list[str] = []

    async def lifespan(app: Any) -> AsyncIterator[dict[str, str]]:
        started.append("inner")
        yield {"of": "inner"}

    async def state(request: Request) -> Response:
        assert request.scope["endpoint"] is state
        return PlainTextResponse(request.state.of)

    inner = Application(routes=[Route("/x", state, name="x")], lifespan=asynccontextmanager(lifespan))
    app = App(dependencies=GUARD)
    app.mount("/in", inner, name="in")
    async with app.router.lifespan_context(app):
        pass
    assert app.url_path_for("in:x") == "/in/x"
    assert app.routes[-1] == Mount("/in", inner, name="in")
    app.routes.remove(Mount("/in", inner, name="in"))
    assert (await fetch(app, "GET /in/x")).status == 404


def test_a_guarded_mount_is_shown_as_what_is_mounted() -> None:
    files = folder()
    app = App(dependencies=GUARD)
    app.mount("/in", files)
    assert repr(app.routes[-1]) == repr(Mount("/in", files))
    assert rows_of(app.routes)[-1] == ("MOUNT", "/in", "", "signette.staticfiles.StaticFiles")


async def test_a_default_of_ours_is_given_paths_as_they_were_sent() -> None:
    app = App(dependencies=GUARD, openapi_url=None)
    app.router.default = inner_app()
    assert (await fetch(app, "GET //x", headers=KEY)).status == 404
    app.router.default = Router([Route("/{any:path}", plain)])
    assert (await fetch(app, "GET /a//x", headers=KEY)).body == b"open"
    assert (await fetch(app, "GET /a//x")).status == 401


async def test_head_reaches_the_route_as_it_is() -> None:
    seen: list[str] = []

    async def stream() -> AsyncIterator[bytes]:
        seen.append("begun")
        yield b"x"
        seen.append("ended")

    async def chunks(request: Request) -> Response:
        return StreamingResponse(stream(), headers={"x-method": request.method})

    app = App(dependencies=GUARD)
    app.add_route("/x", chunks)
    assert (await fetch(app, "HEAD /x", headers=KEY))["x-method"] == "HEAD"


async def test_a_request_guard_rejects_the_sockets_of_a_mount(caplog: pytest.LogCaptureFixture) -> None:
    async def check(request: Request) -> None: ...

    app = App(dependencies=[Depends(check)])
    app.mount("/in", inner_app())
    assert (await fetch(app, "GET /in/x")).body == b"open"
    assert (await talk(app, "/in/socket", {}, DENIAL))[0]["status"] == 403
    assert "declare an `HTTPConnection` instead" in caplog.text
    with pytest.raises(SignatureError, match="Request"):
        app.add_websocket_route("/socket", chat)


async def test_a_connection_guard_serves_both() -> None:
    async def check(connection: HTTPConnection) -> None:
        with_key(connection.headers.get("x-key"))

    app = App(dependencies=[Depends(check)])
    app.mount("/in", inner_app())
    assert (await fetch(app, "GET /in/x")).status == 401
    assert (await talk(app, "/in/socket", {}, DENIAL))[0]["status"] == 401
    assert (await talk(app, "/in/socket", KEY))[0]["type"] == "websocket.accept"


# -- what cannot be guarded --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_an_entry_that_reads_the_body_cannot_guard_a_plain_route(
    way: Callable[[Any], App], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def signed(item: Annotated[dict[str, int], Body()]) -> None: ...

    # Each way reads it when it is called.
    monkeypatch.setitem(globals(), "GUARD", [Depends(signed)])
    with pytest.raises(
        SignatureError, match=r"signed .*\n  problem: `item` is read from the body, but `dependencies=` also"
    ):
        way(Route("/x", plain, methods=["POST"]))


class OwnRoute(BaseRoute):
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return Match.FULL, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await by_asgi(scope, receive, send)


class OwnHandle(Route):
    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await by_asgi(scope, receive, send)


class OwnMatch(Route):
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return super().matches({**scope, "path": scope["path"].lower()})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("make", [OwnRoute, lambda: OwnHandle("/x", plain)], ids=["route", "handle"])
def test_a_route_with_its_own_handling_cannot_be_guarded(make: Callable[[], Any], way: Callable[[Any], App]) -> None:
    with pytest.raises(SignatureError, match="`with_key` in `dependencies=` cannot be applied to a custom route class"):
        way(make())


async def test_a_route_that_matches_in_its_own_way_is_guarded() -> None:
    app = App(dependencies=GUARD, routes=[OwnMatch("/x", plain)])
    assert (await fetch(app, "GET /X")).status == 401
    assert (await fetch(app, "GET /X", headers=KEY)).body == b"open"


# -- copies ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("again", [lambda app: pickle.loads(cloudpickle.dumps(app)), copy.deepcopy], ids=["p", "c"])
@pytest.mark.parametrize("is_used", [False, True])
async def test_a_copy_is_guarded_and_guards_what_it_gets(again: Callable[[App], App], is_used: bool) -> None:
    app = App(dependencies=GUARD)
    app.add_route("/x", plain)
    app.mount("/in", inner_app())
    if is_used:
        assert (await fetch(app, "GET /x")).status == 401
    other = again(app)
    other.add_route("/y", plain)
    for path in ("/x", "/in/x", "/y"):
        assert (await fetch(other, f"GET {path}")).status == 401
        assert (await fetch(other, f"GET {path}", headers=KEY)).body == b"open"
    assert (await fetch(app, "GET /y", headers=KEY)).status == 404


async def test_one_route_in_two_applications_has_the_guards_of_each() -> None:
    route = Route("/x", plain)
    guarded, free = App(dependencies=GUARD, routes=[route]), App(routes=[route])
    assert (await fetch(guarded, "GET /x")).status == 401
    assert (await fetch(free, "GET /x")).body == b"open"
    assert free.routes[0] is route


def test_an_application_without_dependencies_changes_no_route() -> None:
    route, mount = Route("/x", plain), Mount("/in", by_asgi)
    app = App(routes=[route, mount])
    assert app.routes[0].app is route.app
    assert app.routes[1] is mount
