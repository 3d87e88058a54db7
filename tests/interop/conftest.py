"""These tests need the packages of the dependency group `interop`: `make interop` installs it and runs them.

Without it they are not collected.
"""

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from blockbuster import BlockBuster

from tests.browser.chromium import FOUND

HERE = Path(__file__).parent

collect_ignore_glob = [] if find_spec("slowapi") else ["test_*.py"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What the packages themselves warn of is theirs to change. Without Chromium, its tests are not collected."""
    items[:] = [item for item in items if FOUND or "browser" not in getattr(item, "fixturenames", ())]
    for item in items:
        if HERE in Path(item.path).parents:
            item.add_marker(pytest.mark.filterwarnings("default"))


@pytest.fixture(autouse=True)
def packages_may_block(nothing_blocks: BlockBuster) -> Iterator[None]:
    """Stop looking for calls that block the event loop: those of the packages are theirs."""
    is_active = sys.version_info[:2] != (3, 12)  # as in `nothing_blocks`
    if is_active:
        nothing_blocks.deactivate()
    yield
    if is_active:
        nothing_blocks.activate()


@pytest.fixture(params=["asyncio"])
def anyio_backend(request: Any) -> str:
    """Most of the packages know no other event loop."""
    name: str = request.param
    return name
