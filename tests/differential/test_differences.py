"""Each row of the table is a difference that is there."""

import sys

import pytest

from tests.differential.comparing import both, check
from tests.differential.differences import Difference
from tests.differential.table import DIFFERENCES

HERE = [one for one in DIFFERENCES if sys.version_info < one.until]


@pytest.mark.parametrize("difference", HERE, ids=lambda one: one.name)
async def test_a_documented_difference_exists(difference: Difference) -> None:
    seen = await both(*difference.shown)
    assert set(seen.aspects()) & set(difference.explains(seen)), "the two are alike: the row is of no use"
    check(seen)
