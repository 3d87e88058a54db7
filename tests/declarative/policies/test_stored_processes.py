"""`Idempotent` and `Cached` in several processes that share a Redis."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import anyio
import pytest

from signette.state import Backend
from tests.asgi import fetch
from tests.declarative.policies.one_process import ROUNDS, application
from tests.docs.pages import ROOT
from tests.redis_server import RedisServer, redis_running

pytestmark = pytest.mark.slow


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with redis_running() as server:
        yield server


@contextmanager
def process(server: RedisServer, kind: str, count: int) -> Iterator["subprocess.Popen[str]"]:
    """A process that is ready to start."""
    command = [sys.executable, "-m", "tests.declarative.policies.one_process", server.url, kind, str(count)]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            yield child
        finally:
            child.kill()


def start(child: "subprocess.Popen[str]") -> None:
    assert child.stdin is not None
    child.stdin.write("start\n")
    child.stdin.flush()


def responses_of_three(server: RedisServer, kind: str, count: int) -> Counter[str]:
    """What the clients of three processes got, which started at the same time."""
    with ExitStack() as stack:
        children = [stack.enter_context(process(server, kind, count)) for _ in range(3)]
        for child in children:
            start(child)
        return sum((Counter(json.loads(child.communicate(timeout=60)[0])) for child in children), Counter())


def test_two_hundred_requests_of_three_processes_with_one_key_run_once(server):
    found = responses_of_three(server, "order", 67)
    conflicts = found.pop("409", 0)
    assert set(found) == {f"200 r{number} 0" for number in range(ROUNDS)}
    assert sum(found.values()) + conflicts == 3 * 67 * ROUNDS


def test_a_hundred_clients_of_three_processes_make_one_call(server):
    found = responses_of_three(server, "list", 34)
    assert found == {f"200 r{number} 0": 3 * 34 for number in range(ROUNDS)}


def test_after_a_killed_process_the_next_request_runs(server):
    with process(server, "crash", 1) as child:
        start(child)
        assert child.stdout is not None
        assert child.stdout.readline() == "entered\n"

    async def send() -> str:
        async with Backend(server.url, timeout=20) as backend:
            app = application(backend, crashes=False)
            with anyio.fail_after(30):
                while True:
                    response = await fetch(app, "POST /order/r0", headers={"idempotency-key": "r0"})
                    if response.status == 200:
                        return response.text
                    assert response.status == 409
                    await anyio.sleep(0.05)

    assert anyio.run(send) == "r0 0"
