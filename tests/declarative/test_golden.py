"""Endpoints beside their plans and binders: `golden/`, a module and a text for each.

What a change of planner or generator does to real endpoints is seen in the difference of these files.
`SIGNETTE_KEEP=1 pytest tests/declarative/test_golden.py` writes them anew.
"""

import importlib
from pathlib import Path

import pytest

from signette.app import App
from tests.declarative.kept_text import assert_kept

HERE = Path(__file__).parent / "golden"
NAMES = sorted(file.stem for file in HERE.glob("*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_plan_and_binder_are_the_ones_beside_the_endpoint(name: str) -> None:
    app: App = importlib.import_module(f"tests.declarative.golden.{name}").app
    (route,) = [route for route in app.routes if hasattr(route, "plan")]
    assert_kept(HERE / f"{name}.txt", f"{route.explain(source=True).rstrip()}\n")


@pytest.mark.parametrize("name", NAMES)
def test_a_binder_is_written_the_same_each_time(name: str) -> None:
    app: App = importlib.import_module(f"tests.declarative.golden.{name}").app
    (route,) = [route for route in app.routes if hasattr(route, "plan")]
    assert route.explain(source=True) == route.explain(source=True)
