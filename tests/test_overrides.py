"""Objects that override a method."""

from types import MethodType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette._overrides import overrides


class Base:
    def first(self) -> str:
        return "base"

    def second(self) -> str:
        return "base"

    @property
    def third(self) -> str:
        return "base"


class Slotted:
    __slots__ = ("value",)

    def first(self) -> str:
        return "base"


def own_first(self: Any) -> str:
    return "own"


@given(
    named=st.lists(st.sampled_from(["first", "second", "third"]), unique=True),
    in_class=st.sets(st.sampled_from(["first", "second", "third"])),
    in_object=st.sets(st.sampled_from(["first", "second"])),
    in_mixin=st.sets(st.sampled_from(["first", "second", "third"])),
)
def test_a_method_is_found_where_another_one_would_be_called(
    named: list[str], in_class: set[str], in_object: set[str], in_mixin: set[str]
) -> None:
    own = property(own_first)
    mixin = type("Mixin", (), {name: own if name == "third" else own_first for name in in_mixin})
    cls: Any = type("Own", (mixin, Base), {name: own if name == "third" else own_first for name in in_class})
    obj = cls()
    for name in in_object:
        setattr(obj, name, MethodType(own_first, obj))

    def result_of(name: str) -> str:
        value = getattr(obj, name)
        return value if name == "third" else value()

    assert overrides(obj, Base, *named) == any(result_of(name) == "own" for name in named)


def test_the_base_itself_and_a_subclass_without_methods_have_no_own_ones() -> None:
    assert not overrides(Base(), Base, "first", "second", "third")
    assert not overrides(type("Sub", (Base,), {})(), Base, "first", "second", "third")


def test_a_method_that_calls_the_one_of_the_base_is_an_own_one() -> None:
    class Sub(Base):
        def first(self) -> str:
            return super().first()

    assert overrides(Sub(), Base, "first")
    assert not overrides(Sub(), Base, "second")


@pytest.mark.parametrize("sub", [False, True])
def test_objects_with_slots_are_asked_by_their_class(sub: bool) -> None:
    cls: Any = type("Sub", (Slotted,), {"__slots__": (), "first": own_first}) if sub else Slotted
    assert overrides(cls(), Slotted, "first") == sub


def test_what_was_replaced_on_the_base_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Base, "first", own_first)
    assert not overrides(Base(), Base, "first")
