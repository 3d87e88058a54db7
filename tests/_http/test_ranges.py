from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette._http.ranges import MalformedRangeHeader, RangeNotSatisfiable, parse_ranges

NUMBERS = st.integers(0, 40)
SPECS = st.builds("{}-{}".format, NUMBERS, NUMBERS | st.just("")) | st.builds("-{}".format, NUMBERS)


def wanted(spec: str, size: int) -> set[int]:
    """The positions of the bytes that one range asks for (RFC 9110 §14.1.2), said slowly."""
    first, _, last = spec.partition("-")
    everything = list(range(size))
    if not first:
        return set(everything[-int(last) :]) if int(last) else set()
    return {at for at in everything if int(first) <= at <= (int(last) if last else size)}


def is_backwards(spec: str) -> bool:
    first, _, last = spec.partition("-")
    return bool(first and last and int(first) > int(last))


@given(st.lists(SPECS, min_size=1), NUMBERS)
def test_the_requested_bytes_are_in_order_and_unique(specs, size):
    header = "bytes=" + ", ".join(specs)
    positions = set().union(*(wanted(spec, size) for spec in specs))
    if any(map(is_backwards, specs)):
        with pytest.raises(MalformedRangeHeader):
            parse_ranges(header, size)
    elif not positions:
        with pytest.raises(RangeNotSatisfiable) as caught:
            parse_ranges(header, size)
        assert caught.value.max_size == size
    else:
        ranges = parse_ranges(header, size)
        assert [at for start, end in ranges for at in range(start, end)] == sorted(positions)
        # No two of them touch: between the end of one and the start of the next there is a byte.
        assert all(end < start for (_, end), (start, _) in pairwise(ranges))


@given(st.text() | st.text(st.sampled_from("bytes=0123456789-, +_x")).map("bytes=".__add__), st.integers(0, 1000))
def test_any_header_is_handled(header, size):
    with suppress(MalformedRangeHeader, RangeNotSatisfiable):
        assert all(0 <= start < end <= size for start, end in parse_ranges(header, size))


@pytest.mark.parametrize(
    ("header", "ranges"),
    [
        ("bytes=0-9", [(0, 10)]),
        ("bytes=0-0", [(0, 1)]),
        ("bytes=-5", [(95, 100)]),
        ("bytes=-500", [(0, 100)]),
        ("bytes=95-", [(95, 100)]),
        ("bytes=0-99", [(0, 100)]),
        ("bytes=0-" + "9" * 5000, [(0, 100)]),
        ("bytes=" + "0" * 5000 + "5-" + "0" * 5000 + "6", [(5, 7)]),
        ("bytes=0-9,20-29", [(0, 10), (20, 30)]),
        ("bytes=20-29,0-9", [(0, 10), (20, 30)]),
        ("bytes=0-9,10-20", [(0, 21)]),
        ("bytes=0-50,5-10", [(0, 51)]),
        ("bytes= 0-9 ,\t20-29", [(0, 10), (20, 30)]),
        ("bytes=,0-9,,", [(0, 10)]),
        ("Bytes=0-9", [(0, 10)]),
        ("bytes=a-b,0-5", [(0, 6)]),
    ],
)
def test_examples_of_range_headers(header, ranges):
    assert parse_ranges(header, 100) == ranges


@pytest.mark.parametrize("beside", ["200-300", "-0", "100-", "9" * 5000 + "-"])
def test_a_satisfiable_range_is_served_even_if_others_are_not(beside):
    assert parse_ranges(f"bytes=0-9,{beside}", 100) == [(0, 10)]


@pytest.mark.parametrize(
    "header", ["bytes=100-", "bytes=-0", "bytes=200-300", "bytes=" + "9" * 5000 + "-", "bytes=x,100-"]
)
def test_a_range_after_the_end_is_not_satisfiable(header):
    with pytest.raises(RangeNotSatisfiable) as caught:
        parse_ranges(header, 100)
    assert caught.value.max_size == 100


def test_an_empty_file_has_no_ranges():
    with pytest.raises(RangeNotSatisfiable):
        parse_ranges("bytes=0-", 0)


@pytest.mark.parametrize(
    ("header", "content"),
    [
        ("", "Malformed range header."),
        ("bytes", "Malformed range header."),
        ("bytes=", "Range header: range must be requested"),
        ("bytes=-", "Range header: range must be requested"),
        ("bytes==0-5", "Range header: range must be requested"),
        ("bytes=a-b", "Range header: range must be requested"),
        ("bytes=0-9;x", "Range header: range must be requested"),
        ("bytes=1-2-3", "Range header: range must be requested"),
        ("bytes=--5", "Range header: range must be requested"),
        ("bytes=+1-5", "Range header: range must be requested"),
        ("bytes=1_0-2_0", "Range header: range must be requested"),
        ("bytes=0 - 9", "Range header: range must be requested"),
        ("bytes=\u0661-\u0662", "Range header: range must be requested"),
        ("bytes=\u00b2-\u00b3", "Range header: range must be requested"),
        ("bytes=0-9\n", "Range header: range must be requested"),
        ("bytes=5-3", "Range header: start must be less than end"),
        ("bytes=0-9,5-3", "Range header: start must be less than end"),
    ],
)
def test_a_malformed_header_is_rejected_with_a_message(header, content):
    with pytest.raises(MalformedRangeHeader) as caught:
        parse_ranges(header, 100)
    assert caught.value.content == content


@pytest.mark.parametrize("header", ["items=0-5", "=0-5", "seconds=1-2, 5-", "bytes2=0-5"])
def test_another_unit_is_ignored(header):
    assert parse_ranges(header, 100) == []


def test_with_too_many_ranges_the_whole_is_sent():
    hundred = "bytes=" + ",".join(f"{2 * at}-{2 * at}" for at in range(100))
    assert len(parse_ranges(hundred, 1000)) == 100
    assert parse_ranges(hundred + ",500-500", 1000) == []
    assert parse_ranges("bytes=0-0,2-2,4-4", 1000, max_ranges=2) == []
