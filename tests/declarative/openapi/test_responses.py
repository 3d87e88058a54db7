import enum
from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from signette.datastructures.upload import UploadFile
from signette.declarative.openapi.dialect import OPENAPI_3_2
from signette.declarative.problems.format import ProblemFormat
from signette.declarative.routing.routes import TypedRoute
from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Body
from signette.declarative.signature.outcomes import Created, NoContent, Ok, Raises
from signette.declarative.signature.tagged import Tagged
from signette.problems import Problem
from signette.responses.events import EventSourceResponse, ServerSentEvent
from signette.responses.file import FileResponse
from signette.responses.plain import HTMLResponse, JSONResponse, PlainTextResponse, Response
from signette.responses.redirect import RedirectResponse
from signette.responses.streaming import StreamingResponse

TEXT = {"type": "string"}
ITEM = {"$ref": "#/components/schemas/Item"}
MISSING = {"$ref": "#/components/schemas/Missing"}
BINARY = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}


class Item(BaseModel):
    name: str


class Missing(Problem, status=404):
    """There is no such thing."""

    name: str


class Moved(Problem, status=404, headers={"Location": "/"}):
    new_name: str


class Png(Response):
    media_type = "image/png"


class HalJson(JSONResponse):
    media_type = "application/hal+json"


def returning(annotation: Any, **options: Any) -> TypedRoute:
    async def read() -> Any: ...

    read.__annotations__["return"] = annotation
    return TypedRoute("/", read, options=options)


@pytest.mark.parametrize(
    ("annotation", "options", "status", "content"),
    [
        (Item, {}, "200", {"application/json": {"schema": ITEM}}),
        (Item, {"status_code": 201}, "201", {"application/json": {"schema": ITEM}}),
        (list[Item], {}, "200", {"application/json": {"schema": {"type": "array", "items": ITEM}}}),
        (Item | None, {}, "200", {"application/json": {"schema": {"anyOf": [ITEM, {"type": "null"}]}}}),
        (Any, {"response_model": Item}, "200", {"application/json": {"schema": ITEM}}),
        (Any, {}, "200", {"application/json": {"schema": {}}}),
        (Item, {"response_model": None}, "200", {"application/json": {"schema": {}}}),
        (Created[Item], {"response_model": None}, "201", {"application/json": {"schema": {}}}),
        (Tagged[Created[Item]], {"response_model": None}, "201", {"application/json": {"schema": {}}}),
        (Created[Item] | NoContent, {"response_model": None}, "204", None),
        (Item | Missing, {"response_model": None}, "404", {"application/problem+json": {"schema": MISSING}}),
        (None, {}, "204", None),
        (str, {}, "200", {"text/plain": {"schema": TEXT}}),
        (bytes, {}, "200", {"application/octet-stream": {"schema": BINARY}}),
        (Path, {}, "200", {"*/*": {"schema": BINARY}}),
        (Path, {"response_class": FileResponse}, "200", {"*/*": {"schema": BINARY}}),
        (Response, {}, "200", None),
        (HTMLResponse, {}, "200", {"text/html": {"schema": TEXT}}),
        (JSONResponse, {}, "200", {"application/json": {}}),
        (Png, {}, "200", {"image/png": {"schema": BINARY}}),
        (str, {"response_class": PlainTextResponse}, "200", {"text/plain": {"schema": TEXT}}),
        (str, {"response_class": JSONResponse}, "200", {"application/json": {"schema": {"type": "string"}}}),
        (Item, {"response_class": HalJson}, "200", {"application/hal+json": {"schema": ITEM}}),
        (str, {"response_class": RedirectResponse}, "307", None),
        (AsyncIterator[bytes], {}, "200", {"application/octet-stream": {"schema": BINARY}}),
        (Iterator[str], {}, "200", {"text/plain": {"schema": TEXT}}),
        (AsyncIterator[str], {"response_class": StreamingResponse}, "200", {"text/plain": {"schema": TEXT}}),
        (Iterator[Item], {}, "200", {"application/jsonl": {"schema": {"type": "array", "items": ITEM}}}),
    ],
)  # fmt: skip
def test_a_result_has_its_status_and_its_content(operation, annotation, options, status, content):
    responses = operation(returning(annotation, **options))["responses"]
    assert responses[status].get("content") == content


