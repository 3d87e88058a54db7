"""Tables of the reference that are written from the code are those of the code."""

import pytest

from tests.declarative.kept_text import assert_kept
from tests.docs.generated import KEPT, TABLES, Table
from tests.docs.pages import ROOT


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_table_of_the_page_is_that_of_the_code(table: Table) -> None:
    assert_kept(ROOT / "docs" / f"{table.page}.md", table.written())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_person_has_written_each_cell_that_the_code_does_not_have(table: Table) -> None:
    written = [
        cell
        for row, made in zip(table.completed(), table.rows(), strict=True)
        for cell, source in zip(row, made, strict=True)
        if source is KEPT
    ]
    assert all(written), "a new row needs the text that only you can write: add it to the page"
