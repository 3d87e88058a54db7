"""Links between pages lead somewhere, and each page of the docs can be reached from the map."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(
    page.relative_to(ROOT) for page in [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("benchmarks/*.md")]
)
LINK = re.compile(r"\[[^\]]+\]\((?!https?:|mailto:)([^)#\s]+)(#[^)\s]*)?\)")


def links_of(page: Path) -> set[Path]:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return {(page.parent / target).resolve() for target, _ in LINK.findall(text)}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_pages_links_lead_to_files_that_are_there(page: Path) -> None:
    assert [target for target in links_of(ROOT / page) if not target.exists()] == []


def test_the_map_names_each_page() -> None:
    listed = links_of(DOCS / "index.md")
    missing = [page for page in DOCS.rglob("*.md") if page.resolve() not in listed and page.name != "index.md"]
    assert missing == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.parts[0] == "docs"], ids=str)
def test_a_page_says_at_its_head_what_you_will_have_at_its_end(page: Path) -> None:
    opening = (ROOT / page).read_text(encoding="utf-8").split("\n\n")[1]
    assert re.search(r"\b(?:After|At the end of|What you get)\b", opening), opening
