from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette._http import conditional
from signette._http.conditional import (
    format_http_date,
    is_entity_tag,
    is_not_modified,
    parse_entity_tags,
    parse_http_date,
    range_applies,
    strongly_equal,
    weakly_equal,
)

OCTOBER = "Wed, 21 Oct 2015 07:28:00 GMT"
NOVEMBER = "Sat, 21 Nov 2015 07:28:00 GMT"
OPAQUE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters='"\x7f'))
TAGS = st.builds('{}"{}"'.format, st.sampled_from(["", "W/"]), OPAQUE)
MOMENTS = st.integers(-(10**9), 2 * 10**11)  # 1938 to 8307


@given(MOMENTS)
def test_formatting_and_parsing_a_date_are_inverse(moment):
    text = format_http_date(moment)
    assert text == formatdate(moment, usegmt=True)
    assert parse_http_date(text) == moment


@given(st.floats(0, 10**10))
def test_fractions_of_a_second_are_cut_off(moment):
    assert parse_http_date(format_http_date(moment)) == int(moment)


@given(st.datetimes(min_value=datetime(1000, 1, 1)))  # noqa: DTZ001 - taken for UTC below
def test_the_three_forms_mean_the_same_moment(moment):
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    seconds = int(moment.timestamp())
    assert parse_http_date(moment.strftime("%a, %d %b %Y %H:%M:%S GMT")) == seconds
    assert parse_http_date(f"{moment:%a %b} {moment.day:2} {moment:%H:%M:%S} {moment.year}") == seconds
    if 1990 <= moment.year <= 2060:
        assert parse_http_date(moment.strftime("%A, %d-%b-%y %H:%M:%S GMT")) == seconds


@pytest.mark.parametrize("year", [2000, 2026, 2049])
def test_two_digits_of_a_year_are_at_most_fifty_years_ahead(year, monkeypatch):
    today = datetime(year, 6, 1, tzinfo=UTC).timetuple()
    monkeypatch.setattr(conditional, "localtime", lambda: today)
    ahead, behind = (parse_http_date(f"Monday, 01-Jan-{(year + by) % 100:02} 00:00:00 GMT") for by in (50, 51))
    assert ahead == datetime(year + 50, 1, 1, tzinfo=UTC).timestamp()
    assert behind == datetime(year - 49, 1, 1, tzinfo=UTC).timestamp()


@given(st.text() | st.text(st.sampled_from("MonJan0123456789:, -GMT"), max_size=40))
def test_any_text_is_a_date_or_none(text):
    moment = parse_http_date(text)
    assert moment is None or moment == parsedate_to_datetime(text).timestamp()


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "Wed, 21 Oct 2015 07:28:00",
        "Wed, 21 Oct 2015 07:28:00 UTC",
        "Wed, 21 Oct 2015 07:28:00 +0000",
        "wed, 21 oct 2015 07:28:00 gmt",
        "Wed, 1 Oct 2015 07:28:00 GMT",
        "Wed, 32 Oct 2015 07:28:00 GMT",
        "Wed, 00 Oct 2015 07:28:00 GMT",
        "Thu, 29 Feb 2100 07:28:00 GMT",
        "Thu, 31 Nov 2015 07:28:00 GMT",
        "Wed, 21 Oct 2015 24:28:00 GMT",
        "Wed, 21 Oct 2015 07:60:00 GMT",
        "Wed, 21 Oct 2015 07:28:61 GMT",
        "Wed, 21 Oct 2015 07:28:00 GMT\n",
        "Wed, \u0662\u0661 Oct 2015 07:28:00 GMT",
    ],
)
def test_an_invalid_date_is_none(bad):
    assert parse_http_date(bad) is None


