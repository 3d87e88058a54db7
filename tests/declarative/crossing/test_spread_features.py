"""A model means the same from each source: what it makes of a dictionary, with a list next to its fields or without."""

import types
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, InitVar, dataclass, field
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import urlencode

import pydantic.dataclasses
import pytest
from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Json,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    WrapValidator,
    create_model,
    field_validator,
    model_validator,
    with_config,
)
from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict

from signette.app import App
from signette.declarative.signature.markers import Cookie, Form, Header, Marker, Query
from tests.asgi import URLENCODED, fetch

pytestmark = pytest.mark.either_loop

Pairs = list[tuple[str, str]]
T = TypeVar("T")


# -- models ------------------------------------------------------------------------------------------------------------


class Plain(BaseModel):
    a: int = 1


class Needed(BaseModel):
    a: int


class Aliased(BaseModel):
    a: int = Field(1, alias="b", ge=1)


class Choices(BaseModel):
    a: int = Field(1, validation_alias=AliasChoices("first", "second"))


class ByName(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    a: int = Field(1, alias="b")


class ByNameToo(BaseModel):
    model_config = ConfigDict(validate_by_name=True)
    a: int = Field(1, validation_alias=AliasChoices("b", "c"))


class NotByAlias(BaseModel):
    model_config = ConfigDict(validate_by_alias=False)
    a: int = Field(1, alias="b")


class Located(BaseModel):
    model_config = ConfigDict(loc_by_alias=False)
    a: int = Field(alias="b")


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)
    page: int = 1


