"""Tokens, against the list of what they must not contain."""

import re

from hypothesis import given
from hypothesis import strategies as st

from signette._http.tokens import TCHAR_CLASS, TCHARS, TOKEN

# RFC 9110 §5.6.2: "any VCHAR, except delimiters".
DELIMITERS = '"(),/:;<=>?@[\\]{}'
VISIBLE = [chr(code) for code in range(0x21, 0x7F)]


def test_the_characters_are_all_visible_ones_but_delimiters() -> None:
    assert sorted(TCHARS) == [character for character in VISIBLE if character not in DELIMITERS]


def test_the_pattern_matches_exactly_these_characters() -> None:
    one = re.compile(f"[{TCHAR_CLASS}]")
    assert {chr(code) for code in range(0x110000) if one.fullmatch(chr(code))} == set(TCHARS)


@given(st.text(st.one_of(st.sampled_from(TCHARS), st.characters()), max_size=5))
def test_a_token_is_one_or_more_of_these_characters(text: str) -> None:
    assert (TOKEN.fullmatch(text) is not None) == (text != "" and set(text) <= set(TCHARS))
