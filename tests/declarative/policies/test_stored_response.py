import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.declarative.policies.stored_response import NOT_STORED, StoredResponse, pack, response_of, unpack

NAMES = st.text(st.characters(min_codepoint=0x61, max_codepoint=0x7A), min_size=1).map(str.encode)
VALUES = st.binary().filter(lambda value: b"\n" not in value)
RESPONSES = st.builds(
    StoredResponse, st.integers(100, 599), st.lists(st.tuples(NAMES, st.binary())).map(tuple), st.binary()
)


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.text() | st.integers(0, 9)), st.none() | RESPONSES)
def test_what_is_packed_is_unpacked(facts, response):
    assert unpack(pack(facts, response)) == (facts, response)


@given(st.binary() | st.sampled_from([b"[]", b"{}", b"1", b'{"version": 2}', b'{"version":1}\nx', b""]))
def test_other_bytes_are_not_unpacked(data):
    assert unpack(data) is None


def test_names_are_in_lower_case_and_fields_of_the_connection_are_left_out():
    headers = [(b"X-Id", b"1"), (b"x-id", b"2"), *((name.title(), b"x") for name in NOT_STORED)]
    response = response_of(201, headers, b"ok")
    assert response == StoredResponse(201, ((b"x-id", b"1"), (b"x-id", b"2")), b"ok")
    assert response.values(b"x-id") == [b"1", b"2"]


def test_headers_replace_those_of_the_same_names():
    response = response_of(200, [(b"age", b"1"), (b"etag", b'"a"')], b"")
    assert response.with_headers((b"age", b"2"), (b"vary", b"x")).headers == (
        (b"etag", b'"a"'),
        (b"age", b"2"),
        (b"vary", b"x"),
    )


@pytest.mark.parametrize("name", [b"set-cookie", b"content-length", b"etag"])
def test_fields_of_the_response_are_kept(name):
    assert response_of(200, [(name, b"x")], b"").values(name) == [b"x"]
