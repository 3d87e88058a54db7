"""The page on moving from FastAPI has each import, each difference and each thing that is missing."""

import pytest

from tests.docs.from_fastapi import tables
from tests.docs.pages import ROOT

TABLES = tables()


@pytest.mark.parametrize("heading", TABLES)
def test_a_table_of_the_page_is_the_table_of_the_tests(heading: str) -> None:
    page = (ROOT / "docs/how-to/from-fastapi.md").read_text("utf-8")
    section = page.partition(f"\n{heading}\n")[2].partition("\n#")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    assert lines[2:] == TABLES[heading]
