"""Each thing that can be next to a type in `Annotated[...]`, in each place of a result: the same as pydantic says.

The oracle is a `TypeAdapter` of the part alone: the value validated, then dumped in mode "json". Where pydantic rejects
the value, the endpoint ends in a ResponseValidationError; where the place cannot hold the type, in a SignatureError.
"""

import base64
import enum
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field, make_dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin
from uuid import UUID

import annotated_types as at
import pytest
from pydantic import (
    AfterValidator,
    Base64Bytes,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    Json,
    PlainSerializer,
    PlainValidator,
    RootModel,
    SecretStr,
    SkipValidation,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    WrapSerializer,
    WrapValidator,
    computed_field,
    create_model,
    field_serializer,
)
from typing_extensions import TypeAliasType, TypedDict

from signette import Created, NoContent, Ok, Problem
from signette.exceptions import ResponseValidationError
from signette.responses import EventSourceResponse, JSONResponse, ServerSentEvent
from tests.asgi import Exchange, fetch
from tests.declarative.building import app_of

pytestmark = pytest.mark.either_loop

# -- what is next to a type --------------------------------------------------------------------------------------------


class Named(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    name: str = Field("ann", serialization_alias="Name")
    secret: str = Field("s", exclude=True)
    tags: list[Annotated[str, AfterValidator(str.upper)]] = []

    @computed_field
    @property
    def size(self) -> int:
        return len(self.name)


class Spelled(BaseModel):
    model_config = ConfigDict(
        ser_json_inf_nan="strings", ser_json_timedelta="float", ser_json_bytes="base64", use_enum_values=True
    )

    number: float = 0.5
    numbers: list[float] = []
    span: timedelta = timedelta(seconds=3)
    data: bytes = b"\xff"
    color: "Color"


class Color(enum.Enum):
    RED = "red"


class Written(BaseModel):
    number: int = 3

    @field_serializer("number")
    def write(self, number: int) -> str:
        return f"#{number}"


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"


@dataclass
class Point:
    x: Annotated[int, PlainSerializer(str)]


class Pair(NamedTuple):
    left: Annotated[int, Field(ge=1)]


class Keyed(TypedDict):
    size: Annotated[int, Field(alias="Size", ge=1)]


@dataclass
class Word:
    """An annotation, values that fit it, and values that do not."""

    annotation: Any
    fit: list[Any]
    unfit: list[Any] = field(default_factory=list)


def wrapped(value: Any, handler: Callable[[Any], Any]) -> Any:
    return handler(value) + 1


WORDS: dict[str, Word] = {
    "Gt": Word(Annotated[int, at.Gt(1)], [2], [1]),
    "Ge": Word(Annotated[int, at.Ge(1)], [1], [0]),
    "Lt": Word(Annotated[float, at.Lt(1)], [0.5], [1.0]),
    "Le": Word(Annotated[int, at.Le(1)], [1], [2]),
    "Interval": Word(Annotated[int, at.Interval(ge=1, lt=3)], [2], [3]),
    "MultipleOf": Word(Annotated[int, at.MultipleOf(3)], [6], [7]),
    "MinLen": Word(Annotated[str, at.MinLen(2)], ["ab"], ["a"]),
    "MaxLen": Word(Annotated[bytes, at.MaxLen(2)], [b"ab"], [b"abc"]),
    "Len": Word(Annotated[list[int], at.Len(1, 2)], [[1]], [[]]),
    "Predicate": Word(Annotated[int, at.Predicate(lambda each: each > 1)], [2], [1]),
    "gt": Word(Annotated[int, Field(gt=1)], [2], [1]),
    "ge": Word(Annotated[int, Field(ge=1)], [1], [0]),
    "lt": Word(Annotated[int, Field(lt=1)], [0], [1]),
    "le": Word(Annotated[int, Field(le=1)], [1], [2]),
    "multiple_of": Word(Annotated[int, Field(multiple_of=3)], [6], [7]),
    "min_length": Word(Annotated[str, Field(min_length=2)], ["ab"], ["a"]),
    "max_length": Word(Annotated[str, Field(max_length=2)], ["ab"], ["abc"]),
    "min_length of bytes": Word(Annotated[bytes, Field(min_length=2)], [b"ab"], [b"a"]),
    "pattern": Word(Annotated[str, Field(pattern="^a")], ["ab"], ["b"]),
    "max_digits": Word(Annotated[Decimal, Field(max_digits=2)], [Decimal("1.5")], [Decimal("1.55")]),
    "decimal_places": Word(Annotated[Decimal, Field(decimal_places=1)], [Decimal("1.5")], [Decimal("1.55")]),
    "allow_inf_nan": Word(Annotated[float, Field(allow_inf_nan=False)], [1.5], [float("inf")]),
    "strict": Word(Annotated[int, Field(strict=True)], [1], ["1"]),
    "description": Word(Annotated[int, Field(description="words")], [1], ["a"]),
    "discriminator": Word(Annotated[Cat | Dog, Field(discriminator="kind")], [Cat(), Dog()], [{"kind": "cow"}]),
    "union_mode": Word(Annotated[int | str, Field(union_mode="left_to_right")], ["1", "a"], [[]]),
    "coerce_numbers_to_str": Word(Annotated[str, Field(coerce_numbers_to_str=True)], [3, "a"], [[]]),
    "StringConstraints": Word(Annotated[str, StringConstraints(to_upper=True, max_length=2)], ["ab"], ["abc"]),
    "AfterValidator": Word(Annotated[str, AfterValidator(str.upper)], ["a"], [3]),
    "BeforeValidator": Word(Annotated[int, BeforeValidator(len)], ["abc"]),
    "WrapValidator": Word(Annotated[int, WrapValidator(wrapped)], [1], ["a"]),
    "PlainValidator": Word(Annotated[int, PlainValidator(lambda value: int(value) + 1)], ["3"]),
    "PlainSerializer": Word(Annotated[int, PlainSerializer(lambda value: f"#{value}", return_type=str)], [5], ["a"]),
    "PlainSerializer of text": Word(Annotated[str, PlainSerializer(str.upper, return_type=str)], ["a"], [3]),
    "PlainSerializer of bytes": Word(Annotated[bytes, PlainSerializer(bytes.hex, return_type=str)], [b"\xff"], [3]),
    "when_used": Word(Annotated[str, PlainSerializer(str.upper, return_type=str, when_used="json")], ["a"], [3]),
    "WrapSerializer": Word(Annotated[int, WrapSerializer(wrapped)], [5], ["a"]),
    "InstanceOf": Word(InstanceOf[Cat], [Cat()], [{"kind": "cat"}]),
    "SkipValidation": Word(Annotated[str, SkipValidation()], ["a"]),
    "SecretStr": Word(SecretStr, ["a"], [3]),
    "Json": Word(Json[int], ["3"], ["a"]),
    "Base64Bytes": Word(Base64Bytes, [base64.b64encode(b"abc")], [b"a"]),
    "words of others": Word(Annotated[int, at.doc("words")], [3], ["a"]),
    "an alias": Word(TypeAliasType("Positive", Annotated[int, Field(ge=1)]), [3], [0]),
    "UUID": Word(UUID, [UUID(int=3)], ["a"]),
    "an enum": Word(Color, [Color.RED], ["blue"]),
    "a literal": Word(Literal["a", 1], ["a", 1], ["b"]),
    "a model": Word(Named, [Named(name="bob"), {"name": "bob", "tags": ["a"], "more": 1}], [{"name": 3}]),
    "a spelled model": Word(Spelled, [Spelled(color=Color.RED), Spelled(numbers=[float("inf")], color=Color.RED)]),
    "a field serializer": Word(Written, [Written()], [{"number": "a"}]),
    "a dataclass": Word(Point, [Point(3)], [{"x": "a"}]),
    "a named tuple": Word(Pair, [Pair(3)], [Pair(0)]),
    "a typed dictionary": Word(Keyed, [{"Size": 3}], [{"Size": 0}]),
    "a root model": Word(RootModel[Annotated[int, PlainSerializer(str)]], [3], ["a"]),
}

# -- the places of a result --------------------------------------------------------------------------------------------


class Gone(Problem, status=410):
    """It was here once."""


class OwnJSON(JSONResponse):
    def render(self, content: Any) -> bytes:
        return super().render(content)


def event_data(response: Exchange) -> bytes:
    lines = [line.removeprefix(b"data: ") for line in response.body.splitlines() if line.startswith(b"data: ")]
    return b"\n".join(lines)


@dataclass
class Place:
    """How a part is in a result: its annotation, the value around it, and where it is found in the response."""

    annotation: Callable[[Any], Any]
    result: Callable[[Any], Any]
    part: Callable[[Any], Any]
    options: dict[str, Any] = field(default_factory=dict)
    textual: bool = False
    """A text, or bytes, stand there as they are."""
    is_event: bool = False


def holder(annotation: Any) -> Any:
    return create_model("Holder", part=(annotation, ...))


def holding_dataclass(annotation: Any) -> Any:
    return make_dataclass("Holding", [("part", annotation)])


def holding_typed_dict(annotation: Any) -> Any:
    return TypedDict("HoldingDict", {"part": annotation})  # type: ignore[misc]  # made at runtime


def same(value: Any) -> Any:
    return value


PLACES: dict[str, Place] = {
    "whole": Place(same, same, same, textual=True),
    "list": Place(lambda part: list[part], lambda value: [value], lambda sent: sent[0]),
    "dict": Place(lambda part: dict[str, part], lambda value: {"a": value}, lambda sent: sent["a"]),
    "optional": Place(lambda part: part | None, same, same),
    "tuple": Place(lambda part: tuple[part, ...], lambda value: (value,), lambda sent: sent[0]),
    "fixed tuple": Place(lambda part: tuple[int, part], lambda value: (1, value), lambda sent: sent[1]),
    "deep": Place(lambda part: dict[str, list[part]], lambda value: {"a": [value]}, lambda sent: sent["a"][0]),
    "iterable": Place(lambda part: Iterable[part], lambda value: [value], lambda sent: sent[0]),
    "field": Place(holder, lambda value: {"part": value}, lambda sent: sent["part"]),
    "field of a dataclass": Place(holding_dataclass, lambda value: {"part": value}, lambda sent: sent["part"]),
    "member": Place(holding_typed_dict, lambda value: {"part": value}, lambda sent: sent["part"]),
    "root model": Place(lambda part: RootModel[list[part]], lambda value: [value], lambda sent: sent[0]),
    "outcome": Place(lambda part: Created[part], Created, same),
    "list in an outcome": Place(lambda part: Created[list[part]], lambda value: Created([value]), lambda sent: sent[0]),
    "outcomes": Place(lambda part: Created[part] | Ok[int] | NoContent, Created, same),
    "beside an outcome": Place(lambda part: part | NoContent, same, same),
    "beside a problem": Place(lambda part: part | Gone, same, same, textual=True),
    "JSONResponse": Place(same, same, same, options={"response_class": JSONResponse}),
    "a class of JSON": Place(same, same, same, options={"response_class": OwnJSON}),
    "lines": Place(lambda part: AsyncIterator[part], same, same, textual=True),
    "sync lines": Place(lambda part: Iterator[part], same, same, textual=True),
    "events": Place(
        lambda part: AsyncIterator[part],
        same,
        same,
        {"response_class": EventSourceResponse},
        textual=True,
        is_event=True,
    ),
    "data of events": Place(
        lambda part: AsyncIterator[part],
        lambda value: ServerSentEvent(data=value),
        same,
        {"response_class": EventSourceResponse},
        textual=True,
        is_event=True,
    ),
    "beside events": Place(
        lambda part: AsyncIterator[ServerSentEvent | part], same, same, textual=True, is_event=True
    ),
}  # fmt: skip


async def response_of(place: Place, annotation: Any, value: Any) -> Exchange:
    """The response of an endpoint that returns, or yields, the value in this place."""
    result = place.result(value)

    async def endpoint() -> Any:
        return result

    async def stream() -> Any:
        yield result

    def sync_stream() -> Any:
        yield result

    whole = place.annotation(annotation)
    chosen: Any = {AsyncIterator: stream, Iterator: sync_stream}.get(get_origin(whole), endpoint)
    chosen.__annotations__["return"] = whole
    return await fetch(app_of(chosen, **place.options), "GET /")


def is_textual(place: Place, annotation: Any, declared: Any) -> bool:
    """Whether the value is sent as it is, and not as JSON."""
    union = isinstance(inner := without_metadata(annotation), UnionType)
    members = get_args(inner) if union and place.is_event else [inner]
    return place.textual and type(declared) is str and any(member in (str, bytes) for member in members)


def without_metadata(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def sent(place: Place, annotation: Any, response: Exchange, declared: Any) -> Any:
    body = event_data(response) if place.is_event else response.body
    return body.decode() if is_textual(place, annotation, declared) else place.part(json.loads(body))


def dumped_by_pydantic(annotation: Any, value: Any) -> Any:
    """What pydantic makes of the part alone."""
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    return json.loads(adapter.dump_json(adapter.validate_python(value), by_alias=True, warnings=False))


@cache
def dumped_values_of(word: str) -> list[Any]:
    """The same of each value that fits the word."""
    return [dumped_by_pydantic(WORDS[word].annotation, value) for value in WORDS[word].fit]


EVERY = pytest.mark.parametrize("name", PLACES)


@EVERY
async def test_a_part_that_fits_is_sent_as_pydantic_says(name: str) -> None:
    place, found = PLACES[name], {}
    for word, each in WORDS.items():
        for value, declared in zip(each.fit, dumped_values_of(word), strict=True):
            part = sent(place, each.annotation, await response_of(place, each.annotation, value), declared)
            if part != declared:
                found[word] = part, declared
    assert found == {}


@EVERY
async def test_a_part_that_does_not_fit_is_never_sent(name: str) -> None:
    place, found = PLACES[name], {}
    for word, each in WORDS.items():
        for value in each.unfit:
            try:
                found[word] = (await response_of(place, each.annotation, value)).body
            except ResponseValidationError:
                continue
    assert found == {}


@pytest.mark.parametrize("word", [word for word, each in WORDS.items() if each.unfit])
def test_what_is_rejected_is_what_pydantic_rejects(word: str) -> None:
    for value in WORDS[word].unfit:
        with pytest.raises(ValidationError):
            dumped_by_pydantic(WORDS[word].annotation, value)


@EVERY
async def test_a_validator_that_makes_a_text_into_no_text_is_an_error_where_a_text_is_sent(name: str) -> None:
    place, annotation = PLACES[name], Annotated[str, AfterValidator(len)]
    if place.textual:
        with pytest.raises(ResponseValidationError):
            await response_of(place, annotation, "abc")
    else:
        assert place.part((await response_of(place, annotation, "abc")).json) == 3
