from urllib.parse import parse_qsl, unquote_to_bytes, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signette._http.query import TooManyPairs, _parse_long, encode_pairs, last_values, parse_pair, parse_pairs

# Much of what has a meaning, so that it is met.
QUERIES = st.lists(
    st.sampled_from(
        [b"a", b"b", b"=", b"&", b"+", b"%", b"%2", b"%20", b"%26", b"%3D", b"%3d", b"%C3", b"%A9", b"%zz", b";", b"#"]
    )
    | st.binary(max_size=2),
).map(b"".join)
PAIRS = st.lists(st.tuples(st.text(), st.text()))


def plainly(query: bytes) -> list[tuple[str, str]]:
    """What it means, said slowly."""

    def text(part: bytes) -> str:
        return unquote_to_bytes(part.replace(b"+", b" ")).decode("utf-8", "replace")

    pieces = [piece.partition(b"=") for piece in query.split(b"&") if piece]
    return [(text(name), text(value)) for name, _, value in pieces]


@given(QUERIES)
@example(b"a=\xc3%A9")
@example(b"a==%3D=\n%3D%0A%\n=\r\n%0a_=20%=41")
def test_any_bytes_are_parsed_as_in_the_grammar(query):
    assert parse_pairs(query) == plainly(query)
    assert last_values(query) == dict(plainly(query))


@given(QUERIES)
def test_few_fields_are_parsed_where_they_stand(query):
    assert _parse_long(query, None) == plainly(query)
    if b"&" not in query:
        assert parse_pair(query) == plainly(query)


LONG = b"x" * 10_000


@pytest.mark.parametrize(
    "query",
    [
        LONG,
        b"a=" + LONG,
        b"a=" + LONG + b"&&b=\xff%41&c&" + LONG + b"+=1",
        b"&".join([b"a=1"] * 2_000),
        b"&".join([b"a=%26+%3D"] * 63) + b"&b=" + LONG,
        b"&".join([b"a=%26+%3D"] * 64) + b"&b=" + LONG,
        b"&" * 5_000,
    ],
)
def test_long_queries_are_parsed_as_short_ones(query):
    assert parse_pairs(query) == plainly(query)


@given(QUERIES.filter(bytes.isascii))
def test_ascii_queries_are_parsed_as_in_the_standard_library(query):
    assert parse_pairs(query) == parse_qsl(query.decode(), keep_blank_values=True, errors="replace")


@given(PAIRS)
def test_encoded_pairs_are_parsed_back(pairs):
    assert parse_pairs(encode_pairs(pairs).encode()) == pairs


@given(PAIRS)
def test_pairs_are_encoded_as_the_standard_library_encodes_them(pairs):
    assert encode_pairs(pairs) == urlencode(pairs)


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        (b"", []),
        (b"&&", []),
        (b"a", [("a", "")]),
        (b"=", [("", "")]),
        (b"=x", [("", "x")]),
        (b"a=1&a=2", [("a", "1"), ("a", "2")]),
        (b"a=b=c", [("a", "b=c")]),
        (b"a;b=1", [("a;b", "1")]),
        (b"a%26b=%3D", [("a&b", "=")]),
        (b"a=1%2B1+1", [("a", "1+1 1")]),
        (b"a=%", [("a", "%")]),
        (b"a=%4", [("a", "%4")]),
        (b"a=%FF", [("a", "\ufffd")]),
        (b"a=\xff&b=\xc3\xa9", [("a", "\ufffd"), ("b", "é")]),
        (b"a=%00", [("a", "\x00")]),
    ],
)
def test_examples_of_query_strings(query, pairs):
    assert parse_pairs(query) == pairs


def test_the_last_value_of_a_name_wins():
    assert last_values(b"a=1&b=2&a=3") == {"a": "3", "b": "2"}
    assert last_values(b"a=1&a=%26") == {"a": "&"}


def test_as_many_pairs_as_allowed_are_read():
    assert len(parse_pairs(b"a&b&c", max_pairs=3)) == 3
    assert len(parse_pairs(b"a=" + LONG + b"&b&c", max_pairs=3)) == 3


@pytest.mark.parametrize("query", [b"a&b&c&d", b"&&&", b"a=%20&b&c&d", b"a=" + LONG + b"&b&c&d", LONG + b"&" * 100])
def test_more_pairs_than_allowed_are_rejected(query):
    with pytest.raises(TooManyPairs, match="more than 3 parameters") as caught:
        parse_pairs(query, max_pairs=3)
    assert caught.value.limit == 3


def test_a_lone_surrogate_cannot_be_encoded():
    with pytest.raises(ValueError, match="surrogates"):
        encode_pairs([("a", "\ud800")])
