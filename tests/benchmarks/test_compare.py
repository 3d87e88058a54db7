"""Figures of two runs or two trees, side by side."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks import compare

FIGURES = Path(__file__).parent / "figures"


def figures(signette: float, peer: float) -> dict[str, Any]:
    rows = {"hello": {"signette": {"best": signette}, "starlette": {"best": peer}}}
    return {"command": "python -m benchmarks.toolkit", "versions": {}, "rows": rows}


def written(file: Path, value: Any) -> Path:
    file.write_text(json.dumps(value))
    return file


def rows_of(file: Path, part: str = "toolkit") -> Any:
    return json.loads(file.read_text())["parts"][part]


def test_two_files_of_a_part_are_compared(tmp_path: Path) -> None:
    before = written(tmp_path / "before.json", figures(4e-6, 8e-6))
    after = written(tmp_path / "after.json", figures(2e-6, 8e-6))
    assert compare.main([str(before), str(after), "--json", str(tmp_path / "table.json")]) == 0
    (row,) = rows_of(tmp_path / "table.json")
    assert (row["before"], row["after"], row["peers"]["starlette"]) == pytest.approx((4, 2, 8))
    assert (row["ratio"], row["before_peer"], row["after_peer"]) == pytest.approx((0.5, 0.5, 0.25))


def test_files_of_all_parts_are_compared_part_by_part(tmp_path: Path) -> None:
    parts = {name: {"figures": json.loads((FIGURES / f"{name}.json").read_text())} for name in ("startup", "growth")}
    file = written(tmp_path / "all.json", {"parts": parts | {"cpu": {"figures": None}}})
    assert compare.main([str(file), str(file), "--json", str(tmp_path / "table.json")]) == 0
    start, memory = rows_of(tmp_path / "table.json", "startup")
    assert (start["row"], start["after_peer"]) == ("1000 routes", pytest.approx(0.5))
    assert (memory["unit"], memory["after"], memory["peers"]) == ("MiB", 57, {"fastapi": 80})
    assert [row["row"] for row in rows_of(tmp_path / "table.json", "growth")][1] == "query parameters, 1, memory"


def test_a_row_that_one_of_the_two_does_not_have_has_no_ratio() -> None:
    after = compare.table_of(figures(2e-6, 8e-6))
    (row,) = compare.compared([], [after], ["starlette"])
    assert (row["before"], row["ratio"], row["after_peer"]) == (None, None, pytest.approx(0.25))


def test_ratios_are_those_within_a_process() -> None:
    slow_moment = [compare.table_of(figures(5e-6, 10e-6)), compare.table_of(figures(50e-6, 100e-6))]
    quiet = [compare.table_of(figures(4e-6, 10e-6))]
    (row,) = compare.compared(quiet, slow_moment[1:], ["starlette"])
    assert (row["before_peer"], row["after_peer"], row["ratio"]) == pytest.approx((0.4, 0.5, 1.25))
    (row,) = compare.compared(quiet, slow_moment, [])
    assert (row["before_peer"], row["ratio"]) == (None, pytest.approx(1.25))


def test_instructions_are_compared_too() -> None:
    table = compare.table_of({"rows": {}, "instructions": {"hello": {"signette": [91_000, 90_000], "empty": [70_000]}}})
    assert table == {("hello, thousand instructions", ""): {"signette": 90, "empty": 70}}


def test_trees_take_turns_and_the_best_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    turns = []
    times = {"before": iter([5e-6, 4e-6, 6e-6]), "after": iter([2e-6, 3e-6, 2e-6])}

    def measure(folder: Path, part: str, arguments: Sequence[str]) -> dict[str, Any]:
        turns.append((folder.name, part, *arguments))
        return figures(next(times[folder.name]), 8e-6)

    monkeypatch.setattr(compare, "measure", measure)
    table = tmp_path / "table.json"
    options = ["--tree", str(compare.ROOT), "--parts", "toolkit", "--json", str(table), "--", "--rounds", "9"]
    assert compare.main(options) == 0
    assert [name for name, *_ in turns] == ["before", "after", "after", "before", "before", "after"]
    assert turns[0] == ("before", "toolkit", "--rounds", "9")
    (row,) = rows_of(table)
    assert (row["before"], row["after"]) == pytest.approx((4, 2))
    assert json.loads(table.read_text())["spread"] == {"toolkit": {"before": 0.5, "after": 0.5}}


def test_a_turn_that_measures_nothing_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def measure(folder: Path, part: str, arguments: Sequence[str]) -> dict[str, Any]:
        raise RuntimeError(f"{part}: No module named 'starlette'")

    monkeypatch.setattr(compare, "measure", measure)
    assert compare.main(["--tree", str(compare.ROOT), "--parts", "toolkit", "--turns", "1"]) == 1


def test_a_process_imports_signette_of_its_tree_and_the_benchmarks_of_this_one(tmp_path: Path) -> None:
    (tmp_path / "tree/signette").mkdir(parents=True)
    (tmp_path / "tree/signette/__init__.py").write_text("raise ImportError('this is the other tree')\n")
    folder = compare.staged(tmp_path / "tree", tmp_path / "stage")
    with pytest.raises(RuntimeError, match="clients: ImportError: this is the other tree"):
        compare.measure(folder, "clients", [])


@pytest.mark.parametrize("arguments", [[], ["one.json"], ["--tree", "a", "--tree", "b", "--tree", "c"]])
def test_two_files_or_trees_are_needed(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        compare.main(arguments)
