"""Servers in separate processes, the CPU time that they take, and a client that sends requests to them.

`Client` is written for measurements that repeat: it sends one request on each of its connections, reads all of the
responses, and then sends the next ones. So the server has the same work in each round, however fast either of them is.
"""

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.workloads import Workload

START_SECONDS = 20.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(process: subprocess.Popen[bytes], port: int, seconds: float = START_SECONDS) -> None:
    """Return when the server accepts connections. Raises: RuntimeError if it ends, or does not listen in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the server does not listen after {seconds:.0f} s")


@contextmanager
def served(
    command: Sequence[str],
    port: int,
    cpu: int | None = None,
    environment: Mapping[str, str] | None = None,
    seconds: float = START_SECONDS,
) -> Iterator[int]:
    """The process that this command starts, while it listens on the port; `cpu`: the only one on which it runs."""
    with pinned(cpu):  # a process inherits the CPUs of its parent
        process = subprocess.Popen(command, env=environment)
    try:
        wait_for(process, port, seconds)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def two_cpus() -> tuple[int, int] | None:
    """A CPU for a server and another one for its client; None if this process may use one only."""
    first, second, *_ = [*sorted(os.sched_getaffinity(0)), None, None]
    return None if first is None or second is None else (first, second)


@contextmanager
def pinned(cpu: int | None) -> Iterator[None]:
    """Run this process on one CPU for a while; on any if it is None."""
    if cpu is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds(pid: int) -> float:
    """The CPU time that a process and its children have taken, in user space and in the kernel."""
    return sum(time.clock_gettime(_clock_of(process)) for process in (pid, *children_of(pid)))


def _clock_of(pid: int) -> int:
    """The clock of a process: its CPU time in nanoseconds, of all threads (clock_getcpuclockid(3))."""
    return (~pid << 3) | 2


def children_of(pid: int) -> list[int]:
    return [int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()]


def request_of(workload: Workload) -> bytes:
    """The request of a workload as a client sends it."""
    target = workload.path.encode() + (b"?" + workload.query if workload.query else b"")
    lines = [b"%s %s HTTP/1.1" % (workload.method.encode(), target)]
    lines += [b"%s: %s" % header for header in workload.all_headers()]
    return b"\r\n".join([*lines, b"", workload.body])


class Client:
    """Connections that stay open, and one request that is sent on all of them again and again."""

    def __init__(self, port: int, workload: Workload, connections: int = 1) -> None:
        self._request = request_of(workload)
        self._status = b"HTTP/1.1 %d" % workload.status
        self._sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
        for connection in self._sockets:
            connection.settimeout(START_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for connection in self._sockets:
            connection.close()

    def send(self, count: int) -> int:
        """Send about `count` requests; returns how many. Raises: RuntimeError for a response with another status."""
        turns = max(1, count // len(self._sockets))
        request = self._request
        for _ in range(turns):
            for connection in self._sockets:
                connection.sendall(request)
            for connection in self._sockets:
                self._read(connection)
        return turns * len(self._sockets)

    def _read(self, connection: socket.socket) -> None:
        received = connection.recv(65536)
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more(connection, received)
        length = _LENGTH.search(received, 0, end)
        if not received.startswith(self._status) or length is None:
            raise RuntimeError(f"unexpected response {received[:100]!r}")
        missing = end + 4 + int(length.group(1)) - len(received)
        while missing > 0:
            missing -= len(self._more(connection, received))

    def _more(self, connection: socket.socket, received: bytes) -> bytes:
        more = connection.recv(65536)
        if not more:
            raise RuntimeError(f"the connection was closed after {received[-100:]!r}")
        return more
