import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette._http.cache_control import MAX_SECONDS, format_cache_control, parse_cache_control, seconds_of
from signette._http.tokens import TCHARS

NAMES = st.text(TCHARS, min_size=1, max_size=8)
ARGUMENTS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=8)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", {}),
        ("no-cache", {"no-cache": ""}),
        ("Public, MAX-AGE=60", {"public": "", "max-age": "60"}),
        ('max-age="60" , no-store', {"max-age": "60", "no-store": ""}),
        ('private="set-cookie, x-user", max-age=5', {"private": "set-cookie, x-user", "max-age": "5"}),
        (",, ,max-age=1,,", {"max-age": "1"}),
        ("max-age=1, max-age=2", {"max-age": "1"}),
        ("max age=1, no-store", {"no-store": ""}),
        ('max-age="1, no-store', {"no-store": ""}),
        ("max-age=", {}),
        ("=1, no-store", {"no-store": ""}),
    ],
)
def test_a_header_has_directives(header, expected):
    assert parse_cache_control(header) == expected


@given(st.dictionaries(NAMES.map(str.lower), ARGUMENTS, max_size=4))
def test_formatted_directives_are_parsed_again(directives):
    header = ", ".join('{}="{}"'.format(name, text.replace("\\", "\\\\").replace('"', '\\"')) if text else name
                       for name, text in directives.items())  # fmt: skip
    assert parse_cache_control(header) == directives


@given(st.text() | st.text(st.sampled_from('a="\\, 1'), max_size=40))
def test_any_text_has_directives(header):
    for name in parse_cache_control(header):
        assert name
        assert name == name.lower()


@pytest.mark.parametrize(
    ("argument", "seconds"),
    [("0", 0), ("60", 60), ("007", 7), ("-1", 0), ("1.5", 0), ("", 0), ("x", 0), ("²", 0), ("9" * 40, MAX_SECONDS)],
)
def test_seconds_of_a_directive(argument, seconds):
    assert seconds_of({"max-age": argument}, "max-age") == seconds


def test_the_first_name_that_is_there_counts():
    directives = parse_cache_control("max-age=1, s-maxage=2")
    assert seconds_of(directives, "s-maxage", "max-age") == 2
    assert seconds_of(directives, "max-stale") is None


def test_directives_are_formatted():
    assert format_cache_control([("public", None), ("max-age", 60)]) == "public, max-age=60"
