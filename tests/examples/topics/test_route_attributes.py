"""What tools read from routes: the same attributes as there, on routes of the same program."""

from collections.abc import Iterator
from typing import Annotated, Any

import fastapi
import fastapi.routing
import fastapi.testclient
import pytest
from pydantic import BaseModel

import signette
import signette.routing
import signette.testclient
from examples.airports.application import app as airports
from examples.market.application import app as market
from examples.ported.topics import advanced, answers, bodies, first_steps, forms, guards, headers, needs, queries, talk
from signette.declarative.errors.base import SignatureError
from signette.declarative.inspection.dependant import Dependant

SIDES = [(fastapi, fastapi.FastAPI, fastapi.APIRouter), (signette, signette.App, signette.Router)]
# `response_class` and `methods` of GET have their own values on each side.
NAMES = [
    "path", "path_format", "methods", "name", "endpoint", "response_model", "status_code", "tags", "operation_id",
    "summary", "description", "response_description", "responses", "deprecated", "include_in_schema", "callbacks",
    "openapi_extra", "response_model_include", "response_model_exclude", "response_model_by_alias",
    "response_model_exclude_unset", "response_model_exclude_defaults", "response_model_exclude_none",
]  # fmt: skip
LISTS = ["path_params", "query_params", "header_params", "cookie_params", "body_params"]


class Item(BaseModel):
    name: str
    other: str = ""


def check() -> None: ...


def plain(item_id: int) -> Item:
    """Read an item."""
    return Item(name=str(item_id))


def unannotated(item_id: int):  # type: ignore[no-untyped-def]  # no annotation is the matter
    return {}


def routes_of(of: Any, app: Any, router: Any, declare: Any) -> list[Any]:
    made, outer = router(prefix="/in", tags=["router"], dependencies=[of.Depends(check)]), app()
    declare(made, of)
    outer.include_router(made)
    found = [route for route in made.routes if isinstance(route, of.routing.APIRoute)]
    assert len(found) == 1
    return found


OPTIONS: list[dict[str, Any]] = [
    {},
    {"status_code": 201, "tags": ["own"], "summary": "Short", "description": "Long", "operation_id": "make"},
    {"response_model": list[Item], "responses": {404: {"description": "none"}}, "deprecated": True, "name": "other"},
    {"include_in_schema": False, "openapi_extra": {"x-a": 1}, "response_description": "Fine"},
    {
        "response_model_include": {"name"},
        "response_model_exclude": {"other"},
        "response_model_by_alias": False,
        "response_model_exclude_unset": True,
        "response_model_exclude_defaults": True,
        "response_model_exclude_none": True,
    },
]


@pytest.mark.parametrize("endpoint", [plain, unannotated])
@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: next(iter(options), "none"))
def test_a_route_has_the_attributes_of_its_options(options: dict[str, Any], endpoint: Any) -> None:
    if endpoint is unannotated and "response_model_include" in options:
        options = {**options, "response_model": Item}
    found = []
    for of, app, router in SIDES:
        (route,) = routes_of(of, app, router, lambda made, _: made.post("/{item_id}", **options)(endpoint))
        found.append({name: getattr(route, name) for name in NAMES})
        assert [each.dependency for each in route.dependencies] == [check]
        assert route.unique_id
    assert found[0] == found[1]


def test_the_class_of_responses_is_that_of_the_route_or_of_its_router() -> None:
    app = signette.App(default_response_class=signette.HTMLResponse)
    app.get("/a")(unannotated_text)
    app.get("/b", response_class=signette.PlainTextResponse)(unannotated_text)
    routes = [route for route in app.routes if isinstance(route, signette.routing.APIRoute)]
    assert [route.response_class for route in routes] == [signette.HTMLResponse, signette.PlainTextResponse]


def unannotated_text():  # type: ignore[no-untyped-def]
    return ""


def test_a_response_is_no_model() -> None:
    for of, app, router in SIDES:

        async def endpoint() -> of.Response: ...

        (route,) = routes_of(of, app, router, lambda made, _, endpoint=endpoint: made.post("/")(endpoint))
        assert route.response_model is None


def needing(of: Any) -> Any:
    """An endpoint with parameters of each place, in dependencies, too."""

    def token(x_token: Annotated[str, of.Header()], request: of.Request) -> str:
        return x_token

    def page(token: Annotated[str, of.Depends(token)], size: int = 10) -> int:
        return size

    async def endpoint(
        item_id: int,
        item: Item,
        page: Annotated[int, of.Depends(page)],
        session: Annotated[str | None, of.Cookie(alias="sid")] = None,
        q: Annotated[list[str] | None, of.Query()] = None,
        tasks: of.BackgroundTasks = None,
        response: of.Response = None,
    ) -> None: ...

    return endpoint


def posting(of: Any) -> Any:
    async def endpoint(a: Annotated[Item, of.Body()], b: Annotated[int, of.Body(alias="B")] = 3) -> None: ...

    return endpoint


def uploading(of: Any) -> Any:
    async def endpoint(
        name: Annotated[str, of.Form()], file: of.UploadFile, note: Annotated[str, of.Form()] = ""
    ) -> None: ...

    return endpoint


