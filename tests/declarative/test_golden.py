"""Endpoints next to their plans and binders: `golden/`, a module and a text for each.

What a change of planner or generator does to real endpoints is seen in the difference of these files.
`SIGNETTE_KEEP=1 pytest tests/declarative/test_golden.py` writes them again.
"""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from signette.app import App
from tests.declarative.kept_text import assert_kept

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent / "golden"
NAMES = sorted(file.stem for file in HERE.glob("*.py"))


def printed(name: str) -> str:
    """The plan and the binder of the endpoint of this module."""
    app: App = importlib.import_module(f"tests.declarative.golden.{name}").app
    (route,) = [route for route in app.routes if hasattr(route, "plan")]
    return f"{route.explain(source=True).rstrip()}\n"


@pytest.mark.parametrize("name", NAMES)
def test_plan_and_binder_are_the_ones_next_to_the_endpoint(name: str) -> None:
    assert_kept(HERE / f"{name}.txt", printed(name))


@pytest.mark.parametrize("seed", ["0", "1"])
def test_they_are_the_same_in_every_process(seed: str) -> None:
    """Sets and the like have another order in each process."""
    code = "from tests.declarative import test_golden as t; print('\\0'.join(map(t.printed, t.NAMES)), end='')"
    environ = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT, env=environ)
    assert dict(zip(NAMES, done.stdout.decode().split("\0"), strict=True)) == {name: printed(name) for name in NAMES}
