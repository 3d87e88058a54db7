"""JSON has no word for NaN, and no text for half a character."""

from math import isfinite
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from signette.declarative.adapters.validators import adapter_of
from signette.declarative.core_schema.non_finite import may_contain_non_finite, reject_non_finite
from signette.declarative.signature.markers import Body
from signette.exceptions import HTTPException
from signette.limits import Limits
from tests.asgi import JSON, fetch
from tests.declarative.building import app_of

NONE = ["NaN", "Infinity", "-Infinity", "1e400", "-1E+999", "1" * 310, "1" * 210 + "e0100", '{"a": [1, NaN]}']


async def any_value(value: Annotated[Any, Body()]) -> str:
    return "kept"


@pytest.mark.parametrize("text", NONE, ids=range(len(NONE)))
async def test_invalid_numbers_are_rejected_like_invalid_json(text: str) -> None:
    response = await fetch(app_of(any_value, method="POST"), "POST /", text.encode(), JSON)
    assert (response.status, response.json["title"]) == (400, "Bad Request")


WORDS = ["NaN", "-Infinity", '{"name": NaN}', '{"name": "a", "below": [{"name": Infinity}]}', '{"name": 1e400}']


@pytest.mark.parametrize("text", WORDS, ids=range(len(WORDS)))
async def test_an_invalid_body_of_a_type_without_floats_is_rejected_like_invalid_json(text: str) -> None:
    response = await fetch(app_of(tree, method="POST"), "POST /", text.encode(), JSON)
    assert (response.status, "Invalid JSON: " in response.json["detail"]) == (400, True)


async def test_a_long_integer_is_json_next_to_an_error() -> None:
    response = await fetch(app_of(counted, method="POST"), "POST /", b'{"n": %s, "name": 1}' % (b"1" * 310), JSON)
    assert (response.status, [each["code"] for each in response.json["errors"]]) == (422, ["string_type"])


@pytest.mark.parametrize("text", ['"NaN"', '"1e400"', "1e3", "1.5e-400", "[1e30, 12345678901234567890]", '"0e999"'])
async def test_what_only_looks_like_it_is_taken(text: str) -> None:
    assert (await fetch(app_of(any_value, method="POST"), "POST /", text.encode(), JSON)).body == b"kept"


async def test_half_a_character_is_rejected() -> None:
    assert (await fetch(app_of(any_value, method="POST"), "POST /", b'"\\ud800"', JSON)).status == 400


@given(st.floats() | st.integers())
def test_each_finite_number_passes_and_no_other(number: float) -> None:
    text = repr(number).replace("nan", "NaN").replace("inf", "Infinity").encode()
    if not isfinite(number):
        with pytest.raises(HTTPException):
            reject_non_finite(b"[%s]" % text)
    else:
        reject_non_finite(b"[%s]" % text)


class Tree(BaseModel):
    name: str
    below: "list[Tree]" = []


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str


class Counted(BaseModel):
    name: str
    n: int


async def tree(value: Tree) -> str:
    return "kept"


async def counted(value: Counted) -> str:
    return "kept"


@pytest.mark.parametrize("kind", [int, str, Tree, dict[str, int], list[Tree | None], tuple[int, str]])
def test_a_type_that_keeps_no_float_costs_nothing(kind: Any) -> None:
    assert not may_contain_non_finite(adapter_of(kind).core_schema)


@pytest.mark.parametrize("kind", [float, Any, dict, list, Loose, tuple[int, float], dict[str, list[float | None]]])
def test_a_type_that_may_keep_a_float_is_looked_at(kind: Any) -> None:
    assert may_contain_non_finite(adapter_of(kind).core_schema)


async def test_a_body_that_is_too_large_names_the_exceeded_limit() -> None:
    app = app_of(any_value, method="POST", max_body_size=3)
    assert "body exceeds 3 bytes" in (await fetch(app, "POST /", b'"long"', JSON)).json["detail"]
    app = app_of(any_value, method="POST")
    app.limits = Limits(json_bytes=3)
    assert "JSON body exceeds 3 bytes" in (await fetch(app, "POST /", b'"long"', JSON)).json["detail"]
