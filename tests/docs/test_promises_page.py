"""Each promise names tests that are there; what the page says of limits is what they are."""

import ast
import asyncio
import re
import sys
import warnings
from contextlib import nullcontext
from functools import cache

import anyio
import pytest
from blockbuster import BlockingError

from signette.limits import Limits
from signette.staticfiles import StaticFiles
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs/reference/promises.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.endswith("| shown by |")
]


@cache
def names_in(file: str) -> frozenset[str]:
    """The names of the test functions of a file, which may be missing."""
    path = ROOT / "tests" / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


@pytest.mark.parametrize("row", ROWS, ids=[row[0][:50] for row in ROWS])
def test_a_promise_names_tests_that_are_there(row: list[str]) -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", row[-1])
    assert named, "a promise without a test is a wish"
    assert re.sub(r"`[\w/]+\.py::\w+`(, )?", "", row[-1]).strip() == "", "the last cell has tests alone"
    assert [f"{file}::{name}" for file, name in named if name not in names_in(file)] == []


def test_each_table_is_read() -> None:
    assert len(ROWS) > 50
    assert len([line for line in PAGE.splitlines() if line.startswith("| ")]) == len(ROWS) + PAGE.count("| shown by |")


@pytest.mark.parametrize("field", [name for name in Limits.__dataclass_fields__ if name != "header_bytes"])
def test_each_bound_of_an_app_stands_in_the_first_table(field: str) -> None:
    bound = getattr(Limits(), field)
    words = f"{bound // 1024**2} MiB" if bound % 1024**2 == 0 else f"{bound // 1024} KiB"
    said = words if bound >= 64 * 1024 and field.endswith("bytes") else f"{bound:,}"
    first = [row for row in ROWS if len(row) == 4]
    assert any(re.search(rf"(^|\s){re.escape(said)}\b", row[1]) for row in first), (field, said)


async def test_warnings_are_errors_on_both_event_loops_and_nothing_blocks(request: pytest.FixtureRequest) -> None:
    with pytest.raises(DeprecationWarning):
        warnings.warn("it is an error", DeprecationWarning, stacklevel=1)
    on_asyncio = anyio.get_cancelled_exc_class() is asyncio.CancelledError
    assert request.node.callspec.params["anyio_backend"] == ("asyncio" if on_asyncio else "trio")
    conftest = (ROOT / "tests/conftest.py").read_text(encoding="utf-8")
    assert 'params=["asyncio", "trio"]' in conftest
    # A call of signette's that would block the loop; the watch knows asyncio's alone; conftest says why not on 3.12.
    is_watched = on_asyncio and sys.version_info[:2] != (3, 12)
    with pytest.raises(BlockingError) if is_watched else nullcontext():
        StaticFiles(directory=ROOT)
