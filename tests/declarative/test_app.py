"""`App`: verbs and routes, limits, explain, and round trips through pickle."""

import copy
import gc
import pickle
import weakref
from typing import Annotated, Any

import cloudpickle
import pytest

from signette.app import App, Router
from signette.declarative.inspection.explain import explain
from signette.declarative.inspection.plan_json import describe_plan
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Query
from signette.requests import Request
from signette.responses.plain import PlainTextResponse, Response
from tests.asgi import fetch
from tests.declarative.faults import FAULTS, app_with_faults


async def plain(request: Request) -> Response:
    return PlainTextResponse(f"plain {request.url.path}")


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete", "options", "query"])
async def test_each_verb_handles_its_method_and_405_names_it(verb: str) -> None:
    app = App()

    @getattr(app, verb)("/")
    async def endpoint() -> str:
        return verb

    assert (await fetch(app, f"{verb.upper()} /")).body == verb.encode()
    other = await fetch(app, "TRACE /")
    assert (other.status, other["content-type"]) == (405, "application/problem+json")
    assert verb.upper() in (other["allow"] or "").split(", ")


async def test_a_decorator_gives_the_function_back() -> None:
    app = App()

    async def endpoint() -> None: ...

    assert app.get("/a")(app.post("/b")(endpoint)) is endpoint
    assert app.websocket("/c")(endpoint) is endpoint


async def test_one_endpoint_may_have_several_methods() -> None:
    app = App()

    @app.api_route("/", methods=["GET", "POST"])
    async def endpoint(request: Request) -> str:
        return request.method

    assert (await fetch(app, "POST /")).body == b"POST"
    assert (await fetch(app, "GET /")).body == b"GET"


async def test_head_may_be_handled_differently_from_get() -> None:
    app = App()

    @app.head("/")
    async def head(response: Response) -> None:
        response.headers["x-own"] = "1"

    @app.get("/")
    async def get() -> str:
        return "a"

    assert (await fetch(app, "HEAD /"))["x-own"] == "1"
    assert (await fetch(app, "GET /")).body == b"a"


@pytest.mark.parametrize("path", ["items", "", "items/{n}"])
def test_a_path_begins_with_a_slash(path: str) -> None:
    with pytest.raises(ValueError, match=f"must start with a slash; write '/{path}'" if path else "empty path"):
        App().get(path)(plain)


@pytest.mark.parametrize(
    ("prefix", "hint"), [("items", "write '/items'"), ("/items/", "write '/items'"), ("/", "remove it")]
)
def test_a_prefix_begins_with_a_slash_and_ends_without_one(prefix: str, hint: str) -> None:
    with pytest.raises(ValueError, match=f"must start with a slash and must not end with one; {hint}"):
        Router(prefix=prefix)


async def test_a_typed_route_has_a_name_to_be_reversed_by() -> None:
    app = App()

    @app.get("/items/{item_id}", name="one")
    async def item(item_id: int, request: Request) -> str:
        return str(request.url_for("one", item_id=item_id + 1))

    @app.get("/rest/{rest:path}")
    async def rest(rest: str) -> str:
        return rest

    assert app.url_path_for("one", item_id=3) == "/items/3"
    assert app.url_path_for("rest", rest="a/b") == "/rest/a/b"
    assert (await fetch(app, "GET /items/3")).body == b"http://testserver/items/4"
    assert (await fetch(app, "GET /rest/a/b")).body == b"a/b"


async def test_the_request_knows_route_endpoint_and_parameters() -> None:
    app = App()

    @app.get("/items/{item_id:int}")
    async def item(item_id: int, request: Request) -> dict[str, Any]:
        assert request.scope["endpoint"] is item
        return {"path": request.scope["route"].path, "params": request.path_params}

    assert (await fetch(app, "GET /items/3")).json == {"path": "/items/{item_id:int}", "params": {"item_id": 3}}


