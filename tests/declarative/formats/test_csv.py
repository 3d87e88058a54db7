"""CSV: columns from the schema of the rows, quoting, and cells that a spreadsheet could run."""

import csv
import datetime as dt
import io
from collections import namedtuple
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, RootModel, computed_field
from typing_extensions import TypedDict

from signette.declarative.formats.base import DoesNotFit, ItemEncoder
from signette.declarative.returns.rendered import content_for
from signette.formats import CSV

FORMULAS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"


class Color(Enum):
    RED = "red"


class Flat(BaseModel):
    a: int | None
    b: Annotated[str, Field(max_length=9)] = Field(serialization_alias="bee")
    c: Color | None = None
    d: Literal["x", 1] = "x"
    e: dt.datetime | dt.date | None = None
    f: Decimal = Decimal(1)
    g: UUID | None = None
    h: float | bool = 0.5
    hidden: str = Field("h", exclude=True)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def double(self) -> int:
        return 2 * (self.a or 0)


class Nested(BaseModel):
    id: int
    inner: Flat


class Listed(BaseModel):
    tags: list[str]


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")
    id: int


class Unknown(BaseModel):
    id: Any


class Written(BaseModel):
    tags: Annotated[list[str], PlainSerializer(" ".join, return_type=str)]


class Nothing(BaseModel):
    pass


class Root(RootModel[list[Flat]]):
    pass


class Row(TypedDict):
    id: int


@dataclass
class Data:
    id: int
    name: str


Point = namedtuple("Point", ["x", "y"])  # noqa: PYI024
FLAT = ["a", "bee", "c", "d", "e", "f", "g", "h", "double"]


@pytest.mark.parametrize(
    ("annotation", "columns"),
    [
        (Flat, FLAT),
        (list[Flat], FLAT),
        (Flat | None, FLAT),
        (list[Flat] | None, FLAT),
        (Root, FLAT),
        (Data, ["id", "name"]),
        (list[Row], ["id"]),
        (Flat | Row, [*FLAT, "id"]),
        (list[Data | Row], ["id", "name"]),
        (Written, ["tags"]),
    ],
)
def test_the_columns_are_the_fields_that_are_sent(annotation: Any, columns: list[str]) -> None:
    encode = CSV().encoder(content_for(annotation, {}))
    assert not isinstance(encode, DoesNotFit)
    assert encode([]).decode() == ",".join(columns) + "\r\n"


@pytest.mark.parametrize(
    ("annotation", "problem"),
    [
        (Nested, "the field `inner` is not a single value"),
        (list[Listed], "the field `tags` is not a single value"),
        (list[Unknown], "the field `id` is not a single value"),
        (list[Loose], "an object with any keys has no columns that are known before"),
        (dict[str, int], "an object with any keys has no columns that are known before"),
        (list[Nothing], "an object with any keys has no columns that are known before"),
        (int, "a value of the JSON type `integer` has no columns"),
        (list[str], "a value of the JSON type `string` has no columns"),
        (list[list[Flat]], "a value of the JSON type `array` has no columns"),
        (list[Flat | None], "a value of the JSON type `null` has no columns"),
        (list[Flat | int], "a value of the JSON type `integer` has no columns"),
        (tuple[int, Flat], "a value of the JSON type `array` has no columns"),
        (Any, "the type of the values is not known, nor are the columns"),
        (list, "the type of the values is not known, nor are the columns"),
    ],
)
def test_other_values_have_no_columns(annotation: Any, problem: str) -> None:
    found = CSV().encoder(content_for(annotation, {}))
    assert isinstance(found, DoesNotFit)
    assert found.problem == problem


def rows_of(text: bytes, **options: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.decode(), newline=""), **options))


def encoder(**options: Any) -> ItemEncoder:
    found = CSV(**options).item_encoder(content_for(Data, {}))
    assert isinstance(found, ItemEncoder)
    return found


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "true"),
        (1.5, "1.5"),
        (-5, "-5"),
        ("-5", "'-5"),
        ('say "a"', '"say ""a"""'),
        ("a,b", '"a,b"'),
        ("a\r\nb", '"a\r\nb"'),
        (" a ", " a "),
        ("\ud800", "?"),
        ("'=1", "'=1"),
    ],
)
def test_a_cell(value: Any, cell: str) -> None:
    assert encoder().encode({"id": 1, "name": value}).decode() == f"1,{cell}\r\n"


@pytest.mark.parametrize("start", FORMULAS)
def test_a_text_that_could_be_a_formula_is_escaped(start: str) -> None:
    text = f"{start}cmd|' /C calc'!A0"
    assert rows_of(encoder().encode({"id": 1, "name": text})) == [["1", f"'{text}"]]
    assert rows_of(encoder(escape_formulas=False).encode({"id": 1, "name": text})) == [["1", text]]


def test_a_column_that_could_be_a_formula_is_escaped() -> None:
    class Odd(BaseModel):
        total: int = Field(alias="=SUM(A1)")

    found = CSV().item_encoder(content_for(Odd, {}))
    assert isinstance(found, ItemEncoder)
    assert found.head == b"'=SUM(A1)\r\n"


def test_a_row_of_one_empty_cell_is_not_an_empty_line() -> None:
    found = CSV().item_encoder(content_for(Row, {}))
    assert isinstance(found, ItemEncoder)
    assert found.encode({"id": None}) == b'""\r\n'


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), st.sampled_from(",;\t|:"))
def test_each_text_is_read_again(text: str, delimiter: str) -> None:
    plain = encoder(delimiter=delimiter, escape_formulas=False).encode({"id": 1, "name": text})
    assert rows_of(plain, delimiter=delimiter) == [["1", text]]
    [[_, escaped]] = rows_of(encoder(delimiter=delimiter).encode({"id": 1, "name": text}), delimiter=delimiter)
    assert escaped == (f"'{text}" if text[:1] and text[0] in FORMULAS else text)


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "'", "\n", "\r", "\0", "a", "1", "é", "+", "-", "."])
def test_a_delimiter_that_cannot_separate_is_rejected(delimiter: str) -> None:
    with pytest.raises(ValueError, match="must be one character"):
        CSV(delimiter=delimiter)
