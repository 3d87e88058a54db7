"""Each row of the table is a difference that is there, and that no other row tells of."""

import pytest

from tests.differential.comparing import both, check
from tests.differential.differences import Difference
from tests.differential.table import DIFFERENCES


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda one: one.name)
async def test_a_difference_is_there(difference: Difference) -> None:
    seen = await both(*difference.shown)
    assert set(seen.aspects()) & set(difference.explains(seen)), "the two are alike: the row is of no use"
    check(seen)
