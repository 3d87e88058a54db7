"""Policies over real sockets, in real processes: a rate limit that they share, and a deadline."""

import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, IncompleteRead
from pathlib import Path

import pytest

from tests.redis_server import RedisServer, redis_running

ROOT = Path(__file__).parents[3]


class UnixConnection(HTTPConnection):
    """A client of a server that listens on a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(str(self._path))


@contextmanager
def worker(path: Path, server: RedisServer) -> Iterator[Path]:
    """A process of uvicorn that serves `worker_app`."""
    command = [sys.executable, "-m", "uvicorn", "tests.declarative.policies.worker_app:app", "--uds", str(path)]
    environment = os.environ | {"STATE_URL": server.url, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
    assert process.stderr is not None
    try:
        lines = []
        for line in process.stderr:
            lines.append(line)
            if "running on unix socket" in line:
                break
        else:
            pytest.fail("".join(lines))
        yield path
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def statuses(path: Path, times: int) -> list[int]:
    """Send requests on one connection."""
    connection = UnixConnection(path)
    found = []
    for _ in range(times):
        connection.request("GET", "/")
        response = connection.getresponse()
        response.read()
        found.append(response.status)
    connection.close()
    return found


@pytest.mark.slow
def test_a_limit_of_100_lets_exactly_100_through_in_each_window_across_three_worker_processes(tmp_path: Path) -> None:
    with redis_running() as server, ExitStack() as stack, ThreadPoolExecutor(18) as threads:
        paths = [stack.enter_context(worker(tmp_path / f"{number}.sock", server)) for number in range(3)]
        for _ in range(2):
            every = list(threads.map(lambda number: statuses(paths[number % 3], 20), range(18)))
            assert Counter(status for each in every for status in each) == {200: 100, 429: 260}
            assert all(sum(statuses(path, 1)) == 429 for path in paths)
            [key] = server("KEYS", "signette:rate-limits*")
            server("PEXPIRE", key, 0)  # the window ends


@pytest.mark.slow
def test_a_client_sees_that_a_response_was_broken_off(tmp_path: Path) -> None:
    with redis_running() as server, worker(tmp_path / "worker.sock", server) as path:
        connection = UnixConnection(path)
        connection.request("GET", "/lines")
        response = connection.getresponse()
        with pytest.raises(IncompleteRead) as broken:
            response.read()
        connection.close()
    assert (response.status, broken.value.partial) == (200, b"1\n")
