"""Each row of the table is a difference that is there, and stands on the page."""

import re
import sys

import pytest

from tests.differential.comparing import both, check
from tests.differential.differences import Difference
from tests.differential.table import DIFFERENCES
from tests.docs.pages import ROOT

HERE = [one for one in DIFFERENCES if sys.version_info < one.until]


@pytest.mark.parametrize("difference", HERE, ids=lambda one: one.name)
async def test_a_documented_difference_exists(difference: Difference) -> None:
    seen = await both(*difference.shown)
    assert set(seen.aspects()) & set(difference.explains(seen)), "the two are alike: the row is of no use"
    check(seen)


def test_the_page_lists_every_difference_and_no_other() -> None:
    page = (ROOT / "docs/how-to/from-starlette.md").read_text(encoding="utf-8")
    tables = page.partition("\n## What is different\n")[2].partition("\n### What no single request shows\n")[0]
    lines = [line for line in re.findall(r"^\| (.+) \|$", tables, re.MULTILINE) if line != "there | here | what to do"]
    assert lines == [f"{one.there} | {one.here} | {one.move}" for one in DIFFERENCES]
