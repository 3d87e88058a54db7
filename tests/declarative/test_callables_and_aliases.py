"""Endpoints of every shape a callable has, and annotations behind the names of aliases."""

import functools
import sys
from collections.abc import Callable
from typing import Annotated, Any, Generic, Literal, TypeVar

import pytest
from pydantic import BaseModel
from typing_extensions import TypeAliasType

from signette.declarative.signature.marker_functions import Depends
from signette.declarative.signature.markers import Form, Header, Query
from tests.asgi import URLENCODED, fetch
from tests.declarative.building import app_of

T = TypeVar("T")


# -- callables ---------------------------------------------------------------------------------------------------------


def three(a: int, b: int, c: int = 0) -> list[int]:
    return [a, b, c]


class Called:
    async def __call__(self, a: int, b: int = 5) -> list[int]:
        return [a, b, 0]

    async def method(self, a: int, b: int = 5) -> list[int]:
        return [a, b, 0]

    @classmethod
    def of_class(cls, a: int, b: int = 5) -> list[int]:
        return [a, b, 0]


def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def inner(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return inner


SHAPES = {
    "by keyword": functools.partial(three, b=5),
    "partial of a method": functools.partial(Called().method, b=5),
    "partial of a partial": functools.partial(functools.partial(three, b=4), b=5),
    "instance": Called(),
    "method": Called().method,
    "method of a class": Called.of_class,
    "decorated": decorated(functools.partial(three, b=5)),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_any_callable_is_an_endpoint(shape: str) -> None:
    app = app_of(SHAPES[shape])
    assert (await fetch(app, "GET /?a=1")).json == [1, 5, 0]
    assert (await fetch(app, "GET /?a=x")).errors == [("query", "a", "int_parsing")]


async def test_what_a_partial_fills_by_place_is_no_parameter() -> None:
    app = app_of(functools.partial(three, 1))
    assert (await fetch(app, "GET /?b=2&a=9")).json == [1, 2, 0]


class Listing(Generic[T]):
    def __init__(self, limit: int, kind: str = "all") -> None:
        self.limit = limit


async def test_a_generic_class_is_a_dependency() -> None:
    async def endpoint(listing: Annotated[Listing[str], Depends()]) -> int:
        return listing.limit

    assert (await fetch(app_of(endpoint), "GET /?limit=3")).json == 3


class Box(BaseModel, Generic[T]):
    inner: T


async def test_a_generic_model_is_spread_by_what_it_is_made_of() -> None:
    async def endpoint(box: Annotated[Box[list[int]], Query()]) -> list[int]:
        return box.inner

    assert (await fetch(app_of(endpoint), "GET /?inner=1&inner=2")).json == [1, 2]


# -- the older style ---------------------------------------------------------------------------------------------------


async def test_the_older_style_declares_source_default_and_constraints() -> None:
    async def endpoint(
        limit: int = Query(3, ge=1),
        tags: list[str] = Query(default_factory=list),
        x_token: str | None = Header(None),
        name: str = Query(...),
    ) -> list[Any]:
        return [limit, tags, x_token, name]

    app = app_of(endpoint)
    assert (await fetch(app, "GET /?name=n")).json == [3, [], None, "n"]
    assert (await fetch(app, "GET /?limit=0")).errors == [
        ("query", "limit", "greater_than_equal"), ("query", "name", "missing"),
    ]  # fmt: skip


# -- aliases -----------------------------------------------------------------------------------------------------------


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


def stated(text: str) -> dict[str, Any]:
    """Aliases by the statement of Python 3.12, which older ones cannot parse."""
    names: dict[str, Any] = {**globals()}
    exec(text, names)
    return names


def made() -> dict[str, Any]:
    return {
        "Limit": TypeAliasType("Limit", Annotated[int, Query(ge=1, alias="l")]),
        "Item": TypeAliasType("Item", int),
        "Chosen": TypeAliasType("Chosen", Annotated[list[T], Query()], type_params=(T,)),
        "Pet": TypeAliasType("Pet", Annotated[Cat | Dog, Form(discriminator="kind")]),
    }


STATEMENTS = """\
type Limit = Annotated[int, Query(ge=1, alias="l")]
type Item = int
type Chosen[T] = Annotated[list[T], Query()]
type Pet = Annotated[Cat | Dog, Form(discriminator="kind")]
"""
ALIASES = [made()] + ([stated(STATEMENTS)] if sys.version_info >= (3, 12) else [])


@pytest.mark.parametrize("aliases", ALIASES, ids=["made", "stated"][: len(ALIASES)])
async def test_an_alias_is_the_type_that_it_names(aliases: dict[str, Any]) -> None:
    async def endpoint(limit: Any, many: Any = ()) -> list[Any]:
        return [limit, *many]

    endpoint.__annotations__ |= {"limit": aliases["Limit"], "many": aliases["Chosen"][aliases["Item"]]}
    app = app_of(endpoint)
    assert (await fetch(app, "GET /?l=2&many=3&many=4")).json == [2, 3, 4]
    assert (await fetch(app, "GET /?l=0")).errors == [("query", "l", "greater_than_equal")]


@pytest.mark.parametrize("aliases", ALIASES, ids=["made", "stated"][: len(ALIASES)])
async def test_an_alias_of_a_union_is_spread(aliases: dict[str, Any]) -> None:
    async def endpoint(pet: Any) -> str:
        return type(pet).__name__

    endpoint.__annotations__["pet"] = aliases["Pet"]
    assert (await fetch(app_of(endpoint, method="POST"), "POST /", b"kind=dog", URLENCODED)).body == b"Dog"
