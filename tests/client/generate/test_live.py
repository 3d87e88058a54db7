"""Generated modules in processes that cannot import signette, against the examples over sockets."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from signette.client.generate.module import client_module
from tests.docs.blocks import blocks_of
from tests.docs.pages import page_module
from tests.interop.serving import served
from tests.timeouts import SECONDS

ROOT = Path(__file__).parents[3]
DRIVEN = Path(__file__).parent / "driven"
APPLICATIONS = {"airports": "examples.airports", "market": "examples.market", "tour": "examples.tour.typed"}
# The program sees a folder with its client, and no signette.
RUN = "import runpy, sys; sys.modules['signette'] = None; runpy.run_path(sys.argv.pop(1), run_name='__main__')"


def drive(app: Any, name: str, tmp_path: Path) -> None:
    """Generate the module of an application, and run the program that uses it."""
    (tmp_path / f"{name}_client.py").write_text(client_module(app).source, encoding="utf-8")
    with served(app) as server:
        url = str(server.base_url).rstrip("/")
        done = subprocess.run(
            [sys.executable, "-c", RUN, str(DRIVEN / f"{name}.py"), url],
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(APPLICATIONS))
def test_a_module_calls_its_application(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRPORTS_DB", str(tmp_path / "airports.sqlite3"))
    monkeypatch.setenv("MARKET_FOLDER", str(tmp_path))
    drive(import_module(APPLICATIONS[name]).app, name, tmp_path)


def test_the_module_of_the_tutorial_does_what_the_chapter_shows(tmp_path: Path) -> None:
    page = ROOT / "docs" / "tutorial" / "clients.md"
    with page_module(page) as module:
        block = next(each for each in blocks_of(page, page.read_text("utf-8")) if each.language == "python")
        exec(block.text, vars(module))
        drive(module.app, "library", tmp_path)
