"""`validate_responses=`: whether instances of the declared type are looked at again before they leave."""

import logging
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel, computed_field, field_validator

from signette.app import App
from signette.declarative.signature.outcomes import Created
from signette.exceptions import ResponseValidationError
from signette.responses.plain import JSONResponse
from signette.testclient.client import TestClient


class Part(BaseModel):
    size: int = Field(gt=0)


class Thing(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: Annotated[str, Field(serialization_alias="n", validation_alias="N")]
    secret: str = Field("s", exclude=True)
    parts: list[Part] = []

    @computed_field
    def weight(self) -> int:
        return 1


class Parts(RootModel[list[Part]]): ...


@dataclass
class Row:
    part: Part


WRONG = Part.model_construct(size=0)
GOOD = Part(size=1)
SHAPES = [
    pytest.param(Part, lambda part: part, id="model"),
    pytest.param(list[Part], lambda part: [part], id="list"),
    pytest.param(dict[str, tuple[Part, ...]], lambda part: {"a": (part,)}, id="dict"),
    pytest.param(Thing, lambda part: Thing.model_construct(name="a", parts=[part]), id="nested"),
    pytest.param(Parts, lambda part: Parts.model_construct(root=[part]), id="root"),
    pytest.param(Row, Row, id="dataclass"),
    pytest.param(Part | None, lambda part: part, id="union"),
    pytest.param(Created[Part], Created, id="outcome"),
]


def response_of(annotation: Any, value: Any, **options: Any) -> Any:
    async def result() -> Any:
        return value

    result.__annotations__["return"] = annotation
    app = App(openapi_url=None)
    app.get("/", **options)(result)
    return TestClient(app, raise_server_exceptions=False).get("/")


@pytest.mark.parametrize(("annotation", "make"), SHAPES)
def test_in_strict_mode_an_invalid_result_is_a_500(annotation, make):
    assert response_of(annotation, make(WRONG), validate_responses="strict").status_code == 500


@pytest.mark.parametrize(("annotation", "make"), SHAPES)
@pytest.mark.parametrize("how", ["strict", "warn"])
def test_valid_results_are_sent_as_without_validation(annotation, make, how, caplog):
    with_response_validation = response_of(annotation, make(GOOD), validate_responses=how)
    plain = response_of(annotation, make(GOOD))
    assert (with_response_validation.status_code, with_response_validation.content) == (
        plain.status_code,
        plain.content,
    )
    assert not caplog.records


@pytest.mark.parametrize(("annotation", "make"), SHAPES)
def test_a_warning_names_the_operation_and_the_result_is_sent(annotation, make, caplog):
    with caplog.at_level(logging.WARNING, "signette.responses"):
        with_response_validation = response_of(annotation, make(WRONG), validate_responses="warn")
    assert with_response_validation.content == response_of(annotation, make(WRONG)).content
    (record,) = caplog.records
    assert "response_of.<locals>.result" in record.getMessage()
    assert "greater than 0" in record.getMessage()


def test_a_warning_never_withholds_a_result(caplog):
    class Odd(BaseModel):
        size: int

        @field_validator("size")
        @classmethod
        def fails(cls, value):
            return 1 // value and value

    assert response_of(Odd, Odd.model_construct(size=0), validate_responses="warn").json() == {"size": 0}
    assert "ZeroDivisionError" in caplog.text
    assert response_of(Odd, Odd.model_construct(size=0), validate_responses="strict").status_code == 500


def test_by_default_instances_are_not_validated_again():
    assert response_of(Part, WRONG).json() == {"size": 0}
    assert response_of(Part, WRONG, validate_responses="off").json() == {"size": 0}
    assert response_of(Part, WRONG, validate_responses=0).json() == {"size": 0}


def test_a_random_sample_is_validated(caplog, monkeypatch):
    app = App(openapi_url=None)

    @app.get("/", validate_responses=0.25)
    async def result() -> Part:
        return WRONG

    drawn = iter([0.2, 0.3, 0.9, 0.0])
    monkeypatch.setattr(random, "random", lambda: next(drawn))
    with TestClient(app) as client:
        assert [client.get("/").status_code for _ in range(4)] == [200] * 4
    assert len(caplog.records) == 2


def test_each_item_of_a_stream_is_validated(caplog):
    app = App(openapi_url=None)

    @app.get("/", validate_responses="warn")
    def lines() -> Iterator[Part]:
        yield GOOD
        yield WRONG

    with TestClient(app) as client:
        assert client.get("/").text == '{"size":1}\n{"size":0}\n'
    assert len(caplog.records) == 1


class Own(JSONResponse):
    def render(self, content: Any) -> bytes:
        return b"own " + super().render(content)


@pytest.mark.parametrize("cls", [JSONResponse, Own])
def test_a_class_of_the_route_changes_nothing_of_it(cls):
    assert response_of(Part, WRONG, response_class=cls, validate_responses="strict").status_code == 500


def test_a_response_is_not_validated():
    assert response_of(Part, JSONResponse({"size": 0}), validate_responses="strict").json() == {"size": 0}


def test_the_error_says_where_in_the_result():
    app = App(openapi_url=None)

    @app.get("/", validate_responses="strict")
    async def result() -> Thing:
        return Thing.model_construct(name=3)

    with pytest.raises(ResponseValidationError, match="valid string at /name"):
        TestClient(app).get("/")


@pytest.mark.parametrize(
    ("declared", "result"),
    [
        ("strict", "  response validation: strict"),
        ("warn", "  response validation: warn"),
        (0.01, "  response validation: warn, for 0.01 of the responses"),
    ],
)
def test_explain_mentions_it(declared, result):
    app = App(openapi_url=None)
    app.get("/", validate_responses=declared)(_result)
    assert result in app.explain("GET /").splitlines()


async def _result() -> Part:
    return GOOD
