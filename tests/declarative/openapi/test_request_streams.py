"""The request bodies of streams."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from typing_extensions import Doc

from signette import App, Items, Stream
from signette.declarative.openapi.dialect import OPENAPI_3_2
from tests.declarative.openapi.conftest import VALIDATORS


class Reading(BaseModel):
    """An item."""

    station: str
    value: float


ITEM = {"$ref": "#/components/schemas/Reading"}


def operation_of(items: Items | None = None, version: str = "3.1.0", item: Any = Reading) -> dict[str, Any]:
    """The operation of an endpoint with a stream, in a document that is valid."""
    app = App(openapi_version=version)

    @app.post("/")
    async def read(rows: Annotated[Stream[item], items or Items(), Doc("The readings.")]) -> None: ...

    document = app.openapi()
    next(make for dialect, make in VALIDATORS.items() if dialect.version == version)(document).validate()
    operation: dict[str, Any] = document["paths"]["/"]["post"]
    return operation


@pytest.mark.parametrize("dialect", VALIDATORS)
def test_each_media_type_has_the_schema_of_the_items(dialect: Any) -> None:
    body = operation_of(Items(max_items=10), dialect.version)["requestBody"]
    array = {"schema": {"type": "array", "items": ITEM, "maxItems": 10}}
    others = {"itemSchema": ITEM} if dialect == OPENAPI_3_2 else array
    assert body == {
        "description": "The readings.",
        "content": {
            "application/jsonl": others,
            "application/json": array,
            "application/json-seq": others,
            "text/csv": others,
        },
        "required": True,
    }


def test_the_document_has_the_chosen_media_types() -> None:
    body = operation_of(Items(media_types=["application/x-ndjson", "application/json"]))["requestBody"]
    assert list(body["content"]) == ["application/x-ndjson", "application/json"]
    assert list(operation_of(item=int)["requestBody"]["content"]) == [
        "application/jsonl",
        "application/json",
        "application/json-seq",
    ]


def test_the_errors_depend_on_the_policy() -> None:
    failing, skipping = operation_of()["responses"], operation_of(Items(on_error="skip"))["responses"]
    assert set(failing) == {"204", "400", "413", "415", "422"}
    assert set(skipping) == {"204", "400", "413", "415"}
    assert list(failing["415"]["headers"]) == ["Accept-Post"]
