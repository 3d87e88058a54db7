"""The page of names has each name of the face once, and each that the docs import is on it or on the toolkit's page."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import signette
from signette.security import __all__ as security_names
from tests.docs.blocks import blocks_of
from tests.docs.pages import ROOT
from tests.docs.tables import first_names, names_in, table_of
from tests.docs.test_toolkit_page import lines
from tests.test_architecture import LAYERS, layer_of, modules

# The modules of these are inside; what is public is imported from the package.
PACKAGES = ("signette.client.", "signette.contract.", "signette.prove.", "signette.mcp.")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_each_public_name_has_its_line() -> None:
    assert sorted(first_names("reference/names", "names")) == sorted(signette.__all__)


def typed_modules() -> list[tuple[str, list[str]]]:
    """Modules of the second table, each with the names that its line has."""
    return [(line[0].strip("`"), names_in(line[1])) for line in table_of("reference/names", "modules")]


@pytest.mark.parametrize(("module", "names"), typed_modules())
def test_the_names_of_the_typed_half_are_there(module: str, names: list[str]) -> None:
    assert [name for name in names if not hasattr(import_module(module), name)] == []


def test_each_module_of_the_highest_layer_that_is_imported_from_has_its_line() -> None:
    inside = {"signette.app", "signette.__main__"}  # by `signette` itself, or by a command
    highest = {module for module in modules() if layer_of(module) == len(LAYERS) - 1} - {"signette"}
    commands = {module for module in highest if module.split(".")[1] in {"cli", "port"}}
    of_packages = {each for each in highest if each.startswith(PACKAGES) and each.count(".") > 1}
    documented = {module for module, _ in typed_modules() if not module.startswith("signette.state")}
    assert highest - inside - commands - of_packages == documented


def public() -> dict[str, set[str]]:
    """Names by module, as the pages have them."""
    found = {module: set(names) for module, names in [*lines(), *typed_modules()]}
    found["signette"] = set(signette.__all__)
    found["signette.security"] |= set(security_names)
    return found


def imports_of(page: Path) -> Iterator[tuple[str, str]]:
    """Module and name of each import from signette in the blocks of a page."""
    for block in blocks_of(page, page.read_text(encoding="utf-8")):
        if block.language == "python":
            for node in ast.walk(ast.parse(block.text)):
                if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "signette":
                    yield from ((node.module, alias.name) for alias in node.names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_imports_is_public(page: Path) -> None:
    there = public()
    there["signette"].add("status")  # a module, which the import statement finds
    assert [f"{module}.{name}" for module, name in imports_of(page) if name not in there.get(module, ())] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_imports_private_modules(page: Path) -> None:
    assert [module for module, _ in imports_of(page) if module.startswith("signette.declarative")] == []
