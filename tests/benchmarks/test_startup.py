"""The measurement of the start: its ratios, and the environment of its processes."""

from typing import Any

import pytest

from benchmarks import startup


def figures(total: float, rss: float | None, heap: float) -> dict[str, dict[str, Any]]:
    return {str(count): {"total": total, "rss": rss, "heap": heap} for count in startup.COUNTS}


def test_ratios_are_of_signette_and_fastapi() -> None:
    rows = dict(startup.ratios_of({"signette": figures(1, 60, 30), "fastapi": figures(2, 80, 40)}))
    assert rows == {
        "total / fastapi": ["0.50"] * 3,
        "RSS / fastapi": ["0.75"] * 3,
        "heap / fastapi": ["0.75"] * 3,
    }


def test_there_are_no_ratios_without_one_of_the_two() -> None:
    assert startup.ratios_of({"signette": figures(1, 60, 30)}) == []


def test_a_figure_that_the_system_does_not_have_has_no_ratio() -> None:
    rows = dict(startup.ratios_of({"signette": figures(1, None, 30), "fastapi": figures(2, None, 40)}))
    assert rows["RSS / fastapi"] == [""] * 3


def test_processes_compile_what_they_import_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    made = startup.environment("/cache")
    assert made["PYTHONPYCACHEPREFIX"] == "/cache"
    assert "PYTHONDONTWRITEBYTECODE" not in made