def test_events_are_documented_as_a_list_of_event_schemas(operation):
    responses = operation(returning(AsyncIterator[Item], response_class=EventSourceResponse))["responses"]
    schema = responses["200"]["content"]["text/event-stream"]["schema"]
    assert schema["items"]["properties"]["data"] == {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": ITEM,
    }
    assert set(schema["items"]["properties"]) == {"data", "event", "id", "retry"}


def test_events_that_are_made_by_hand_promise_no_json(operation):
    schema = operation(returning(AsyncIterator[ServerSentEvent]))["responses"]["200"]["content"]["text/event-stream"][
        "schema"
    ]
    assert schema["items"]["properties"]["data"] == {"type": "string"}


def test_3_2_describes_one_item_of_a_stream(operation):
    lines = operation(returning(Iterator[Item]), dialect=OPENAPI_3_2)["responses"]["200"]["content"]
    assert lines == {"application/jsonl": {"itemSchema": ITEM}}
    route = returning(AsyncIterator[Item], response_class=EventSourceResponse)
    events = operation(route, dialect=OPENAPI_3_2)["responses"]["200"]["content"]["text/event-stream"]
    assert events["itemSchema"]["properties"]["data"]["contentSchema"] == ITEM


@pytest.mark.parametrize(
    ("annotation", "options"), [(Path, {}), (FileResponse, {}), (Any, {"response_class": FileResponse})]
)
def test_a_file_supports_conditional_requests_and_ranges_too(operation, annotation, options):
    responses = operation(returning(annotation, **options))["responses"]
    assert list(responses) == ["200", "206", "304", "400", "416"]
    assert responses["206"].get("content") == responses["200"].get("content")
    assert "content" not in responses["304"]
    assert responses["416"]["description"] == "Range not satisfiable: no requested range is in the file."
    assert list(responses["416"]["content"]) == list(responses["400"]["content"]) == ["application/problem+json"]


def test_a_file_sent_for_a_post_or_with_its_own_status_has_no_ranges(operation):
    async def make() -> Path: ...

    assert list(operation(TypedRoute("/", make, methods=["POST"]))["responses"]) == ["200"]
    assert list(operation(returning(Path, status_code=201))["responses"]) == ["201"]


def test_each_outcome_is_documented_under_its_own_status(operation):
    responses = operation(returning(Created[Item] | Ok[str] | NoContent | Missing))["responses"]
    assert responses["201"]["content"] == {"application/json": {"schema": ITEM}}
    assert responses["200"]["content"] == {"application/json": {"schema": {"type": "string"}}}
    assert responses["204"] == {"description": "No Content"}
    assert responses["404"] == {
        "description": "There is no such thing.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Missing"}}},
    }


def test_statuses_are_in_order(operation):
    more = {"default": {}, "5XX": {}, 202: {}}
    assert list(operation(returning(Created[Item] | Ok[Item] | Missing, responses=more))["responses"]) == [
        "200", "201", "202", "404", "5XX", "default",
    ]  # fmt: skip


def test_problems_of_one_status_are_documented_as_one_of_them(operation):
    found = operation(returning(Item | Missing | Moved))["responses"]["404"]
    assert found["content"]["application/problem+json"]["schema"] == {
        "anyOf": [{"$ref": "#/components/schemas/Missing"}, {"$ref": "#/components/schemas/Moved"}]
    }
    assert found["description"] == "There is no such thing.\n\nMoved"
    assert found["headers"] == {"Location": {"schema": {"type": "string"}}}


def test_a_dependency_carries_its_problems_into_the_operation(operation):
    def find() -> Annotated[Item, Raises(Missing)]:
        return Item(name="spoon")

    async def read(item: Annotated[Item, Depends(find)]) -> Item: ...

    assert "404" in operation(TypedRoute("/", read))["responses"]


def test_errors_of_reading_are_documented(operation):
    async def hello() -> str: ...
    async def read(n: int) -> str: ...
    async def make(item: Item) -> str: ...
    async def upload(file: UploadFile) -> str: ...

    def statuses(function: Any, method: str = "POST") -> list[str]:
        return list(operation(TypedRoute("/", function, methods=[method]))["responses"])

    assert statuses(hello, "GET") == ["200"]
    assert statuses(read, "GET") == ["200", "422"]
    assert statuses(make) == ["200", "400", "413", "415", "422"]
    assert statuses(upload) == ["200", "400", "413", "415", "422"]