@pytest.mark.parametrize("inner", [Router, App])
def test_explain_finds_routes_of_what_is_mounted(inner: type[Router | App]) -> None:
    async def item(item_id: int) -> int:
        return item_id

    app, mounted = App(), inner()
    mounted.get("/items/{item_id}")(item)
    app.mount("/shop", mounted)
    for requested in ("GET /shop/items/{item_id}", "GET /shop/items/3"):
        assert 'path "item_id": int' in app.explain(requested)
    with pytest.raises(LookupError, match="did you mean `GET /shop/items/"):
        app.explain("GET /shops/items/3")


def test_explain_finds_a_route_by_its_template_and_by_a_path() -> None:
    app = app_with_faults()
    assert app.explain("GET /items/{item_id}") == app.explain("get /items/3") == explain(app, "/items/3")
    assert "async def bind(scope, receive, send, values):" in app.explain("POST /items", source=True)
    with pytest.raises(LookupError, match="did you mean `POST /items`"):
        app.explain("PUT /items")


def pickled(app: App) -> App:
    again: App = cloudpickle.loads(cloudpickle.dumps(app))
    return again


@pytest.mark.parametrize("again", [pickled, copy.deepcopy], ids=["cloudpickle", "deepcopy"])
@pytest.mark.parametrize("used", [False, True])
async def test_an_application_survives_a_round_trip_and_responds_the_same(again: Any, used: bool) -> None:
    app = app_with_faults()

    async def sub(q: str = "d") -> str:
        return q

    router = Router(prefix="/sub", dependencies=[Depends(sub)])

    @router.get("/{n}")
    def endpoint(n: int, sub: Annotated[str, Depends(sub)], limit: Annotated[int, Query(le=9)] = 3) -> dict[str, Any]:
        return {"n": n, "sub": sub, "limit": limit}

    app.include_router(router)
    if used:
        await fetch(app, "GET /sub/1")
    other = again(app)
    for request in (*(fault[:3] for fault in FAULTS), ("GET /sub/1?q=a", b"", {}), ("GET /sub/1?limit=10", b"", {})):
        one, two = await fetch(app, *request), await fetch(other, *request)
        assert (one.status, one.headers, one.body) == (two.status, two.headers, two.body)


@pytest.mark.parametrize("again", [pickled, copy.deepcopy], ids=["cloudpickle", "deepcopy"])
async def test_overrides_travel_with_the_application_and_are_its_own_there(again: Any) -> None:
    async def user() -> str:
        return "user"

    async def tester() -> str:
        return "tester"

    app = App()

    @app.get("/")
    async def endpoint(user: Annotated[str, Depends(user)]) -> str:
        return user

    app.dependency_overrides[user] = tester
    other = again(app)
    assert (await fetch(other, "GET /")).body == b"tester"
    other.dependency_overrides.clear()
    assert (await fetch(other, "GET /")).body == b"user"
    assert (await fetch(app, "GET /")).body == b"tester"


def without_files(value: Any) -> Any:
    """A described plan without the names of files, which cloudpickle may replace (3.1.3: `<dynamic-code>`)."""
    if isinstance(value, dict):
        return {key: without_files(inner) for key, inner in value.items() if key != "file"}
    return [without_files(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("number", [n for n, one in enumerate(app_with_faults().routes) if hasattr(one, "plan")])
def test_plans_survive_a_round_trip(number: int) -> None:
    route: Any = app_with_faults().routes[number]
    again = pickle.loads(cloudpickle.dumps(route))
    assert again is not route
    assert without_files(describe_plan(again.plan)) == without_files(describe_plan(route.plan))


async def test_an_unreferenced_application_is_collected() -> None:
    app = app_with_faults()
    await fetch(app, "GET /items/1")
    left = weakref.ref(app)
    del app
    gc.collect()
    assert left() is None


async def test_a_function_wraps_all_requests() -> None:
    app = App()
    app.get("/")(lambda: {"a": 1})

    @app.middleware("http")
    async def stamp(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers["x-path"] = request.url.path
        return response

    for path, status in (("/", 200), ("/nowhere", 404)):
        reply = await fetch(app, f"GET {path}")
        assert (reply.status, reply["x-path"]) == (status, path)
    with pytest.raises(ValueError, match="add_middleware"):
        app.middleware("websocket")
