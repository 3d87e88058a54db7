"""Time of operations on the state, in memory and in Redis: `python -m benchmarks.state`, with redis-server installed.

Microseconds per operation, one after another, in one task: median of several rounds, and the spread between the
quartiles. Redis is a process on the same machine, on a Unix socket, so the network is not part of the numbers. `ping`
is redis-py alone: the command that does nothing, sent in the same way.
"""

import argparse
import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any

from benchmarks.report import print_facts, print_table
from signette.state import Backend

Operation = Callable[[int], Awaitable[Any]]
VALUE = b"v" * 100


@contextmanager
def redis_running(server: str) -> Iterator[str]:
    """A server without persistence, for a block; its URL."""
    with tempfile.TemporaryDirectory(prefix="redis") as folder:
        path = str(Path(folder) / "redis.sock")
        command = [server, "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no", "--dir", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            next(line for line in process.stdout if "eady to accept connections" in line)
            try:
                yield f"unix://{path}"
            finally:
                process.terminate()


async def operations_of(backend: Backend) -> dict[str, Operation]:
    """The operations by name. Each is called with a number that counts up."""
    store, bus = backend.store("bench"), backend.bus("bench")
    await store.set("same", VALUE)
    return {
        "get": lambda _: store.get("same"),
        "set": lambda number: store.set(f"set{number % 1000}", VALUE, ttl=60),
        "add": lambda number: store.add(f"add{number}", VALUE, ttl=60),
        "replace": lambda _: store.replace("same", VALUE, VALUE),
        "delete": lambda number: store.delete(f"add{number}"),
        "publish": lambda _: bus.publish("topic", VALUE),
    }


async def rounds_of(operation: Operation, rounds: int, count: int) -> list[float]:
    """Microseconds per call, of each round. The first round is not counted."""
    times = []
    for turn in range(rounds + 1):
        start = perf_counter()
        for number in range(count):
            await operation(turn * count + number)
        times.append((perf_counter() - start) / count * 1e6)
    return times[1:]


async def receive_times(backend: Backend, rounds: int, count: int) -> list[float]:
    """Microseconds from the call of `publish` until another task has the message."""
    bus = backend.bus("bench")
    times = []
    async with bus.subscribe("received") as subscription:
        for _ in range(rounds + 1):
            start = perf_counter()
            for _ in range(count):
                waiting = asyncio.ensure_future(anext(subscription))
                await bus.publish("received", VALUE)
                await waiting
            times.append((perf_counter() - start) / count * 1e6)
    return times[1:]


async def measure(url: str, rounds: int, count: int) -> dict[str, list[float]]:
    """The rounds of each operation."""
    async with Backend(url, timeout=10) as backend:
        found = {name: await rounds_of(each, rounds, count) for name, each in (await operations_of(backend)).items()}
        found["publish and receive"] = await receive_times(backend, rounds, count)
    return found


async def ping_times(url: str, rounds: int, count: int) -> list[float]:
    """Microseconds of redis-py's own `ping`."""
    import redis.asyncio as redis  # noqa: PLC0415

    async with redis.Redis.from_url(url) as client:
        return await rounds_of(lambda _: client.ping(), rounds, count)


def cell(times: list[float]) -> str:
    low, middle, high = quantiles(times, n=4)
    return f"{middle:.1f} ({high - low:.1f})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--count", type=int, default=500, help="operations in a round")
    options = parser.parse_args()
    server = shutil.which("redis-server") or shutil.which("valkey-server")
    if server is None:
        print("needs redis-server; on Debian: apt-get install redis-server", file=sys.stderr)
        return 1
    memory = asyncio.run(measure("memory://", options.rounds, options.count))
    with redis_running(server) as url:
        redis = asyncio.run(measure(url, options.rounds, options.count))
        redis["ping (redis-py)"] = asyncio.run(ping_times(url, options.rounds, options.count))
    version = subprocess.run([server, "--version"], capture_output=True, text=True, check=True).stdout.split(" sha")[0]
    print_facts()
    print(f"redis {metadata.version('redis')}, {version.strip()}")
    rows = [(name, (cell(memory[name]) if name in memory else "", cell(times))) for name, times in redis.items()]
    print_table("microseconds per operation: median (spread of the quartiles)", ("memory", "Redis"), rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
