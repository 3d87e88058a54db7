"""The plain half of the tour responds on Starlette as it does on signette, but for what is listed here."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.examples.ported.side_by_side import both_forms, told
from tests.examples.tour.tables import ALIKE, DIFFERENT

REQUESTS = {name: row[:3] for name, row in (ALIKE | DIFFERENT).items()}

# What Starlette responds otherwise, and why. A line that is no longer so fails its test.
JSON_WORDS = "what is wrong with JSON is told in other words"
OPTIONS = "OPTIONS is answered here"
OTHERWISE = {
    "a slash too many": "the redirect for a slash is relative here",
    "headers": "its test client sends header values in UTF-8",
    "JSON numbers": "orjson writes 1e-7, the standard library 1e-07",
    "a form that is no UTF-8": "bytes that are no UTF-8 are replaced here, whether they were quoted or not",
    "a file that the client has": "a file is 304 here for who has it, there only below StaticFiles",
    "OPTIONS /api": OPTIONS,
    "OPTIONS /json": OPTIONS,
    "OPTIONS /users/3": OPTIONS,
    "a user of 5,000 digits": "a number that Python will not convert is 404 here, 500 there",
    "no JSON": JSON_WORDS,
    "a lone surrogate": JSON_WORDS,
    "a number of 400 digits": "what is no number of 64 bits of floating point is refused here",
    "a number of 5,000 digits": JSON_WORDS,
    "JSON 100,000 levels deep": "JSON that is too deep is a 400 here, a 500 there",
    "JSON that is no UTF-8": JSON_WORDS,
    "no JSON at all": JSON_WORDS,
    "a form that was cut off": "a form without its end is a 400 here, and an empty form there",
    "a sign-up that is no JSON": "broken JSON that the endpoint does not catch is a 400 here, a 500 there",
}


@pytest.fixture(scope="module")
def clients() -> Iterator[list[Any]]:
    # What is a 500 there is seen as one.
    with both_forms("examples.tour.plain", raise_server_exceptions=False) as clients:
        yield clients


@pytest.mark.parametrize("name", REQUESTS)
def test_both_respond_alike_except_for_what_is_listed(name: str, clients: list[Any]) -> None:
    method, target, sent = REQUESTS[name]
    ours, theirs = [told(client.request(method, target, **sent)) for client in clients]
    assert (ours != theirs) == (name in OTHERWISE), (ours, theirs)
    assert ours[0] < 500
