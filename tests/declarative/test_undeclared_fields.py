"""No field that the declared type does not have is sent, even if a result holds one by now."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

import pytest
from pydantic import BaseModel, RootModel, computed_field

from signette import Created, NoContent
from signette.declarative.adapters.serializers import dumper
from signette.exceptions import ResponseValidationError
from tests.asgi import fetch
from tests.declarative.building import app_of

pytestmark = pytest.mark.either_loop

T = TypeVar("T")


class Public(BaseModel):
    name: str = "ann"


class Private(Public):
    password: str = "secret"


class Unrelated(BaseModel):
    name: str = "ann"
    password: str = "secret"


class Holder(BaseModel):
    user: Public = Public()
    users: list[Public] = []
    by_name: dict[str, Public] = {}
    either: Public | int = 1
    note: str | None = None
    tags: list[str] = []


class Part(BaseModel):
    """Plain: what is written without pydantic's serializer."""

    name: str = "ann"
    nick: str | None = None
    size: int = 1
    words: list[str] = []
    sizes: dict[str, int] = {}


class Computing(BaseModel):
    row: Any = None

    @computed_field
    @property
    def user(self) -> Public:
        return {"name": "ann", "password": "secret"}  # type: ignore[return-value]  # the error under test


@dataclass
class Record:
    user: Public
    users: list[Public] = field(default_factory=list)
    name: str = "ann"


@dataclass
class Generous(Generic[T]):
    item: T


class Pair(NamedTuple):
    user: Public


ROW = {"name": "ann", "password": "secret"}


def holder(**wrong: Any) -> Holder:
    made = Holder()
    made.__dict__.update(wrong)
    return made


def part(**wrong: Any) -> Part:
    made = Part()
    made.__dict__.update(wrong)
    return made


def renamed() -> Part:
    made = part(password="secret")
    del made.__dict__["nick"]
    return made


# What the value becomes; None where it cannot become what is declared, which is an error of the application.
ANN = {"name": "ann"}
WHOLE = Holder().model_dump()
PARTS: dict[str, tuple[Any, Callable[[], Any], Any]] = {
    "a row in a field": (Holder, lambda: holder(user=ROW), {**WHOLE, "user": ANN}),
    "a row in a list": (Holder, lambda: holder(users=[ROW]), {**WHOLE, "users": [ANN]}),
    "a row in a dictionary": (Holder, lambda: holder(by_name={"a": ROW}), {**WHOLE, "by_name": {"a": ANN}}),
    "a row in a union": (Holder, lambda: holder(either=ROW), {**WHOLE, "either": ANN}),
    "another model": (Holder, lambda: holder(user=Unrelated()), {**WHOLE, "user": ANN}),
    "another model in a list": (Holder, lambda: holder(users=[Unrelated()]), {**WHOLE, "users": [ANN]}),
    "a subclass": (Holder, lambda: holder(user=Private(), users=[Private()]), {**WHOLE, "users": [ANN]}),
    "a row for a text": (Holder, lambda: holder(note=ROW), None),
    "a model for a text": (Holder, lambda: holder(note=Private()), None),
    "a row among texts": (Holder, lambda: holder(tags=["a", ROW]), None),
    "constructed": (Holder, lambda: Holder.model_construct(user=ROW), {**WHOLE, "user": ANN}),
    "a row for a text of a plain model": (Part, lambda: part(name=ROW), None),
    "a row for a number": (Part, lambda: part(size=ROW), None),
    "a row among the texts of a plain model": (Part, lambda: part(words=["a", ROW]), None),
    "a row among numbers": (Part, lambda: part(sizes={"a": ROW}), None),
    "a model among the texts of a plain model": (Part, lambda: part(words=[Private()]), None),
    "one key for another": (Part, renamed, {"name": "ann", "size": 1, "words": [], "sizes": {}}),
    "a computed field": (Computing, Computing, None),
    "a row in a dataclass": (Record, lambda: Record(ROW), {"user": ANN, "users": [], "name": "ann"}),  # type: ignore[arg-type]
    "rows in a dataclass": (
        Record,
        lambda: Record(Public(), [ROW]),  # type: ignore[list-item]  # the error under test
        {"user": ANN, "users": [ANN], "name": "ann"},
    ),
    "a model in a dataclass": (Record, lambda: Record(Unrelated()), {"user": ANN, "users": [], "name": "ann"}),  # type: ignore[arg-type]
    "a row for a text of a dataclass": (Record, lambda: Record(Public(), [], ROW), None),  # type: ignore[arg-type]
    "a row in a generic dataclass": (Generous[Public], lambda: Generous(ROW), None),
    "a subclass in a named tuple": (Pair, lambda: Pair(Private()), [ANN]),
    "a row in a root model": (RootModel[list[Public]], lambda: RootModel[list[Public]].model_construct([ROW]), [ANN]),
}  # fmt: skip


