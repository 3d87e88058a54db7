"""What holds for every test: both event loops, nothing that blocks them, examples that may take their time."""

import gc
import sys
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from blockbuster import BlockBuster, blockbuster_ctx

# A slow machine is no failure; what takes long is found by counts, not by clocks.
hypothesis.settings.register_profile("signette", deadline=None)
hypothesis.settings.load_profile("signette")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse names that differ from process to process, and keep the collector from looking at all modules again.

    Workers that run the tests side by side have to collect the same names. The collector would look at modules and
    tests whenever a test asks it for what is left open.
    """
    if moving := [item.nodeid for item in session.items if " at 0x" in item.nodeid]:
        raise pytest.UsageError(f"give `ids=` to these, whose names hold an address: {moving}")
    gc.collect()
    gc.freeze()


@pytest.fixture(params=["asyncio", "trio"], scope="module")
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    """The event loop of an async test."""
    return request.param


@pytest.fixture(autouse=True)
def nothing_blocks() -> Iterator[BlockBuster]:
    """Refuse what blocks the event loop while code of signette is on the stack; a test itself may open a file."""
    if sys.version_info[:2] == (3, 12):
        # Its interpreter has mixed up the functions that the guard wraps, and crashed; the other Pythons are enough.
        yield BlockBuster("signette")
        return
    with blockbuster_ctx("signette") as watch:
        # Imports look for files, once; late ones are those of optional libraries and of the lazy face.
        watch.functions["os.stat"].can_block_in("<frozen importlib._bootstrap_external>", {"_path_stat"})
        yield watch
