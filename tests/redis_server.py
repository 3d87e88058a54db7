"""A redis-server of the tests: its own process on a Unix socket, without persistence."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

FOUND = shutil.which("redis-server") or shutil.which("valkey-server")
ADVICE = "needs redis-server or valkey-server; on Debian: apt-get install redis-server"


def require() -> str:
    """The command. Skips the test where it is not installed, and fails it in CI, where no test must be left out."""
    if FOUND is None:
        if os.environ.get("CI"):
            pytest.fail(f"CI {ADVICE}")
        pytest.skip(ADVICE)
    return FOUND


class RedisServer:
    """One server. It can be stopped and started again, and forgets everything in between."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.socket = folder / "redis.sock"
        self.options = options
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Start, and wait until it listens."""
        # fmt: off
        command = [require(), "--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no",
                   "--dir", str(self.socket.parent), "--daemonize", "no", *self.options]
        # fmt: on
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert self._process.stdout is not None
        lines = []
        for line in self._process.stdout:
            lines.append(line)
            if "eady to accept connections" in line:
                return
        pytest.fail("redis-server ended before it listened:\n" + "".join(lines))

    def stop(self) -> None:
        """End it at once, without a word to its clients."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None
            self.socket.unlink(missing_ok=True)

    def __call__(self, *command: Any) -> Any:
        """Send a command, from outside of the code under test."""
        with redis.Redis(unix_socket_path=str(self.socket), protocol=2) as client:
            return client.execute_command(*command)


@contextmanager
def redis_running(*options: str, started: bool = True) -> Iterator[RedisServer]:
    """A server for a block. Its folder is short: the path of a Unix socket has at most 100 characters."""
    require()
    with tempfile.TemporaryDirectory(prefix="redis") as folder:
        server = RedisServer(Path(folder), *options)
        try:
            if started:
                server.start()
            yield server
        finally:
            server.stop()