class Orders(Created[Holder]):
    """Another status for one type."""

    __slots__ = ()


PLACES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], Callable[[Any], Any]]] = {
    "whole": (lambda declared: declared, lambda value: value, lambda sent: sent),
    "list": (lambda declared: list[declared], lambda value: [value], lambda sent: sent[0]),
    "dict": (lambda declared: dict[str, declared], lambda value: {"a": value}, lambda sent: sent["a"]),
    "optional": (lambda declared: declared | None, lambda value: value, lambda sent: sent),
    "outcome": (lambda declared: Created[declared] | NoContent, Created, lambda sent: sent),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", PARTS)
async def test_undeclared_fields_are_not_sent(name: str, place: str) -> None:
    declared, make, sent = PARTS[name]
    annotation, around, part_of = PLACES[place]

    async def endpoint() -> Any:
        return around(make())

    endpoint.__annotations__["return"] = annotation(declared)
    if sent is None:
        with pytest.raises(ResponseValidationError):
            await fetch(app_of(endpoint), "GET /")
    else:
        assert part_of((await fetch(app_of(endpoint), "GET /")).json) == sent


@pytest.mark.parametrize("name", [name for name in PARTS if PARTS[name][2] is not None])
async def test_nor_does_it_in_a_stream(name: str) -> None:
    declared, make, sent = PARTS[name]

    async def endpoint() -> AsyncIterator[Any]:
        yield make()

    endpoint.__annotations__["return"] = AsyncIterator[declared]
    assert (await fetch(app_of(endpoint), "GET /")).json == sent


async def test_a_class_of_outcomes_says_what_its_content_is() -> None:
    class Fuller(Holder):
        password: str = "secret"

    async def endpoint() -> Orders:
        return Orders(Fuller())

    response = await fetch(app_of(endpoint), "GET /")
    assert (response.status, response.json) == (201, WHOLE)


@pytest.mark.parametrize(
    ("wrong", "sent"),
    [
        ({"note": 5}, {**WHOLE, "note": 5}),
        ({"tags": ["a", None]}, {**WHOLE, "tags": ["a", None]}),
        ({"tags": ("a",)}, {**WHOLE, "tags": ["a"]}),
    ],
)
async def test_a_scalar_of_another_type_is_serialized_as_pydantic_does(wrong: dict[str, Any], sent: Any) -> None:
    """It has no fields, and defaults as `name: str = None` are common."""

    async def endpoint() -> Holder:
        return holder(**wrong)

    assert (await fetch(app_of(endpoint), "GET /")).json == sent


async def test_a_scalar_of_another_type_does_not_hide_a_row_next_to_it() -> None:
    async def endpoint() -> list[Holder]:
        return [holder(note=5), holder(users=[ROW])]

    assert (await fetch(app_of(endpoint), "GET /")).json == [{**WHOLE, "note": 5}, {**WHOLE, "users": [ANN]}]


async def test_what_a_generator_gave_is_not_lost() -> None:
    async def endpoint() -> list[Record]:
        return (Record(ROW) for _ in range(2))  # type: ignore[return-value, arg-type]  # the errors under test

    assert len((await fetch(app_of(endpoint), "GET /")).json) == 2


async def test_a_valid_instance_is_not_validated_again() -> None:
    validated: list[int] = []

    class Counting(BaseModel):
        size: int

        def model_post_init(self, context: Any) -> None:
            validated.append(self.size)

    class Pairs(BaseModel):
        sound: Counting
        users: list[Public] = []

    async def endpoint() -> Pairs:
        pair = Pairs(sound=Counting(size=1))
        pair.users.append(ROW)  # type: ignore[arg-type]  # the error under test
        return pair

    assert (await fetch(app_of(endpoint), "GET /")).json == {"sound": {"size": 1}, "users": [ANN]}
    assert validated == [1]


@pytest.mark.parametrize("cls", [Part, Public, Holder])
def test_plain_models_are_written_alike_by_both_ways(cls: type[BaseModel]) -> None:
    value = cls.model_validate({"name": "bob", "words": ["a"], "sizes": {"a": 1}, "users": [{}], "tags": ["b"]})
    assert dumper(cls)(value) == dumper(cls, {"exclude_none": False})(value)
    assert dumper(list[cls])([value, cls()]) == dumper(list[cls], {"exclude_none": False})([value, cls()])  # type: ignore[valid-type]
