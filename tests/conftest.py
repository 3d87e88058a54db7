"""What holds for every test: both event loops, nothing that blocks them, examples that may take their time."""

import gc
import logging
import sys
import zlib
from collections.abc import Generator, Iterator
from typing import Any

import hypothesis
import pytest
from blockbuster import BlockBuster, blockbuster_ctx

from tests.redis_server import RedisServer, redis_running

EVENT_LOOPS = ("asyncio", "trio")

# A slow machine is no failure; what takes long is found by counts, not by clocks.
hypothesis.settings.register_profile("signette", deadline=None)
# `--hypothesis-profile=quick`; tests/volume.py has the tests that say how many examples they need.
hypothesis.settings.register_profile("quick", deadline=None, max_examples=10)
hypothesis.settings.load_profile("signette")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--event-loop", choices=EVENT_LOOPS, help="run each async test on this event loop alone, in place of both"
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without the garbage collector, which would look again and again at modules and tests that stay."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the event loops that a test does not run on."""
    only = config.getoption("--event-loop")
    items[:] = [item for item in items if event_loop_of(item) in (None, only or chosen_loop(item))]


def event_loop_of(item: pytest.Item) -> str | None:
    """The event loop that a test runs on, None for a test without one."""
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    loop = parameters.get("anyio_backend", parameters.get("backend"))
    return loop if loop in EVENT_LOOPS else None


def chosen_loop(item: pytest.Item) -> str | None:
    """The loop itself, or, of a case of `either_loop`, the one that its name falls to: the same in each process."""
    loop = event_loop_of(item)
    if loop is None or item.get_closest_marker("either_loop") is None:
        return loop
    return EVENT_LOOPS[zlib.crc32(item.name.replace(loop, "", 1).encode()) % 2]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Reject names that differ from process to process, and keep the collector from looking at all modules again.

    Workers that run the tests side by side have to collect the same names. The collector would look at modules and
    tests whenever a test asks it for what is left open.
    """
    if moving := [item.nodeid for item in session.items if " at 0x" in item.nodeid]:
        raise pytest.UsageError(f"give `ids=` to these, whose names hold an address: {moving}")
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="module")
def nothing_is_collected_twice() -> None:
    """Keep the collector from what earlier modules have left: a test that calls it waits for its own objects only."""
    gc.collect()
    gc.freeze()


@pytest.fixture(params=EVENT_LOOPS, scope="module")
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    """The event loop of an async test."""
    return request.param


@pytest.fixture(autouse=True, scope="session")
def nothing_blocks() -> Iterator[BlockBuster]:
    """Reject calls that block the event loop while code of signette is on the stack; a test itself may open a file."""
    if sys.version_info[:2] == (3, 12):
        # Its interpreter has mixed up the functions that the guard wraps, and crashed; the other Pythons are enough.
        yield BlockBuster("signette")
        return
    with blockbuster_ctx("signette") as watch:
        # Imports look for files, once; late ones are those of optional libraries and of the lazy face.
        watch.functions["os.stat"].can_block_in("<frozen importlib._bootstrap_external>", {"_path_stat"})
        yield watch


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A redis-server that tests share: each uses keys that no other has. Nothing here stops or flushes it."""
    with redis_running() as server:
        yield server


@pytest.fixture
def kept_logging() -> Iterator[None]:
    """Configurations change loggers of the whole process."""
    from signette.logging import json_config

    names = [None, *json_config()["loggers"]]
    before = [(each, each.handlers[:], each.level, each.propagate) for each in map(logging.getLogger, names)]
    yield
    for logger, handlers, level, propagate in before:
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)
