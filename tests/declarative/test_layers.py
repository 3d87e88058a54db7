"""What applications, routers and inclusions say of all routes in them, and which of them counts."""

import warnings
from typing import Annotated, Any

import anyio
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from signette.app import App, Router
from signette.applications import Application
from signette.datastructures.upload import UploadFile
from signette.declarative.problems.format import ProblemFormat
from signette.declarative.routing.options import RouteOptions
from signette.declarative.routing.routes import TypedRoute
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Form
from signette.exceptions import HTTPException, ShadowedRouteWarning
from signette.middleware.registry import Middleware
from signette.requests import Request
from signette.responses.plain import HTMLResponse, JSONResponse, PlainTextResponse
from signette.routing.router import Router as PlainRouter
from signette.testclient.channel import WebSocketDenialResponse
from signette.testclient.client import TestClient
from signette.types import Receive, Scope, Send
from signette.websockets import WebSocket, WebSocketDisconnect
from tests.asgi import JSON, MULTIPART, URLENCODED, connect, exchange, fetch
from tests.declarative.building import app_of, form, part
from tests.timeouts import SECONDS


async def echo(item: dict[str, str]) -> dict[str, str]:
    return item


def nested(where: str, name: str, values: dict[str, Any], *, middleware: bool = False) -> App:
    """An application with a router in it; of the layers up to `where` each says another value."""
    levels = ("app", "include", "router", "route")
    declared = {each: {name: values[each]} if levels.index(each) <= levels.index(where) else {} for each in levels}
    app = App(middleware=[Middleware(Passing)] if middleware else [], **declared["app"])
    router = Router(**declared["router"])
    router.post("/", **declared["route"])(echo)
    app.include_router(router, **declared["include"])
    return app


class Passing:
    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


SIZES = {"app": 10, "include": 20, "router": 30, "route": 40}


@pytest.mark.parametrize("middleware", [False, True])
@pytest.mark.parametrize("where", SIZES)
async def test_the_innermost_limit_of_a_body_applies(where: str, middleware: bool) -> None:
    app = nested(where, "max_body_size", SIZES, middleware=middleware)
    body = b'{"a": "%s"}'
    fits, exceeds = (body % (b"x" * (SIZES[where] - 9 + more)) for more in (0, 1))
    assert len(fits) == SIZES[where]
    assert (await fetch(app, "POST /", fits, JSON)).status == 200
    assert (await fetch(app, "POST /", exceeds, JSON)).status == 413


async def test_each_limit_of_forms_is_the_innermost_that_is_set() -> None:
    async def fields(a: Annotated[list[str], Form()], files: list[UploadFile] | None = None) -> int:
        return len(a) + len(files or [])

    app = App(form_limits={"max_fields": 1, "max_part_size": 5})
    router = Router()
    router.post("")(fields)
    app.include_router(router, prefix="/one")
    app.include_router(router, prefix="/two", form_limits={"max_fields": 2, "max_files": 1})
    assert (await fetch(app, "POST /one", b"a=1", URLENCODED)).json == 1
    assert (await fetch(app, "POST /one", b"a=1&a=2", URLENCODED)).status == 400
    assert (await fetch(app, "POST /one", b"a=123456", URLENCODED)).status == 413
    assert (await fetch(app, "POST /two", b"a=1&a=2", URLENCODED)).json == 2
    # What the inner one does not say, the outer one still does.
    assert (await fetch(app, "POST /two", b"a=123456", URLENCODED)).status == 413
    files = [part("a", "1"), part("files", "x", "x"), part("files", "y", "y")]
    assert (await fetch(app, "POST /two", form(*files[:2]), MULTIPART)).json == 2
    assert (await fetch(app, "POST /two", form(*files), MULTIPART)).status == 400


async def test_a_body_without_a_content_type_is_json_where_that_is_declared() -> None:
    async def both(request: Request, item: dict[str, str]) -> dict[str, str]:
        return item

    for endpoint in (echo, both):
        app = App(strict_content_type=False)
        app.post("/")(endpoint)
        strict = Router(prefix="/strict", strict_content_type=True)
        strict.post("/")(endpoint)
        app.include_router(strict)
        assert (await fetch(app, "POST /", b'{"a": "b"}')).json == {"a": "b"}
        assert (await fetch(app, "POST /", b'{"a": "b"}', {"content-type": "text/plain"})).status == 415
        assert (await fetch(app, "POST /strict/", b'{"a": "b"}')).status == 415


