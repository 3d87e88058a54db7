"""The example on Ray Serve: replicas that share Redis, a stream, WebSockets, and a replica that is killed."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.test_architecture import ROOT
from tests.test_cli_servers import free_port
from tests.timeouts import SECONDS


@pytest.mark.slow
def test_replicas_share_the_state_and_are_replaced() -> None:
    pytest.importorskip("ray", reason="Ray is not installed: make engines")
    redis = shutil.which("redis-server")
    assert redis, "redis-server is not installed: apt-get install redis-server"
    state = free_port()
    with subprocess.Popen([redis, "--port", str(state), "--save", ""], stdout=subprocess.DEVNULL) as engine:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "tests.engines.ray_driver", str(free_port())],
                cwd=ROOT,
                env={**os.environ, "STATE_URL": f"redis://127.0.0.1:{state}", "RAY_USAGE_STATS_ENABLED": "0",
                     "PYTHONPATH": str(ROOT)},
                capture_output=True, text=True, timeout=5 * SECONDS, check=False,
            )  # fmt: skip
        finally:
            engine.terminate()
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["ready"] == 200
    assert found["counts"] == list(range(1, 101))  # each visit once, over all replicas
    assert len(found["replicas"]) == 2
    assert found["posted"] == 202
    assert found["sockets"] == [{"text": "hello"}] * 2
    assert found["event"] == 'data: {"text":"hello"}'
    assert found["after kill"] == 2
    assert found["last count"] > 100
