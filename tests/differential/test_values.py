"""A data structure gives what Starlette's gives, whatever is done to it, but for the differences in the table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.differential.comparing import asks, compare
from tests.differential.values import KINDS, programs


@pytest.mark.parametrize("kind", list(KINDS))
@asks(60)
@given(data=st.data())
async def test_a_value_behaves_the_same(kind: str, data: st.DataObject) -> None:
    await compare("values", data.draw(programs(kind)))
