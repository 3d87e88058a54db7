"""A market for each test, with three members in it, and nothing offered."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.market import app
from examples.market.passwords import Members
from examples.market.store import opened
from examples.market.tokens import Claims, Tokens
from signette.testclient import TestClient

KEY = "a key for tests"
Headers = dict[str, str]


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that was filled once, to be copied: passwords take their time."""
    file = tmp_path_factory.mktemp("market") / "market.sqlite3"
    with opened(file) as store:
        for name in ("ada", "bo", "cy"):
            Members(store).add(name, f"the password of {name}")
    return file


@pytest.fixture
def folder(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Database and pictures."""
    shutil.copy(filled, tmp_path)
    monkeypatch.setenv("MARKET_FOLDER", str(tmp_path))
    monkeypatch.setenv("MARKET_KEY", KEY)
    return tmp_path


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


def token_of(name: str, *scopes: str) -> Headers:
    """The header of somebody who has logged in."""
    return {"Authorization": f"Bearer {Tokens(KEY).sign(Claims(name=name, scopes=list(scopes)))}"}


@pytest.fixture
def ada() -> Headers:
    return token_of("ada", "buy", "sell")


@pytest.fixture
def bo() -> Headers:
    return token_of("bo", "buy", "sell")


@pytest.fixture
def only_buys() -> Headers:
    return token_of("bo", "buy")
