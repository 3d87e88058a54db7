"""The commands `jobs` and `worker`: in this process where they print and end, in another one where they run."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from signette.cli.command import main
from signette.testclient import TestClient
from tests.redis_server import redis_running

ROOT = Path(__file__).parent.parent
SHOP = """
import os

import anyio

from signette import App
from signette.jobs import JobRun, Jobs

app = App(openapi_url=None, state=os.environ.get("SHOP_STATE", "memory://"))
plain = App(openapi_url=None)


def note(*words):
    with open(os.environ["SHOP_LOG"], "a") as log:
        print(*words, file=log)


@app.job(retries=2, key=lambda order_id, seconds=0.0: f"order-{order_id}")
async def send(order_id: int, run: JobRun, seconds: float = 0.0) -> str:
    note("start", order_id, os.getpid())
    await anyio.sleep(seconds)
    note("end", order_id, os.getpid())
    return f"sent {order_id}"


@app.post("/orders/{order_id}")
async def order(order_id: int, jobs: Jobs, seconds: float = 0.0) -> str:
    return (await jobs.enqueue(send, order_id=order_id, seconds=seconds)).id


@app.get("/orders/{job_id}")
async def result(job_id: str, jobs: Jobs) -> str:
    return await jobs.handle(send, job_id).result(30)
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "job_shop.py").write_text(SHOP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "job_shop", raising=False)
    return tmp_path


def test_jobs_are_listed_with_arguments_options_and_function(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jobs", "job_shop"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "send(order_id: int, seconds: float = ...) -> str",
        "  options   retries=2, retry_delay=1.0, timeout=300.0, result_ttl=86400.0, key=...",
        f"  function  job_shop.send ({shop.name}/job_shop.py:18)",
    ]


def test_jobs_are_listed_as_json(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jobs", "job_shop", "--json"]) == 0
    (job,) = json.loads(capsys.readouterr().out)
    assert job["arguments"][1] == {"name": "seconds", "type": "float", "required": False}
    assert (job["name"], job["has_key"]) == ("send", True)


def test_a_job_is_explained(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "job_shop", "job:send"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"JOB send(order_id: int, seconds: float = ...) -> job_shop.send ({shop.name}/job_shop.py:18)",
        "  read     run    application: JobRun",
        "  call     result job_shop.send(run)",
        "  result   str",
    ]
    assert main(["explain", "job_shop", "job:send", "--json"]) == 0
    assert [step["step"] for step in json.loads(capsys.readouterr().out)["steps"]] == ["read", "call"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["explain", "job_shop", "job:sent"], "no job `sent`"),
        (["explain", "job_shop", "job:send", "--source"], "has no generated binder"),
        (["jobs", "job_shop:plain"], "has no jobs"),
        (["worker", "job_shop:plain"], "has no jobs"),
        (["worker", "job_shop"], "are in memory"),
    ],
)
def test_what_has_no_jobs_for_a_worker_is_an_error(
    shop: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], problem: str
) -> None:
    assert main(arguments) == 2
    assert problem in capsys.readouterr().err


def test_a_worker_needs_taskiq(shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_STATE", "redis://localhost:1/0")
    monkeypatch.setitem(sys.modules, "taskiq_redis", None)
    assert main(["worker", "job_shop"]) == 2
    assert "pip install 'signette[redis,jobs]'" in capsys.readouterr().err


class Workers:
    """Worker processes, and what their jobs have written."""

    def __init__(self, folder: Path, state: str) -> None:
        self.log = folder / "log"
        self.log.touch()
        self.environ = {
            **os.environ, "SHOP_STATE": state, "SHOP_LOG": str(self.log), "PYTHONPATH": str(ROOT),
        }  # fmt: skip

    def lines(self, word: str) -> list[list[str]]:
        """The lines that begin with a word: what was noted, the number of the order, the process."""
        return [line.split() for line in self.log.read_text().splitlines() if line.startswith(word)]

    @contextmanager
    def running(self, *options: str, stderr: Any = None) -> Iterator["subprocess.Popen[bytes]"]:
        command = [sys.executable, "-m", "signette", "worker", "job_shop", "--reclaim-after", "1", *options]
        process = subprocess.Popen(command, env=self.environ, stderr=stderr)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def until(condition: Callable[[], Any]) -> None:
    """Wait for another process."""
    ends = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


@pytest.fixture
def workers(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    with redis_running() as server:
        workers = Workers(shop, server.url)
        monkeypatch.setenv("SHOP_STATE", server.url)
        yield workers


@contextmanager
def client() -> Iterator[TestClient]:
    import job_shop  # type: ignore[import-not-found]

    with TestClient(job_shop.app) as client:
        yield client


@pytest.mark.slow
def test_a_job_whose_worker_was_killed_runs_again_in_another_one(workers: Workers) -> None:
    with client() as shop, workers.running() as first:
        killed = shop.post("/orders/1?seconds=1").text
        until(lambda: workers.lines("start"))
        first.kill()
        first.wait()
        with workers.running() as second:
            assert shop.get(f"/orders/{killed}").text == "sent 1"
            assert [line[2] for line in workers.lines("start")] == [str(first.pid), str(second.pid)]
            assert len(workers.lines("end")) == 1
            assert shop.post("/orders/1").text == killed  # by its key, it is the same job
            longer = shop.post("/orders/2?seconds=2.5").text  # longer than `--reclaim-after`
            assert shop.get(f"/orders/{longer}").text == "sent 2"
    assert len(workers.lines("start 2")) == 1


@pytest.mark.slow
def test_a_worker_that_is_stopped_finishes_its_jobs_and_takes_no_others(workers: Workers) -> None:
    logs = workers.log.with_name("stderr")
    with (
        client() as shop,
        logs.open("w") as stderr,
        workers.running("--concurrency", "1", "--log-format", "json", stderr=stderr) as process,
    ):
        first = shop.post("/orders/1?seconds=1").text
        until(lambda: workers.lines("start 1"))
        shop.post("/orders/2")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert shop.get(f"/orders/{first}").text == "sent 1"
        assert workers.lines("start 2") == []
    lines = [json.loads(line) for line in logs.read_text().splitlines()]
    assert [line["message"].partition(":")[0] for line in lines] == ["the worker runs these jobs, 1 at once", "SIGTERM"]


@pytest.mark.slow
def test_a_worker_process_that_was_killed_is_replaced(workers: Workers) -> None:
    with client() as shop, workers.running("--workers", "2") as supervisor:
        killed = shop.post("/orders/1?seconds=1").text
        until(lambda: workers.lines("start 1"))
        os.kill(int(workers.lines("start 1")[0][2]), signal.SIGKILL)
        assert shop.get(f"/orders/{killed}").text == "sent 1"
        for order in range(2, 12):
            shop.post(f"/orders/{order}?seconds=0.1")
        until(lambda: len(workers.lines("end")) == 11)
        assert supervisor.poll() is None
    assert supervisor.returncode == 0
