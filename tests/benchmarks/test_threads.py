"""The rows of `benchmarks.threads`: how many thread calls each makes, and that the response is that of the peer."""

import json
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest

from benchmarks import threads
from benchmarks.driver import ask
from signette import _threads, concurrency

HOPS = {
    "plain endpoint, def": 1,
    "typed endpoint, def": 1,
    "one dependency, def": 1,
    "three dependencies, def": 1,
    "yield dependency, def": 2,
    "endpoint, two dependencies, def": 1,
    "endpoint, yield dependency, dependency, def": 3,
}
ROWS = [row for row in threads.ROWS if row.concurrent == 1]


@pytest.fixture
def hops(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was called in worker threads."""
    made: list[Any] = []
    run_sync = anyio.to_thread.run_sync

    async def noted(func: Any, *args: Any, **options: Any) -> Any:
        made.append(func)
        return await run_sync(func, *args, **options)

    monkeypatch.setattr(_threads, "run_sync", noted)
    monkeypatch.setattr(concurrency, "run_sync", noted)
    return made


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_a_row_uses_no_more_threads_than_it_did(row: threads.Row, hops: list[Any]) -> None:
    status, _, body = await ask(row.build("signette"), threads.REQUEST.scope())
    peer, _, theirs = await ask(row.build(row.peer), threads.REQUEST.scope())
    assert (status, body) == (peer, theirs)
    assert status == 200
    assert len(hops) == HOPS.get(row.name, 0)


def test_the_part_writes_the_figures_of_its_rows(tmp_path: Path) -> None:
    file = tmp_path / "threads.json"
    assert threads.main(["--rounds", "1", "--only", "plain endpoint, async def", "--json", str(file)]) == 0
    figures = json.loads(file.read_text())
    assert set(figures["rows"]) == {"plain endpoint, async def", "plain endpoint, async def, 40 at once"}
    assert "signette" in figures["rows"]["plain endpoint, async def"]
