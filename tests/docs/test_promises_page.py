"""Each guarantee names existing tests; the limits on the page are those of the code."""

import ast
import asyncio
import re
import subprocess
import sys
import warnings
from contextlib import nullcontext
from dataclasses import fields
from functools import cache
from pathlib import Path

import anyio
import pytest
from blockbuster import BlockingError

from signette.limits import Limits
from signette.staticfiles import StaticFiles
from tests.docs.pages import ROOT
from tests.docs.tables import amount_of, names_in, table_of

PAGE = (ROOT / "docs/reference/promises.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.endswith("| shown by |")
]


@cache
def functions_in(file: str) -> frozenset[str]:
    """The names of the test functions of a file, which may be missing."""
    path = ROOT / "tests" / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


@pytest.mark.parametrize("row", ROWS, ids=[row[0][:50] for row in ROWS])
def test_a_promise_names_existing_tests(row: list[str]) -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", row[-1])
    assert named, "a guarantee needs a test"
    assert re.sub(r"`[\w/]+\.py::\w+`(, )?", "", row[-1]).strip() == "", "the last cell has tests alone"
    assert [f"{file}::{name}" for file, name in named if name not in functions_in(file)] == []


def test_each_table_is_read() -> None:
    assert len(ROWS) > 50
    assert len([line for line in PAGE.splitlines() if line.startswith("| ")]) == len(ROWS) + PAGE.count("| shown by |")


def test_each_limit_of_an_app_is_listed_with_its_default() -> None:
    documented = [(names_in(row[1]), row[2]) for row in table_of("reference/promises", "limits")]
    assert {name: amount_of(most) for names, most in documented for name in names} == {
        field.name: field.default for field in fields(Limits)
    }


def test_a_limit_has_one_consequence_on_both_pages() -> None:
    promised = {name: row[3] for row in table_of("reference/promises", "limits") for name in names_in(row[1])}
    documented = {row[0].strip("`"): row[3] for row in table_of("reference/limits", "limits")}
    assert {name: text.partition(",")[0] for name, text in promised.items()} == documented


def test_pytest_runs_each_async_test_on_both_event_loops() -> None:
    here = f"{Path(__file__).relative_to(ROOT)}::{test_warnings_are_errors_and_nothing_blocks.__name__}"
    requested = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", here]
    done = subprocess.run(requested, capture_output=True, check=True, cwd=ROOT, text=True)
    assert done.stdout.split()[:2] == [f"{here}[asyncio]", f"{here}[trio]"]


async def test_warnings_are_errors_and_nothing_blocks(request: pytest.FixtureRequest) -> None:
    with pytest.raises(DeprecationWarning):
        warnings.warn("it is an error", DeprecationWarning, stacklevel=1)
    on_asyncio = anyio.get_cancelled_exc_class() is asyncio.CancelledError
    assert request.node.callspec.params["anyio_backend"] == ("asyncio" if on_asyncio else "trio")
    # A call of signette's that would block the loop; the watch knows asyncio's alone; conftest says why not on 3.12.
    is_watched = on_asyncio and sys.version_info[:2] != (3, 12)
    with pytest.raises(BlockingError) if is_watched else nullcontext():
        StaticFiles(directory=ROOT)
