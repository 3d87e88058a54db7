"""What people write next to a type: constraints, validators, hooks, by pydantic, `annotated_types` and by markers.

Each word has values that show its effect: at least one of them comes out otherwise than without the word.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import annotated_types as at
from pydantic import (
    AfterValidator,
    AllowInfNan,
    BeforeValidator,
    Field,
    GetPydanticSchema,
    PlainValidator,
    Strict,
    StringConstraints,
    WrapValidator,
)
from pydantic.types import UuidVersion
from pydantic_core import core_schema


@dataclass(frozen=True)
class Word:
    """Something written next to a type, and values to try."""

    name: str
    base: Any
    values: tuple[Any, ...]
    said: Any = None
    options: dict[str, Any] = field(default_factory=dict)
    """In place of `said`: what a `Field` and each marker take alike."""

    @property
    def annotation(self) -> Any:
        """The type with the word, as pydantic reads it."""
        return Annotated[self.base, Field(**self.options) if self.options else self.said]

    def marked(self, marker: type) -> Any:
        """The type with a marker of the same meaning."""
        return Annotated[self.base, marker(**self.options)]


class Doubled:
    """A custom hook."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return core_schema.no_info_after_validator_function(lambda value: value * 2, handler(source))


class HashableNot(at.Not):
    """`Not` has no hash, and a union asks its members for one."""

    def __hash__(self) -> int:
        return hash(self.func)


def stringed(_: Any, handler: Any) -> Any:
    return core_schema.no_info_after_validator_function(str, handler(int))


def odd(value: int) -> bool:
    return value % 2 == 1


def rejected_above_three(value: int) -> int:
    if value > 3:
        raise ValueError("too large")
    return value


NUMBERS = (0, 1, 3, 4, 10, "x")
# One of version 4, one of version 1.
UUIDS = ("9cc16d94-4a3e-4bd5-a1c5-6b0f0c6d4a11", "2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d")
TEXTS = ("a", "ab", "abcd", "B")

OPTIONS = (
    Word("gt", int, NUMBERS, options={"gt": 1}),
    Word("ge", int, NUMBERS, options={"ge": 1}),
    Word("lt", int, NUMBERS, options={"lt": 4}),
    Word("le", int, NUMBERS, options={"le": 3}),
    Word("multiple_of", int, NUMBERS, options={"multiple_of": 2}),
    Word("min_length", str, TEXTS, options={"min_length": 2}),
    Word("max_length", str, TEXTS, options={"max_length": 2}),
    Word("pattern", str, TEXTS, options={"pattern": "^a"}),
    Word("strict", int, (1, "1"), options={"strict": True}),
    Word("allow_inf_nan", float, (1.5, "inf"), options={"allow_inf_nan": False}),
    Word("max_digits", Decimal, ("1", "12.34"), options={"max_digits": 3}),
    Word("decimal_places", Decimal, ("1.5", "1.234"), options={"decimal_places": 2}),
    Word("union_mode", int | str, ("1", "a"), options={"union_mode": "left_to_right"}),
    Word("two constraints", int, NUMBERS, options={"ge": 1, "le": 3}),
)

METADATA = (
    Word("Gt", int, NUMBERS, at.Gt(1)),
    Word("Ge", int, NUMBERS, at.Ge(1)),
    Word("Lt", int, NUMBERS, at.Lt(4)),
    Word("Le", int, NUMBERS, at.Le(3)),
    Word("Interval", int, NUMBERS, at.Interval(ge=1, lt=4)),
    Word("MultipleOf", int, NUMBERS, at.MultipleOf(2)),
    Word("MinLen", str, TEXTS, at.MinLen(2)),
    Word("MaxLen", str, TEXTS, at.MaxLen(2)),
    Word("Len", str, TEXTS, at.Len(2, 3)),
    Word("Predicate", int, NUMBERS, at.Predicate(odd)),
    Word("Not", int, NUMBERS, HashableNot(odd)),
    Word("AfterValidator", int, NUMBERS, AfterValidator(rejected_above_three)),
    Word("AfterValidator that changes", str, TEXTS, AfterValidator(str.upper)),
    Word("BeforeValidator", str, TEXTS, BeforeValidator(lambda value: f"<{value}>")),
    Word("WrapValidator", int, NUMBERS, WrapValidator(lambda value, handler: handler(value) + 100)),
    Word("PlainValidator", int, NUMBERS, PlainValidator(lambda value: f"plain {value}")),
    Word("Strict", int, (1, "1"), Strict()),
    Word("StringConstraints", str, (" a ", "ABC"), StringConstraints(strip_whitespace=True, to_lower=True)),
    Word("AllowInfNan", float, (1.5, "inf"), AllowInfNan(allow_inf_nan=False)),
    Word(
        "UuidVersion",
        UUID,
        UUIDS,
        UuidVersion(4),
    ),
    Word("a hook", int, NUMBERS, Doubled),
    Word(
        "GetPydanticSchema",
        int,
        NUMBERS,
        GetPydanticSchema(stringed),
    ),
)
# Nothing reads these: each place has to reject them.
UNCLAIMED = (
    Word("Unit", int, (), at.Unit("m")),
    Word("Timezone", int, (), at.Timezone(None)),
    Word("a text", int, (), "how many"),
    Word("a number", int, (), 3),
    Word("an alias of a type", str, (), at.LowerCase[str]),
)
WORDS = (*OPTIONS, *METADATA)
# pydantic takes these, and raises a TypeError at the first value: a client would get a 500.
MISFITS = (
    Word("a number's bound of a text", str, (), at.Ge(1)),
    Word("a text's length of a number", int, (), at.MinLen(1)),
    Word("a pattern of a number", int, (), options={"pattern": "a"}),
    Word("digits of a text", str, (), options={"max_digits": 3}),
    Word("a multiple of a text", str, (), at.MultipleOf(2)),
    Word("a length of a UUID", UUID, (), at.MaxLen(9)),
    Word("a number's bound of a union with a text", int | str, (), at.Ge(1)),
    Word("a number's bound of anything", Any, (), at.Gt(1)),
    Word("a text's bounds of a date", date, (), StringConstraints(min_length=1)),
    Word("an empty range", int, (), at.Interval(ge=5, le=1)),
    Word("an empty range of lengths", str, (), at.Len(5, 1)),
)
