"""Models that are written without pydantic's conversion: the same bytes as those of the general way."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, create_model

from signette.declarative.adapters.serializers import PLAIN, PLAIN_USES, PlainDump, dumper
from signette.declarative.binding.plain_check import plain_check


class Inner(BaseModel):
    ratio: float
    note: str | None


class Outer(BaseModel):
    count: int
    ratio: float
    name: str
    is_new: bool
    words: list[str]
    ratios: dict[str, float]
    inner: Inner | None
    items: list[Inner] = []
    by_name: dict[str, Inner] = {}


class Other(Inner):
    more: int = 1


ANY_TEXT = st.text(st.characters(exclude_categories=()))  # with lone surrogates
ANYTHING = st.integers() | st.floats() | ANY_TEXT | st.booleans() | st.none()


def parts(cls: type[BaseModel], wrong: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(cls.model_construct, ratio=st.floats() | wrong, note=st.none() | ANY_TEXT | wrong) | wrong


def outers(wrong: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Models whose fields have their declared types, or what `wrong` draws."""
    return st.builds(
        Outer.model_construct,
        count=st.integers() | wrong,
        ratio=st.floats() | wrong,
        name=ANY_TEXT | wrong,
        is_new=st.booleans() | wrong,
        words=st.lists(ANY_TEXT | wrong, max_size=3) | wrong,
        ratios=st.dictionaries(st.text(), st.floats() | wrong, max_size=3) | wrong,
        inner=st.none() | parts(Inner, wrong),
        items=st.lists(parts(Inner, wrong), max_size=2) | wrong,
        by_name=st.dictionaries(st.text(), parts(Inner, wrong), max_size=2) | wrong,
    )


WRONG = ANYTHING | st.builds(Other, ratio=st.floats(), note=st.none())


def result(dump: Callable[[Any], bytes], value: Any) -> bytes | type[Exception]:
    try:
        return dump(value)
    except Exception as exc:  # noqa: BLE001 - compared
        return type(exc)


@given(outers(st.nothing()) | outers(WRONG))
def test_a_model_is_written_as_pydantic_converts_it(model: Outer) -> None:
    assert result(dumper(Outer), model) == result(dumper(Outer, {"exclude_none": False}), model)


@given(st.lists(outers(st.nothing()) | outers(WRONG), max_size=3))
@example([Outer(count=2**70, ratio=1e-8, name="", is_new=True, words=[], ratios={}, inner=None, items=[], by_name={})])
def test_a_list_of_models_is_written_as_pydantic_converts_it(models: list[Outer]) -> None:
    fast, general = dumper(list[Outer]), dumper(list[Outer], {"exclude_none": False})
    written, expected = result(fast, models), result(general, models)
    if isinstance(written, bytes) and isinstance(expected, bytes) and written != expected:
        # Next to an integer of more than 64 bits, one of them writes 1e-08 and the other one 1e-8.
        assert json.loads(written) == json.loads(expected)
    else:
        assert written == expected


@given(outers(st.nothing()) | outers(WRONG) | WRONG)
def test_a_model_that_fits_is_written_by_orjson_as_pydantic_converts_it(model: Any) -> None:
    dump = dumper(Outer)
    assert isinstance(dump, PlainDump)
    fits = plain_check(Outer, dump.shapes)
    assert fits is not None
    if fits(model):
        expected = result(dumper(Outer, {"exclude_none": False}), model)
        with suppress(TypeError, ValueError):  # a lone surrogate, or an integer of more than 64 bits
            assert eval(PLAIN.format(value="value"), {**PLAIN_USES, "value": model}) == expected


@given(outers(st.nothing()))
def test_each_model_with_its_declared_types_fits(model: Outer) -> None:
    assert written_plainly(Outer, model)


def test_a_model_without_one_of_its_fields_or_with_another_one_does_not_fit() -> None:
    inner = Inner(ratio=1.0, note=None)
    assert written_plainly(Inner, inner)
    assert not written_plainly(Inner, Inner.model_construct(ratio=1.0))
    assert not written_plainly(Inner, Inner.model_construct(ratio=1.0, other=None))
    inner.__dict__["more"] = 1
    assert not written_plainly(Inner, inner)


class Tree(BaseModel):
    name: str
    below: list["Tree"] = []
    left: "Tree | None" = None


class Alias(BaseModel):
    name: str = Field(serialization_alias="called")
    below: list["Alias"] = []


def test_there_is_no_check_of_a_model_that_contains_itself_or_has_very_many_fields() -> None:
    wide = create_model("Wide", **{f"field_{number}": (int, 0) for number in range(201)})
    for cls in (Tree, wide):
        dump = dumper(cls)
        assert isinstance(dump, PlainDump)
        assert plain_check(cls, dump.shapes) is None


def test_a_model_that_contains_itself_is_written_as_pydantic_converts_it() -> None:
    tree = Tree(name="a", below=[Tree(name="b", left=Tree(name="c"))])
    for model in (tree, tree.model_copy(update={"below": [1]}), tree.model_copy(update={"below": [tree]})):
        assert result(dumper(Tree), model) == result(dumper(Tree, {"exclude_none": False}), model)
    tree.left = tree
    assert result(dumper(Tree), tree) is result(dumper(Tree, {"exclude_none": False}), tree) is ValueError
    assert not isinstance(dumper(Alias), PlainDump)


def written_plainly(cls: type[BaseModel], model: BaseModel) -> bool:
    dump = dumper(cls)
    assert isinstance(dump, PlainDump)
    fits = plain_check(cls, dump.shapes)
    assert fits is not None
    return fits(model)
