"""The pages are correct: their Python runs, requests get the responses that are shown, commands exist."""

import importlib
from pathlib import Path

import pytest

from tests.docs.blocks import blocks_of, tries_of
from tests.docs.pages import ROOT, run_page, send

PAGES = sorted(
    page.relative_to(ROOT)
    for page in [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "benchmarks/README.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "examples").rglob("*.md"),
    ]
    if page.exists()
)
EXAMPLES = sorted(
    file.relative_to(ROOT)
    for file in (ROOT / "examples").rglob("*.py")
    if any(line.startswith("# try:") for line in file.read_text(encoding="utf-8").splitlines())
)


def named(path: Path) -> str:
    return path.as_posix()


@pytest.mark.usefixtures("kept_logging")  # a page shows how to configure it
@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_page_holds_what_it_says(page: Path) -> None:
    run_page(page, (ROOT / page).read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", EXAMPLES, ids=named)
def test_an_example_responds_as_its_last_lines_say(file: Path) -> None:
    module = importlib.import_module(".".join(file.with_suffix("").parts))
    send(tries_of(file, 1, (ROOT / file).read_text(encoding="utf-8")), vars(module))


def test_a_block_that_is_not_run_says_why() -> None:
    for page in PAGES:
        for block in blocks_of(page, (ROOT / page).read_text(encoding="utf-8")):
            silent = "run: no" in block.comments and block.runs
            assert not silent, f"{block.place}: write `<!-- run: no, because ... -->`"
