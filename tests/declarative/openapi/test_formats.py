"""Formats and envelopes in the document."""

from collections.abc import AsyncIterator
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel

from signette import App, Created, Problem
from signette.declarative.openapi.dialect import OPENAPI_3_2
from signette.declarative.routing.routes import TypedRoute
from signette.formats import CSV, JSON, Content, Format, JSONLines, MessagePack

ALL = [JSON, JSONLines, CSV, MessagePack]
T = TypeVar("T")


class Row(BaseModel):
    id: int


class Gone(Problem, status=410):
    """It was here once."""


class Envelope(BaseModel, Generic[T]):
    data: T
    version: int = 1


ROW = {"$ref": "#/components/schemas/Row"}
ROWS = {"type": "array", "items": ROW}
TEXT = {"schema": {"type": "string"}}


async def many() -> list[Row]: ...
async def one() -> Row: ...
async def stream() -> AsyncIterator[Row]:
    yield Row(id=1)


async def outcomes() -> Created[Row] | Gone | list[Row]: ...


def contents(operation: dict[str, Any], status: str = "200") -> dict[str, Any]:
    found: dict[str, Any] = operation["responses"][status]["content"]
    return found


def test_each_format_of_a_list(operation: Any) -> None:
    made = operation(TypedRoute("/", many, renders=ALL))
    assert contents(made) == {
        "application/json": {"schema": ROWS},
        "application/jsonl": {"schema": ROWS},
        "text/csv": TEXT,
        "application/vnd.msgpack": {"schema": ROWS},
    }
    made = operation(TypedRoute("/", many, renders=ALL), dialect=OPENAPI_3_2)
    assert contents(made)["application/jsonl"] == {"itemSchema": ROW}


def test_each_format_of_a_stream_and_of_one_model(operation: Any) -> None:
    route = TypedRoute("/", stream, renders=[JSON, JSONLines, CSV])
    array = {"schema": ROWS}
    assert contents(operation(route)) == {"application/json": array, "application/jsonl": array, "text/csv": TEXT}
    assert contents(operation(route, dialect=OPENAPI_3_2)) == {
        "application/json": array,
        "application/jsonl": {"itemSchema": ROW},
        "text/csv": TEXT,
    }
    made = operation(TypedRoute("/", one, renders=[JSON, JSONLines]))
    assert contents(made) == {"application/json": {"schema": ROW}, "application/jsonl": {"schema": ROWS}}


def test_each_status_has_the_formats_and_problems_have_one(operation: Any) -> None:
    made = operation(TypedRoute("/", outcomes, renders=[JSON, CSV]))
    assert contents(made) == {"application/json": {"schema": ROWS}, "text/csv": TEXT}
    assert contents(made, "201") == {"application/json": {"schema": ROW}, "text/csv": TEXT}
    assert list(contents(made, "410")) == ["application/problem+json"]


def test_the_406_is_documented(document: Any) -> None:
    made = document(TypedRoute("/", many, renders=[JSON, CSV]))
    assert contents(made["paths"]["/"]["get"], "406") == {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/NotAcceptable"}}
    }
    schema = made["components"]["schemas"]["NotAcceptable"]
    assert schema["properties"]["available"] == {"type": "array", "items": {"type": "string"}}


def test_a_format_describes_its_content(operation: Any) -> None:
    class Plain(Format):
        media_type: ClassVar[str] = "text/x-rows; charset=utf-8"

        def encoder(self, content: Content) -> Any:
            return lambda value: str(value).encode()

        def document(self, schema: dict[str, Any], item_schema: dict[str, Any] | None) -> dict[str, Any]:
            return {"schema": {"type": "string"}, "examples": {"one": {"value": str(item_schema == ROW)}}}

    made = operation(TypedRoute("/", many, renders=[Plain]))
    assert list(contents(made)) == ["text/x-rows"]


def test_an_envelope_is_a_component(document: Any) -> None:
    made = document(
        TypedRoute("/many", many, renders=ALL, envelope=Envelope),
        TypedRoute("/outcomes", outcomes, envelope=Envelope),
        TypedRoute("/slim", one, envelope=Envelope, response_model_exclude={"id"}),
    )
    of_many = {"schema": {"$ref": "#/components/schemas/Envelope_list_Row"}}
    array = {"schema": ROWS}
    assert contents(made["paths"]["/many"]["get"]) == {
        "application/json": of_many, "application/jsonl": array, "text/csv": TEXT, "application/vnd.msgpack": of_many,
    }  # fmt: skip
    of_outcomes = made["paths"]["/outcomes"]["get"]
    assert contents(of_outcomes, "201")["application/json"]["schema"] == {"$ref": "#/components/schemas/Envelope_Row"}
    assert list(contents(of_outcomes, "410")) == ["application/problem+json"]
    schema = made["components"]["schemas"]["Envelope_Row"]
    assert schema["properties"]["data"] == ROW
    assert schema["required"] == ["data"]
    slim = contents(made["paths"]["/slim"]["get"])["application/json"]["schema"]
    assert slim["properties"]["data"].get("properties", {}) == {}
    assert "version" in slim["properties"]


def test_webhooks_have_neither_formats_nor_envelopes_of_the_application() -> None:
    app = App(renders=[CSV], envelope=Envelope)

    @app.webhooks.post("paid")
    async def paid(row: Row) -> Row: ...

    operation = app.openapi()["webhooks"]["paid"]["post"]
    assert contents(operation) == {"application/json": {"schema": ROW}}
    assert "406" not in operation["responses"]
