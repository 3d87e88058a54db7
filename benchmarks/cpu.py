"""CPU per request over uvicorn, next to an empty ASGI application: `python -m benchmarks.cpu`.

Two measurements. *CPU time* is that of the process of the server, in user space and in the kernel; a clock measures it,
so that it differs by some percent from run to run. *Instructions* are those that valgrind counts in user space: they
repeat within 1 %, which is checked by counting them in two processes.
"""

import argparse
import importlib.util
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.report import geometric_mean, number, print_facts, print_table, show_progress, summary, write_figures
from benchmarks.served import Client, cpu_seconds, free_port, pinned, served, two_cpus
from benchmarks.workloads import BY_NAME

# name in the tables -> what uvicorn serves, and the packages without which it cannot be imported
SERVERS = {
    "empty": ("benchmarks.cpu_apps:empty", ()),
    "echo": ("benchmarks.cpu_apps:echo", ()),
    "raw": ("benchmarks.contenders.raw:app", ()),
    "plain": ("benchmarks.cpu_apps:plain", ()),
    "signette": ("benchmarks.contenders.signette_app:app", ()),
    "starlette": ("benchmarks.contenders.starlette_app:app", ("starlette",)),
    "fastapi": ("benchmarks.contenders.fastapi_app:app", ("fastapi",)),
}
WORKLOADS = ("hello", "create")
WARM_UP = 300
# Two counts of the same work must not differ by more.
TOLERANCE = 0.01
VALGRIND_SECONDS = 180.0

Rounds = dict[str, dict[str, list[float]]]  # workload -> server -> one figure a round


def command_of(target: str, port: int) -> list[str]:
    command = [sys.executable, "-m", "uvicorn", target, "--host", "127.0.0.1", "--port", str(port)]
    command += ["--log-level", "error", "--no-access-log"]
    for option, package in (("--loop", "uvloop"), ("--http", "httptools")):
        command += [option, package] if importlib.util.find_spec(package) else []
    return command


@contextmanager
def serving(name: str, cpu: int | None) -> Iterator[tuple[int, int]]:
    """The process of a server, and its port."""
    port = free_port()
    with served(command_of(SERVERS[name][0], port), port, cpu) as pid:
        yield pid, port


def time_cpu(
    names: Sequence[str], rounds: int, count: int, connections: int, cpus: tuple[int, int] | None, faults: list[str]
) -> Rounds:
    """Seconds of CPU time per request. The servers all run, and take turns; an idle one takes almost nothing."""
    server_cpu, client_cpu = cpus or (None, None)
    measured: Rounds = {workload: {} for workload in WORKLOADS}
    with ExitStack() as stack:
        running = {}
        for name in names:
            try:
                running[name] = stack.enter_context(serving(name, server_cpu))
            except RuntimeError as error:
                faults.append(f"{name}: {error}")
        stack.enter_context(pinned(client_cpu))
        for turn in range(rounds + 1):  # the first one is the warm-up
            for workload in WORKLOADS:
                for name, (pid, port) in running.items():
                    show_progress(f"{workload} {name} {turn}")
                    seconds = cpu_of_requests(pid, port, workload, connections, count)
                    if turn:
                        measured[workload].setdefault(name, []).append(seconds)
    show_progress("")
    return measured


def cpu_of_requests(pid: int, port: int, workload: str, connections: int, count: int) -> float:
    """Seconds of CPU time per request, without those of connecting."""
    with Client(port, BY_NAME[workload], connections) as client:
        client.send(connections)
        before = cpu_seconds(pid)
        sent = client.send(count)
        return (cpu_seconds(pid) - before) / sent


def count_instructions(names: Sequence[str], count: int, processes: int, faults: list[str]) -> Rounds:
    """Instructions per request in user space, one figure for each process."""
    counted: Rounds = {workload: {} for workload in WORKLOADS}
    for name in names:
        for turn in range(processes):
            show_progress(f"valgrind {name} {turn + 1}")
            try:
                figures = instructions_of(name, count)
            except (OSError, RuntimeError, subprocess.SubprocessError) as error:
                faults.append(f"instructions of {name}: {error}")
                break
            for workload, figure in figures.items():
                counted[workload].setdefault(name, []).append(figure)
    show_progress("")
    return counted


