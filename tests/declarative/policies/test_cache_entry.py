from hypothesis import given
from hypothesis import strategies as st

from signette.declarative.policies.cache_entry import CacheEntry, read_entry
from signette.declarative.policies.stored_response import StoredResponse, pack

RESPONSE = StoredResponse(200, ((b"etag", b'"a"'),), b"body")
SECONDS = st.floats(0, 1e9)


@given(SECONDS, SECONDS, SECONDS, st.dictionaries(st.text(), st.text()))
def test_an_entry_is_read_from_its_bytes(made, fresh, stale, tags):
    entry = CacheEntry(RESPONSE, made, fresh, stale, tags)
    assert read_entry(entry.to_bytes()) == entry


@given(st.binary() | st.sampled_from([pack({}), pack({}, RESPONSE), pack({"made": 1}, RESPONSE)]))
def test_other_bytes_are_no_entry(data):
    assert read_entry(data) is None


def test_an_age_is_not_negative():
    entry = CacheEntry(RESPONSE, 100.0, 10, 5)
    assert entry.age(90.0) == 0
    assert entry.age(112.5) == 12.5
    assert entry.lifetime == 15
