"""Items in bytes, whose chunks are cut anywhere."""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signette.client.runtime.framings import ArrayFraming, Framing, LineFraming, MalformedItem, SequenceFraming
from tests.volume import examples

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='a"\\[]{},:\n\x1eä '),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='a",]}'), inner, max_size=3),
    max_leaves=8,
)


def lines(values: list[Any]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in values)


def sequence(values: list[Any]) -> bytes:
    return b"".join(b"\x1e" + json.dumps(each, indent=1).encode() + b"\n" for each in values)


def array(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode()


WRITERS: list[tuple[Callable[[], Framing], Callable[[list[Any]], bytes]]] = [
    (LineFraming, lines),
    (SequenceFraming, sequence),
    (ArrayFraming, array),
]
MAKERS = pytest.mark.parametrize(("make", "write"), WRITERS, ids=["lines", "sequence", "array"])


def fed(framing: Framing, data: bytes, cuts: list[int]) -> list[Any]:
    """The values of data that arrives in chunks."""
    found: list[bytes] = []
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    for start, stop in pairwise(places):
        found += framing.feed(data[start:stop])
    return list(map(json.loads, [*found, *framing.end()]))


@MAKERS
@settings(max_examples=examples(30))
@given(values=st.lists(JSON_VALUES, max_size=5), cuts=st.lists(st.integers(0, 400), max_size=8))
def test_items_are_found_whatever_the_chunks_are(
    make: Callable[[], Framing], write: Callable[[list[Any]], bytes], values: list[Any], cuts: list[int]
) -> None:
    assert fed(make(), write(values), cuts) == values


@pytest.mark.parametrize(
    ("make", "text"),
    [(LineFraming, b'{"a": 1}\n'), (SequenceFraming, b'\x1e{"a":\n 1}\n'), (ArrayFraming, b'[{"a": 1},')],
    ids=["lines", "sequence", "array"],
)
def test_an_item_is_found_before_the_next_one_arrives(make: Callable[[], Framing], text: bytes) -> None:
    assert list(map(json.loads, make().feed(text))) == [{"a": 1}]


def test_blank_lines_are_ignored_and_the_last_line_needs_no_line_break() -> None:
    assert fed(LineFraming(), b'1\n\r\n \n"a"', [3]) == [1, "a"]


def test_a_number_of_a_sequence_ends_with_its_line_feed() -> None:
    framing = SequenceFraming()
    assert framing.feed(b"\x1e12") == []
    assert framing.feed(b"3\n") == [b"123\n"]
    assert framing.end() == []


@pytest.mark.parametrize(
    ("make", "text", "message"),
    [
        (ArrayFraming, b'{"detail": 1}', "not a JSON array"),
        (ArrayFraming, b"x", "not a JSON array"),
        (ArrayFraming, b"[1,,2]", "is missing"),
        (ArrayFraming, b"[1,]", "is missing"),
        (ArrayFraming, b"[,1]", "is missing"),
        (ArrayFraming, b"[1] x", "follows the end"),
        (ArrayFraming, b"[1", "before its `]`"),
        (ArrayFraming, b"", "before its `]`"),
        (SequenceFraming, b'{"a": 1}\n', "record separator"),
        (SequenceFraming, b"1\n\x1e2\n", "record separator"),
    ],
)
def test_a_stream_that_does_not_follow_its_format_is_malformed(
    make: Callable[[], Framing], text: bytes, message: str
) -> None:
    framing = make()
    with pytest.raises(MalformedItem, match=message):
        framing.feed(text) + framing.end()