def test_operations_are_called_what_the_innermost_function_says() -> None:
    app = App(generate_unique_id_function=lambda route: f"app_{route.name}")
    router = Router(tags=["shop"], generate_unique_id_function=lambda route: f"{route.tags[0]}_{route.name}")
    app.get("/a")(echo_nothing)
    router.get("/b")(echo_nothing)
    router.get("/c", operation_id="said")(echo_nothing)
    app.include_router(router)
    paths = app.openapi()["paths"]
    assert [paths[path]["get"]["operationId"] for path in ("/a", "/b", "/c")] == [
        "app_echo_nothing", "shop_echo_nothing", "said",
    ]  # fmt: skip


async def echo_nothing() -> str:
    return ""


async def test_the_innermost_response_class_applies() -> None:
    app = App(default_response_class=HTMLResponse)
    router = Router(default_response_class=PlainTextResponse)
    app.get("/a")(echo_nothing)
    router.get("/b")(echo_nothing)
    router.get("/c", response_class=JSONResponse)(echo_nothing)
    app.include_router(router)
    kinds = [str((await fetch(app, f"GET /{path}"))["content-type"]).partition(";")[0] for path in "abc"]
    assert kinds == ["text/html", "text/plain", "application/json"]


class Named(ProblemFormat):
    def __init__(self, name: str) -> None:
        self.name = name

    def body(self, exc: Exception) -> dict[str, str]:
        return {"told by": self.name}

    def schema(self, status: int, problem: Any = None) -> dict[str, str]:
        return {"title": self.name}


FORMATS = {each: Named(each) for each in ("app", "include", "router", "route")}


@pytest.mark.parametrize("where", FORMATS)
async def test_errors_are_reported_as_the_innermost_declares(where: str) -> None:
    app = nested(where, "errors", FORMATS)
    assert (await fetch(app, "POST /", b"{", JSON)).json == {"told by": where}
    rejected = app.openapi()["paths"]["/"]["post"]["responses"]["400"]["content"]["application/problem+json"]
    assert rejected["schema"] == {"$ref": f"#/components/schemas/{where}"}
    # Without a route, the application decides about the response.
    assert (await fetch(app, "GET /nowhere")).json == {"told by": "app"}


@pytest.mark.parametrize("where", FORMATS)
def test_results_are_validated_as_the_innermost_declares(where: str) -> None:
    ways: dict[str, Any] = {"app": "warn", "include": "off", "router": 0.5, "route": "strict"}
    text = nested(where, "validate_responses", ways).explain("POST /")
    expected = {"app": "warn", "include": "", "router": "warn, for 0.5 of the responses", "route": "strict"}
    assert text.partition("  response validation: ")[2] == expected[where]


def test_callbacks_and_extra_members_of_all_levels_are_in_the_document() -> None:
    def back(name: str) -> list[Any]:
        calls = Router()
        calls.post("{$callback_url}/" + name, name=name)(echo)
        return list(calls.routes)

    levels = ("app", "include", "router", "route")
    documented = nested("route", "callbacks", {each: back(each) for each in levels}).openapi()["paths"]["/"]["post"]
    assert set(documented["callbacks"]) == set(levels)
    extra = {each: {"x-from": {each: True}, "x-nearest": each} for each in levels}
    documented = nested("route", "openapi_extra", extra).openapi()["paths"]["/"]["post"]
    assert (documented["x-from"], documented["x-nearest"]) == (dict.fromkeys(levels, True), "route")


def app_with_socket() -> App:
    async def endpoint(socket: WebSocket, late: bool = False) -> None:
        if late:
            await socket.accept()
        raise HTTPException(403)

    app, router = App(), Router(errors=FORMATS["router"])
    router.websocket("/socket")(endpoint)
    app.include_router(router)
    return app


def test_sockets_are_rejected_in_the_way_of_their_router() -> None:
    with pytest.raises(WebSocketDenialResponse) as denied, TestClient(app_with_socket()).websocket_connect("/socket"):
        pass
    assert denied.value.json() == {"told by": "router"}


def test_one_that_was_accepted_is_closed() -> None:
    with TestClient(app_with_socket()).websocket_connect("/socket?late=1") as socket:
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
        assert closed.value.code == 1008


async def test_so_is_one_whose_server_sends_no_denials() -> None:
    response = await connect(app_with_socket(), "/socket")
    assert [(each["type"], each["code"]) for each in response.messages] == [("websocket.close", 1008)]


