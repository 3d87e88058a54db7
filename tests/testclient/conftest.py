"""The event loops of the synchronous client."""

from typing import Any

import pytest


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> Any:
    """The `backend` of a `TestClient`."""
    return request.param
