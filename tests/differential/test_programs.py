"""Each program shows the difference that its row describes."""

import sys

import pytest

from tests.differential.names import SIGNETTE, STARLETTE
from tests.differential.programs import ProgramRow
from tests.differential.table import PROGRAMS

HERE = [row for row in PROGRAMS if sys.version_info < row.until]


@pytest.mark.parametrize("row", HERE, ids=lambda row: row.program.__name__)
def test_a_program_shows_the_difference(row: ProgramRow) -> None:
    assert (row.program(STARLETTE), row.program(SIGNETTE)) == (row.theirs, row.ours)
    assert row.theirs != row.ours
