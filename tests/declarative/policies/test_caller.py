from enum import Enum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.declarative.policies.caller import caller_key


class Plan(Enum):
    FREE = "free"
    PAID = "paid"


KEYS = st.recursive(
    st.none() | st.text() | st.integers() | st.binary() | st.uuids() | st.sampled_from(Plan),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=5,
)


@given(KEYS, KEYS)
def test_keys_of_other_callers_differ(one, other):
    assert (caller_key(one) == caller_key(other)) == (one == other)


@pytest.mark.parametrize("value", [1.5, ["a"], {"id": 1}, ("a", 1.5)], ids=repr)
def test_a_value_without_a_stable_text_is_an_error(value):
    with pytest.raises(TypeError, match="return the id of the user"):
        caller_key(value)


def test_a_key_is_the_same_in_each_process():
    assert (
        caller_key((1, "a", None, b"x", Plan.FREE, UUID(int=1))) == b"t2:i12:sa1:n2:bx6:esfree17:u" + UUID(int=1).bytes
    )
