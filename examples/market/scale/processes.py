"""The processes of a market on one machine: Redis, web workers behind one port, and a job worker."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

APP = "examples.market:app"
_PATIENCE = 90.0  # seconds until a process must be ready, or have stopped


class Processes:
    """Starts, kills and stops the processes. Their output goes to files in `folder`.

    Raises:
        RuntimeError: no `redis-server` was found, or a process did not start. The message has the end of its output.
    """

    def __init__(self, folder: Path, workers: int) -> None:
        self.port = free_port()
        self._redis_port = free_port()
        self._folder = folder
        self._workers = workers
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        """The address of the market."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        """The file of the market's database."""
        return self._folder / "market.sqlite3"

    def start(self) -> None:
        """Start all, and wait until each is ready."""
        self.start_redis()
        self._start(
            "web",
            [sys.executable, "-m", "signette", "run", APP, "--port", str(self.port), "--workers", str(self._workers)],
        )
        self._wait_for("web", lambda: is_open(self.port))
        self.start_job_worker()

    def start_redis(self) -> None:
        """Start Redis. It writes each change to disk before it confirms it, so that a restart loses none."""
        program = os.environ.get("REDIS_SERVER") or shutil.which("redis-server") or shutil.which("valkey-server")
        if program is None:
            raise RuntimeError(
                "no redis-server; install it (Debian: `apt-get install redis-server`) or set REDIS_SERVER"
            )
        durable = ["--save", "", "--appendonly", "yes", "--appendfsync", "always"]
        self._start("redis", [program, "--port", str(self._redis_port), "--dir", str(self._folder), *durable])
        self._wait_for("redis", lambda: responds_to_ping(self._redis_port))

    def start_job_worker(self) -> None:
        self._start("jobs", [sys.executable, "-m", "signette", "worker", APP])

    def stop_redis(self) -> None:
        self._running["redis"].terminate()
        self._running["redis"].wait()

    def kill_job_worker(self) -> None:
        """Kill the job worker without notice, with all processes that it has started."""
        for each in (*children(self._running["jobs"].pid), self._running["jobs"].pid):
            os.kill(each, signal.SIGKILL)
        self._running["jobs"].wait()

    def kill_web_worker(self) -> int:
        """Kill one of the web workers without notice; its supervisor starts another. Returns its process id."""
        victim = max(children(self._running["web"].pid))
        os.kill(victim, signal.SIGKILL)
        return victim

    def stop(self) -> None:
        """Stop all, Redis last."""
        for name in ("web", "jobs", "redis"):
            process = self._running.pop(name, None)
            if process is None or process.poll() is not None:
                continue
            process.terminate()
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, name: str, command: list[str]) -> None:
        environment = {
            **os.environ,
            "MARKET_FOLDER": str(self._folder),
            "MARKET_KEY": "a key that all processes share",
            "MARKET_STATE": f"redis://127.0.0.1:{self._redis_port}/0",
        }
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def _wait_for(self, name: str, is_ready: Callable[[], bool]) -> None:
        end = time.monotonic() + _PATIENCE
        while not is_ready():
            if self._running[name].poll() is not None or time.monotonic() > end:
                output = (self._folder / f"{name}.log").read_text("utf-8", "replace")
                raise RuntimeError(f"`{name}` did not start:\n{output[-2000:]}")
            time.sleep(0.05)


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def is_open(port: int) -> bool:
    """Whether a process accepts connections."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def responds_to_ping(port: int) -> bool:
    """Whether a Redis server has loaded its data, and responds."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def children(parent: int) -> list[int]:
    """The process ids of the workers that a process has started. Python's own helper processes are left out."""
    rows = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    found = []
    for row in rows.splitlines():
        pid, ppid, command = row.split(None, 2)
        if int(ppid) == parent and "resource_tracker" not in command:
            found.append(int(pid))
    return found
