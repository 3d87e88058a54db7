import copy
import pickle
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.datastructures import URL, Headers, MutableHeaders
from tests.tracing import traced

NAMES = st.sampled_from(["a", "b", "content-type", "x-long-name"])
VALUES = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=5)
FIELDS = st.lists(st.tuples(NAMES, VALUES), max_size=8)


def raw_of(fields: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]


def steps_of(work: Callable[[], object]) -> int:
    """How many calls, lines and returns of Python a piece of work runs."""
    steps = 0

    def count(*_: object) -> Callable[..., object]:
        nonlocal steps
        steps += 1
        return count

    traced(work, trace=count)
    return steps


@pytest.mark.parametrize("kind", [Headers, MutableHeaders])
def test_a_name_is_found_in_any_case(kind: type[Headers]) -> None:
    headers = kind({"Content-Type": "text/html"})
    assert headers["content-type"] == headers["CONTENT-TYPE"] == headers.get("Content-Type") == "text/html"
    assert "cOntent-type" in headers
    assert headers.getlist("Content-TYPE") == ["text/html"]


@pytest.mark.parametrize("kind", [Headers, MutableHeaders])
def test_all_methods_agree_on_a_missing_name(kind: type[Headers]) -> None:
    headers = kind({"a": "1"})
    for _ in range(3):  # the first look-up goes another way than those that follow
        with pytest.raises(KeyError, match="Missing"):
            headers["Missing"]
        assert headers.get("missing") is None
        assert headers.get("missing", "else") == "else"
        assert headers.get("missing", default=5) == 5
        assert "missing" not in headers
        assert headers.getlist("missing") == []


@pytest.mark.parametrize("kind", [Headers, MutableHeaders])
def test_a_name_that_no_header_can_have_is_absent(kind: type[Headers]) -> None:
    headers = kind({"key": "1"})
    for name in ("\u2603", "\u212aey", "\ud800", ""):  # the Kelvin sign is `k` in lower case
        assert headers.get(name) is None
        assert name not in headers
        assert headers.getlist(name) == []
    assert 1 not in headers


@given(FIELDS)
def test_headers_are_a_view_of_their_pairs(fields: list[tuple[str, str]]) -> None:
    raw = raw_of(fields)
    for headers in (Headers(raw=raw), Headers(scope={"headers": raw}), MutableHeaders(raw=raw)):
        assert headers.raw == raw
        assert headers.items() == fields
        assert headers.keys() == list(headers) == [name for name, _ in fields]
        assert headers.values() == [value for _, value in fields]
        assert len(headers) == len(fields)
        first = dict(reversed(fields))
        assert dict(headers) == first
        for name in ("a", "b", "content-type", "missing"):
            assert headers.get(name) == first.get(name)
            assert headers.getlist(name) == [value for other, value in fields if other == name]


@given(FIELDS, st.randoms())
def test_headers_are_equal_in_any_order_of_their_fields(fields: list[tuple[str, str]], random: object) -> None:
    shuffled = list(fields)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' own Random
    assert Headers(raw=raw_of(fields)) == MutableHeaders(raw=raw_of(shuffled))
    assert Headers(raw=raw_of(fields)) != Headers(raw=raw_of([*shuffled, ("a", "one more")]))


def test_headers_are_no_plain_mapping_and_have_no_hash() -> None:
    assert Headers({"a": "1"}) != {"a": "1"}
    assert Headers({"A": "1"}) == Headers(raw=[(b"A", b"1")])
    with pytest.raises(TypeError):
        hash(Headers())


def test_the_repr_shows_pairs_only_where_a_name_is_there_twice() -> None:
    assert repr(Headers({"A": "1"})) == "Headers({'a': '1'})"
    assert repr(MutableHeaders(raw=[(b"a", b"1"), (b"a", b"2")])) == "MutableHeaders(raw=[(b'a', b'1'), (b'a', b'2')])"


def test_headers_of_a_scope_are_read_where_they_stand() -> None:
    fields = [(b"a", b"1")]
    scope = {"headers": fields}
    headers = Headers(scope=scope)
    assert headers["a"] == "1"
    assert scope["headers"] is fields
    assert headers._list is fields
    fields.append((b"b", b"2"))
    assert headers.get("b") == "2"
    fields.insert(0, (b"a", b"0"))
    assert (headers["a"], headers["b"]) == ("0", "2")


def test_a_minimal_scope_has_no_headers() -> None:
    scope: dict[str, object] = {"type": "http"}
    assert Headers(scope=scope).items() == []
    assert scope == {"type": "http"}


def test_headers_that_can_be_iterated_once_become_a_list() -> None:
    scope = {"headers": iter([(b"a", b"1"), (b"host", b"h")])}
    assert URL(scope=scope).hostname == "h"
    assert Headers(scope=scope)["a"] == "1"
    assert Headers(scope=scope)["a"] == "1"


def test_headers_may_be_a_tuple_of_lists() -> None:
    assert Headers(scope={"headers": ([b"a", b"1"],)})["a"] == "1"


