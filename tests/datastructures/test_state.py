import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.datastructures import CommaSeparatedStrings, Secret, State


def test_a_state_is_read_and_written_as_attributes_and_as_items() -> None:
    state = State()
    state.a = 1
    state["b"] = 2
    assert (state["a"], state.b) == (1, 2)
    assert list(state) == ["a", "b"]
    assert len(state) == 2
    assert "a" in state
    del state.a
    del state["b"]
    assert "a" not in state
    assert len(state) == 0


def test_a_state_writes_into_the_dictionary_that_it_was_given() -> None:
    shared: dict[str, object] = {"a": 1}
    state = State(shared)
    state.b = 2
    assert shared == {"a": 1, "b": 2}
    shared["c"] = 3
    assert state.c == 3


def test_an_empty_dictionary_that_was_given_is_shared_too() -> None:
    shared: dict[str, object] = {}
    State(shared).a = 1
    assert shared == {"a": 1}


def test_a_missing_attribute_is_an_attribute_error_and_a_missing_item_a_key_error() -> None:
    state = State()
    with pytest.raises(AttributeError, match="'State' object has no attribute 'a'"):
        state.a  # noqa: B018  # reading it is the test
    with pytest.raises(AttributeError, match="'State' object has no attribute 'a'"):
        del state.a
    with pytest.raises(KeyError, match="a"):
        state["a"]
    with pytest.raises(KeyError, match="a"):
        del state["a"]
    assert getattr(state, "a", "else") == "else"


def test_any_name_can_be_set() -> None:
    state = State()
    state._state = "free"
    state.items = "free"
    assert state["_state"] == state["items"] == "free"
    assert {key: state[key] for key in state} == {"_state": "free", "items": "free"}


@pytest.mark.parametrize("twin_of", [copy.copy, copy.deepcopy, lambda state: pickle.loads(pickle.dumps(state))])
def test_a_copy_of_a_state_is_independent(twin_of: object) -> None:
    state = State({"a": [1]})
    twin = twin_of(state)  # type: ignore[operator]  # one of three ways to copy
    twin.b = 2
    assert twin.a == [1]
    assert "b" not in state


def test_a_secret_shows_only_in_str() -> None:
    secret = Secret("hunter2")
    assert str(secret) == "hunter2"
    assert repr(secret) == "Secret('**********')"
    assert "hunter2" not in f"{[secret]} {secret!r}"
    assert bool(secret)
    assert not Secret("")


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("a, b", ["a", "b"]),
        ("", []),
        (",", []),
        ("a,,b", ["a", "b"]),
        ("\"a, b\", 'c d'", ["a, b", "c d"]),
        ("a b ; c", ["a b ; c"]),
        ("#fff, #000", ["#fff", "#000"]),
    ],
)
def test_a_setting_is_split_at_its_commas(text: str, items: list[str]) -> None:
    strings = CommaSeparatedStrings(text)
    assert list(strings) == items
    assert len(strings) == len(items)
    assert repr(strings) == f"CommaSeparatedStrings({items!r})"


def test_a_setting_with_an_unclosed_quote_is_rejected() -> None:
    with pytest.raises(ValueError, match="No closing quotation"):
        CommaSeparatedStrings('"a')


@given(
    st.lists(
        st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="'\\"), min_size=1)
        .map(str.strip)
        .filter(bool)
    )
)
def test_the_string_of_a_list_is_parsed_back(items: list[str]) -> None:
    strings = CommaSeparatedStrings(items)
    assert strings[:] == items
    assert [strings[at] for at in range(len(strings))] == items
    assert list(CommaSeparatedStrings(str(strings))) == items
