"""The files that `make bench` writes: one for each part, and one for all."""

import json
from importlib import util
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as bench
from benchmarks import report

ROWS = {"hello": {"raw": report.summary([2e-6, 1e-6, 3e-6]), "signette": report.summary([2e-6])}}


class Measured(bench.Part):
    def main(self, arguments: list[str]) -> int:
        file = Path(arguments[arguments.index("--json") + 1])
        report.write_figures(file, self.name, arguments, ROWS, rounds=3)
        return 0


class Missing(bench.Part):
    def main(self, arguments: list[str]) -> int:
        raise ModuleNotFoundError("No module named 'starlette'")


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, *parts: bench.Part, arguments: tuple[str, ...] = ()) -> Any:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(bench, "PARTS", parts)
    code = bench.main([*arguments, "--folder", str(folder)])
    return code, json.loads((folder / "all.json").read_text())


def test_each_part_writes_a_file_and_all_are_in_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code, written = run(monkeypatch, tmp_path, Measured("inprocess", ("--rounds", "3"), "requests"))
    assert code == 0
    assert written["parts"]["inprocess"]["figures"] == json.loads((tmp_path / "inprocess.json").read_text())
    assert set(written) == {"command", "versions", "machine", "parts"}


def test_a_part_says_how_to_measure_it_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    part = Measured("inprocess", ("--rounds", "3"), "requests")
    _, short = run(monkeypatch, tmp_path, part)
    _, thorough = run(monkeypatch, tmp_path, part, arguments=("--thorough",))
    commands = [written["parts"]["inprocess"]["figures"]["command"] for written in (short, thorough)]
    assert commands == ["python -m benchmarks.inprocess --rounds 3", "python -m benchmarks.inprocess"]


def test_the_spread_is_that_of_the_rows_with_a_median() -> None:
    assert report.spread_of({"rows": ROWS}) == pytest.approx(2**0.5 - 1)
    assert report.spread_of({"rows": {"hello": {"raw": {"best": 1.0}}}}) is None
    assert report.spread_of(None) is None


def test_a_part_whose_packages_are_missing_fails_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "toolkit.json").write_text("{}")
    parts = (Missing("toolkit", (), "rows"), Measured("inprocess", (), "requests"))
    code, written = run(monkeypatch, tmp_path, *parts)
    assert code == 1
    assert {name: part["exit_code"] for name, part in written["parts"].items()} == {"toolkit": 1, "inprocess": 0}
    assert written["parts"]["toolkit"]["figures"] is None


@pytest.mark.parametrize("part", bench.PARTS, ids=lambda part: part.name)
def test_a_part_is_a_module(part: bench.Part) -> None:
    assert util.find_spec(f"benchmarks.{part.name}")
