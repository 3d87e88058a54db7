"""A long run of mixed load over a socket: `python -m benchmarks.soak`, or `make soak`; 30 minutes, or `--minutes 2`.

One process of uvicorn serves `benchmarks.soak_app` on loopback; this process sends requests of every kind at a bounded
rate (`benchmarks.soak_load`): typed requests, validation errors, forms, uploads, streams both ways, server-sent events,
WebSockets, `def` endpoints, background tasks, gzip, sessions, bodies over the limit, and clients that disconnect in the
middle. The figures of the server are read while no client is connected: after a warm-up, each minute, and at the end.

The exit code is 1 if descriptors, threads or tasks at the end exceed those after the warm-up, if memory grew by more
than the limit, if a dependency was not closed or a background task not run, or if a response was wrong.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import httpx2

from benchmarks.report import machine, print_facts, print_table, versions
from benchmarks.served import free_port, wait_for
from benchmarks.soak_load import Clients

WARM_UP_SECONDS = 120.0
SETTLE_SECONDS = 15.0
MIB = 1024 * 1024
HELD = ("descriptors", "threads", "tasks")
COLUMNS = ("minute", "requests", "RSS MiB", "blocks", "objects", *HELD, "CPU s")

Figures = dict[str, Any]


@contextmanager
def served(folder: str) -> Iterator[int]:
    """The port of one process of uvicorn, which ends with this block. Its log of disconnects is dropped."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.soak_app:app", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--log-level", "critical", "--no-access-log", "--lifespan", "on"]
    process = subprocess.Popen(command, env=os.environ | {"SOAK_FOLDER": folder}, stderr=subprocess.DEVNULL)
    try:
        wait_for(process, port)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def figures(port: int) -> Figures:
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as http:
        return dict((await http.get("/figures")).json())


async def settled(port: int, begin: Figures | None = None) -> Figures:
    """The figures after the server has noticed that all clients left, or after some seconds if it holds more."""
    deadline = monotonic() + SETTLE_SECONDS
    before: Figures = {}
    while True:
        now = await figures(port)
        steady = all(now[name] == before.get(name) for name in HELD)
        if (steady if begin is None else not exceeded(begin, now)) or monotonic() > deadline:
            return now
        before = now
        await asyncio.sleep(0.5)


def exceeded(begin: Figures, end: Figures) -> list[str]:
    """What the server holds more of at the end."""
    return [f"{name}: {begin[name]} -> {end[name]}" for name in HELD if end[name] > begin[name]]


async def run(port: int, options: argparse.Namespace) -> tuple[Clients, list[Figures], dict[str, int]]:
    """The clients, the figures after the warm-up and after each minute, and what the application has counted."""
    clients = Clients(port, options.rate, options.clients)
    seconds = options.minutes * 60
    await clients.act(min(options.warm_up, seconds))
    await clients.burst()
    taken = [await settled(port) | {"minute": 0.0, "requests": sum(clients.done.values())}]
    print_line(taken[0])
    start = monotonic()
    while (left := seconds - (monotonic() - start)) > 0.05:
        await clients.act(min(60.0, left))
        now = await settled(port, taken[0])
        taken.append(now | {"minute": (monotonic() - start) / 60, "requests": sum(clients.done.values())})
        print_line(taken[-1])
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        counts = dict((await http.get("/counts")).json())
    return clients, taken, counts


def cells_of(row: Figures) -> list[str]:
    memory = [f"{row['rss_bytes'] / MIB:.1f}", f"{row['blocks']:,}", f"{row['objects']:,}"]
    held = [str(row[name]) for name in HELD]
    return [f"{row['minute']:.1f}", f"{row['requests']:,}", *memory, *held, f"{row['cpu_seconds']:.1f}"]


def print_line(row: Figures) -> None:
    print(", ".join(f"{name} {cell}" for name, cell in zip(COLUMNS, cells_of(row), strict=True)), flush=True)


def faults_of(clients: Clients, taken: list[Figures], counts: dict[str, int], growth_mib: float) -> list[str]:
    """Why the run is not a success."""
    begin, end = taken[0], taken[-1]
    faults = exceeded(begin, end)
    grown = (end["rss_bytes"] - begin["rss_bytes"]) / MIB
    if grown > growth_mib:
        faults.append(f"memory grew by {grown:.1f} MiB, more than {growth_mib:g} MiB")
    if counts["opened"] != counts["closed"]:
        faults.append(f"dependencies: {counts['opened']} opened, {counts['closed']} closed")
    expected = 2 * (clients.done["background"] - clients.failed["background"])
    if counts["background"] < expected:
        faults.append(f"background tasks: {counts['background']} of {expected} were run")
    for name, count in clients.failed.items():
        faults.append(f"{name}: {count} of {clients.done[name]} were wrong; the last: {clients.last_fault[name]}")
    return faults


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30.0, help="how long (30)")
    parser.add_argument("--rate", type=float, default=60.0, help="what the clients do, per second (60)")
    parser.add_argument("--clients", type=int, default=8, help="how many of them act at once (8)")
    parser.add_argument("--warm-up", type=float, default=WARM_UP_SECONDS, help="seconds before the first figures (120)")
    parser.add_argument("--growth-mib", type=float, default=16.0, help="how much memory may grow (16)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    options = parser.parse_args(arguments)
    if not Path("/proc/self/statm").exists():
        parser.error("the figures of a process are read from /proc, which this system does not have")
    with tempfile.TemporaryDirectory(prefix="soak") as folder, served(folder) as port:
        clients, taken, counts = asyncio.run(run(port, options))
        left = [str(path) for path in Path(folder).rglob("*") if path.is_file()]
    faults = faults_of(clients, taken, counts, options.growth_mib) + [f"{path} was left" for path in left]
    print_facts()
    print_table(
        "the server when no client is connected", COLUMNS, [("", cells_of(row)) for row in (taken[0], taken[-1])]
    )
    kinds = ", ".join(f"{name} {count:,}" for name, count in sorted(clients.done.items()))
    print(f"\n{sum(clients.done.values()):,} actions of the clients: {kinds}")
    for line in faults:
        print(f"! {line}")
    if options.json:
        written = {"command": command_of(options), "versions": versions(), "machine": machine(), "figures": taken}
        written |= {"done": clients.done, "counts": counts, "faults": faults}
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(written, indent=2) + "\n")
    return 1 if faults else 0


def command_of(options: argparse.Namespace) -> str:
    return (
        f"python -m benchmarks.soak --minutes {options.minutes:g} --rate {options.rate:g} --clients {options.clients}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