async def test_an_option_of_none_has_no_effect() -> None:
    options = {name: None for name in RouteOptions.__annotations__ if name != "response_model"}
    app = App(tags=["shop"])
    app.get("/a", **options)(echo_nothing)
    app.webhooks.post("told", **options)(echo_nothing)
    assert (await fetch(app, "GET /a")).body == b""
    document = app.openapi()
    OpenAPIV31SpecValidator(document).validate()
    assert document["paths"]["/a"]["get"]["tags"] == ["shop"]


@pytest.mark.parametrize("make", [App, Router, lambda **options: App().include_router(Router(), **options)])
def test_an_unknown_argument_is_rejected_with_the_nearest(make: Any) -> None:
    with pytest.raises(TypeError, match="unexpected argument `prefx=`; did you mean `prefix=`"):
        make(prefx="/a")


def test_an_argument_of_app_itself_is_known_too() -> None:
    with pytest.raises(TypeError, match="unexpected argument `tittle=`; did you mean `title=`"):
        App(tittle="Shop")  # type: ignore[call-arg]


@pytest.mark.parametrize("make", [App, Application])
def test_invalid_limits_are_rejected(make: Any) -> None:
    with pytest.raises(TypeError, match=r"`limits=` must be a `Limits`, not \{'body_bytes': 3\}"):
        make(limits={"body_bytes": 3})


# -- what is included --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", [App(), Application(), PlainRouter()])
def test_only_routers_of_ours_are_included(other: Any) -> None:
    with pytest.raises(TypeError, match=r"takes a `signette.Router`.*mount it"):
        App().include_router(other)


def test_a_text_is_no_router() -> None:
    with pytest.raises(TypeError, match="pass the `Router` itself"):
        App().include_router("items")  # type: ignore[arg-type]  # the error


def test_what_is_mounted_can_be_called() -> None:
    with pytest.raises(TypeError, match=r"to serve a folder, mount `StaticFiles\(\.\.\.\)`"):
        App().mount("/static", "static")  # type: ignore[arg-type]  # the error


async def test_a_route_may_leave_its_path_to_the_prefix_of_its_router() -> None:
    app, router, inner = App(), Router(), Router()
    router.get("")(echo_nothing)
    inner.websocket("")(socket)
    router.include_router(inner)
    app.include_router(router, prefix="/items")
    assert (await fetch(app, "GET /items")).status == 200
    assert [route.path for route in app.routes[4:]] == ["/items", "/items"]
    with pytest.raises(ValueError, match="'echo_nothing' has an empty path"):
        app.include_router(router)
    with pytest.raises(ValueError, match="'echo_nothing' has an empty path"):
        app.get("")(echo_nothing)


async def socket() -> None: ...


async def test_whatever_is_added_to_a_router_later_applies() -> None:
    app, router = App(), Router()
    app.include_router(router, prefix="/r")

    async def plain(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.scope["root_path"])

    router.add_route("/plain", plain)
    router.mount("/mounted", Application(routes=[]))
    router.add_websocket_route("/socket", socket)
    router.frontend("/pages", ".", check_dir=False)
    assert [route.path for route in app.routes[3:]] == ["/r/plain", "/r/mounted", "/r/socket"]
    assert [route.path for route in app.router.frontends] == ["/r/pages/{path:path}"]


async def test_a_prefix_may_have_parameters() -> None:
    async def member(tenant: str, team_id: int, member_id: int, since: int = 0) -> list[Any]:
        return [tenant, team_id, member_id, since]

    app, router = App(), Router(prefix="/teams/{team_id}")
    router.get("/{member_id}")(member)
    app.include_router(router, prefix="/{tenant}")
    assert (await fetch(app, "GET /acme/teams/1/2?since=3")).json == ["acme", 1, 2, 3]
    assert (await fetch(app, "GET /acme/teams/x/y")).errors == [
        ("path", "team_id", "int_parsing"), ("path", "member_id", "int_parsing"),
    ]  # fmt: skip


# -- classes of routes -------------------------------------------------------------------------------------------------


async def test_a_router_may_have_routes_of_another_class() -> None:
    requested: list[str] = []

    class Counted(TypedRoute):
        async def run(self, scope: Scope, receive: Receive, send: Send, values: Any) -> None:
            requested.append(scope["path"])
            await super().run(scope, receive, send, values)

    app, router = App(), Router(route_class=Counted)
    router.get("/a")(echo_nothing)
    app.include_router(router, prefix="/r")
    for _ in range(2):
        assert (await fetch(app, "GET /r/a")).status == 200
    assert requested == ["/r/a", "/r/a"]


