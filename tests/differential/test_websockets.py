"""A WebSocket conversation takes the same course as on Starlette, but for the differences in the table."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.differential.asks import TALKS
from tests.differential.comparing import asks, compare

pytestmark = pytest.mark.either_loop

TALKED = st.one_of([st.tuples(st.just(application), talk) for application, talk in TALKS.items()])


@asks(300)
@given(talked=TALKED)
async def test_a_conversation_takes_the_same_course(talked: Any) -> None:
    application, (ask, declared) = talked
    await compare(application, ask, declared)