def test_raw_is_a_list_of_its_own() -> None:
    headers = Headers({"a": "1"})
    headers.raw.clear()
    assert headers["a"] == "1"


@pytest.mark.parametrize("kind", [Headers, MutableHeaders])
def test_headers_have_one_source_only(kind: type[Headers]) -> None:
    for given_twice in ({"headers": {}, "raw": []}, {"headers": {}, "scope": {}}, {"raw": [], "scope": {}}):
        one, other = given_twice
        with pytest.raises(TypeError, match=f'Cannot set both "{one}" and "{other}"'):
            kind(**given_twice)


@pytest.mark.parametrize("kind", [Headers, MutableHeaders])
def test_a_dictionary_of_headers_takes_linear_time(kind: type[Headers]) -> None:
    small, large = (kind(raw=[(b"x-%d" % n, b"1") for n in range(count)]) for count in (100, 400))
    assert steps_of(lambda: dict(large)) < 6 * steps_of(lambda: dict(small))


def test_headers_are_copied_and_pickled() -> None:
    headers = Headers({"a": "1"})
    assert headers["a"] == "1"
    for twin in (copy.copy(headers), copy.deepcopy(headers), pickle.loads(pickle.dumps(headers))):
        assert twin == headers
        assert twin["a"] == "1"
    changed = pickle.loads(pickle.dumps(MutableHeaders({"a": "1"})))
    changed["b"] = "2"
    assert changed.items() == [("a", "1"), ("b", "2")]


def test_changing_a_mutable_copy_does_not_change_the_headers() -> None:
    headers = Headers(raw=[(b"a", b"1"), (b"a", b"2")])
    changed = headers.mutablecopy()
    assert changed == headers
    changed["a"] = "3"
    assert headers.getlist("a") == ["1", "2"]


