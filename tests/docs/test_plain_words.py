"""Prose and names of the package, and of the pages that contributors read first, use the words of the field."""

from pathlib import Path

import pytest

from tests.docs.pages import ROOT
from tests.docs.plain_words import BANNED, found_in, found_in_test, names_of, parts_of, prose_of, words_in

PAGES = [
    *(
        ROOT / name
        for name in (
            "README.md",
            "CHANGELOG.md",
            "CONTRIBUTING.md",
            "benchmarks/README.md",
            "docs/architecture.md",
            "docs/cheat-sheet.md",
            "docs/gallery.md",
            "docs/glossary.md",
        )
    ),
    *sorted((ROOT / "examples").glob("*/README.md")),
    *sorted((ROOT / "docs/tutorial").glob("*.md")),
    *sorted((ROOT / "docs/decisions").glob("*.md")),
    *sorted((ROOT / "docs/explanation").glob("*.md")),
    *sorted((ROOT / "docs/reference").glob("*.md")),
    *sorted((ROOT / "docs/how-to").glob("*.md")),
]
FILES = sorted(file for folder in ("signette", "examples", "benchmarks") for file in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("file", [*PAGES, *FILES], ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_uses_the_words_of_the_field(file: Path) -> None:
    assert [str(found) for found in found_in(file, ROOT)] == []


def test_docstrings_comments_and_names_of_tests_do_so_too() -> None:
    own = {"plain_words.py", "test_plain_words.py"}
    files = [file for file in sorted((ROOT / "tests").rglob("*.py")) if file.name not in own]
    assert [str(found) for file in files for found in found_in_test(file, ROOT)] == []


# What the list finds, and what it leaves alone.


@pytest.mark.parametrize(
    "text",
    [
        "a mistake in the signature", "Nobody reads it.", "its answers", "mended", "refuses it", "of its own",
        "two pieces of the path", "bears the name", "what is none", "whoever asks", "the outer layer",
    ],
)  # fmt: skip
def test_a_banned_word_is_found_in_prose(text: str) -> None:
    assert next(words_in(f"First line.\n\n{text}"))[0] == 2


@pytest.mark.parametrize(
    "text",
    ["`answer = 42` is code", "the recommended value", "an unbounded queue", "teller", "a player", "bearer token"],
)
def test_code_and_longer_words_are_left_alone(text: str) -> None:
    assert list(words_in(text)) == []


def test_each_entry_says_what_to_write_instead() -> None:
    assert [word for word, instead in BANNED.items() if not instead] == []


def test_docstrings_comments_and_messages_are_prose_and_keys_are_not() -> None:
    source = '"""A module."""\n\nx = {"answer": 1}  # a comment\nraise ValueError(f"no {x} here")\n'
    assert [text for _, text in prose_of(source)] == ["# a comment", "A module.", "no ", " here"]


def test_definitions_parameters_and_variables_are_names() -> None:
    source = "class A:\n    def b(self, c):\n        d = self.e = c\n"
    assert [name for _, name in names_of(source)] == ["A", "b", "self", "c", "d", "e"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("refuse_all", ["refuse", "all"]),
        ("RefuseAll", ["refuse", "all"]),
        ("_HTTPBound", ["http", "bound"]),
        ("x", ["x"]),
    ],
)
def test_an_identifier_is_split_into_words(name: str, parts: list[str]) -> None:
    assert parts_of(name) == parts


def test_the_blocks_of_a_page_are_read_as_code(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("A page.\n\n```python\ndef told() -> None: ...  # nobody calls it\n```\n")
    assert [(found.line, found.word) for found in found_in(page, tmp_path)] == [(4, "nobody"), (4, "told")]


def test_of_a_test_docstrings_comments_and_its_name_are_read(tmp_path: Path) -> None:
    file = tmp_path / "test_x.py"
    file.write_text('def test_nobody(told):\n    """Nobody."""\n    answer = "a mistake"  # mended, in a layer\n')
    assert [(found.line, found.word) for found in found_in_test(file, tmp_path)] == [
        (1, "test_nobody"),
        (2, "Nobody"),
        (3, "mended"),
    ]
