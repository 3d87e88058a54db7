"""The long run: what makes it fail, and a run of a few seconds over a socket."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from benchmarks import soak
from benchmarks.soak_load import WEIGHTS, Clients

BEGIN = {"rss_bytes": 60 * soak.MIB, "descriptors": 16, "threads": 18, "tasks": 3}
CLOSED = {"opened": 5, "closed": 5, "background": 4}


def faults(end: dict[str, Any] | None = None, counts: dict[str, int] | None = None, **failed: int) -> list[str]:
    clients = Clients(port=1, rate=1, at_once=1, done=Counter(background=2, read=9), failed=Counter(failed))
    clients.last_fault = dict.fromkeys(failed, "status 500")
    return soak.faults_of(clients, [BEGIN, BEGIN | (end or {})], CLOSED | (counts or {}), 16.0)


def test_a_run_that_ends_as_it_began_is_a_success() -> None:
    assert faults() == []
    assert faults({"threads": 3, "rss_bytes": 70 * soak.MIB}) == []


@pytest.mark.parametrize("held", soak.HELD)
def test_more_descriptors_threads_or_tasks_are_a_fault(held: str) -> None:
    assert faults({held: BEGIN[held] + 1}) == [f"{held}: {BEGIN[held]} -> {BEGIN[held] + 1}"]


def test_memory_over_the_limit_is_a_fault() -> None:
    assert faults({"rss_bytes": 77 * soak.MIB}) == ["memory grew by 17.0 MiB, more than 16 MiB"]


def test_what_was_not_closed_or_not_run_is_a_fault() -> None:
    assert faults(counts={"closed": 4}) == ["dependencies: 5 opened, 4 closed"]
    assert faults(counts={"background": 3}) == ["background tasks: 3 of 4 were run"]


def test_a_wrong_response_is_a_fault() -> None:
    assert faults(read=1) == ["read: 1 of 9 were wrong; the last: status 500"]


@pytest.mark.slow
def test_a_run_of_some_seconds_does_all_that_clients_do(tmp_path: Path) -> None:
    file = tmp_path / "soak.json"
    arguments = ["--minutes", "0.08", "--warm-up", "3", "--rate", "120", "--json", str(file)]
    assert soak.main(arguments) == 0
    written = json.loads(file.read_text())
    assert set(written["done"]) == {action.__name__ for action in WEIGHTS}
    assert written["faults"] == []
