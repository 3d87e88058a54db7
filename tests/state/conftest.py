"""The engine of a conformance test: each test runs on all of them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.state.engines import Engine, MemoryEngine, RedisEngine


@pytest.fixture(params=["memory", "redis"])
async def engine(request: pytest.FixtureRequest, anyio_backend: Any) -> AsyncIterator[Engine]:
    if request.param == "memory":
        yield MemoryEngine()
        return
    engine = RedisEngine(request.getfixturevalue("redis_server"))
    yield engine
    await engine.connections.aclose()
