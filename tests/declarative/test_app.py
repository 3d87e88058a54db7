"""`App` and `Router`: prefixes, inclusion, handlers, error formats, and round trips through pickle."""

import copy
import gc
import pickle
import weakref
from collections.abc import Mapping
from typing import Annotated, Any

import cloudpickle
import pytest
from pydantic import BaseModel

from signette.app import App, Router
from signette.declarative.depends import Depends
from signette.declarative.error_format import ProblemFormat
from signette.declarative.explain import explain
from signette.declarative.markers import Body, Form, Query
from signette.exceptions import HTTPException, RequestValidationError
from signette.limits import Limits
from signette.problems import Problem
from signette.requests import Request
from signette.responses.plain import HTMLResponse, PlainTextResponse, Response
from signette.routing.host import Host
from signette.routing.mount import Mount
from signette.routing.route import Route
from tests.declarative.driving import JSON, URLENCODED, ask


class Item(BaseModel):
    name: str
    price: Annotated[float, Query(ge=0)] = 0.0


async def plain(request: Request) -> Response:
    return PlainTextResponse(f"plain {request.url.path}")


# -- verbs and routes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete", "options", "query"])
async def test_each_verb_answers_its_method_and_405_names_it(verb: str) -> None:
    app = App()

    @getattr(app, verb)("/")
    async def endpoint() -> str:
        return verb

    assert (await ask(app, f"{verb.upper()} /")).body == verb.encode()
    other = await ask(app, "TRACE /")
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

    assert (await ask(app, "POST /")).body == b"POST"
    assert (await ask(app, "GET /")).body == b"GET"


async def test_head_may_be_answered_otherwise_than_get() -> None:
    app = App()

    @app.head("/")
    async def head(response: Response) -> None:
        response.headers["x-own"] = "1"

    @app.get("/")
    async def get() -> str:
        return "a"

    assert (await ask(app, "HEAD /"))["x-own"] == "1"
    assert (await ask(app, "GET /")).body == b"a"


@pytest.mark.parametrize("path", ["items", "", "items/{n}"])
def test_a_path_begins_with_a_slash(path: str) -> None:
    with pytest.raises(ValueError, match=r"slash|a path"):
        App().get(path)(plain)


@pytest.mark.parametrize("prefix", ["items", "/items/", "/"])
def test_a_prefix_begins_with_a_slash_and_ends_without_one(prefix: str) -> None:
    with pytest.raises(ValueError, match="begins with a slash and ends without one"):
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
    assert (await ask(app, "GET /items/3")).body == b"http://testserver/items/4"
    assert (await ask(app, "GET /rest/a/b")).body == b"a/b"


async def test_the_request_knows_route_endpoint_and_parameters() -> None:
    app = App()

    @app.get("/items/{item_id:int}")
    async def item(item_id: int, request: Request) -> dict[str, Any]:
        assert request.scope["endpoint"] is item
        return {"path": request.scope["route"].path, "params": request.path_params}

    assert (await ask(app, "GET /items/3")).json == {"path": "/items/{item_id:int}", "params": {"item_id": 3}}


# -- routers -----------------------------------------------------------------------------------------------------------


async def where(request: Request) -> str:
    return request.url.path


async def test_prefixes_add_up() -> None:
    app, outer, inner = App(prefix="/api"), Router(prefix="/outer"), Router(prefix="/inner")
    inner.get("/{n}")(where)
    inner.get("")(where)
    outer.include_router(inner, prefix="/between")
    app.include_router(outer, prefix="/v1")
    for path in ("/api/v1/outer/between/inner/3", "/api/v1/outer/between/inner"):
        assert (await ask(app, f"GET {path}")).body == path.encode()


async def test_a_prefix_may_have_parameters() -> None:
    app, router = App(), Router(prefix="/users/{user_id}")

    @router.get("/items/{item_id}")
    async def endpoint(item_id: int, user_id: int) -> list[int]:
        return [user_id, item_id]

    app.include_router(router)
    assert (await ask(app, "GET /users/1/items/2")).json == [1, 2]
    assert (await ask(app, "GET /users/x/items/y")).errors == [
        ("path", "item_id", "int_parsing"),
        ("path", "user_id", "int_parsing"),
    ]


async def test_a_router_may_be_included_several_times() -> None:
    app, router = App(), Router()
    router.get("/a")(where)
    app.include_router(router, prefix="/v1")
    app.include_router(router, prefix="/v2", dependencies=[Depends(lambda q: q)])
    assert (await ask(app, "GET /v1/a")).body == b"/v1/a"
    assert (await ask(app, "GET /v2/a")).status == 422
    assert (await ask(app, "GET /v2/a?q=1")).body == b"/v2/a"


