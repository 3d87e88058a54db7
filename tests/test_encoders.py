"""`jsonable_encoder`: a value as JSON has it."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

import pytest
from pydantic import BaseModel, Field

from signette import App
from signette.encoders import jsonable_encoder
from signette.testclient import TestClient


class Colour(Enum):
    RED = "red"


class Item(BaseModel):
    name: str = Field(serialization_alias="title")
    price: Decimal = Decimal("1.50")
    note: str | None = None


@dataclass
class Order:
    items: list[Item]
    day: date


class Row:
    """As a mapper of tables makes them."""

    def __init__(self) -> None:
        self._state = object()
        self.day = date(2024, 2, 29)
        self.colours = {Colour.RED}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Item(name="tea"), {"title": "tea", "price": "1.50", "note": None}),
        (Order([], date(2024, 1, 2)), {"items": [], "day": "2024-01-02"}),
        ({Colour.RED: (1, 2), 3: None}, {"red": [1, 2], 3: None}),
        ((number for number in range(2)), [0, 1]),
        (PurePosixPath("/a/b"), "/a/b"),
        (timedelta(hours=36), 129600.0),
        (Decimal("1.50"), 1.5),
        (Decimal(2), 2),
        ({None: 1, Decimal("1.5"): datetime(2024, 1, 2, tzinfo=UTC)}, {None: 1, 1.5: "2024-01-02T00:00:00+00:00"}),
        (float("nan"), None),
        (Row(), {"day": "2024-02-29", "colours": ["red"]}),
        ([MappingProxyType({"a": Colour.RED})], [{"a": "red"}]),
    ],
)
def test_a_value_is_what_json_would_say_of_it(value: Any, expected: Any) -> None:
    found = jsonable_encoder(value)
    assert found == expected
    json.dumps(found)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"by_alias": False}, {"name": "tea", "price": "1.50", "note": None}),
        ({"include": {"price"}}, {"price": "1.50"}),
        ({"exclude": {"price"}}, {"title": "tea", "note": None}),
        ({"exclude_unset": True}, {"title": "tea"}),
        ({"exclude_defaults": True}, {"title": "tea"}),
        ({"exclude_none": True}, {"title": "tea", "price": "1.50"}),
        ({"custom_encoder": {BaseModel: lambda item: item.name}}, "tea"),
    ],
)
def test_the_options_are_pydantics(options: dict[str, Any], expected: Any) -> None:
    assert jsonable_encoder(Item(name="tea"), **options) == expected


@pytest.mark.parametrize("value", [object, object(), open])
def test_a_value_that_is_not_json_compatible_is_rejected(value: Any) -> None:
    with pytest.raises(TypeError):
        jsonable_encoder(value)


@pytest.mark.parametrize("value", [[2**70], {1: 2}, ["\ud800"]])
def test_an_iterator_is_read_once(value: Any) -> None:
    """orjson cannot write the value, which comes after the iterator."""
    app = App()

    @app.get("/")
    def endpoint():  # type: ignore[no-untyped-def]  # no annotation is the matter
        return {"items": iter([1, 2]), "value": value}

    assert TestClient(app).get("/").json()["items"] == [1, 2]
