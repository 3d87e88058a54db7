import enum
import json
import random
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, PlainSerializer

from signette.declarative.openapi.dialect import OPENAPI_3_2
from signette.declarative.openapi.document import Info, openapi_document
from signette.declarative.problems.format import ProblemFormat
from signette.declarative.routing.routes import TypedRoute, TypedWebSocketRoute
from signette.declarative.security.schemes import APIKeyHeader, HTTPBearer
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Query
from signette.problems import Problem
from signette.routing.route import Route
from signette.websockets import WebSocket
from tests.declarative.building import app_of
from tests.volume import examples


class Item(BaseModel):
    name: str


class Gone(Problem, status=410):
    item: Item


async def read(item_id: int) -> Item:
    """One item.

    With *words*.
    \f
    Not for the document.
    """
    return Item(name=str(item_id))


@pytest.mark.parametrize(
    "text", ["Shown.\n\f hidden", "Shown.\n    \f\n    hidden", "\n    Shown.\f", "Shown. \f\f hidden"]
)
def test_text_after_a_form_feed_is_not_documented(text):
    async def endpoint() -> None: ...

    endpoint.__doc__ = text
    assert app_of(endpoint).openapi()["paths"]["/"]["get"]["description"] == "Shown."


def test_a_document_without_routes_says_what_the_api_is(document):
    assert document() == {"openapi": "3.1.0", "info": {"title": "API", "version": "0.1.0"}, "paths": {}}


