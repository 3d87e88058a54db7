"""Each application responds as it does on Starlette, except for the differences in the table."""

import logging
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.differential.asks import ASKS, BODY_LIMIT, CORS
from tests.differential.comparing import MAKERS, asks, both, compare
from tests.differential.exchanges import Ask

pytestmark = pytest.mark.either_loop

logging.getLogger("python_multipart").setLevel(logging.ERROR)

# Drawn together, as nothing may be drawn inside of an event loop.
ASKED = st.one_of([st.tuples(st.just(application), asked) for application, asked in ASKS.items()])


@asks(800)
@given(asked=ASKED)
async def test_a_request_has_the_same_response(asked: tuple[str, Ask]) -> None:
    await compare(*asked)


@asks(200)
@given(application=st.sampled_from([name for name in MAKERS if name.startswith("cors: ")]), ask=CORS)
async def test_an_origin_has_the_same_response(application: str, ask: Ask) -> None:
    await compare(application, ask)


@asks(200)
@given(application=st.sampled_from([name for name in MAKERS if name.startswith("body_limit: ")]), ask=BODY_LIMIT)
async def test_a_limited_body_has_the_same_response(application: str, ask: Ask) -> None:
    await compare(application, ask)


async def test_both_sides_read_one_clock(one_clock: float) -> None:
    seen = await both("responses", Ask(query=b"delete=a"))
    now = f"expires={formatdate(one_clock, usegmt=True)}"
    for response in (seen.theirs, seen.ours):
        assert now in (response.header("set-cookie") or "")
