"""A database of ten airports for each test, and ways to the application over it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.airports import app
from examples.airports.store import Store
from signette.testclient import TestClient
from tests.examples.airports import sample


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that was filled once, to be copied."""
    path = tmp_path_factory.mktemp("airports") / "airports.sqlite3"
    store = Store(path)
    store.prepare(sample.airports)
    store.close()
    return path


@pytest.fixture
def database(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The test's own database, which the application finds by its environment."""
    path = Path(shutil.copy(filled, tmp_path))
    monkeypatch.setenv("AIRPORTS_DB", str(path))
    monkeypatch.delenv("AIRPORTS_KEY", raising=False)
    return path


@pytest.fixture
def client(database: Path) -> Iterator[TestClient]:
    """The application in process, with its lifespan."""
    with TestClient(app) as client:
        yield client
