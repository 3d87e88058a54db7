"""A data structure returns what that of Starlette returns, for all calls, except for the differences in the table."""

import pytest
from hypothesis import given

from tests.differential.comparing import asks, check, run_both
from tests.differential.values import KINDS, Program, programs


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_value_behaves_the_same(kind: str) -> None:
    @asks(80)
    @given(program=programs(kind))
    def behaves(program: Program) -> None:
        check(run_both(program))

    behaves()