def test_rejections_are_problems_and_those_of_values_list_them(operation):
    async def make(n: Annotated[int, Body()]) -> str: ...

    responses = operation(TypedRoute("/", make, methods=["POST"]))["responses"]

    def schema(status: str) -> Any:
        return responses[status]["content"]["application/problem+json"]["schema"]

    assert schema("400") == schema("413") == {"$ref": "#/components/schemas/Problem"}
    assert schema("422") == {"$ref": "#/components/schemas/ValidationProblem"}
    assert "Accept-Post" in responses["415"]["headers"]


def test_the_format_of_errors_gives_their_schema_and_their_media_type(document):
    class Terse(ProblemFormat):
        media_type = "application/json"

        def schema(self, status: int, problem: type[Problem] | None = None) -> dict[str, Any]:
            if problem is not None:
                return super().schema(status, problem)
            return {
                "type": "object",
                "properties": {"error": {"$ref": "#/$defs/Word"}},
                "$defs": {"Word": {"type": "string"}},
            }

    async def read(n: int) -> str | Missing: ...

    made = document(TypedRoute("/", read), errors=Terse())
    responses = made["paths"]["/"]["get"]["responses"]
    assert responses["422"]["content"] == {
        "application/json": {
            "schema": {"type": "object", "properties": {"error": {"$ref": "#/components/schemas/Word"}}}
        }
    }
    assert list(responses["404"]["content"]) == ["application/json"]
    assert made["components"]["schemas"]["Word"] == {"type": "string"}


def test_the_responses_option_is_merged_over_the_plans_responses(operation):
    class Teapot(BaseModel):
        cups: int

    responses = operation(
        returning(
            Item | Missing,
            response_description="The thing.",
            responses={
                HTTPStatus.IM_A_TEAPOT: {"model": Teapot, "headers": {"X-Cups": {"schema": {"type": "integer"}}}},
                200: {"content": {"image/png": {"schema": BINARY}}},
                "404": {"description": "Not here."},
                410: {"model": Missing},
                "4xx": {"description": "Your fault."},
            },
        )
    )["responses"]
    assert responses["200"]["description"] == "The thing."
    assert list(responses["200"]["content"]) == ["application/json", "image/png"]
    assert responses["404"]["description"] == "Not here."
    assert list(responses["404"]["content"]) == ["application/problem+json"]
    assert list(responses["410"]["content"]) == ["application/problem+json"]
    assert responses["418"] == {
        "description": "I'm a Teapot",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Teapot"}}},
        "headers": {"X-Cups": {"schema": {"type": "integer"}}},
    }
    assert responses["4XX"] == {"description": "Your fault."}


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/{n:int}", ["200", "404", "422"]),
        ("/{n:float}", ["200", "404", "422"]),
        ("/{n:str}", ["200", "422"]),
        ("/{n:path}", ["200", "422"]),
        ("/{n}", ["200", "422"]),
    ],
)
def test_a_convertor_that_does_not_match_is_a_404(operation, path, statuses):
    async def read(n: int) -> str: ...

    responses = operation(TypedRoute(path, read))["responses"]
    assert list(responses) == statuses
    if "404" in responses:
        assert list(responses["404"]["content"]) == ["application/problem+json"]


class Size(enum.Enum):
    SMALL = "s"


def test_a_result_without_a_json_schema_is_documented_as_anything(operation):
    class Odd:
        def __init__(self, size: Size) -> None: ...

    responses = operation(returning(Any, responses={201: {"model": Odd}}))["responses"]
    assert responses["201"]["content"] == {"application/json": {"schema": {}}}


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


@pytest.mark.parametrize(
    ("annotation", "status"),
    [(Pet, "200"), (Pet | Missing, "200"), (Pet | Missing | Moved, "200"), (Created[Pet], "201")],
)
def test_the_discriminator_of_a_result_is_documented(operation: Any, annotation: Any, status: str) -> None:
    schema = operation(returning(annotation))["responses"][status]["content"]["application/json"]["schema"]
    assert schema["discriminator"]["propertyName"] == "kind"
    assert schema["oneOf"] == [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
