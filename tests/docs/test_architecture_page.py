"""The architecture page shows each package in its place, each library with its module, and files that exist."""

import re
import sys

from tests.docs.pages import ROOT
from tests.test_architecture import EVERYWHERE, LAYERS, PACKAGES, all_imports, modules

TEXT = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
IMPORTED_AS = {"python-multipart": "python_multipart"}
# Alternatives of a library that has its row, the core of one, and what schemathesis is made of: no separate rows.
BESIDE = {"httpx", "pydantic_core", "compression", "hypothesis", "requests", "jsonschema_rs"}
MOST_LINES = 140  # two screens


def section(title: str) -> str:
    return re.split(r"\n##+ ", TEXT.partition(f"## {title}\n")[2])[0]


def rows_of(text: str) -> list[list[str]]:
    """The rows of the table in a text, without its head."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return rows[2:]


def diagram() -> dict[str, list[list[str]]]:
    """The label of each part of the drawing, and the lines of names next to it."""
    parts: dict[str, list[list[str]]] = {}
    label = ""
    for line in section("Packages").partition("```text\n")[2].partition("```")[0].splitlines():
        if line.startswith(" " * 16 + "─"):
            continue
        label = line[:16].strip() or label
        parts.setdefault(label, []).append(line[16:].split())
    return parts


def test_the_page_has_two_screens() -> None:
    assert len(TEXT.splitlines()) <= MOST_LINES


def test_the_diagram_has_each_layer_from_the_top_down() -> None:
    assert [label.rstrip("/") for label in diagram()] == [*LAYERS][::-1]


def test_the_diagram_has_each_package_of_the_declarative_half_in_its_order() -> None:
    assert [line[0] for line in diagram()["declarative/"]] == PACKAGES[::-1]


def test_what_the_diagram_shows_of_a_layer_is_in_it() -> None:
    for layer, patterns in LAYERS.items():
        if layer in diagram():
            (names,) = diagram()[layer]
            listed = {name.removesuffix(".*") for name in patterns.split()}
            shown = {name.rstrip("/") for name in names} & {module.split(".")[-1] for module in modules()}
            assert shown, layer
            assert shown <= listed


def test_each_imported_library_is_listed_next_to_its_modules() -> None:
    homes = {row[0]: re.findall(r"`([\w/]+)`", row[1]) for row in rows_of(section("Libraries"))}
    imported = {
        found.target
        for found in all_imports()
        if not found.target.startswith("signette") and found.target not in sys.stdlib_module_names
    }
    assert {IMPORTED_AS.get(library, library) for library in homes} == imported - EVERYWHERE - BESIDE
    for library, places in homes.items():
        name = IMPORTED_AS.get(library, library)
        users = {
            found.module.removeprefix("signette.").replace(".", "/") for found in all_imports() if found.target == name
        }
        outside = {user for user in users if not any(user == home or user.startswith(home) for home in places)}
        assert not outside, library


def test_each_file_that_is_named_exists() -> None:
    named = [
        name
        for title in ("Where to look", "The path of a request")
        for name in re.findall(r"`([\w/]+)`(?!\])", section(title))
        if name != "App"
    ]
    assert len(named) > 20
    for name in named:
        path = ROOT / "signette" / name
        assert path.is_dir() if name.endswith("/") else path.with_suffix(".py").is_file(), name