def test_metadata_of_the_api_is_where_openapi_requires_it(document):
    made = document(
        info=Info(
            "Shop", "2.0", "Sells.", "Sells *things*.", "https://example.org/terms", {"name": "Ann"},
            {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
            ({"url": "https://example.org/v2"},), ({"name": "items", "description": "Things."},),
        )
    )  # fmt: skip
    assert made == {
        "openapi": "3.1.0",
        "info": {
            "title": "Shop",
            "summary": "Sells.",
            "description": "Sells *things*.",
            "termsOfService": "https://example.org/terms",
            "contact": {"name": "Ann"},
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
            "version": "2.0",
        },
        "servers": [{"url": "https://example.org/v2"}],
        "paths": {},
        "tags": [{"name": "items", "description": "Things."}],
    }


def test_the_function_gives_name_summary_and_description(operation):
    made = operation(TypedRoute("/items/{item_id}", read))
    assert made["operationId"] == "read"
    assert made["summary"] == "Read"
    assert made["description"] == "One item.\n\nWith *words*."


def test_the_options_win_over_the_function(operation):
    class Tag(enum.Enum):
        ITEMS = "items"

    made = operation(
        TypedRoute(
            "/items/{item_id}",
            read,
            options={
                "tags": [Tag.ITEMS, "more"],
                "summary": "An item",
                "description": "Other words.",
                "deprecated": True,
                "operation_id": "oneItem",
            },
        )
    )
    assert made["tags"] == ["items", "more"]
    assert made["summary"] == "An item"
    assert made["description"] == "Other words."
    assert made["deprecated"] is True
    assert made["operationId"] == "oneItem"


def test_extra_members_are_merged_into_the_operation(operation):
    extra = {
        "x-rate": 3,
        "externalDocs": {"url": "https://example.org"},
        "parameters": [{"name": "trace", "in": "header", "schema": {"type": "string"}}],
        "responses": {"200": {"description": "Found."}},
    }
    made = operation(TypedRoute("/items/{item_id}", read, options={"openapi_extra": extra}))
    assert made["x-rate"] == 3
    assert [each["name"] for each in made["parameters"]] == ["item_id", "trace"]
    assert made["responses"]["200"]["description"] == "Found."
    assert "content" in made["responses"]["200"]


def test_only_typed_visible_http_routes_are_in_the_document(document):
    async def plain(request: Any) -> Any: ...
    async def socket(websocket: WebSocket) -> None: ...

    made = document(
        Route("/plain", plain),
        TypedWebSocketRoute("/socket", socket),
        TypedRoute("/hidden", read, options={"include_in_schema": False}),
        TypedRoute("/seen/{item_id}", read),
    )
    assert list(made["paths"]) == ["/seen/{item_id}"]


def test_head_next_to_get_is_not_documented_and_convertors_are_not_in_the_path(document):
    made = document(TypedRoute("/items/{item_id:int}", read))
    assert list(made["paths"]) == ["/items/{item_id}"]
    assert list(made["paths"]["/items/{item_id}"]) == ["get"]


def test_query_has_no_place_in_3_1_and_uses_an_extension_key(document):
    made = document(TypedRoute("/{item_id}", read, methods=["GET", "QUERY"]))
    assert list(made["paths"]["/{item_id}"]) == ["get", "x-query"]


def test_3_2_knows_query_and_has_a_place_for_all_other_methods(document):
    made = document(TypedRoute("/{item_id}", read, methods=["QUERY", "COPY"]), dialect=OPENAPI_3_2)
    assert made["openapi"] == "3.2.0"
    item = made["paths"]["/{item_id}"]
    assert list(item) == ["additionalOperations", "query"]
    assert list(item["additionalOperations"]) == ["COPY"]


def test_input_and_output_may_share_one_schema(document):
    class Sized(BaseModel):
        size: Annotated[int, PlainSerializer(str)]

    async def change(sized: Sized) -> Sized: ...

    route = TypedRoute("/", change, methods=["POST"])
    assert set(document(route)["components"]["schemas"]) >= {"Sized-Input", "Sized-Output"}
    merged = document(route, separate_input_output_schemas=False)["components"]["schemas"]
    assert merged["Sized"]["properties"]["size"]["type"] == "integer"


def test_of_two_routes_for_the_same_the_first_is_documented(document):
    async def other(item_id: str) -> str: ...

    made = document(TypedRoute("/{item_id:int}", read), TypedRoute("/{item_id}", other))
    assert made["paths"]["/{item_id}"]["get"]["operationId"] == "read"


def test_paths_that_differ_only_in_parameter_names_are_one(document):
    async def put(number: int) -> None: ...

    made = document(TypedRoute("/{number}", put, methods=["PUT"]), TypedRoute("/{item_id}", read))
    item = made["paths"]["/{item_id}"]
    assert list(item) == ["put", "get"]
    assert [operation["parameters"][0]["name"] for operation in item.values()] == ["item_id", "item_id"]


def test_paths_are_in_the_order_of_the_routes_and_components_in_that_of_their_names(document):
    class Zebra(BaseModel):
        item: Item

    async def last() -> Zebra: ...
    async def first() -> Item: ...

    made = document(TypedRoute("/z", last), TypedRoute("/a", first))
    assert list(made["paths"]) == ["/z", "/a"]
    assert list(made["components"]["schemas"]) == ["Item", "Zebra"]


def test_the_document_is_plain_json(document):
    async def make(item: Item, colour: Annotated[list[int], Query()] = [1]) -> Item | Gone: ...  # noqa: B006 - copied per request

    made = document(TypedRoute("/", make, methods=["POST"]))
    assert json.loads(json.dumps(made)) == made


def _routes() -> list[TypedRoute]:
    """Routes whose names collide in every way: functions, classes, schemes, paths."""

    def thing(kind: Any, module: str) -> Any:
        return type("Thing", (BaseModel,), {"__annotations__": {"value": kind}, "__module__": module})

    def endpoint(model: Any, *schemes: Any) -> Any:
        async def handle(value, **_: Any) -> Any: ...

        async def swap(value): ...

        swap.__annotations__.update({"value": model, "return": model | Gone})
        return swap

    options = [{"dependencies": [Depends(APIKeyHeader(name=name))]} for name in ("A", "B")]
    return [
        TypedRoute("/a", endpoint(thing(int, "one")), methods=["POST", "PUT"]),
        TypedRoute("/b", endpoint(thing(str, "two")), methods=["POST"], options=options[0]),
        TypedRoute("/c/{x}", endpoint(thing(bool, "one")), methods=["POST"], options=options[1]),
        TypedRoute("/c/{y}", endpoint(thing(float, "one")), methods=["PUT"]),
        TypedRoute("/d", endpoint(Item), options={"dependencies": [Depends(HTTPBearer())]}, methods=["PATCH"]),
    ]


ROUTES = _routes()


@settings(max_examples=examples(30))
@given(st.randoms())
def test_the_document_does_not_depend_on_the_order_of_the_routes(chance: random.Random):
    shuffled = list(ROUTES)
    chance.shuffle(shuffled)
    assert openapi_document(shuffled, Info(), ProblemFormat()) == openapi_document(ROUTES, Info(), ProblemFormat())


@pytest.mark.parametrize(
    "options",
    [{"operation_id": "users-read.v1"}, {"generate_unique_id_function": lambda route: f"{route.tags[0]}-read.v1"}],
)
def test_an_operation_id_is_in_the_document_as_it_was_written(options: dict[str, Any]) -> None:
    async def read_user() -> None: ...

    app = app_of(read_user, "/users", tags=["users"], **options)
    operation = app.openapi()["paths"]["/users"]["get"]
    assert (operation["operationId"], operation["summary"]) == ("users-read.v1", "Read user")