def instructions_of(name: str, count: int) -> Mapping[str, float]:
    """Instructions of each workload in one new process: those of `2 * count` requests minus those of `count`.

    Nothing is counted until the application has started and warmed up, so that it starts at a tenth of its usual speed
    and not at a fiftieth.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "callgrind")
        port = free_port()
        # Without quiet, valgrind writes a line to the log for each command of `callgrind_control`.
        command = ["valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={out}"]
        command += command_of(SERVERS[name][0], port)
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        with served(command, port, None, environment, VALGRIND_SECONDS) as pid:
            for workload in WORKLOADS:
                with Client(port, BY_NAME[workload]) as client:
                    client.send(WARM_UP)
            control(pid, "--instr=on")
            figures = {}
            dumps = 0
            for workload in WORKLOADS:
                counts = []
                for times in (1, 2):
                    control(pid, "--zero")
                    with Client(port, BY_NAME[workload]) as client:
                        client.send(times * count)
                    control(pid, "--dump")
                    dumps += 1
                    counts.append(total_of(Path(f"{out}.{dumps}")))
                figures[workload] = (counts[1] - counts[0]) / count
            return figures


def control(pid: int, command: str) -> None:
    done = subprocess.run(["callgrind_control", command, str(pid)], capture_output=True, text=True, check=False)
    if done.returncode or "OK" not in done.stdout:
        raise RuntimeError(f"callgrind_control {command} failed: {done.stderr.strip() or done.stdout.strip()}")


def total_of(file: Path) -> int:
    """The instructions in a file that callgrind has written."""
    total = re.search(r"^totals: (\d+)", file.read_text(), re.MULTILINE)
    if total is None:
        raise RuntimeError(f"{file.name} has no total")
    return int(total.group(1))


def differences(counted: Rounds) -> dict[str, float]:
    """How far the counts of the processes lie apart, for each server, in the workload where they do most."""
    apart: dict[str, float] = {}
    for figures in counted.values():
        for name, counts in figures.items():
            apart[name] = max(apart.get(name, 0.0), max(counts) / min(counts) - 1)
    return apart


def ratios(rounds: Rounds, to: str = "empty") -> dict[str, dict[str, float]]:
    """Each server next to the empty application, or another one: the median of the ratios of each round."""
    return {
        workload: {
            name: statistics.median(a / b for a, b in zip(figures[name], figures[to], strict=True)) for name in figures
        }
        for workload, figures in rounds.items()
        if to in figures
    }


def print_figures(title: str, rounds: Rounds, scale: float) -> None:
    """Medians, their ratios to the empty application, and to the one that sends the body back."""
    next_to_empty, next_to_echo = ratios(rounds), ratios(rounds, "echo")
    names = list(dict.fromkeys(name for figures in rounds.values() for name in figures))
    rows = []
    for name in names:
        cells = []
        for workload, figures in rounds.items():
            known = name in figures
            cells.append(number(statistics.median(figures[name]) * scale) if known else "")
            cells += [
                number(each.get(workload, {}).get(name)) if known else "" for each in (next_to_empty, next_to_echo)
            ]
        rows.append((name, cells))
    if rows:
        print_table(title, [column for workload in rounds for column in (workload, "of empty", "of echo")], rows)


def print_spread(rounds: Rounds) -> None:
    """How far the best and the worst round lie from the median, as a geometric mean of the workloads."""
    texts = []
    for name in next(iter(rounds.values()), {}):
        all_rounds = [figures[name] for figures in rounds.values() if name in figures]
        under = geometric_mean(min(figures) / statistics.median(figures) for figures in all_rounds)
        above = geometric_mean(max(figures) / statistics.median(figures) for figures in all_rounds)
        texts.append(f"{name} {under - 1:+.0%} to {above - 1:+.0%}")
    if texts:
        print(f"\nrounds, from the median: {', '.join(texts)}")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.cpu", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", nargs="+", choices=list(SERVERS), help="only these; `empty` and `echo` are always there"
    )
    parser.add_argument("--rounds", type=int, default=20, help="rounds by the clock (20)")
    parser.add_argument("--count", type=int, default=1000, help="requests in a round (1000)")
    parser.add_argument("--connections", type=int, default=8, help="connections that are open at once (8)")
    parser.add_argument("--no-pin", dest="pin", action="store_false", help="let the system choose the CPUs")
    parser.add_argument("--instructions", type=int, default=500, help="requests under valgrind; 0 counts none (500)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers here too")
    options = parser.parse_args(arguments)
    if min(options.rounds, options.count, options.connections) < 1 or options.instructions < 0:
        parser.error("--rounds, --count and --connections must be at least 1")
    return options


def available(names: Collection[str]) -> tuple[list[str], list[str]]:
    """The servers whose packages are installed, and a remark for each of the others."""
    found, skipped = [], []
    for name in SERVERS:
        if name not in names:
            continue
        missing = [package for package in SERVERS[name][1] if importlib.util.find_spec(package) is None]
        if missing:
            skipped.append(f"{name} is skipped, not installed: {', '.join(missing)}")
        else:
            found.append(name)
    return found, skipped


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    if importlib.util.find_spec("uvicorn") is None or not hasattr(os, "sched_getaffinity"):
        print("CPU per request: not measured, it needs uvicorn and Linux")
        return 0
    names, notes = available({"empty", "echo", *(options.only or SERVERS)})
    faults: list[str] = []
    cpus = two_cpus() if options.pin else None
    timed = time_cpu(names, options.rounds, options.count, options.connections, cpus, faults)
    counted: Rounds = {}
    if options.instructions and shutil.which("valgrind") is None:
        notes.append("instructions are not counted, valgrind is not installed")
    elif options.instructions:
        counted = count_instructions(names, options.instructions, 2, faults)
    apart = differences(counted)
    faults += [
        f"instructions of {name} differ by {difference:.1%} between two processes"
        for name, difference in apart.items()
        if difference > TOLERANCE
    ]
    print_facts()
    print_figures("CPU time over uvicorn, us per request, the median round", timed, 1e6)
    print_spread(timed)
    print(f"{options.rounds} rounds of {options.count} requests on {options.connections} connections,", end=" ")
    print("the server and the client on one CPU each" if cpus else "not pinned to CPUs")
    print_figures("instructions over uvicorn, thousands per request (valgrind, user space)", counted, 1e-3)
    if apart:
        print(f"\ntwo processes differ by: {', '.join(f'{name} {value:.2%}' for name, value in apart.items())}")
    for line in notes:
        print(f"- {line}")
    for line in faults:
        print(f"! {line}")
    rows = {f"{workload}": {name: summary(figures[name]) for name in figures} for workload, figures in timed.items()}
    more = {
        "instructions": counted,
        "ratio": {"cpu": ratios(timed), "instructions": ratios(counted)},
        "ratio to echo": {"cpu": ratios(timed, "echo"), "instructions": ratios(counted, "echo")},
        "faults": faults,
    }
    write_figures(options.json, "cpu", arguments, rows, **more)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
