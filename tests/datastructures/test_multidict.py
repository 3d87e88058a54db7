import copy
import pickle
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.datastructures import FormData, Headers, ImmutableMultiDict, MultiDict, QueryParams, UploadFile

KEYS = st.sampled_from("abc")
PAIRS = st.lists(st.tuples(KEYS, st.integers(0, 9)), max_size=8)
Pairs = list[tuple[str, int]]


def check(multi: ImmutableMultiDict[Any, Any], pairs: list[tuple[Any, Any]]) -> None:
    """All readers agree with the pairs."""
    last = dict(pairs)
    assert multi.multi_items() == pairs
    assert dict(multi) == last
    assert set(multi) == set(multi.keys()) == set(last)
    assert sorted(multi.items()) == sorted(last.items())
    assert sorted(multi.values()) == sorted(last.values())
    assert len(multi) == len(last)
    for key in "abcz":
        assert (key in multi) == (key in last)
        assert multi.get(key) == last.get(key)
        assert multi.get(key, "else") == last.get(key, "else")
        assert multi.getlist(key) == [value for name, value in pairs if name == key]


@given(PAIRS)
def test_the_last_value_is_used_and_all_are_kept(pairs: Pairs) -> None:
    for kind in (ImmutableMultiDict, MultiDict, FormData):
        check(kind(pairs), pairs)
        check(kind(iter(pairs)), pairs)
        check(kind(ImmutableMultiDict(pairs)), pairs)
        check(kind([list(pair) for pair in pairs]), pairs)
        check(kind(dict(pairs)), list(dict(pairs).items()))
        check(kind(pairs, a=5), [*pairs, ("a", 5)])


def test_a_missing_key_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="a"):
        ImmutableMultiDict()["a"]


def test_without_arguments_it_is_empty() -> None:
    for empty in (ImmutableMultiDict(), ImmutableMultiDict(None), ImmutableMultiDict([]), MultiDict({})):
        assert len(empty) == 0
        assert not empty


def test_every_name_may_be_a_keyword() -> None:
    assert ImmutableMultiDict(value=1, self=2).multi_items() == [("value", 1), ("self", 2)]


