import datetime as dt
import enum
from typing import Annotated, Any

import pytest
from pydantic import AliasChoices, BaseModel, Field
from pydantic.json_schema import SkipJsonSchema

from signette.declarative.routing.routes import TypedRoute
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import MISSING, Cookie, Header, Marker, Path, Query
from signette.declarative.sources.source import Source
from signette.requests import Request


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Page(BaseModel):
    limit: int = Field(20, ge=1, le=100, description="How many.")
    after: str | None = None
    tags: list[str] = []
    order: Annotated[str, Field(alias="sort", min_length=1)]


def by_name(operation: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each for each in operation["parameters"]}


def test_each_source_has_its_place_and_its_spelling(operation):
    async def read(
        item: int, q: str, x_token: Annotated[str, Header()], session_id: Annotated[str, Cookie()]
    ) -> None: ...

    found = [
        (each["in"], each["name"], each["required"]) for each in operation(TypedRoute("/{item}", read))["parameters"]
    ]
    assert found == [
        ("path", "item", True),
        ("query", "q", True),
        ("header", "x-token", True),
        ("cookie", "session_id", True),
    ]


def test_limits_are_in_the_schema_and_descriptions_next_to_it(operation):
    async def read(
        n: Annotated[int, Query(ge=1, lt=9, description="How many.", deprecated=True, examples=[3])],
    ) -> None: ...

    assert operation(TypedRoute("/", read))["parameters"] == [
        {
            "name": "n",
            "in": "query",
            "required": True,
            "description": "How many.",
            "deprecated": True,
            "schema": {"type": "integer", "minimum": 1, "exclusiveMaximum": 9, "examples": [3]},
        }
    ]


def test_none_is_not_a_parameter_value(operation):
    async def read(q: str | None = None, either: int | str | None = None) -> None: ...

    found = by_name(operation(TypedRoute("/", read)))
    assert found["q"] == {"name": "q", "in": "query", "required": False, "schema": {"type": "string"}}
    assert found["either"]["schema"] == {"anyOf": [{"type": "integer"}, {"type": "string"}]}


@pytest.mark.parametrize(
    ("annotation", "default", "documented"),
    [
        (int, 3, 3),
        (Colour, Colour.RED, "red"),
        (dt.date, dt.date(2024, 2, 29), "2024-02-29"),
        (Annotated[list[int], Query()], [1, 2], [1, 2]),
    ],
)
def test_a_default_is_documented_as_json(operation, annotation, default, documented):
    async def read(value=default) -> None: ...

    read.__annotations__["value"] = annotation
    (found,) = operation(TypedRoute("/", read))["parameters"]
    assert found["required"] is False
    assert found["schema"]["default"] == documented


def test_a_default_factory_makes_it_optional_and_documents_no_default(operation):
    async def read(n: Annotated[int, Query(default_factory=lambda: 3)]) -> None: ...

    (found,) = operation(TypedRoute("/", read))["parameters"]
    assert found == {"name": "n", "in": "query", "required": False, "schema": {"type": "integer"}}


def test_a_spread_model_is_a_parameter_for_each_field(operation):
    async def read(page: Annotated[Page, Query()]) -> None: ...

    assert operation(TypedRoute("/", read))["parameters"] == [
        {
            "name": "limit",
            "in": "query",
            "required": False,
            "description": "How many.",
            "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
        },
        {"name": "after", "in": "query", "required": False, "schema": {"type": "string"}},
        {
            "name": "tags",
            "in": "query",
            "required": False,
            "schema": {"type": "array", "items": {"type": "string"}, "default": []},
        },
        {"name": "sort", "in": "query", "required": True, "schema": {"type": "string", "minLength": 1}},
    ]


def test_a_model_that_is_only_spread_is_no_component(document):
    async def read(page: Annotated[Page, Query()]) -> int: ...

    assert "Page" not in document(TypedRoute("/", read))["components"]["schemas"]


def test_an_optional_model_requires_none_of_its_fields(operation):
    async def read(page: Annotated[Page | None, Query()] = None) -> None: ...

    assert not any(each["required"] for each in operation(TypedRoute("/", read))["parameters"])