def described(dependant: Any) -> dict[str, Any]:
    """The facts of a tree that both sides have."""
    return {
        **{place: [(each.name, each.alias) for each in getattr(dependant, place)] for place in LISTS},
        "call": dependant.call.__name__,
        "path": dependant.path if dependant.dependencies is None else None,
        "names": {
            name: getattr(dependant, f"{name}_param_name")
            for name in ("request", "websocket", "http_connection", "response", "background_tasks", "security_scopes")
        },
        "dependencies": [described(each) for each in dependant.dependencies],
    }


@pytest.mark.parametrize("make", [needing, posting, uploading])
def test_the_tree_of_parameters_is_that_of_the_signatures(make: Any) -> None:
    found = []
    for of, app, router in SIDES:
        (route,) = routes_of(of, app, router, lambda made, of: made.post("/{item_id}")(make(of)))
        found.append(described(route.dependant))
    assert found[0] == found[1]
    assert found[0]["dependencies"][0]["call"] == "check"


def test_a_parameter_has_its_type_its_default_and_its_marker() -> None:
    app = signette.App()
    app.post("/{item_id}")(needing(signette))
    dependant = app.routes[-1].dependant
    (item_id,), (q,), (sid,) = dependant.path_params, dependant.query_params, dependant.cookie_params
    assert (item_id.annotation, item_id.required, item_id.marker) == (int, True, None)
    assert (q.annotation, q.required, q.default) == (list[str] | None, False, None)
    assert sid.marker.alias == "sid"
    (size,) = dependant.dependencies[0].query_params
    assert (size.annotation, size.required, size.default) == (int, False, 10)


def tree(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for each in dependant.dependencies:
        yield from tree(each)


TOPICS = (advanced, answers, bodies, first_steps, forms, guards, headers, needs, queries, talk)


@pytest.mark.parametrize("app", [airports, market, *(topic.app for topic in TOPICS)])
def test_each_route_of_the_examples_has_a_tree_with_all_its_reads(app: Any) -> None:
    routes = [route for route in app.routes if hasattr(route, "dependant")]
    assert routes
    for route in routes:
        nodes = list(tree(route.dependant))
        assert nodes[0].call is route.endpoint
        assert {id(node.call) for node in nodes} == {id(call.target) for call in route.plan.calls}
        names = {each.name for node in nodes for place in (*LISTS, "other_params") for each in getattr(node, place)}
        assert {read.name for read in route.plan.reads if read.source.place in ("path", "query", "cookie")} <= names


def names_as_ids(of: Any, app: Any) -> Any:
    """FastAPI's page on the configuration of path operations: the names of functions as operation ids."""
    made = app()

    @made.get("/items/", tags=["a"])
    async def read_items() -> list[dict[str, str]]:
        return []

    @made.get("/more/")
    async def read_more() -> None: ...

    for route in made.routes:
        if isinstance(route, of.routing.APIRoute):
            route.operation_id = f"own_{route.name}"
            route.tags = [*route.tags, "b"]
            route.summary, route.description, route.deprecated = "S", "D", True
            route.response_description, route.responses = "R", {404: {"description": "none"}}
            route.openapi_extra = {"x-a": 1}
            route.include_in_schema = route.name == "read_items"
    operations = made.openapi()["paths"]
    names = ("operationId", "tags", "summary", "description", "deprecated", "x-a")
    return [{name: each["get"].get(name) for name in names} for each in operations.values()], [
        {status: response["description"] for status, response in each["get"]["responses"].items()}
        for each in operations.values()
    ]


def test_attributes_for_the_document_may_be_set() -> None:
    there, here = (names_as_ids(of, app) for of, app, _ in SIDES)
    assert there == here
    assert here[0][0]["operationId"] == "own_read_items"


def test_what_the_plan_was_made_from_cannot_be_set() -> None:
    app = signette.App()
    app.get("/{item_id}")(plain)
    for name in ("status_code", "response_model", "response_class", "dependencies", "dependant"):
        with pytest.raises(AttributeError, match="no setter"):
            setattr(app.routes[-1], name, None)


def test_a_route_of_the_table_may_be_made_with_options_as_arguments() -> None:
    found = []
    for of, app, _ in SIDES:
        route = of.routing.APIRoute(
            "/items/{item_id}", plain, methods=["GET"], status_code=201, tags=["a"], operation_id="x"
        )
        client = of.testclient.TestClient(app(routes=[route]))
        found.append(
            (client.get("/items/1").status_code, client.get("/items/1").json(), route.tags, route.operation_id)
        )
        assert isinstance(route, of.routing.APIRoute)
    assert found[0] == found[1]
    with pytest.raises(SignatureError, match="tag"):
        signette.routing.APIRoute("/{item_id}", plain, tag="a")


def test_routes_of_sockets_are_known_by_their_class() -> None:
    for of, app, _ in SIDES:
        made = app()

        async def talk(socket: of.WebSocket, number: int) -> None: ...

        made.websocket("/{number}")(talk)
        route = made.routes[-1]
        assert isinstance(route, of.routing.APIWebSocketRoute)
        assert [each.name for each in route.dependant.path_params] == ["number"]
        assert route.dependant.websocket_param_name == "socket"


def test_the_routing_module_knows_the_names_and_no_others() -> None:
    assert signette.routing.APIRoute is signette.TypedRoute
    with pytest.raises(AttributeError, match=r"module 'signette\.routing' has no attribute 'APIRoutes'"):
        _ = signette.routing.APIRoutes