CHANGES = {
    "set": (lambda h: h.__setitem__("A", "9"), [("a", "9"), ("b", "2")]),
    "set-new": (lambda h: h.__setitem__("New", "9"), [("a", "1"), ("b", "2"), ("a", "3"), ("new", "9")]),
    "delete": (lambda h: h.__delitem__("A"), [("b", "2")]),
    "delete-missing": (lambda h: h.__delitem__("z"), [("a", "1"), ("b", "2"), ("a", "3")]),
    "append": (lambda h: h.append("B", "9"), [("a", "1"), ("b", "2"), ("a", "3"), ("b", "9")]),
    "update": (lambda h: h.update({"A": "9", "n": "8"}), [("a", "9"), ("b", "2"), ("n", "8")]),
    "setdefault": (lambda h: h.setdefault("A", "9"), [("a", "1"), ("b", "2"), ("a", "3")]),
    "setdefault-new": (lambda h: h.setdefault("N", "9"), [("a", "1"), ("b", "2"), ("a", "3"), ("n", "9")]),
    "merge": (lambda h: h.__ior__({"A": "9"}), [("a", "9"), ("b", "2")]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_keeps_the_place_of_a_name_and_is_seen_in_raw(change: str) -> None:
    work, expected = CHANGES[change]
    raw = [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]
    headers = MutableHeaders(raw=raw)
    dict(headers)  # notes the places
    work(headers)
    assert headers.raw is raw
    assert headers.items() == expected
    assert dict(headers) == dict(reversed(expected))


def test_setdefault_returns_the_value_of_the_name() -> None:
    headers = MutableHeaders({"a": "1"})
    assert headers.setdefault("A", "2") == "1"
    assert headers.setdefault("B", "2") == "2"


def test_merging_makes_new_headers_or_changes_these() -> None:
    headers = MutableHeaders({"a": "1"})
    merged = headers | {"A": "2", "b": "3"}
    assert isinstance(merged, MutableHeaders)
    assert merged.items() == [("a", "2"), ("b", "3")]
    assert headers.items() == [("a", "1")]
    same = headers
    same |= merged
    assert same is headers
    assert headers == merged


@pytest.mark.parametrize("other", [[("a", "1")], 1, None])
def test_only_a_mapping_is_merged(other: object) -> None:
    headers = MutableHeaders()
    with pytest.raises(TypeError, match="Expected a mapping but got"):
        headers | other
    with pytest.raises(TypeError, match="Expected a mapping but got"):
        headers |= other


@pytest.mark.parametrize("value", ["a\rb", "a\nb", "a\r\nset-cookie: b=c", "\0", "\n", "\u2603", "\ud800"])
def test_a_value_with_line_breaks_is_rejected_everywhere(value: str) -> None:
    headers = MutableHeaders({"a": "1"})
    for work in (
        lambda: headers.__setitem__("b", value),
        lambda: headers.append("a", value),
        lambda: headers.setdefault("a", value),
        lambda: headers.setdefault("b", value),
        lambda: headers.update({"b": value}),
        lambda: headers | {"b": value},
        lambda: headers.__ior__({"b": value}),
        lambda: headers.add_vary_header(f"x{value}y"),
        lambda: Headers({"b": value}),
        lambda: MutableHeaders({"b": value}),
    ):
        with pytest.raises(ValueError, match="The value of the header") as caught:
            work()
        assert value not in str(caught.value)
    assert headers.raw == [(b"a", b"1")]


@pytest.mark.parametrize("name", ["", "a b", "a:", "a\n", "a\r\nb", "\0", "é", "\u2603", "\ud800", "a,b", '"', "\t"])
def test_a_name_that_is_not_a_token_is_rejected_everywhere(name: str) -> None:
    headers = MutableHeaders({"a": "1"})
    for work in (
        lambda: headers.__setitem__(name, "1"),
        lambda: headers.append(name, "1"),
        lambda: headers.setdefault(name, "1"),
        lambda: headers.update({name: "1"}),
        lambda: Headers({name: "1"}),
    ):
        with pytest.raises(ValueError, match="is not a token"):
            work()
    assert headers.raw == [(b"a", b"1")]


TOKENS = st.text("!#$%&'*+-.^_`|~09azAZ", min_size=1)
LATIN_1 = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"))


@given(TOKENS, LATIN_1)
def test_accepted_values_are_sent_unchanged_on_one_line(name: str, value: str) -> None:
    headers = MutableHeaders()
    headers[name] = value
    assert headers.raw == [(name.lower().encode(), value.encode("latin-1"))]


@given(st.text() | TOKENS, st.text() | LATIN_1, st.sampled_from("\r\n\0♥"), st.booleans())
def test_what_would_not_is_rejected(name: str, value: str, odd: str, in_name: bool) -> None:
    headers = MutableHeaders()
    with pytest.raises(ValueError, match="header"):
        headers[name + odd if in_name else name] = value if in_name else odd + value
    assert headers.raw == []


def test_other_characters_of_latin_1_are_accepted() -> None:
    every = "".join(map(chr, range(256))).translate(dict.fromkeys(map(ord, "\r\n\0")))
    headers = MutableHeaders({"a": every})
    assert headers["a"] == every


def test_the_error_for_a_value_that_is_not_text_has_the_name() -> None:
    with pytest.raises(TypeError, match="'Retry-After' must be a string, not int"):
        MutableHeaders({"Retry-After": 5})


def test_a_message_keeps_the_list_that_it_came_with_and_gets_a_changed_one() -> None:
    sent_again = [(b"content-type", b"text/plain")]
    message = {"type": "http.response.start", "headers": sent_again}
    headers = MutableHeaders(scope=message)
    headers["x"] = "1"
    assert message["headers"] == [(b"content-type", b"text/plain"), (b"x", b"1")]
    assert sent_again == [(b"content-type", b"text/plain")]


def test_a_message_without_headers_gets_some() -> None:
    message: dict[str, object] = {"type": "http.response.start"}
    MutableHeaders(scope=message)["x"] = "1"
    assert message["headers"] == [(b"x", b"1")]


def test_mutable_headers_find_and_replace_names_in_upper_case() -> None:
    headers = MutableHeaders(raw=[(b"Content-Length", b"5"), (b"X", b"1"), (b"content-length", b"6")])
    assert headers["content-length"] == "5"
    assert headers.getlist("content-length") == ["5", "6"]
    assert dict(headers)["Content-Length"] == "5"
    headers["Content-Length"] = "7"
    assert headers.raw == [(b"content-length", b"7"), (b"X", b"1")]
    del headers["x"]
    assert headers.raw == [(b"content-length", b"7")]


@given(FIELDS, st.lists(st.tuples(st.integers(0, 7), NAMES, VALUES), max_size=6))
def test_mutable_headers_see_changes_that_somebody_else_makes_to_their_list(
    fields: list[tuple[str, str]], changes: list[tuple[int, str, str]]
) -> None:
    raw = raw_of(fields)
    headers = MutableHeaders(raw=raw)
    for at, name, value in changes:
        dict(headers)  # notes places that the change makes wrong
        raw[at : at + 1] = raw_of([(name, value)])
        present = [pair[0] for pair in raw]
        for asked in ("a", "b", "content-type", "x-long-name"):
            assert (asked in headers) == (asked.encode() in present)
            assert headers.get(asked) in [None, *headers.getlist(asked)]


@pytest.mark.parametrize(
    ("there", "added", "expected"),
    [
        ([], "Origin", "Origin"),
        (["Accept"], "Origin", "Accept, Origin"),
        (["Accept", "Cookie"], "Origin", "Accept, Cookie, Origin"),
        (["Accept, Origin"], "origin", "Accept, Origin"),
        (["Accept"], "Origin, accept", "Accept, Origin"),
        ([""], "Origin", "Origin"),
        (["*"], "Origin", "*"),
        (["Accept"], "*", "*"),
        ([" Accept ,,"], "Origin", "Accept, Origin"),
    ],
)
def test_vary_names_each_header_once(there: list[str], added: str, expected: str) -> None:
    headers = MutableHeaders()
    for line in there:
        headers.append("Vary", line)
    headers.add_vary_header(added)
    assert headers.getlist("vary") == [expected]