def test_fields_of_a_header_model_are_spelled_as_headers(operation):
    class Trace(BaseModel):
        request_id: str
        hidden: SkipJsonSchema[str] = ""

    async def read(trace: Annotated[Trace, Header()]) -> None: ...

    assert list(by_name(operation(TypedRoute("/", read)))) == ["request-id"]


def test_the_first_of_several_aliases_is_the_one_to_use(operation):
    class Who(BaseModel):
        name: str = Field(validation_alias=AliasChoices("who", "whom"))

    async def read(
        who: Annotated[Who, Query()], what: Annotated[str, Query(validation_alias=AliasChoices("a", "b"))]
    ) -> None: ...

    assert list(by_name(operation(TypedRoute("/", read)))) == ["who", "a"]


def test_a_name_that_two_models_share_is_documented_once_and_required_if_one_requires_it(operation):
    class Loose(BaseModel):
        q: str = "x"

    class Strict(BaseModel):
        q: str

    async def read(one: Annotated[Loose, Query()], two: Annotated[Strict, Query()]) -> None: ...

    (found,) = operation(TypedRoute("/", read))["parameters"]
    assert (found["name"], found["required"]) == ("q", True)


def test_parameters_of_dependencies_belong_to_the_operation(operation):
    def page(limit: int = 5) -> int:
        return limit

    async def read(n: Annotated[int, Depends(page)], request: Request) -> None: ...

    assert list(by_name(operation(TypedRoute("/", read)))) == ["limit"]


def test_hidden_routes_are_not_documented(operation):
    async def read(secret: Annotated[str, Query(include_in_schema=False)] = "") -> None: ...

    assert "parameters" not in operation(TypedRoute("/", read))


def test_named_examples_are_next_to_the_schema(operation):
    named = {"few": {"summary": "A few.", "value": 3}}

    async def read(n: Annotated[int, Query(openapi_examples=named)]) -> None: ...

    (found,) = operation(TypedRoute("/", read))["parameters"]
    assert found["examples"] == named


@pytest.mark.parametrize(
    ("convertor", "schema"),
    [
        ("", {"type": "string"}),
        (":int", {"type": "integer"}),
        (":float", {"type": "number"}),
        (":uuid", {"type": "string", "format": "uuid"}),
        (":path", {"type": "string"}),
    ],
)
def test_an_unused_path_parameter_is_documented_by_its_convertor(document, convertor, schema):
    async def read() -> None: ...

    paths = document(TypedRoute(f"/x/{{piece{convertor}}}", read))["paths"]
    assert paths["/x/{piece}"]["get"]["parameters"] == [
        {"name": "piece", "in": "path", "required": True, "schema": schema}
    ]


def test_a_parameter_with_another_name_than_its_path_parameter_is_reported_as_the_path_parameter(operation):
    async def read(number: Annotated[int, Path(alias="n")]) -> None: ...

    (found,) = operation(TypedRoute("/{n}", read))["parameters"]
    assert found == {"name": "n", "in": "path", "required": True, "schema": {"type": "integer"}}


def test_a_custom_source_is_documented_where_openapi_has_a_place_for_it(operation):
    class Tenant(Marker):
        pass

    class Moon(Marker):
        pass

    class Own(Source):
        def __init__(self, place, marker):
            self.place, self.marker = place, marker

        def get(self, opened, key):
            return MISSING

    async def read(tenant: Annotated[str, Tenant()], phase: Annotated[str, Moon()]) -> None: ...

    route = TypedRoute("/", read, sources=[Own("header", Tenant), Own("moon", Moon)])
    assert list(by_name(operation(route))) == ["tenant"]


def test_an_enum_is_a_component_that_parameters_refer_to(document):
    async def read(colour: Colour | None = None) -> None: ...

    made = document(TypedRoute("/", read))
    (found,) = made["paths"]["/"]["get"]["parameters"]
    assert found["schema"] == {"$ref": "#/components/schemas/Colour"}
    assert made["components"]["schemas"]["Colour"]["enum"] == ["red", "blue"]
