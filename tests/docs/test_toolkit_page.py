"""The toolkit's page names modules and names that are there, and leaves no public module out."""

import re
from importlib import import_module

import pytest

from tests.docs.pages import ROOT
from tests.test_architecture import FLOORS, floor_of, modules

# Parts of other modules: nobody imports from them by name.
INSIDE = "body connection formlimits formparts"
FACES = "responses routing datastructures testclient middleware"
INSIDE_MIDDLEWARE = "bounds calling direct handlers registry"


def lines() -> list[tuple[str, list[str]]]:
    text = (ROOT / "docs/reference/toolkit.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `(signette\.[\w.]+)` \| (.+) \|$", text, re.MULTILINE)
    return [(module, re.findall(r"`([A-Z]\w+|[a-z]\w*_\w+)`", names)) for module, names in found]


@pytest.mark.parametrize(("module", "names"), lines(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_modules_names_are_there(module: str, names: list[str]) -> None:
    assert names
    assert [name for name in names if not hasattr(import_module(module), name)] == []


def test_each_public_module_of_the_toolkit_has_its_line() -> None:
    declarative = list(FLOORS).index("declarative")
    public = set()
    for module in modules():
        short = module.removeprefix("signette.")
        if not 0 <= floor_of(module) < declarative or short.startswith("_") or short in INSIDE.split():
            continue
        package, _, inner = short.partition(".")
        if inner and package in FACES.split() and (package != "middleware" or inner in INSIDE_MIDDLEWARE.split()):
            continue
        public.add(module)
    assert {module for module, _ in lines()} == public
