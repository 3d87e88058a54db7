"""Both applications of the tour, each in process and with its lifespan."""

from collections.abc import Iterator

import pytest

from examples.tour import plain, typed
from signette.testclient import TestClient


@pytest.fixture
def plain_client() -> Iterator[TestClient]:
    """The application on the plain toolkit."""
    with TestClient(plain.app, follow_redirects=False) as client:
        yield client


@pytest.fixture
def typed_client() -> Iterator[TestClient]:
    """The application with typed endpoints."""
    with TestClient(typed.app, follow_redirects=False) as client:
        yield client


@pytest.fixture(params=["plain", "typed"])
def client(request: pytest.FixtureRequest) -> TestClient:
    """Each of the two."""
    found: TestClient = request.getfixturevalue(f"{request.param}_client")
    return found