async def test_routes_that_are_added_later_count_too() -> None:
    app, outer, inner = App(), Router(prefix="/outer"), Router(prefix="/inner")
    app.include_router(outer)
    outer.include_router(inner)
    assert (await ask(app, "GET /outer/inner/late")).status == 404
    inner.get("/late")(where)
    assert (await ask(app, "GET /outer/inner/late")).body == b"/outer/inner/late"


def test_routers_that_include_each_other_are_refused() -> None:
    one, two, three = Router(), Router(), Router()
    one.get("/a")(where)
    with pytest.raises(ValueError, match="in itself"):
        one.include_router(one)
    one.include_router(two, prefix="/two")
    two.include_router(three, prefix="/three")
    with pytest.raises(ValueError, match="in itself"):
        three.include_router(one, prefix="/one")


async def test_plain_routes_and_mounts_are_included_with_the_prefix() -> None:
    app = App()
    router = Router([Route("/plain", plain, methods=["POST"]), Mount("/files", routes=[Route("/one", plain)])])
    app.include_router(router, prefix="/in")
    assert (await ask(app, "POST /in/plain")).body == b"plain /in/plain"
    assert (await ask(app, "GET /in/plain")).status == 405
    assert (await ask(app, "GET /in/files/one")).body == b"plain /in/files/one"


def test_what_has_no_path_cannot_be_put_behind_a_prefix() -> None:
    router = Router([Host("api.example.org", app=Router())])
    App().include_router(router)
    with pytest.raises(TypeError, match="has no path that `/in` could stand before"):
        App().include_router(router, prefix="/in")


async def test_the_response_class_of_the_inner_layer_wins() -> None:
    app, router = App(default_response_class=HTMLResponse), Router(default_response_class=PlainTextResponse)

    async def text() -> str:
        return "a"

    app.get("/app")(text)
    router.get("/router")(text)
    router.get("/route", response_class=HTMLResponse)(text)
    app.include_router(router)
    found = [(await ask(app, f"GET {path}"))["content-type"] for path in ("/app", "/router", "/route")]
    assert found == ["text/html; charset=utf-8", "text/plain; charset=utf-8", "text/html; charset=utf-8"]


def test_tags_and_answers_add_up_and_hiding_wins() -> None:
    app, router = App(), Router(tags=["router"], responses={404: {"description": "none"}}, deprecated=True)
    router.get("/a", tags=["route", "router"], responses={409: {"description": "two"}})(where)
    router.get("/b", include_in_schema=True, deprecated=False)(where)
    app.include_router(router, tags=["app"])
    app.include_router(router, prefix="/hidden", include_in_schema=False)
    operation = app.openapi()["paths"]["/a"]["get"]
    assert operation["tags"] == ["app", "router", "route"]
    assert {"404", "409"} <= operation["responses"].keys()
    assert operation["deprecated"] is True
    assert "deprecated" not in app.openapi()["paths"]["/b"]["get"]
    assert not any(path.startswith("/hidden") for path in app.openapi()["paths"])


async def test_a_router_of_its_own_answers_without_an_application() -> None:
    router = Router()

    @router.get("/{n}")
    async def endpoint(n: int) -> int:
        return n

    assert (await ask(router, "GET /3")).json == 3


# -- errors ------------------------------------------------------------------------------------------------------------


class Gone(Problem, status=410, headers={"x-gone": "yes"}):
    """It was here."""


FAULTS = [
    ("GET /nowhere", b"", {}, 404),
    ("DELETE /items", b"", {}, 405),
    ("POST /items", b"{", JSON, 400),
    ("POST /items", b"\xff", JSON, 400),
    ("POST /items", b'{"name": "n"}', {"content-type": "text/plain"}, 415),
    ("POST /items", b'{"name": "n"}', {}, 415),
    ("POST /items", b"name=n", URLENCODED, 415),
    ("POST /items", b'{"name": "' + b"n" * 300 + b'"}', JSON, 413),
    ("POST /items", b"{}", JSON, 422),
    ("POST /items", b"", {}, 422),
    ("POST /form", b"{}", JSON, 415),
    ("POST /form", b"--cut", {"content-type": "multipart/form-data; boundary=cut"}, 400),
    ("POST /form", b"a=1", {"content-type": "multipart/form-data"}, 400),
    ("POST /form", b"other=1", URLENCODED, 422),
    ("GET /items/x", b"", {}, 422),
    ("GET /gone", b"", {}, 410),
]