class Keeps(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int = 1


class Forbids(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int = Field(1, alias="B")


class KeepsNumbers(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, int]
    a: int = 1


class Inherits(Keeps):
    c: int = 2


class Renames(BaseModel):
    a: int = 1

    @model_validator(mode="before")
    @classmethod
    def old_name(cls, data: dict[str, Any]) -> dict[str, Any]:
        return data | {"a": data.get("old", data.get("a", 7))}


class Wraps(BaseModel):
    a: int = 1

    @model_validator(mode="wrap")
    @classmethod
    def old_name(cls, data: dict[str, Any], handler: Callable[[Any], Any]) -> Any:
        return handler(data | {"a": data.get("old", 7)})


class InheritsRenames(Renames):
    c: int = 2


class After(BaseModel):
    a: int = 1

    @field_validator("a", mode="before")
    @classmethod
    def doubled(cls, value: Any) -> Any:
        return int(value) * 2

    @model_validator(mode="after")
    def more(self) -> Any:
        self.a += 1
        return self


class TakesAll(BaseModel):
    a: int = 1

    def __init__(self, **data: Any) -> None:
        super().__init__(a=data.get("old", data.get("a", 7)), **{key: data[key] for key in data if key == "tags"})


class TakesOne(BaseModel):
    a: int = 1

    def __init__(self, a: int = 5, tags: Any = ()) -> None:
        super().__init__(a=a, **({"tags": tags} if tags else {}))


class Packed(BaseModel):
    a: Json[list[int]] = []


class Later(BaseModel):
    a: int = 1
    c: int = Field(default_factory=lambda data: data["a"] + 1)


class Checked(BaseModel):
    model_config = ConfigDict(validate_default=True)
    a: int = "8"  # type: ignore[assignment]


class Of(BaseModel, Generic[T]):
    a: T


@dataclass
class Data:
    a: int
    c: int = 2


@dataclass
class DataAliased:
    a: Annotated[int, Field(alias="b", ge=1)] = 5


@dataclass
class DataField:
    a: int = Field(5, alias="b")  # type: ignore[assignment]


@dataclass
class DataInit:
    seed: InitVar[int]
    more: InitVar[int] = 0
    a: int = field(default=0, init=False)

    def __post_init__(self, seed: int, more: int) -> None:
        self.a = seed + more


@dataclass
class DataKeyword:
    a: int = 1
    _: KW_ONLY
    c: int = 2


@dataclass
class DataOf(Generic[T]):
    a: T


@pydantic.dataclasses.dataclass
class Checking:
    a: int = Field(5, alias="b")


@pydantic.dataclasses.dataclass(config=ConfigDict(populate_by_name=True))
class CheckingByName:
    a: int = Field(5, alias="b")


@pydantic.dataclasses.dataclass(config=ConfigDict(validate_by_alias=False, validate_by_name=True))
class CheckingNotByAlias:
    a: int = Field(5, alias="b")


@pydantic.dataclasses.dataclass(config=ConfigDict(extra="allow"))
class CheckingKeeps:
    a: int = 5


@pydantic.dataclasses.dataclass(config=ConfigDict(extra="forbid"))
class CheckingForbids:
    a: int = 5


@pydantic.dataclasses.dataclass
class CheckingRenames:
    a: int = 1

    @model_validator(mode="before")
    @classmethod
    def old_name(cls, data: Any) -> Any:
        return {"a": data.kwargs.get("old", 7)} if hasattr(data, "kwargs") else {"a": data.get("old", 7)}


@pydantic.dataclasses.dataclass
class CheckingInit:
    seed: InitVar[int]
    a: int = field(default=0, init=False)

    def __post_init__(self, seed: int) -> None:
        self.a = seed + 1


class Keyed(TypedDict, total=False):
    a: Annotated[int, Field(alias="b")]
    c: int


class Closed(TypedDict, closed=True):  # type: ignore[call-arg]
    a: int


class Items(TypedDict, extra_items=int):  # type: ignore[call-arg]
    a: int


@with_config(ConfigDict(extra="forbid"))
class Configured(TypedDict):
    a: int


class Cat(BaseModel):
    kind: Literal["cat"]
    a: int = 1


class Dog(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["dog"]
    b: int = 2


def old_name(data: Any) -> Any:
    return data | {"a": data.get("old", 7)} if isinstance(data, dict) else data


def wrapped(data: Any, handler: Callable[[Any], Any]) -> Any:
    return handler(old_name(data))


def plainly(data: Any) -> Any:
    return Plain(a=data.get("old", 7))


FEATURES: dict[str, tuple[Any, list[str]]] = {
    "a field": (Plain, ["a=2", "", "a=x", "b=2"]),
    "a required field": (Needed, ["a=2", "", "a=x"]),
    "an alias": (Aliased, ["b=2", "a=2", "b=0", "b=2&a=3"]),
    "a choice of aliases": (Choices, ["second=2", "first=1&second=2", "a=3", "second=x"]),
    "a name beside an alias": (ByName, ["a=2", "b=3", "a=2&b=3", "a=x"]),
    "a name beside aliases": (ByNameToo, ["a=2", "c=3", "a=2&c=3", "c=x"]),
    "no aliases": (NotByAlias, ["a=2", "b=3", "a=x"]),
    "errors by name": (Located, ["b=2"]),
    "an alias generator": (Camel, ["page=2", "page=x"]),
    "extras that are kept": (Keeps, ["a=2", "z=1", "a=2&z=1&z=2"]),
    "extras that are forbidden": (Forbids, ["B=2", "z=1", "a=2"]),
    "extras with a type": (KeepsNumbers, ["z=1", "z=x"]),
    "a model with a base": (Inherits, ["a=2&c=3&z=4"]),
    "a validator before": (Renames, ["old=3", "a=2", "", "old=x"]),
    "a validator around": (Wraps, ["old=3", "a=2", "old=x"]),
    "a validator of a base": (InheritsRenames, ["old=3&c=4"]),
    "validators after": (After, ["a=2", ""]),
    "an own __init__ of all": (TakesAll, ["old=3", "a=2", ""]),
    "an own __init__": (TakesOne, ["a=2", ""]),
    "JSON in a field": (Packed, ["a=[1,2]", "a=[", "a=[true]"]),
    "a default from data": (Later, ["a=2", "a=2&c=9"]),
    "a default that is validated": (Checked, ["", "a=2"]),
    "a generic model": (Of[int], ["a=2", "a=x"]),
    "a dataclass": (Data, ["a=2", "", "a=2&c=x"]),
    "a dataclass with an alias": (DataAliased, ["b=2", "a=2", "b=0"]),
    "a dataclass with a Field": (DataField, ["b=2", "a=2"]),
    "a dataclass with InitVar": (DataInit, ["seed=3", "seed=3&more=4", "", "seed=x", "seed=1&a=9"]),
    "a dataclass with keywords": (DataKeyword, ["a=2&c=3"]),
    "a generic dataclass": (DataOf[int], ["a=2", "a=x"]),
    "a pydantic dataclass": (Checking, ["b=2", "a=2", "b=x"]),
    "a pydantic dataclass by name": (CheckingByName, ["b=2", "a=3", "a=x"]),
    "a pydantic dataclass without aliases": (CheckingNotByAlias, ["b=2", "a=3"]),
    "a pydantic dataclass that keeps extras": (CheckingKeeps, ["a=2&z=1"]),
    "a pydantic dataclass that forbids extras": (CheckingForbids, ["a=2&z=1"]),
    "a pydantic dataclass with a validator before": (CheckingRenames, ["old=3", "a=2"]),
    "a pydantic dataclass with InitVar": (CheckingInit, ["seed=3", ""]),
    "a TypedDict": (Keyed, ["b=2", "a=2", "b=2&c=3", ""]),
    "a closed TypedDict": (Closed, ["a=2", "a=2&z=1", ""]),
    "a TypedDict with extra items": (Items, ["a=2", "a=2&z=1", "a=2&z=x"]),
    "a TypedDict with a config": (Configured, ["a=2", "a=2&z=1"]),
    "a function before": (Annotated[Plain, BeforeValidator(old_name)], ["old=3", "a=2"]),
    "a function around": (Annotated[Plain, WrapValidator(wrapped)], ["old=3", "a=2"]),
    "a function alone": (Annotated[Plain, PlainValidator(plainly)], ["old=3", "a=2"]),
    "a union": (Cat | Dog, ["kind=cat&a=2", "kind=dog&b=3", "kind=dog&z=1"]),
    "a tagged union": (Annotated[Cat | Dog, Field(discriminator="kind")], ["kind=cat&a=2", "kind=dog&z=1", "kind=owl"]),
    "a union with a validator before": (Renames | Dog, ["old=3", "kind=dog&b=4"]),
}


def next_to_a_list(model: Any) -> Any:
    """The same model with one more field, which takes a list; None where it has no room for one."""
    cls = getattr(model, "__origin__", model)
    if isinstance(cls, type) and issubclass(cls, BaseModel):
        return create_model(cls.__name__, __base__=model, tags=(list[str], []))
    if hasattr(cls, "__dataclass_fields__"):
        return with_tags(cls)[model.__args__] if hasattr(model, "__args__") else with_tags(cls)
    return None


def with_tags(cls: Any) -> Any:
    bases = (cls[T], Generic[T]) if hasattr(cls, "__parameters__") else (cls,)
    body = {"__annotations__": {"tags": list[str]}, "tags": field(default_factory=list, kw_only=True)}
    made = types.new_class(cls.__name__, bases, exec_body=lambda namespace: namespace.update(body))
    if hasattr(cls, "__pydantic_fields__"):
        return pydantic.dataclasses.dataclass(config=cls.__pydantic_config__)(made)
    return dataclass(made)


# -- sending -----------------------------------------------------------------------------------------------------------

SOURCES = {"query": Query, "header": Header, "cookie": Cookie, "form": Form}


async def sent(model: Any, marker: Marker, pairs: Pairs) -> Any:
    """What the endpoint got, or the errors, as (name, code) each."""
    seen: list[Any] = []

    async def endpoint(v: Annotated[model, marker]) -> None:
        seen.append(v)

    app = App()
    app.add_api_route("/", endpoint, ["POST"])
    if isinstance(marker, Form):
        response = await fetch(app, "POST /", urlencode(pairs).encode(), URLENCODED)
    elif isinstance(marker, Header):
        response = await fetch(app, "POST /", headers=[(name.lower(), value) for name, value in pairs])
    elif isinstance(marker, Cookie):
        response = await fetch(app, "POST /", headers={"cookie": "; ".join("=".join(pair) for pair in pairs)})
    else:
        response = await fetch(app, f"POST /?{urlencode(pairs)}")
    assert response.status in (204, 422)
    return seen[0] if seen else [(name, code) for _, name, code in response.errors]


def made(model: Any, pairs: Pairs, place: str) -> Any:
    """What the model makes of a dictionary of the same meaning."""
    lists: dict[str, list[str]] = {}
    for name, value in pairs:
        lists.setdefault(name, []).append(value)
    one = 0 if place == "header" else -1  # which value of a name counts, where a field takes one
    repeated = {name for name, values in lists.items() if len(values) > 1 and name == "z"}  # no one's
    data = {name: values if name in repeated | {"tags"} else values[one] for name, values in lists.items()}
    try:
        return TypeAdapter(model).validate_python(data)
    except ValidationError as exc:
        return [(name_in(error), error["type"]) for error in exc.errors()]


def name_in(error: Any) -> str:
    """The name of a field, behind the member of a union that was tried; of an unknown tag, that of the tag."""
    steps = [step for step in error["loc"] if step not in ("cat", "dog", "Cat", "Dog", "Renames")]
    return steps[0] if steps else error["ctx"]["discriminator"].strip("'")


def cases() -> Iterator[Any]:
    for name, (model, texts) in FEATURES.items():
        for text in texts:
            yield pytest.param(model, pairs_of(text), id=f"{name}: {text}")


def pairs_of(text: str) -> Pairs:
    return [(name, value) for name, _, value in (pair.partition("=") for pair in text.split("&") if pair)]


@pytest.mark.parametrize("place", SOURCES)
@pytest.mark.parametrize(("model", "pairs"), list(cases()))
async def test_a_model_is_what_it_makes_of_a_dictionary(model: Any, pairs: Pairs, place: str) -> None:
    if place == "cookie":  # of a repeated cookie the first counts
        pairs = list(dict(reversed(pairs)).items())
    assert await sent(model, SOURCES[place](), pairs) == made(model, pairs, place)


@pytest.mark.parametrize("place", SOURCES)
async def test_an_error_names_the_sent_name_and_not_pydantics_field(place: str) -> None:
    assert await sent(Located, SOURCES[place](), [("b", "x")]) == [("b", "int_parsing")]


@pytest.mark.parametrize("place", ["query", "header", "form"])
@pytest.mark.parametrize(("model", "pairs"), list(cases()))
async def test_a_list_next_to_its_fields_changes_nothing(model: Any, pairs: Pairs, place: str) -> None:
    model = next_to_a_list(model) or model
    pairs = [*pairs, ("tags", "c"), ("tags", "d")]
    assert await sent(model, SOURCES[place](), pairs) == made(model, pairs, place)


@pytest.mark.parametrize("place", SOURCES)
async def test_an_init_of_a_models_own_is_given_no_name_that_it_does_not_take(place: str) -> None:
    assert await sent(TakesOne, SOURCES[place](), [("a", "2"), ("z", "1")]) == TakesOne(a=2)
