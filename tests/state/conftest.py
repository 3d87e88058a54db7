"""The engine of a conformance test: each test runs on all of them."""

from typing import Any

import pytest

from tests.state.engines import Engine, MemoryEngine


@pytest.fixture(params=["memory"])
async def engine(request: pytest.FixtureRequest, anyio_backend: Any) -> Engine:
    return MemoryEngine()
