"""Shortcuts by the class of an annotation agree with `typing.get_origin`."""

import types
from collections.abc import Iterable
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_origin

import pytest
from pydantic import BaseModel
from typing_extensions import TypeAliasType

from signette.declarative.signature.annotations import (
    alias_of,
    is_union,
    metadata_of,
    resolve_alias,
    strip_annotated,
    union_members,
)

T = TypeVar("T")


class Model(BaseModel):
    name: str


class Box(Generic[T]):
    pass


Number = TypeAliasType("Number", int | float)
Pair = TypeAliasType("Pair", tuple[T, T], type_params=(T,))
Described = TypeAliasType("Described", Annotated[int | None, "text"])
ALIASES: tuple[Any, ...] = (Number, Pair, Pair[int], Described)
VALUES = [(Pair[int], tuple[int, int]), (Described, Annotated[int | None, "text"])]
OTHERS: tuple[Any, ...] = (
    int, None, Any, Model, Box, Box[int], list[int], list[Pair[int]], dict[str, Any], Iterable[int],
    int | None, Union["int", Number], Literal[1], Annotated[int, "text"], Annotated[Number, "text"],
    Annotated[Annotated[int, "inner"], "outer"], Annotated[int | str, "text"], T, "int", ...,
)  # fmt: skip


@pytest.mark.parametrize("annotation", [*ALIASES, *OTHERS])
def test_unions_and_metadata_are_found_as_by_get_origin(annotation: Any) -> None:
    resolved = resolve_alias(annotation)
    assert is_union(annotation) == (get_origin(annotation) in (Union, types.UnionType))
    assert bool(metadata_of(annotation)) == (get_origin(resolved) is Annotated)
    assert get_origin(strip_annotated(annotation)) is not Annotated


@pytest.mark.parametrize("annotation", OTHERS)
def test_what_is_no_alias_is_its_own_value(annotation: Any) -> None:
    assert alias_of(annotation) is None
    assert resolve_alias(annotation) is annotation


@pytest.mark.parametrize(("alias", "value"), VALUES)
def test_aliases_are_replaced_by_their_values(alias: Any, value: Any) -> None:
    assert alias_of(alias) is not None
    assert resolve_alias(alias) == value


def test_members_of_unions_in_aliases_and_metadata_are_found() -> None:
    assert union_members(Annotated[Number, "text"]) == (int, float)
    assert union_members(int) == (int,)
