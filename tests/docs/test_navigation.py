"""The documentation site has each page of docs/ in its navigation, and no page that does not exist."""

import re

from tests.docs.pages import ROOT
from tests.docs.test_names_page import public

NAVIGATION = re.compile(r"^ +- (?:.*: )?([\w/.-]+\.md)$", re.MULTILINE)


def test_the_navigation_has_each_page() -> None:
    listed = NAVIGATION.findall((ROOT / "mkdocs.yml").read_text("utf-8"))
    pages = [page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")]
    assert sorted(set(pages) - set(listed)) == []
    assert len(listed) == len(set(listed))


def test_the_api_reference_has_each_public_module() -> None:
    # `signette.security.http` and the like are other names of what `signette.security` has.
    others = ("signette.security.", "signette.openapi.utils", "signette.status", "signette.logger")
    modules = [module for module in public() if module != "signette" and not module.startswith(others)]
    site = (ROOT / ".ci/site.py").read_text("utf-8")
    assert [module for module in modules if not re.search(rf'"(?:\w+\.)?{module.rpartition(".")[2]}"', site)] == []


def test_the_navigation_has_no_page_that_was_renamed() -> None:
    made = ("api/", "examples/", "benchmarks.md", "changelog.md")  # by `.ci/site.py`, when the site is built
    listed = NAVIGATION.findall((ROOT / "mkdocs.yml").read_text("utf-8"))
    assert [page for page in listed if not page.startswith(made) and not (ROOT / "docs" / page).exists()] == []
