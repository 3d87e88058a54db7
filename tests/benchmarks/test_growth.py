"""The rows of `benchmarks.growth` and `benchmarks.stacks`: that they respond, and when growth is a finding."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from benchmarks import growth, stacks, toolkit_rows
from benchmarks.growth_rows import ROWS, Case, Row
from benchmarks.toolkit import Results, disagreement, time_requests
from benchmarks.toolkit_apps import Files
from signette.app import App
from tests.tracing import traced


def line(*times: float, power: float = 1.0, sizes: tuple[int, ...] = (1, 10, 100)) -> growth.Line:
    return growth.Line("query", "signette", sizes, power, 1.0, [[each] for each in times], [0, 0, 0])


def test_an_exponent_is_the_slope_between_logarithms() -> None:
    assert growth.exponent([1, 100], [5.0, 5.0]) == 0
    assert growth.exponent([1, 10], [2.0, 20.0]) == pytest.approx(1)
    assert growth.exponent([10, 1000], [1.0, 10_000.0]) == pytest.approx(2)


def test_what_grows_faster_than_its_input_is_a_finding() -> None:
    assert line(1, 10, 100).findings() == []
    assert line(1, 10, 1000).findings() == ["signette, query: time grows with the exponent 2.00, expected 1"]
    assert line(1, 2, 20, power=0).findings() == ["signette, query: time grows with the exponent 1.00, expected 0"]


def test_memory_that_grows_faster_is_a_finding_if_it_is_much() -> None:
    few, many = line(1, 1, 1), line(1, 1, 1)
    few.bytes, many.bytes = [10, 100, 10_000], [1000, 10_000, 1_000_000]
    assert few.findings() == []
    assert many.findings() == ["signette, query: memory grows with the exponent 2.00, expected 1"]


def test_blocks_that_requests_leave_are_a_finding() -> None:
    kept = growth.Held("signette", [1000, 10_000, 100_000], blocks=[1000, 1001, 1002])
    leaking = growth.Held("signette", [1000, 10_000, 100_000], blocks=[1000, 10_000, 100_000])
    assert kept.findings() == []
    assert leaking.findings() == ["signette, requests: 1000 more blocks of memory are held for each 1,000 requests"]


def test_requests_hold_no_memory_after_them() -> None:
    app = App()
    app.get("/items/{item_id}")(lambda item_id: item_id)
    assert asyncio.run(growth.measure_requests("signette", app, [100, 400, 800])).findings() == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_of_growth_gets_its_response(row: Row) -> None:
    size = row.sizes[0]
    asyncio.run(growth.check(row.build("signette", size), Case(row, size)))


def calls_of(row: Row, size: int) -> int:
    """How many functions are called for a request of this size, in Python and in C, in the event loop's thread."""
    app, case = row.build("signette", size), Case(row, size)
    count = 0

    def profile(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    with asyncio.Runner() as runner:
        for _ in range(2):
            runner.run(growth.check(app, case))
        traced(lambda: runner.run(time_requests(app, case, 1)), profile=profile)  # type: ignore[arg-type]
    return count


@pytest.mark.thorough
@pytest.mark.parametrize("row", [row for row in ROWS if row.power == 0], ids=lambda row: row.name)
def test_a_request_makes_as_many_calls_with_ten_times_the_routes(row: Row) -> None:
    assert calls_of(row, row.sizes[1]) == calls_of(row, row.sizes[0])


@pytest.mark.thorough
@pytest.mark.parametrize("row", [row for row in ROWS if row.power == 1], ids=lambda row: row.name)
def test_ten_times_the_input_makes_at_most_ten_times_the_calls(row: Row) -> None:
    few, many = calls_of(row, row.sizes[1]), calls_of(row, row.sizes[2])
    assert many < 10.2 * few


@pytest.mark.parametrize("row", stacks.PLAIN + stacks.TYPED, ids=lambda row: row.name)
def test_a_stack_gets_the_response_of_its_peer(row: toolkit_rows.Row, tmp_path: Path) -> None:
    peer, kit = next((peer, kit) for peer, kit, rows in stacks.SIDES if row in rows)
    apps = {package: row.build(kit(package), Files(tmp_path)) for package in ("signette", peer)}
    assert asyncio.run(disagreement(apps, dict.fromkeys(apps, row))) is None


def test_a_ratio_is_that_of_signette_to_the_other_package() -> None:
    assert Results({"row": {"signette": [2.0, 3.0], "fastapi": [4.0, 8.0]}}).ratio("row") == 0.5
