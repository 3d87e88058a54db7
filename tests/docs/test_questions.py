"""Questions that people search for lead to a heading whose section has the question's own terms."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT

QUESTIONS: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "questions.toml").read_text("utf-8"))[
    "question"
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["ask"])
def test_a_section_has_the_terms_of_the_question(question: dict[str, Any]) -> None:
    section = section_of((ROOT / "docs" / question["page"]).read_text("utf-8"), question["heading"])
    assert [term for term in question["terms"] if term not in section] == []


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["ask"])
def test_the_terms_are_the_question_s_own(question: dict[str, Any]) -> None:
    assert question["terms"]
    assert [term for term in question["terms"] if term not in question["ask"].lower()] == []


def test_there_are_fifty_questions() -> None:
    assert len({question["ask"] for question in QUESTIONS}) >= 50


def section_of(page: str, heading: str) -> str:
    """A heading and the text below it, in lower case and on one line, up to the next heading of its level or above."""
    found = re.search(rf"^(#+) {re.escape(heading)}$", page, re.MULTILINE)
    assert found is not None, f"no heading {heading!r}"
    prose = re.sub(
        r"^```.*?^```", lambda block: block[0].replace("#", " "), page[found.start() :], flags=re.MULTILINE | re.DOTALL
    )
    end = re.search(rf"^#{{1,{len(found[1])}}} ", prose[len(found[0]) :], re.MULTILINE)
    section = prose[: len(found[0]) + end.start()] if end else prose
    return " ".join(section.lower().split())
