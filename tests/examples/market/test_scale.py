"""The market on several processes, with a real Redis server, while processes are killed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.redis_server import require

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "examples.market.scale"]


@pytest.mark.slow
def test_nothing_is_lost_or_done_twice_while_processes_are_killed() -> None:
    """A web worker and the job worker are killed, and Redis is restarted."""
    require()
    ran = subprocess.run(
        [*COMMAND, "--offers", "40"], check=False, capture_output=True, text=True, cwd=ROOT, timeout=300
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    rows = {line[:22].strip(): line[22:].split() for line in ran.stdout.splitlines()[1:]}
    for name in ("offers", "sales", "letters", "bookmarks"):
        assert rows[name] == ["40", "40", "0", "0"]
    assert rows["notices, watcher 1"] == rows["notices, watcher 2"] == ["80", "80", "0", "0"]
    for step in ("kill -9 of a web worker", "kill -9 of the job worker", "restart of Redis"):
        assert step in ran.stderr


def test_the_error_without_a_redis_server_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from examples.market.scale.processes import Processes

    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.delenv("REDIS_SERVER", raising=False)
    with pytest.raises(RuntimeError, match=r"apt-get install redis-server.*REDIS_SERVER"):
        Processes(tmp_path, workers=1).start()


def test_the_error_of_a_process_that_ends_has_its_output(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from examples.market.scale.processes import Processes

    monkeypatch.setenv("REDIS_SERVER", shutil.which("ls") or "")
    with pytest.raises(RuntimeError, match=r"`redis` did not start:\n.*ls: "):
        Processes(tmp_path, workers=1).start()
