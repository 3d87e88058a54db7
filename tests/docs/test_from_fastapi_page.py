"""The page for who comes from FastAPI tells of each import, each difference and each thing that is missing."""

import pytest

from tests.docs.from_fastapi import difference_line, missing_line, move_line
from tests.docs.pages import ROOT
from tests.examples.topics.beyond import MISSING
from tests.examples.topics.differences import DIFFERENCES
from tests.examples.topics.every_row import ROWS
from tests.examples.topics.imports import MOVES

TABLES = {
    "## Change the imports": [move_line(move) for move in MOVES],
    "## Each difference": [difference_line(row) for row in (*DIFFERENCES, *ROWS)],
    "## What is not there": [missing_line(missing) for missing in MISSING],
}


@pytest.mark.parametrize("heading", TABLES)
def test_a_table_of_the_page_is_the_table_of_the_tests(heading: str) -> None:
    page = (ROOT / "docs/how-to/from-fastapi.md").read_text("utf-8")
    section = page.partition(f"\n{heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    assert lines[2:] == TABLES[heading]
