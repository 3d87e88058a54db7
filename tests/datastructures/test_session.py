"""The session: a dictionary that is read on first use."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette._http.json import dumps, loads
from signette.datastructures.session import Session

VALUES = {"a": 1, "b": [1]}


def new(values: Any = VALUES) -> Session:
    return Session(lambda: copy.deepcopy(values))


LOOKS: list[Callable[[Session], Any]] = [
    lambda s: s["a"],
    lambda s: s.get("a"),
    lambda s: "a" in s,
    len,
    bool,
    list,
    lambda s: list(reversed(s)),
    dict,
    lambda s: {**s},
    lambda s: s.copy(),
    lambda s: list(s.items()),
    lambda s: list(s.keys()),
    lambda s: list(s.values()),
    lambda s: s == VALUES,
    lambda s: s != VALUES,
    lambda s: s | {"c": 1},
    lambda s: {"c": 1} | s,
    repr,
    str,
]


@pytest.mark.parametrize("look", LOOKS)
def test_any_use_reads_the_session_and_marks_it_as_accessed(look: Any) -> None:
    session = new()
    assert session.accessed is False
    assert look(session) == look(dict(VALUES))
    assert (session.accessed, session.modified) == (True, False)


CHANGES: list[Callable[[Any], Any]] = [
    lambda s: s.__setitem__("c", 2),
    lambda s: s.__setitem__("a", 2),
    lambda s: s.update(c=2),
    lambda s: s.__ior__({"c": 2}),
    lambda s: s.__delitem__("a"),
    lambda s: s.pop("a"),
    lambda s: s.popitem(),
    lambda s: s.setdefault("c", 2),
    lambda s: s.clear(),
    lambda s: s["b"].append(2),
    lambda s: s.get("b").clear(),
]


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_counts_however_deep(change: Any) -> None:
    session, plain = new(), copy.deepcopy(VALUES)
    change(session)
    change(plain)
    assert (dict(session), session.accessed, session.modified) == (plain, True, True)


@pytest.mark.parametrize(
    "change", [lambda s: s.setdefault("a", 2), lambda s: s.pop("c", None), lambda s: s["b"].sort()]
)
def test_methods_without_a_change_do_not_modify_the_session(change: Any) -> None:
    session = new()
    change(session)
    assert session.modified is False


def test_setting_the_same_value_sends_the_session_again() -> None:
    session = new()
    session["a"] = 1
    assert session.modified is True


def test_code_in_c_sees_the_values_once_it_is_marked() -> None:
    session = new()
    session.mark_accessed()
    assert loads(dumps(session)) == VALUES


def test_it_is_read_once_and_only_when_needed() -> None:
    reads = []

    def read() -> Any:
        reads.append(1)
        return {"a": 1}

    session = Session(read)
    assert (session.modified, session.was_empty, reads) == (False, True, [])
    assert session["a"] == session["a"] == 1
    session.clear()
    assert (len(session), session.was_empty, reads) == (0, False, [1])


def test_to_mark_it_or_to_renew_it_has_it_sent() -> None:
    marked, renewed = new(), new()
    marked.mark_modified()
    renewed.renew()
    assert (marked.modified, marked.renewed) == (True, False)
    assert (renewed.modified, renewed.renewed) == (True, True)


@pytest.mark.parametrize(("value", "error"), [(object(), TypeError), (float("nan"), ValueError)])
def test_a_value_that_is_not_json_serializable_raises(value: Any, error: type[Exception]) -> None:
    session = new()
    session["b"].append(value)
    with pytest.raises(error):
        _ = session.modified


values = st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3) | st.lists(st.booleans()), max_size=4)
steps = st.sampled_from(["set", "pop", "setdefault", "clear", "update", "popitem"])


@given(values, st.lists(st.tuples(steps, st.text(max_size=2), st.integers())))
def test_it_behaves_like_a_dictionary(before: dict[str, Any], changes: list[tuple[str, str, int]]) -> None:
    session, plain = new(before), dict(before)
    for step, key, value in changes:
        for one in (session, plain):
            if step == "set":
                one[key] = value
            elif step == "clear":
                one.clear()
            elif step == "update":
                one.update({key: value})
            elif step == "popitem":
                if one:
                    one.popitem()
            else:
                getattr(one, step)(key, value)
        assert session == plain
    assert list(session.items()) == list(plain.items())
    if dumps(plain) != dumps(before):
        assert session.modified
