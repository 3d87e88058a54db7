"""What pages show of `signette explain` is what it says of the page's own endpoints."""

import re
from pathlib import Path

import pytest

from signette.declarative.inspection.explain import explain
from tests.docs.blocks import Block, blocks_of
from tests.docs.pages import ROOT, page_module

SHOWN = re.compile(r'\$ signette explain \S+ "(?P<operation>[^"]+)"\n(?P<text>.+)', re.DOTALL)
PLACE = re.compile(r"\([^()\s]+\.(?:py|md):\d+\)")


def shown_in(page: Path) -> list[Block]:
    return [block for block in blocks_of(page, (ROOT / page).read_text(encoding="utf-8")) if SHOWN.match(block.text)]


PAGES = [page for file in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
         if shown_in(page := file.relative_to(ROOT))]  # fmt: skip


def test_some_pages_show_what_explain_says() -> None:
    assert PAGES


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_shows_what_explain_says(page: Path) -> None:
    with page_module(page) as module:
        apps = []
        for block in blocks_of(page, (ROOT / page).read_text(encoding="utf-8")):
            if block.language == "python" and block.runs:
                exec(compile(block.text, str(page), "exec", dont_inherit=True), vars(module))
                apps.append(vars(module).get("app"))
            shown = SHOWN.match(block.text)
            if shown is not None:
                documented = next(
                    filter(None, (explanation_of(app, shown["operation"]) for app in reversed(apps))), None
                )
                assert documented is not None, f"{block.place}: no `app` of the page has `{shown['operation']}`"
                documented = documented.replace(f"{module.__name__}.", "")
                assert agrees(shown["text"], documented), f"{block.place}: explain says\n{documented}"


def explanation_of(app: object, operation: str) -> str | None:
    try:
        return explain(app, operation) if hasattr(app, "routes") else None
    except LookupError:
        return None


def agrees(shown: str, documented: str) -> bool:
    """Whether the two say the same but for spaces, places and the module's name; `...` leaves something out."""
    expected = [plain(line) for line in shown.strip().splitlines()]
    found = [plain(line) for line in documented.strip().splitlines()]
    return len(expected) == len(found) and all(map(fits, expected, found))


def fits(expected: str, found: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in expected.split("..."))
    # A page calls its module by the name of the file that a reader writes.
    return re.fullmatch(pattern, found) is not None


def plain(line: str) -> str:
    return re.sub(r"\b(?:shop|shelf|workshop)\.", "", " ".join(PLACE.sub("(place)", line).split()))


@pytest.mark.parametrize(
    ("shown", "documented", "same"),
    [
        ("read a  path", "  read   a path", True),
        ("call f(a) (x.py:1)", "call f(a) (docs/x.md:20)", True),
        ("call shop.f(a)", "call f(a)", True),
        ("response 200 | ...", "response 200 | 422", True),
        ("response 200", "response 200 | 422", False),
        ("open query", "open query\nread a", False),
    ],
)
def test_only_spaces_places_and_the_module_may_differ(shown: str, documented: str, same: bool) -> None:
    assert agrees(shown, documented) is same
