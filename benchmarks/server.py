"""Requests per second over uvicorn on loopback, driven by wrk if it is installed: `python -m benchmarks.server`."""

import argparse
import importlib.util
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import MODULES, load, target
from benchmarks.report import geometric_mean, print_facts, print_table, show_progress, summary, write_figures
from benchmarks.served import Client, free_port, served
from benchmarks.workloads import BY_NAME, Workload

WORKLOADS = ("hello", "item", "create")
CONNECTIONS = 32

Rates = dict[str, list[float]]  # workload -> requests per second, one a round


@dataclass(frozen=True)
class Driven:
    """A round: how many responses came, and how many per second."""

    requests: int
    rate: float


@contextmanager
def serve(contender: str) -> Iterator[int]:
    """The port on which one uvicorn worker serves the contender."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", target(contender), "--host", "127.0.0.1", "--port", str(port)]
    command += ["--log-level", "error", "--no-access-log"]
    with served(command, port):
        yield port


def lua(text: bytes) -> str:
    """A Lua string literal of these bytes."""
    return '"' + "".join(f"\\{byte:03d}" for byte in text) + '"'


def script(workload: Workload) -> str:
    """What wrk sends. `host` and `content-length` are wrk's own business."""
    lines = [f"wrk.method = {lua(workload.method.encode())}", f"wrk.body = {lua(workload.body)}"]
    if not workload.body:
        lines.pop()
    for name, value in workload.all_headers():
        if name not in {b"host", b"content-length"}:
            lines.append(f"wrk.headers[{lua(name)}] = {lua(value)}")
    return "\n".join(lines) + "\n"


def drive(port: int, workload: Workload, seconds: float) -> Driven:
    """Requests for some seconds. Raises: RuntimeError if any response was not a success.

    Without wrk a client in Python sends them. It needs more CPU than wrk, so that fast servers wait for it.
    """
    return drive_by_wrk(port, workload, seconds) if shutil.which("wrk") else drive_by_client(port, workload, seconds)


def drive_by_client(port: int, workload: Workload, seconds: float) -> Driven:
    sent = 0
    with Client(port, workload, CONNECTIONS) as client:
        start = time.perf_counter()
        while (taken := time.perf_counter() - start) < seconds or not sent:
            sent += client.send(CONNECTIONS)
    return Driven(sent, sent / taken)


def drive_by_wrk(port: int, workload: Workload, seconds: float) -> Driven:
    query = f"?{workload.query.decode()}" if workload.query else ""
    url = f"http://127.0.0.1:{port}{workload.path}{query}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "request.lua")
        file.write_text(script(workload))
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "-s", str(file), url]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    rate = re.search(r"Requests/sec:\s*([\d.]+)", done.stdout)
    count = re.search(r"(\d+) requests in", done.stdout)
    if done.returncode or not rate or not count:
        raise RuntimeError(f"wrk failed: {done.stderr.strip() or done.stdout.strip()}")
    if bad := re.search(r"Non-2xx.*|Socket errors.*", done.stdout):
        raise RuntimeError(bad.group())
    return Driven(int(count.group(1)), float(rate.group(1)))


def measure(ports: dict[str, int], seconds: int, rounds: int, faults: list[str]) -> dict[str, Rates]:
    """All rounds. All servers are up (an idle one costs nothing) and take turns, as in `inprocess`."""
    rates: dict[str, Rates] = {name: {} for name in ports}
    broken = set()
    for turn in range(rounds + 1):  # the first is the warm-up
        for workload in WORKLOADS:
            for name, port in ports.items():
                if (name, workload) in broken:
                    continue
                show_progress(f"{workload} {name}")
                try:
                    rate = drive(port, BY_NAME[workload], seconds).rate
                except RuntimeError as error:
                    broken.add((name, workload))
                    rates[name].pop(workload, None)
                    faults.append(f"{name}, {workload}: {error}")
                    continue
                if turn:
                    rates[name].setdefault(workload, []).append(rate)
    show_progress("")
    return rates


def start(stack: ExitStack, names: list[str], faults: list[str]) -> dict[str, int]:
    """The ports of those that come up."""
    ports = {}
    for name in names:
        try:
            ports[name] = stack.enter_context(serve(name))
        except RuntimeError as error:
            faults.append(f"{name}: {error}")
    return ports


def print_rates(rates: dict[str, Rates]) -> None:
    rows, spread = [], []
    for name, measured in rates.items():
        if not measured:
            continue
        best = {workload: max(rounds) for workload, rounds in measured.items()}
        cells = [f"{best[workload]:,.0f}" if workload in best else "" for workload in WORKLOADS]
        rows.append((name, [*cells, f"{geometric_mean(best.values()):,.0f}"]))
        under = geometric_mean(statistics.median(rounds) / max(rounds) for rounds in measured.values())
        spread.append(f"{name} {under - 1:+.0%}")
    if rows:
        print_table("requests per second over uvicorn (one worker), the best round", [*WORKLOADS, "mean"], rows)
        print(f"\nthe median round lies under the best by: {', '.join(spread)}")


def seconds_per_request(rates: dict[str, Rates]) -> dict[str, dict[str, dict[str, float]]]:
    """Workload -> contender -> the best round and the median, in seconds."""
    return {
        workload: {
            name: summary([1 / rate for rate in measured[workload]])
            for name, measured in rates.items()
            if workload in measured
        }
        for workload in WORKLOADS
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(MODULES), help="only these contenders")
    parser.add_argument("--seconds", type=int, default=1, help="how long wrk drives in a round (1)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds for each contender and workload (3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers here too")
    options = parser.parse_args(arguments)
    if options.seconds < 1 or options.rounds < 1:
        parser.error("--seconds and --rounds must be at least 1")
    if importlib.util.find_spec("uvicorn") is None:
        print("requests per second: not measured, uvicorn is not installed")
        return 0
    found, skipped = load(options.only or list(MODULES))
    faults: list[str] = []
    with ExitStack() as stack:
        ports = start(stack, [contender.name for contender in found], faults)
        rates = measure(ports, options.seconds, options.rounds, faults)
    print_facts()
    print_rates(rates)
    driver = "wrk" if shutil.which("wrk") else "a client in Python (wrk is not installed)"
    print(f"{driver}: {CONNECTIONS} connections, 1 thread, {options.rounds} rounds of {options.seconds} s;", end=" ")
    print(f"it and the server share {os.cpu_count()} CPUs; uvicorn's own work is in every number")
    for name, reason in skipped.items():
        print(f"- {name} is skipped, it cannot be imported: {reason}")
    for line in faults:
        print(f"! {line}")
    write_figures(options.json, "server", arguments, seconds_per_request(rates), faults=faults)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
