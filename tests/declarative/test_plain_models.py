"""Models that are written without pydantic's conversion: the same bytes as those of the general way."""

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from signette.declarative.adapters.serializers import dumper


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
    inners: list[Inner] = []
    by_name: dict[str, Inner] = {}


class Other(Inner):
    more: int = 1


ANY_TEXT = st.text(st.characters(exclude_categories=()))  # with lone surrogates
ANYTHING = st.integers() | st.floats() | ANY_TEXT | st.booleans() | st.none()


def inners(value: st.SearchStrategy[Any], text: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(Inner.model_construct, ratio=value, note=st.none() | text)


def outers(wrong: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Models whose fields have their declared types, or what `wrong` draws."""
    inner = inners(st.floats() | wrong, ANY_TEXT | wrong) | wrong
    return st.builds(
        Outer.model_construct,
        count=st.integers() | wrong,
        ratio=st.floats() | wrong,
        name=ANY_TEXT | wrong,
        is_new=st.booleans() | wrong,
        words=st.lists(ANY_TEXT | wrong, max_size=3) | wrong,
        ratios=st.dictionaries(st.text(), st.floats() | wrong, max_size=3) | wrong,
        inner=st.none() | inner,
        inners=st.lists(inner, max_size=2) | wrong,
        by_name=st.dictionaries(st.text(), inner, max_size=2) | wrong,
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
def test_a_list_of_models_is_written_as_pydantic_converts_it(models: list[Outer]) -> None:
    fast, general = dumper(list[Outer]), dumper(list[Outer], {"exclude_none": False})
    assert result(fast, models) == result(general, models)