def test_a_leap_second_and_a_leap_day_are_dates():
    assert parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT") == parse_http_date("Sun, 01 Jan 2017 00:00:00 GMT")
    assert parse_http_date("Tue, 29 Feb 2000 00:00:00 GMT") == datetime(2000, 2, 29, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("moment", [1e300, -1e300, 10**30, 253402300800, float("inf")])
def test_a_timestamp_outside_the_range_of_http_dates_is_rejected(moment):
    with pytest.raises(ValueError, match="outside of the range of HTTP dates"):
        format_http_date(moment)


@given(st.lists(TAGS), st.sampled_from([",", ", ", " ,\t", ",,", ", ,"]))
def test_a_list_of_entity_tags_is_parsed(tags, separator):
    assert parse_entity_tags(separator.join(tags)) == tags
    assert all(map(is_entity_tag, tags))


@given(st.text() | st.text(st.sampled_from('W/"a,* \t\n')))
def test_any_text_is_a_list_of_tags_or_none(text):
    tags = parse_entity_tags(text)
    assert tags is None or tags == ["*"] or all(map(is_entity_tag, tags))


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("", []),
        (" * ", ["*"]),
        ('"a"', ['"a"']),
        ('""', ['""']),
        ('"a,b", W/"c"', ['"a,b"', 'W/"c"']),
        (', "a",, ', ['"a"']),
        ("a", None),
        ('"a" "b"', None),
        ('"a', None),
        ('w/"a"', None),
        ('"a b"', None),
        ('*, "a"', None),
        ('"a"\n', None),
        ("\n", None),
    ],
)
def test_examples_of_entity_tag_lists(header, tags):
    assert parse_entity_tags(header) == tags


@pytest.mark.parametrize(  # the table of RFC 9110 §8.8.3.2
    ("one", "other", "strong", "weak"),
    [
        ('W/"1"', 'W/"1"', False, True),
        ('W/"1"', 'W/"2"', False, False),
        ('W/"1"', '"1"', False, True),
        ('"1"', '"1"', True, True),
    ],
)
def test_tags_compare_as_in_the_table(one, other, strong, weak):
    assert strongly_equal(one, other) is strongly_equal(other, one) is strong
    assert weakly_equal(one, other) is weakly_equal(other, one) is weak


@pytest.mark.parametrize(
    ("if_none_match", "if_modified_since", "unchanged"),
    [
        (None, None, False),
        ('"a"', None, True),
        ('W/"a"', None, True),
        ('"b", "a"', None, True),
        ("*", None, True),
        ('"b"', None, False),
        ("", None, False),
        ("a", None, False),
        (None, OCTOBER, True),
        (None, NOVEMBER, True),
        (None, "Wed, 21 Oct 2015 07:27:59 GMT", False),
        (None, "Wednesday, 21-Oct-15 07:28:00 GMT", True),
        (None, "yesterday", False),
        ('"b"', NOVEMBER, False),
        ("a", NOVEMBER, False),
        ('"a"', "yesterday", True),
    ],
)
def test_when_the_response_is_a_304(if_none_match, if_modified_since, unchanged):
    assert is_not_modified(if_none_match, if_modified_since, '"a"', OCTOBER) is unchanged


def test_a_header_that_the_response_lacks_never_matches():
    assert not is_not_modified('"a"', None, None, OCTOBER)
    assert not is_not_modified(None, OCTOBER, '"a"', None)
    assert not is_not_modified(None, OCTOBER, '"a"', "yesterday")
    assert is_not_modified("*", None, None, None)


@pytest.mark.parametrize(
    ("if_range", "applies"),
    [
        (None, True),
        ('"a"', True),
        ('"b"', False),
        ('W/"a"', False),
        ("a", False),
        ("", False),
        (OCTOBER, True),
        ("Wednesday, 21-Oct-15 07:28:00 GMT", True),
        (NOVEMBER, False),
        ("Wed, 21 Oct 2015 07:27:59 GMT", False),
    ],
)
def test_when_a_range_counts(if_range, applies):
    assert range_applies(if_range, '"a"', OCTOBER) is applies


def test_if_range_never_matches_missing_or_weak_validators():
    assert not range_applies('"a"', None, OCTOBER)
    assert not range_applies(OCTOBER, '"a"', None)
    assert not range_applies('W/"a"', 'W/"a"', None)
