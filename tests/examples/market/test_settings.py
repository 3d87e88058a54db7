"""Where the market keeps what it has."""

import pytest

from examples.market.settings import read_settings


def test_without_a_folder_nothing_outlives_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MARKET_FOLDER", raising=False)
    monkeypatch.delenv("MARKET_KEY", raising=False)
    with read_settings() as settings:
        assert settings.folder.is_dir()
        assert settings.key not in repr(settings)
    assert not settings.folder.exists()
