"""Patterns as automata: whether each text of some patterns fits another one, with Python's `re` as the oracle."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signette.contract.diff.patterns import is_pattern_within, length_pattern, listed_pattern
from signette.contract.diff.regex import END, START, automaton_of

FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
TEXTS = [
    "",
    *"ab1.",
    *(x + y for x in "ab1." for y in "ab1."),
    "aab",
    "aba",
    "bbb",
    "abab",
    "a1b2",
    "11",
    "aaaa",
    "b.a",
]

_item = st.sampled_from(("a", "b", "1", r"\.", ".", "[ab]", "[^a]", r"\d", r"\w", "[a-b1]", r"[\d.]", r"\D", r"\x61"))


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}|{two[1]})"),
        st.tuples(inner, st.sampled_from(("*", "+", "?", "{2}", "{1,}", "{0,2}", "+?"))).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        ),
    )


patterns = st.tuples(
    st.sampled_from(("", "^")), st.recursive(_item, _grown, max_leaves=4), st.sampled_from(("", "$"))
).map("".join)


def fits(pattern: str, text: str) -> bool:
    automaton = automaton_of(pattern, is_wide=False)
    states = automaton.closure(frozenset({automaton.start}))
    for character in (START, *map(ord, text), END):
        states = automaton.after(states, character)
    return automaton.end in states


@FUZZ
@given(patterns)
def test_an_automaton_finds_what_the_library_finds(pattern: str) -> None:
    assert [text for text in TEXTS if fits(pattern, text)] == [text for text in TEXTS if re.search(pattern, text)]


@FUZZ
@given(patterns, patterns)
def test_a_pattern_within_another_one_has_no_text_outside_of_it(own: str, other: str) -> None:
    outside = [text for text in TEXTS if re.search(own, text) and not re.search(other, text)]
    if is_pattern_within((own,), other) is True:
        assert outside == []
    assert is_pattern_within((own,), f"{own}|{other}" if not own.endswith("$") else own) is True


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        (["^[A-Z]{3}$"], "^[A-Z]{3,4}$", True),
        (["^[A-Z]{3,4}$"], "^[A-Z]{3}$", False),
        (["^a+$"], "^aa*$", True),
        (["^a"], "a", True),
        (["a"], "^a", False),
        (["^a", "b$"], "^a.*b$|^ab?$", False),  # `.` is not each character: `a\nb`
        (["^a", "b$"], r"^a[\s\S]*b$", True),
        ([], ".*", True),
        ([], "^a", False),
        ([r"^[0-9]+$"], r"^\d+$", True),
        ([r"^\d+$"], "^[0-9]+$", None),  # engines differ
        (["^(?=a)"], "a", None),
        ([r"\bword"], "word", None),
        (["a{999}"], "a", None),
        (["("], "a", None),
        (["a**"], "a", None),
        (["[b-a]"], "a", None),
        (["a^b"], "a", None),
        ([r"\p{L}"], "a", None),
        (["(?P<x>a)"], "a", None),
        (["((((a{9}){9}){9}){9})"], "a", None),
        ([r"\u0061"], "a", True),
        ([r"[^\s]"], r"\S", True),
        (["^a|b$"], "^a|b$|c", True),
    ],
)
def test_what_is_decided(own: list[str], other: str, expected: bool | None) -> None:
    assert is_pattern_within(tuple(own), other) is expected


def test_lengths_and_listed_texts_are_patterns() -> None:
    assert is_pattern_within(("^.{2}$",), length_pattern(0, 2)) is True
    assert is_pattern_within((length_pattern(3, None),), length_pattern(2, None)) is True
    assert is_pattern_within((length_pattern(0, 3),), length_pattern(0, 2)) is False
    assert is_pattern_within(("^(a|b)$",), listed_pattern(["a", "b", "c.*\n"])) is True
    assert is_pattern_within((listed_pattern(["a.b", "ä", "😀"]),), "^(?:a.b|ä|😀)$") is True
    assert is_pattern_within(("^a.b$",), listed_pattern(["a.b"])) is False
