"""The comparison with other packages: its tables are those of the kept facts, and signette's cells are true today."""

import json

import pytest

from benchmarks.comparison.asking import PACKAGES, cells_of
from benchmarks.comparison.page import FACTS, PAGE, rendered
from benchmarks.comparison.questions import QUESTIONS
from tests.docs.pages import ROOT

KEPT = json.loads(FACTS.read_text("utf-8"))
AGAIN = "`python -m benchmarks.comparison` writes the facts and the tables again"


def test_the_tables_are_those_of_the_kept_facts() -> None:
    page = PAGE.read_text("utf-8")
    assert rendered(page, KEPT) == page, AGAIN
    assert all(question.row in page for question in QUESTIONS), "a group of questions has no table"


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_was_asked_each_question(package: str) -> None:
    assert list(KEPT["cells"][package]) == [question.name for question in QUESTIONS], AGAIN


def test_the_versions_are_those_that_are_installed_for_development() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    versions = dict(line.split("==") for line in lines if not line.startswith("#"))
    assert {name: version for name, version in KEPT["versions"].items() if name != "signette"} == {
        name: versions[name] for name in KEPT["versions"] if name != "signette"
    }, AGAIN


def test_the_cells_of_signette_are_true() -> None:
    assert cells_of("signette") == KEPT["cells"]["signette"], AGAIN
