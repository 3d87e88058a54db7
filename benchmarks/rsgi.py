"""ASGI and RSGI of granian, with the same typed handlers: `python -m benchmarks.rsgi`.

It shows what a typed application would gain from RSGI, end to end: CPU time per request, and requests per second. Both
come from the same rounds of wrk. A gain is measured next to signette over ASGI, round by round.
"""

import argparse
import importlib.util
import os
import shutil
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import geometric_mean, number, print_facts, print_table, show_progress, summary, write_figures
from benchmarks.served import cpu_seconds, free_port, pinned, served, two_cpus
from benchmarks.server import CONNECTIONS, drive
from benchmarks.workloads import BY_NAME

# name in the tables -> the interface of granian, what it serves, and what it is compared with
SERVERS = {
    "empty, ASGI": ("asgi", "benchmarks.cpu_apps:empty", "empty, ASGI"),
    "empty, RSGI": ("rsgi", "benchmarks.rsgi_apps:empty", "empty, ASGI"),
    "signette, ASGI": ("asgi", "benchmarks.contenders.signette_app:app", "signette, ASGI"),
    "typed, RSGI": ("rsgi", "benchmarks.rsgi_apps:typed", "signette, ASGI"),
    "signette, adapter": ("rsgi", "benchmarks.rsgi_apps:adapted", "signette, ASGI"),
}
WORKLOADS = ("hello", "item", "create")


@dataclass
class Figures:
    """One figure a round: seconds of CPU time per request, and requests per second."""

    cpu: list[float]
    rate: list[float]


Measured = dict[str, dict[str, Figures]]  # workload -> server -> figures


@contextmanager
def serving(name: str, cpu: int | None) -> Iterator[tuple[int, int]]:
    """The process of a server, and its port."""
    port = free_port()
    interface, target, _ = SERVERS[name]
    command = [sys.executable, "-m", "granian", "--interface", interface, "--loop", "uvloop", "--workers", "1"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "error", target]
    with served(command, port, cpu) as pid:
        yield pid, port


def measure(seconds: int, rounds: int, cpus: tuple[int, int] | None, faults: list[str]) -> Measured:
    """All rounds: the servers all run, and take turns."""
    server_cpu, client_cpu = cpus or (None, None)
    measured: Measured = {workload: {} for workload in WORKLOADS}
    with ExitStack() as stack:
        running = {name: stack.enter_context(serving(name, server_cpu)) for name in SERVERS}
        stack.enter_context(pinned(client_cpu))  # wrk inherits it
        for turn in range(rounds + 1):  # the first one is the warm-up
            for workload in WORKLOADS:
                for name, (pid, port) in running.items():
                    show_progress(f"{workload} {name} {turn}")
                    before = cpu_seconds(pid)
                    try:
                        driven = drive(port, BY_NAME[workload], seconds)
                    except RuntimeError as error:
                        faults.append(f"{name}, {workload}: {error}")
                        continue
                    if turn:
                        figures = measured[workload].setdefault(name, Figures([], []))
                        figures.cpu.append((cpu_seconds(pid) - before) / driven.requests)
                        figures.rate.append(driven.rate)
    show_progress("")
    return measured


def gains(measured: Measured, figure: str) -> dict[str, dict[str, float]]:
    """The median of the ratios of each round, next to the same application over ASGI."""
    return {
        workload: {
            name: statistics.median(
                a / b
                for a, b in zip(getattr(figures[name], figure), getattr(figures[SERVERS[name][2]], figure), strict=True)
            )
            for name in figures
        }
        for workload, figures in measured.items()
    }


def print_figures(title: str, measured: Measured, figure: str, scale: float) -> None:
    """The median rounds, and the ratios to ASGI."""
    ratios = gains(measured, figure)
    rows = []
    spread = []
    for name in SERVERS:
        cells = []
        around = []
        for workload in WORKLOADS:
            if name not in measured[workload]:
                cells += ["", ""]
                continue
            rounds = getattr(measured[workload][name], figure)
            middle = statistics.median(rounds)
            around.append((min(rounds) / middle, max(rounds) / middle))
            cells += [number(middle * scale), number(ratios[workload][name])]
        cells.append(
            number(geometric_mean(ratios[workload][name] for workload in WORKLOADS if name in ratios[workload]))
        )
        rows.append((name, cells))
        low, high = (geometric_mean(ends) for ends in zip(*around, strict=True)) if around else (1.0, 1.0)
        spread.append(f"{name} {low - 1:+.0%} to {high - 1:+.0%}")
    print_table(title, [*(column for workload in WORKLOADS for column in (workload, "ratio")), "mean ratio"], rows)
    print(f"rounds, from the median: {'; '.join(spread)}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.rsgi", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7, help="rounds (7)")
    parser.add_argument("--seconds", type=int, default=1, help="how long wrk drives in a round (1)")
    parser.add_argument("--no-pin", dest="pin", action="store_false", help="let the system choose the CPUs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers here too")
    options = parser.parse_args(arguments)
    if options.seconds < 1 or options.rounds < 1:
        parser.error("--seconds and --rounds must be at least 1")
    if importlib.util.find_spec("granian") is None or not hasattr(os, "sched_getaffinity"):
        print("RSGI: not measured, it needs granian and Linux")
        return 0
    faults: list[str] = []
    cpus = two_cpus() if options.pin else None
    measured = measure(options.seconds, options.rounds, cpus, faults)
    print_facts()
    print_figures("CPU time over granian, us per request, the median round", measured, "cpu", 1e6)
    print_figures("thousands of requests per second over granian, the median round", measured, "rate", 1e-3)
    driver = "wrk" if shutil.which("wrk") else "a client in Python"
    print(f"\n{options.rounds} rounds of {options.seconds} s, {CONNECTIONS} connections of {driver},", end=" ")
    print("the server and the client on one CPU each" if cpus else "not pinned to CPUs")
    for line in faults:
        print(f"! {line}")
    rows = {workload: {name: summary(figures[name].cpu) for name in figures} for workload, figures in measured.items()}
    ratio = {figure: gains(measured, figure) for figure in ("cpu", "rate")}
    rates = {workload: {name: figures[name].rate for name in figures} for workload, figures in measured.items()}
    write_figures(options.json, "rsgi", arguments, rows, ratio=ratio, requests_per_second=rates, faults=faults)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