@pytest.mark.parametrize("wrong", ["ab", [("a",)], [1]])
def test_arguments_that_are_not_pairs_are_rejected(wrong: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        ImmutableMultiDict(wrong)


def test_headers_give_all_their_values() -> None:
    assert MultiDict(Headers(raw=[(b"a", b"1"), (b"a", b"2")])).getlist("a") == ["1", "2"]


@given(PAIRS, PAIRS)
def test_two_are_equal_if_each_key_has_the_same_values_in_order(one: Pairs, other: Pairs) -> None:
    def by_key(pairs: Pairs) -> dict[str, list[int]]:
        return {key: [value for name, value in pairs if name == key] for key, _ in pairs}

    assert (MultiDict(one) == MultiDict(other)) == (by_key(one) == by_key(other))
    assert MultiDict(one) == MultiDict(sorted(one, key=lambda pair: pair[0]))


def test_another_class_is_never_equal() -> None:
    pairs = [("a", "1")]
    kinds = [kind(pairs) for kind in (ImmutableMultiDict, MultiDict, QueryParams, FormData, dict)]
    assert [[one == other for other in kinds] for one in kinds] == [
        [at == place for place in range(5)] for at in range(5)
    ]
    assert MultiDict([("a", [])]) == MultiDict([("a", [])])
    with pytest.raises(TypeError):
        hash(ImmutableMultiDict())


def test_the_repr_shows_all_pairs() -> None:
    assert repr(MultiDict([("a", 1), ("a", 2)])) == "MultiDict([('a', 1), ('a', 2)])"
    assert repr(FormData(a="1")) == "FormData([('a', '1')])"
    assert repr(QueryParams([("a", "1"), ("a", "x y")])) == "QueryParams('a=1&a=x+y')"


@pytest.mark.parametrize("kind", [ImmutableMultiDict, MultiDict, QueryParams, FormData])
def test_a_copy_is_equal_and_independent(kind: Any) -> None:
    multi = kind([("a", "1"), ("a", "2")])
    assert multi["a"] == "2"
    for twin in (copy.deepcopy(multi), pickle.loads(pickle.dumps(multi)), kind(multi)):
        assert twin == multi
        twin._list.append(("b", "3"))
        assert multi.multi_items() == [("a", "1"), ("a", "2")]


def test_a_list_that_is_passed_in_is_copied() -> None:
    pairs = [("a", 1)]
    multi = ImmutableMultiDict(pairs)
    other = MultiDict(multi)
    pairs.append(("b", 2))
    other.append("c", 3)
    assert multi.multi_items() == [("a", 1)]


# Each change with its effect on plain pairs, and its result.
Model = Callable[[Pairs, str, int], tuple[Pairs, Any]]


def without(pairs: Pairs, key: str) -> Pairs:
    return [pair for pair in pairs if pair[0] != key]


def values(pairs: Pairs, key: str) -> list[int]:
    return [value for name, value in pairs if name == key]


MODELS: dict[str, tuple[Callable[[MultiDict, str, int], Any], Model]] = {
    "set": (lambda m, k, v: m.__setitem__(k, v), lambda p, k, v: ([*without(p, k), (k, v)], None)),
    "append": (lambda m, k, v: m.append(k, v), lambda p, k, v: ([*p, (k, v)], None)),
    "pop": (lambda m, k, v: m.pop(k, v), lambda p, k, v: (without(p, k), dict(p).get(k, v))),
    "pop-none": (lambda m, k, _: m.pop(k), lambda p, k, _: (without(p, k), dict(p).get(k))),
    "poplist": (lambda m, k, _: m.poplist(k), lambda p, k, _: (without(p, k), values(p, k))),
    "setdefault": (
        lambda m, k, v: m.setdefault(k, v),
        lambda p, k, v: (p if k in dict(p) else [*p, (k, v)], dict(p).get(k, v)),
    ),
    "setlist": (
        lambda m, k, v: m.setlist(k, [v, 0]),
        lambda p, k, v: ([*without(p, k), (k, v), (k, 0)], None),
    ),
    "setlist-empty": (lambda m, k, _: m.setlist(k, []), lambda p, k, _: (without(p, k), None)),
    "update": (
        lambda m, k, v: m.update([(k, v), (k, 1), ("c", 2)]),
        lambda p, k, v: ([*without(without(p, k), "c"), (k, v), (k, 1), ("c", 2)], None),
    ),
    "update-keywords": (
        lambda m, k, v: m.update(MultiDict([(k, v)]), b=7),
        lambda p, k, v: ([*without(without(p, k), "b"), (k, v), ("b", 7)], None),
    ),
    "clear": (lambda m, _k, _v: m.clear(), lambda _p, _k, _v: ([], None)),
}


@given(PAIRS, st.lists(st.tuples(st.sampled_from(sorted(MODELS)), KEYS, st.integers(0, 9), st.booleans()), max_size=8))
def test_changes_have_the_same_effect_as_on_pairs(pairs: Pairs, changes: list[tuple[str, str, int, bool]]) -> None:
    multi = MultiDict(pairs)
    for name, key, value, looks_between in changes:
        change, model = MODELS[name]
        if looks_between:
            check(multi, pairs)
        pairs, expected = model(pairs, key, value)
        assert change(multi, key, value) == expected
    check(multi, pairs)


def test_deleting_a_key_removes_all_its_values() -> None:
    multi = MultiDict([("a", 1), ("b", 2), ("a", 3)])
    del multi["a"]
    check(multi, [("b", 2)])
    with pytest.raises(KeyError, match="a"):
        del multi["a"]
    check(multi, [("b", 2)])


def test_popitem_removes_keys_with_all_their_values() -> None:
    multi = MultiDict([("a", 1), ("b", 2), ("a", 3)])
    assert multi.popitem() == ("b", 2)
    assert multi.popitem() == ("a", 3)
    check(multi, [])
    with pytest.raises(KeyError):
        multi.popitem()


def test_setting_a_key_keeps_its_place_among_the_keys() -> None:
    multi = MultiDict([("a", 1), ("b", 2)])
    multi["a"] = 3
    assert list(multi) == ["a", "b"]
    assert multi.multi_items() == [("b", 2), ("a", 3)]


def test_query_params_are_read_from_text_bytes_and_pairs() -> None:
    expected = [("a", "1"), ("a", "x y"), ("b", "")]
    for value in ("a=1&a=x+y&b", b"a=1&a=x%20y&b=", expected, iter(expected), MultiDict(expected)):
        assert QueryParams(value).multi_items() == expected
    assert QueryParams({"a": 1, "b": True}, c=None).multi_items() == [("a", "1"), ("b", "True"), ("c", "None")]
    assert QueryParams("a=1", a=2).getlist("a") == ["1", "2"]
    assert QueryParams(b"a=1", b=2).multi_items() == [("a", "1"), ("b", "2")]
    assert QueryParams().multi_items() == []
    assert str(QueryParams()) == ""


def test_only_ampersands_separate() -> None:
    assert QueryParams("a=1;b=2&&c==d").multi_items() == [("a", "1;b=2"), ("c", "=d")]


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))))
def test_the_query_string_that_is_written_is_read_back(pairs: list[tuple[str, str]]) -> None:
    params = QueryParams(pairs)
    assert QueryParams(str(params)) == params
    assert parse_qsl(str(params), keep_blank_values=True) == pairs


@given(st.binary())
def test_any_query_string_is_accepted(query: bytes) -> None:
    params = QueryParams(query)
    assert QueryParams(str(params)) == params


def test_a_query_string_may_contain_a_lone_surrogate() -> None:
    assert set(QueryParams("a=\ud800")["a"]) == {"\ufffd"}


class Stubborn(BytesIO):
    def close(self) -> None:
        super().close()
        raise OSError("will not close")


async def test_closing_a_form_closes_its_files() -> None:
    files = [UploadFile(BytesIO()) for _ in range(2)]
    await FormData([("a", "text"), ("b", files[0]), ("b", files[1])]).close()
    assert [file.file.closed for file in files] == [True, True]


async def test_closing_a_form_continues_after_an_error() -> None:
    first, last = Stubborn(), BytesIO()
    with pytest.raises(OSError, match="will not close"):
        await FormData([("a", UploadFile(first)), ("b", UploadFile(last))]).close()
    assert last.closed


async def test_closing_a_form_in_a_cancelled_scope_closes_all_files(tmp_path: Any) -> None:
    files = []
    for name in "ab":
        path = tmp_path / name
        path.write_bytes(b"x")
        files.append(path.open("rb"))
    with anyio.CancelScope() as scope:
        scope.cancel()
        await FormData([(file.name, UploadFile(file)) for file in files]).close()
    assert [file.closed for file in files] == [True, True]
