"""Links between pages have a target, and the index links to each page."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

DOCS = ROOT / "docs"
API = DOCS / "api"  # pages that the site has: docstrings
PAGES = sorted(
    page.relative_to(ROOT)
    for page in [
        *ROOT.glob("*.md"),
        *DOCS.rglob("*.md"),
        *ROOT.glob("benchmarks/*.md"),
        *ROOT.glob("examples/*/README.md"),
    ]
)
LINK = re.compile(r"\[[^\]]+\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")


def prose_of(page: Path) -> str:
    """A page without its code blocks, in which `#` begins a comment."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def links_of(page: Path) -> set[tuple[Path, str]]:
    """The files that a page links to, each with the anchor of the link, or an empty text."""
    found = LINK.findall(prose_of(page))
    return {((page.parent / target).resolve() if target else page, heading) for target, heading in found}


def anchors_of(page: Path) -> set[str]:
    """The anchors of its headings: lower case, without punctuation, hyphens for blanks."""
    headings = re.findall(r"^#+ (.+)$", prose_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_pages_links_lead_to_files_that_are_there(page: Path) -> None:
    assert [target for target, _ in links_of(ROOT / page) if not target.exists() and target.parent != API] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_link_to_a_part_of_a_page_leads_to_a_heading_of_it(page: Path) -> None:
    links = links_of(ROOT / page)
    named = [
        (target, heading) for target, heading in links if heading and target.suffix == ".md" and target.parent != API
    ]
    assert [(target.name, heading) for target, heading in named if heading not in anchors_of(target)] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_link_to_the_api_reference_leads_to_a_class_or_a_function(page: Path) -> None:
    for target, heading in links_of(ROOT / page):
        if target.parent == API:
            module, _, name = heading.rpartition(".")
            assert heading.startswith(f"signette.{target.stem}.")
            assert getattr(import_module(module), name).__doc__


def test_the_map_names_each_page() -> None:
    listed = {target for target, _ in links_of(DOCS / "index.md")}
    missing = [page for page in DOCS.rglob("*.md") if page.resolve() not in listed and page.name != "index.md"]
    assert missing == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.parts[0] == "docs"], ids=str)
def test_a_page_opens_with_a_sentence_on_what_it_covers(page: Path) -> None:
    opening = (ROOT / page).read_text(encoding="utf-8").split("\n\n")[1]
    assert opening[:1].isalpha() or opening[:1] in "`*[", opening
    assert opening.endswith((".", ":")), opening
