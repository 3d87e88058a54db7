import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette._http.idempotency_key import MAX_KEY_LENGTH, parse_idempotency_key

KEYS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=MAX_KEY_LENGTH)


@given(KEYS, st.sampled_from(["", ";a", "; a=1;b", ' ;a="x;y"']))
def test_a_key_is_a_quoted_string(key, parameters):
    quoted = key.replace("\\", "\\\\").replace('"', '\\"')
    assert parse_idempotency_key([f' "{quoted}"{parameters}']) == key


@pytest.mark.parametrize("key", ["8e03978e-40d5-43e8-bc93-6894a57f9324", "a", "order:7/pay", "YWJj=="])
def test_a_key_without_quotes_is_the_same_key(key):
    assert parse_idempotency_key([key]) == parse_idempotency_key([f'"{key}"']) == key


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [""],
        ['""'],
        ["a", "a"],
        ["a, b"],
        ['"a", "b"'],
        ["a b"],
        ['"a'],
        ['a"'],
        ['"a\\b"'],
        ['"\xe4"'],
        ["\xe4"],
        ['"a\tb"'],
        ['"a" b'],
        ["a;b"],
        ["a" * (MAX_KEY_LENGTH + 1)],
        ['"' + "a" * (MAX_KEY_LENGTH + 1) + '"'],
    ],
)
def test_a_malformed_key_is_none(fields):
    assert parse_idempotency_key(fields) is None


@given(st.text() | st.text(st.sampled_from('a"\\; ='), max_size=40))
def test_any_text_is_a_key_or_none(text):
    key = parse_idempotency_key([text])
    assert key is None or 1 <= len(key) <= MAX_KEY_LENGTH
