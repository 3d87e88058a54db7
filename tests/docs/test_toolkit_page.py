"""The toolkit's page names modules and names that are there, and leaves no public module out."""

import re
from importlib import import_module

import pytest

from tests.docs.pages import ROOT
from tests.test_architecture import FLOORS, floor_of, modules

# Parts of other modules: nobody imports from them by name.
INSIDE = "body connection formlimits formparts formscanner"
FACES = "responses routing datastructures testclient"
INSIDE_MIDDLEWARE = "bounds"


def lines() -> list[tuple[str, list[str]]]:
    text = (ROOT / "docs/reference/toolkit.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `(signette\.[\w.]+)` \| (.+) \|$", text, re.MULTILINE)
    return [(module, re.findall(r"`([A-Z]\w+|[a-z]\w*_\w+)`", names)) for module, names in found]


@pytest.mark.parametrize(("module", "names"), lines(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_modules_names_are_there(module: str, names: list[str]) -> None:
    assert names
    assert [name for name in names if not hasattr(import_module(module), name)] == []


def is_public(module: str) -> bool:
    package, _, inner = module.removeprefix("signette.").partition(".")
    if package.startswith("_") or package in INSIDE.split() or (inner and package in FACES.split()):
        return False
    if package == "middleware" and inner:
        text = modules()[module].read_text(encoding="utf-8")
        return (
            inner not in INSIDE_MIDDLEWARE.split()
            and re.search(r"^class \w+Middleware\b", text, re.MULTILINE) is not None
        )
    return True


def test_each_public_module_of_the_toolkit_has_its_line() -> None:
    toolkit = [module for module in modules() if 0 <= floor_of(module) < list(FLOORS).index("declarative")]
    assert {module for module, _ in lines()} == {module for module in toolkit if is_public(module)}