def app_with_faults(**options: Any) -> App:
    app = App(limits=Limits(json_bytes=200), **options)

    @app.post("/items")
    async def create(item: Item) -> Item:
        return item

    @app.get("/items/{item_id}")
    async def one(item_id: int) -> int:
        return item_id

    @app.post("/form")
    async def form(name: Annotated[str, Form()]) -> str:
        return name

    @app.get("/gone")
    async def gone() -> Gone:
        return Gone()

    return app


@pytest.mark.parametrize(("request_line", "body", "headers", "status"), FAULTS)
async def test_each_fault_has_its_status_and_a_problem(
    request_line: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = await ask(app_with_faults(), request_line, body, headers)
    assert (answer.status, answer["content-type"]) == (status, "application/problem+json")
    problem = answer.json
    assert problem["status"] == status
    assert isinstance(problem["title"], str)
    assert isinstance(problem["detail"], str)
    assert ("errors" in problem) == (status == 422)


async def test_an_answer_to_another_media_type_names_the_right_one() -> None:
    answer = await ask(app_with_faults(), "POST /items", b"a", {"content-type": "text/plain"})
    assert (answer["accept-post"], answer.receives) == ("application/json", 0)


async def test_a_validation_problem_is_told_as_the_design_says() -> None:
    app = App()

    class Address(BaseModel):
        zip: Annotated[str, Body(max_length=3)]

    class Person(BaseModel):
        address: Address

    @app.post("/")
    async def endpoint(person: Person, limit: Annotated[int, Query(le=100)]) -> None: ...

    answer = await ask(app, "POST /?limit=101", b'{"address": {"zip": 12}}', JSON)
    assert answer.json == {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "2 values are not valid",
        "errors": [
            {
                "in": "query",
                "name": "limit",
                "code": "less_than_equal",
                "message": "Input should be less than or equal to 100",
            },
            {
                "in": "body",
                "pointer": "/address/zip",
                "code": "string_type",
                "message": "Input should be a valid string",
            },
        ],
    }


async def test_the_detail_of_an_exception_is_a_text_or_members() -> None:
    app = App()

    @app.get("/{how}")
    async def endpoint(how: str) -> None:
        details: dict[str, Any] = {"text": "no tea", "members": {"left": 2, "detail": "few"}, "nothing": None}
        raise HTTPException(418, details[how], {"x-why": how})

    assert (await ask(app, "GET /text")).json["detail"] == "no tea"
    members = await ask(app, "GET /members")
    assert (members.json["left"], members.json["detail"], members["x-why"]) == (2, "few", "members")
    assert (await ask(app, "GET /nothing")).json["title"] == "I'm a Teapot"


async def test_a_handler_may_be_given_for_a_class_or_a_status() -> None:
    app = app_with_faults()

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, exc: Any) -> Response:
        return PlainTextResponse(f"{len(exc.errors())} wrong in {request.url.path}", 400)

    @app.exception_handler(404)
    async def missing(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("nowhere", 404)

    @app.exception_handler(Gone)
    def gone(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("gone", 410)

    assert (await ask(app, "GET /items/x")).body == b"1 wrong in /items/x"
    assert (await ask(app, "GET /nowhere")).body == b"nowhere"
    assert (await ask(app, "GET /gone")).body == b"gone"


async def test_handlers_may_be_given_to_the_application() -> None:
    async def invalid(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("no", 400)

    app = app_with_faults(exception_handlers={RequestValidationError: invalid})
    assert (await ask(app, "GET /items/x")).body == b"no"


async def test_an_error_of_the_applications_own_is_a_problem_that_tells_nothing() -> None:
    app = App()

    @app.get("/")
    async def endpoint() -> None:
        raise KeyError("secret")

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    with pytest.raises(KeyError):
        await app(scope, lambda: None, send)  # type: ignore[arg-type, return-value]  # nobody asks for a message
    assert sent[0]["status"] == 500
    assert b"secret" not in sent[1]["body"]
    assert (b"content-type", b"application/problem+json") in sent[0]["headers"]


class Envelope(ProblemFormat):
    """Another shape, in the document too."""

    media_type = "application/vnd.errors+json"

    def body(self, exc: Exception) -> Mapping[str, Any]:
        return {"error": dict(super().body(exc))}

    def schema(self, status: int, problem: type[Problem] | None = None) -> Mapping[str, Any]:
        return {"type": "object", "properties": {"error": super().schema(status, problem)}}


@pytest.mark.parametrize(("request_line", "body", "headers", "status"), FAULTS)
async def test_another_format_answers_each_fault(
    request_line: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = await ask(app_with_faults(errors=Envelope()), request_line, body, headers)
    assert (answer.status, answer["content-type"]) == (status, "application/vnd.errors+json")
    assert answer.json["error"]["status"] == status


async def test_another_format_keeps_headers_and_may_be_pickled() -> None:
    app = cloudpickle.loads(cloudpickle.dumps(app_with_faults(errors=Envelope())))
    answer = await ask(app, "GET /gone")
    assert (answer["x-gone"], answer.json["error"]["status"]) == ("yes", 410)


@pytest.mark.parametrize("app", [App(max_body_size=100), App(limits=Limits(body_bytes=100))], ids=["size", "limits"])
async def test_the_bound_of_all_bodies_bounds_json_and_forms_too(app: App) -> None:
    @app.post("/json")
    async def json(item: Item) -> None: ...

    @app.post("/form")
    async def form(name: Annotated[str, Form()]) -> None: ...

    long = b"n" * 150
    assert (await ask(app, "POST /json", b'{"name": "' + long + b'"}', JSON)).status == 413
    assert (await ask(app, "POST /form", b"name=" + long, URLENCODED)).status == 413
    multipart = {"content-type": "multipart/form-data; boundary=cut"}
    assert (await ask(app, "POST /form", b"--cut" + long, multipart)).status == 413
    assert (await ask(app, "POST /form", b"name=n", URLENCODED)).status == 204


async def test_a_routes_own_bound_for_bodies_counts() -> None:
    app = App(max_body_size=100)

    @app.post("/more", max_body_size=200)
    @app.post("/less")
    async def endpoint(body: Annotated[bytes, Body()]) -> int:
        return len(body)

    assert (await ask(app, "POST /less", b"b" * 150)).status == 413
    assert (await ask(app, "POST /more", b"b" * 150)).json == 150
    assert (await ask(app, "POST /more", b"b" * 250)).status == 413


# -- explain, pickle, lifetimes ----------------------------------------------------------------------------------------


def test_explain_finds_a_route_by_its_template_and_by_a_path() -> None:
    app = app_with_faults()
    assert app.explain("GET /items/{item_id}") == app.explain("get /items/3") == explain(app, "/items/3")
    assert "async def bind(scope, receive, send, values):" in app.explain("POST /items", source=True)
    with pytest.raises(LookupError, match="the nearest is `POST /items`"):
        app.explain("PUT /items")


def pickled(app: App) -> App:
    again: App = cloudpickle.loads(cloudpickle.dumps(app))
    return again


@pytest.mark.parametrize("again", [pickled, copy.deepcopy], ids=["cloudpickle", "deepcopy"])
@pytest.mark.parametrize("used", [False, True])
async def test_an_application_survives_a_round_trip_and_answers_the_same(again: Any, used: bool) -> None:
    app = app_with_faults()

    async def sub(q: str = "d") -> str:
        return q

    router = Router(prefix="/sub", dependencies=[Depends(sub)])

    @router.get("/{n}")
    def endpoint(n: int, sub: Annotated[str, Depends(sub)], limit: Annotated[int, Query(le=9)] = 3) -> dict[str, Any]:
        return {"n": n, "sub": sub, "limit": limit}

    app.include_router(router)
    if used:
        await ask(app, "GET /sub/1")
    other = again(app)
    for request in (*(fault[:3] for fault in FAULTS), ("GET /sub/1?q=a", b"", {}), ("GET /sub/1?limit=10", b"", {})):
        one, two = await ask(app, *request), await ask(other, *request)
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
    assert (await ask(other, "GET /")).body == b"tester"
    other.dependency_overrides.clear()
    assert (await ask(other, "GET /")).body == b"user"
    assert (await ask(app, "GET /")).body == b"tester"


def test_plans_survive_a_round_trip() -> None:
    route = app_with_faults().routes[-1]
    assert pickle.loads(cloudpickle.dumps(route)).explain() == route.explain()


async def test_an_application_that_nobody_holds_is_collected() -> None:
    app = app_with_faults()
    await ask(app, "GET /items/1")
    left = weakref.ref(app)
    del app
    gc.collect()
    assert left() is None
