"""Entries of types that have one error at most are made in a quicker way, with the same result."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import AfterValidator, Field, ValidationError

from signette.declarative.adapters.error_entries import integer_error, value_error, value_errors
from signette.declarative.adapters.validators import check_text, has_one_error

SINGLE = [
    int,
    float | None,
    bool,
    date,
    datetime,
    time,
    timedelta,
    Annotated[str, Field(min_length=2, max_length=3, pattern="^a")],
    Annotated[int, Field(ge=1, le=100, multiple_of=3)],
    Annotated[float, Field(gt=0, allow_inf_nan=False)],
]


class Color(Enum):
    RED = "red"


# Their errors may be several, be located inside of the value, or repeat it, or nothing is known of them.
OTHERS = [
    list[int],
    int | bool,
    UUID,
    Color,
    Literal["a"],
    Decimal,
    Annotated[int, AfterValidator(lambda value: value)],
]


@given(st.sampled_from(SINGLE), st.text(max_size=6) | st.from_regex(r"-?\d{1,6}(\.\d+)?"))
@example(date, "2020-01-01T01:00")
@example(int, "9" * 5000)
@example(float | None, "nan")
def test_the_entry_of_a_single_error_is_that_of_all_errors(annotation: Any, text: str) -> None:
    exc = error_of(annotation, text)
    if exc is not None:
        entries = value_errors(exc, "query", "size", text)
        assert [value_error(exc, "query", "size", text)] == entries
        assert value_error(exc, "query", "size", text, detailed=True) == entries[0]


def error_of(annotation: Any, text: str) -> ValidationError | None:
    try:
        check_text(annotation)(text)
    except ValidationError as exc:
        return exc
    return None


INTEGERS: list[Any] = [
    int,
    int | None,
    Annotated[int, Field(ge=1, le=100)],
    Annotated[int, Field(gt=-5, lt=5)],
    Annotated[int | None, Field(le=-1)],
]
WORDS = st.sampled_from(
    ["nan", "inf", "infinity", "true", "None", "-", "--1", "-1", "+7", " 7", "7 ", "0x1", "1_000", "00", "-00"]
)


@given(
    st.sampled_from(INTEGERS),
    st.text(max_size=6)
    | WORDS
    | st.integers().map(str)
    | st.integers(-110, 110).map(str)
    | st.text("abc-19.e", max_size=4),
)
@example(int, "9" * 5000)
@example(INTEGERS[2], "0" * 14 + "7")
@example(INTEGERS[2], "1.0e2")
@example(INTEGERS[2], "\u0663\u0663\u0663")
def test_the_entry_of_an_invalid_integer_is_that_of_pydantic(annotation: Any, text: str) -> None:
    to_entry = integer_error(annotation)
    assert to_entry is not None
    exc = error_of(annotation, text)
    if exc is not None:
        assert to_entry(exc, "query", "size", text) == value_error(exc, "query", "size", text)


@pytest.mark.parametrize(
    "annotation",
    [
        bool,
        float,
        Annotated[int, Field(multiple_of=2)],
        Annotated[int, Field(strict=True)],
        Annotated[int, Field(ge=1), Field(gt=3)],
        Annotated[int, Field(le=10**20)],
        Annotated[int, AfterValidator(lambda value: value)],
    ],
    ids=["bool", "float", "multiple", "strict", "two minimums", "long", "validator"],
)
def test_a_type_that_is_more_than_an_integer_in_a_range_has_no_such_entries(annotation: Any) -> None:
    assert integer_error(annotation) is None


@pytest.mark.parametrize("annotation", SINGLE, ids=repr)
def test_a_type_of_one_value_has_one_error(annotation: Any) -> None:
    assert has_one_error(annotation)


@pytest.mark.parametrize("annotation", OTHERS, ids=["list", "union", "uuid", "enum", "literal", "decimal", "validator"])
def test_of_other_types_all_errors_are_read(annotation: Any) -> None:
    assert not has_one_error(annotation)
