"""Kept texts are written again only where somebody reads the difference."""

from pathlib import Path

import pytest

from tests.declarative.kept_text import assert_kept


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kept text, and nothing that asks to write it again."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("SIGNETTE_KEEP", raising=False)
    file = tmp_path / "kept.txt"
    file.write_text("as it was")
    return file


def test_another_text_than_the_kept_one_fails(file: Path) -> None:
    assert_kept(file, "as it was")
    with pytest.raises(AssertionError):
        assert_kept(file, "as it is")
    assert file.read_text() == "as it was"


def test_it_is_rewritten_on_request(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNETTE_KEEP", "1")
    assert_kept(file, "as it is")
    assert file.read_text() == "as it is"


def test_nothing_is_written_in_ci(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNETTE_KEEP", "1")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.UsageError, match="SIGNETTE_KEEP is set in CI"):
        assert_kept(file, "as it was")
    assert file.read_text() == "as it was"
