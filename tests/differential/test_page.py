"""The page on moving from Starlette has each row of the tables of these tests, and no other."""

import re
from collections import Counter

import pytest

from tests.differential.first import FIRST
from tests.differential.table import DIFFERENCES, PROGRAMS
from tests.differential.test_better import ROWS as BETTER
from tests.differential.test_telemetry import ROWS as TELEMETRY
from tests.docs.pages import ROOT
from tests.first_rows import First

PAGE = (ROOT / "docs/how-to/from-starlette.md").read_text(encoding="utf-8")


def rows_of(heading: str) -> list[str]:
    """The rows of all tables of a section, without their headings."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    tables = re.findall(r"^\|.*\n\|[-|]+\n((?:\|.*\n)+)", section + "\n", re.MULTILINE)
    return [line[2:-2] for table in tables for line in table.splitlines()]


@pytest.mark.parametrize("row", FIRST, ids=lambda row: row.prove.__name__)
def test_a_difference_that_people_notice_first_is_there_and_can_be_kept_away(row: First) -> None:
    row.prove()


def test_the_page_opens_with_these() -> None:
    assert rows_of("What you notice first") == [f"{row.notice} | {row.keep}" for row in FIRST]


def test_the_page_lists_every_difference_and_no_other() -> None:
    """In any table of the section, each once."""
    expected = Counter(f"{row.there} | {row.here} | {row.move}" for row in (*DIFFERENCES, *PROGRAMS))
    expected.update(line[2:-2] for line, _ in TELEMETRY)
    actual = Counter(rows_of("What is different"))
    assert (expected - actual, actual - expected) == (Counter(), Counter())


def test_the_page_lists_everything_that_is_better_and_no_more() -> None:
    assert [row.partition(" | ")[0] for row in rows_of("What is better")] == [row[0] for row in BETTER]
