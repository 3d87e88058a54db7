"""A WebSocket conversation takes the same course as on Starlette, but for the differences in the table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.differential.asks import TALKS
from tests.differential.comparing import asks, compare


@pytest.mark.parametrize("application", list(TALKS))
@asks(60)
@given(data=st.data())
async def test_a_conversation_takes_the_same_course(application: str, data: st.DataObject) -> None:
    ask, said = data.draw(TALKS[application])
    await compare(application, ask, said)