async def test_trace_is_a_verb_too() -> None:
    app = App()
    app.trace("/")(echo_nothing)
    assert (await fetch(app, "TRACE /")).status == 200


async def test_root_path_is_what_a_proxy_cuts_off() -> None:
    app = App(root_path="/api")

    @app.get("/items", name="items")
    async def items(request: Request) -> str:
        return str(request.url_for("items"))

    for path in ("/items", "/api/items"):
        assert (await fetch(app, f"GET {path}")).body == b"http://testserver/api/items"
    assert (await fetch(app, "GET /openapi.json")).json["servers"] == [{"url": "/api"}]


# -- at the start ------------------------------------------------------------------------------------------------------


async def one() -> None: ...
async def two() -> None: ...


async def test_an_unreachable_route_is_reported_at_the_start() -> None:
    app, router = App(), Router()
    app.get("/items/{item_id}")(one)
    router.get("/me")(two)
    app.include_router(router, prefix="/items")
    with pytest.warns(ShadowedRouteWarning) as caught:
        assert (await fetch(app, "GET /items/me")).status == 204
    here = "tests.declarative.test_layers"
    first, second = (f"(declarative/test_layers.py:{each.__code__.co_firstlineno})" for each in (one, two))
    assert str(caught[0].message).splitlines() == [
        f"`GET /items/me` -> {here}.two {second}",
        f"  problem: unreachable route: `GET /items/{{item_id}}` -> {here}.one {first} matches every request first",
        "  hint: declare it before it, or remove it",
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # warned once, and not at the next request
        await fetch(app, "GET /items/me")


async def test_the_routes_of_a_mounted_router_are_looked_through_too() -> None:
    app, router = App(), Router()
    router.get("/{item_id}")(one)
    router.get("/me")(two)
    app.mount("/items", router)
    with pytest.warns(ShadowedRouteWarning, match="`GET /me`"):
        await fetch(app, "GET /items/me")


async def test_a_mount_at_the_root_is_reported_by_its_path() -> None:
    app = App(openapi_url=None)
    app.mount("/", PlainRouter())
    app.get("/me")(two)
    with pytest.warns(ShadowedRouteWarning, match="unreachable route: `Mount /` matches"):
        await fetch(app, "GET /me")


@pytest.mark.parametrize("kind", ["a name that never comes", "a route that is never reached"])
async def test_errors_are_reported_to_a_server_that_starts(kind: str) -> None:
    app = App()
    if kind == "a name that never comes":

        async def endpoint(item: "Missing") -> None: ...  # type: ignore[name-defined]  # noqa: F821 - the error

        app.get("/")(endpoint)
    else:
        for endpoint in (one, two):
            app.get("/")(endpoint)
    found = await exchange(app, {"type": "lifespan", "state": {}}, {"type": "lifespan.startup"})
    assert isinstance(found.error, TypeError | ShadowedRouteWarning)
    assert found.types == ["lifespan.startup.failed"]
    assert "Missing" in found.messages[0]["message"] or "unreachable route" in found.messages[0]["message"]


async def test_names_for_checkers_only_are_found_when_they_are_there_at_the_start() -> None:
    app = App()
    namespace: dict[str, Any] = {"app": app, "Depends": Depends, "Annotated": Annotated}
    exec(
        "from __future__ import annotations\n"
        "def get(limit: Later) -> int: return limit\n"
        "@app.get('/')\n"
        "async def endpoint(value: Annotated[int, Depends(get)], q: Later) -> Later: return value + q\n",
        namespace,
    )
    namespace["Later"] = int
    assert (await fetch(app, "GET /?limit=1&q=2")).json == 3


async def test_dependencies_of_all_levels_run_for_sockets_too_in_their_order() -> None:
    seen: list[str] = []

    def noting(name: str) -> Any:
        async def dependency() -> None:
            seen.append(name)

        return Depends(dependency)

    app = App(dependencies=[noting("app")])
    router = Router(dependencies=[noting("router")])

    async def endpoint(last: Annotated[None, noting("parameter")]) -> None: ...

    router.websocket("/", dependencies=[noting("route")])(endpoint)
    app.include_router(router, dependencies=[noting("include")])
    scope = {"type": "websocket", "path": "/", "headers": [], "query_string": b"", "root_path": ""}
    with anyio.fail_after(SECONDS):
        await app(scope, anyio.sleep_forever, _discard)
    assert seen == ["app", "include", "router", "route", "parameter"]


async def _discard(message: Any) -> None: ...


def test_one_endpoint_is_enough_of_an_application() -> None:
    assert app_of(echo_nothing).router.frontends == []
