"""Each application answers as it does on Starlette, but for the differences in the table."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.differential.asks import ASKS, CORS
from tests.differential.comparing import MAKERS, asks, compare
from tests.differential.driver import Ask

logging.getLogger("python_multipart").setLevel(logging.ERROR)


@pytest.mark.parametrize("application", list(ASKS))
@asks(100)
@given(data=st.data())
async def test_a_request_has_the_same_answer(application: str, data: st.DataObject) -> None:
    await compare(application, data.draw(ASKS[application]))


@pytest.mark.parametrize("application", [name for name in MAKERS if name.startswith("cors: ")])
@asks(40)
@given(ask=CORS)
async def test_an_origin_has_the_same_answer(application: str, ask: Ask) -> None:
    await compare(application, ask)
