"""The document holds JSON alone: no infinite numbers, texts for the names of objects, `Json` by its text."""

import enum
import json
import math
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, Json, TypeAdapter, create_model

from signette.app import App
from signette.declarative.signature.markers import Body, Form, Header, Query

INFINITY = math.inf
NOT_A_NUMBER = math.nan


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Mixed(enum.Enum):
    ONE = 1
    TWO = "two"


class Word(enum.Enum):
    A = "a"


class Far(enum.Enum):
    NEAR = 1.5
    FAR = math.inf


class Inside(BaseModel):
    far: float = INFINITY


def document_of(annotation: Any, default: Any = ..., result: Any = None) -> dict[str, Any]:
    app = App()

    async def endpoint(value: Any) -> Any: ...

    endpoint.__annotations__ = {"value": annotation, "return": result}
    endpoint.__defaults__ = None if default is ... else (default,)
    app.post("/")(endpoint)
    document: dict[str, Any] = app.openapi()
    json.dumps(document, allow_nan=False)  # each document is JSON
    return document


def parameter_of(annotation: Any, default: Any = ...) -> dict[str, Any]:
    found: dict[str, Any] = document_of(annotation, default)["paths"]["/"]["post"]["parameters"][0]["schema"]
    return found


def field_of(annotation: Any, default: Any) -> dict[str, Any]:
    document = document_of(create_model("Holder", value=(annotation, default)))
    found: dict[str, Any] = document["components"]["schemas"]["Holder"]["properties"]["value"]
    return found


WITHOUT_WORD = [
    INFINITY,
    -INFINITY,
    NOT_A_NUMBER,
    [1.0, INFINITY],
    {"a": [NOT_A_NUMBER]},
    (INFINITY,),
    Decimal("inf"),
    Far.FAR,
]


@pytest.mark.parametrize("default", WITHOUT_WORD, ids=repr)
def test_a_default_that_json_cannot_represent_is_left_out(default: Any) -> None:
    assert "default" not in parameter_of(Annotated[Any, Query()], default)
    assert "default" not in field_of(Any, default)


def test_so_is_one_inside_of_a_model() -> None:
    assert "default" not in field_of(Inside, Inside())
    assert field_of(Inside, Inside(far=1.0))["default"] == {"far": 1.0}


@pytest.mark.parametrize("default", [1.5, [1.0], {"a": 1}, Decimal("1.5"), Far.NEAR], ids=repr)
def test_other_defaults_are_documented(default: Any) -> None:
    assert parameter_of(Annotated[Any, Query()], default)["default"] is not None
    assert field_of(Any, default)["default"] is not None


def test_members_and_examples_without_a_word_are_left_out() -> None:
    document = document_of(Far)
    assert document["components"]["schemas"]["Far"]["enum"] == [1.5]
    assert parameter_of(Annotated[float, Query(examples=[INFINITY, 1.0])], 1.0)["examples"] == [1.0]
    assert field_of(Annotated[float, Field(examples=[INFINITY, 1.0])], 1.0)["examples"] == [1.0]


def test_a_default_that_holds_itself_is_left_out() -> None:
    circle: list[Any] = []
    circle.append(circle)
    assert "default" not in parameter_of(Annotated[Any, Query()], circle)


KEYS = {
    "an int enum": (Level, ["1", "2"]),
    "a mixed enum": (Mixed, ["1", "two"]),
    "a described enum": (Annotated[Level, Field(description="How high.")], ["1", "2"]),
    "literal numbers": (Literal[1, 2], ["1", "2"]),
    "a literal boolean": (Literal[True], ["true"]),
}


@pytest.mark.parametrize("place", ["body", "field", "result"])
@pytest.mark.parametrize("name", KEYS)
def test_names_of_an_object_are_texts(name: str, place: str) -> None:
    key, texts = KEYS[name]
    annotation = dict[key, int]  # type: ignore[valid-type]
    if place == "field":
        schema = field_of(annotation, {})
    else:
        operation = document_of(*((str, ..., annotation) if place == "result" else (annotation,)))["paths"]["/"]["post"]
        holder = operation["responses"]["200"] if place == "result" else operation["requestBody"]
        schema = holder["content"]["application/json"]["schema"]
    assert schema["propertyNames"]["enum"] == texts
    assert schema["additionalProperties"] == {"type": "integer"}


def test_an_enum_that_is_defined_once_for_several_is_texts_where_it_names() -> None:
    model = create_model("Several", one=(dict[Level, int], ...), two=(dict[Level, Level], ...), three=(Level, ...))
    schemas = document_of(model)["components"]["schemas"]
    properties = schemas["Several"]["properties"]
    assert [properties[each]["propertyNames"]["enum"] for each in ("one", "two")] == [["1", "2"]] * 2
    assert schemas["Level"]["enum"] == [1, 2]


def test_keys_that_are_texts_keep_their_names() -> None:
    document = document_of(dict[Word, int])
    schema = document["paths"]["/"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema["propertyNames"] == {"$ref": "#/components/schemas/Word"}


@pytest.mark.parametrize(
    ("annotation", "default", "text"),
    [
        (Json[list[int]], [1, 2], "[1,2]"),
        (Json[Any], "a", '"a"'),
        (Json[int] | None, 5, "5"),
        (list[Json[int]], [1, 2], ["1", "2"]),
    ],
    ids=repr,
)
def test_a_default_of_json_is_the_text_that_would_be_sent(annotation: Any, default: Any, text: Any) -> None:
    for marker in (Query(), Header()):
        assert parameter_of(Annotated[annotation, marker], default)["default"] == text
    form = document_of(Annotated[annotation, Form()], default)["paths"]["/"]["post"]["requestBody"]["content"]
    (media,) = form.values()
    assert media["schema"]["properties"]["value"]["default"] == text


def test_so_is_that_of_a_body_and_of_a_field_that_is_read() -> None:
    body = document_of(Annotated[Json[list[int]], Body()], [1])["paths"]["/"]["post"]["requestBody"]["content"]
    assert body["application/json"]["schema"]["default"] == "[1]"
    model = create_model("Holder", value=(Json[list[int]], [1]))
    schemas = document_of(model, result=model)["components"]["schemas"]
    assert schemas["Holder-Input"]["properties"]["value"]["default"] == "[1]"
    assert schemas["Holder-Output"]["properties"]["value"]["default"] == [1]
    assert TypeAdapter(Json[list[int]]).validate_python("[1]") == [1]
