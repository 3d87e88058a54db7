"""Time and memory at 1, 10 and 100 times the input, without a server: `python -m benchmarks.growth`.

An exponent is the slope of the measured values over the sizes, both as logarithms: 0 is constant, 1 linear, 2 a square.
`exponent` is the slope from the smallest to the largest size, which the fixed time of a request flattens; `last` is
that of the last step. Memory is the most that one request allocates, or in rows of "start" what the application holds.

A last table counts what is held after 1,000, 10,000 and 100,000 different requests.
"""

import argparse
import asyncio
import gc
import logging
import math
import re
import sys
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.contenders import load
from benchmarks.driver import ask, lifespan
from benchmarks.growth_rows import ROWS, Case, Message, Row
from benchmarks.report import number, print_facts, print_table, show_progress, summary, write_figures
from benchmarks.toolkit import ask as receive_from
from benchmarks.toolkit import listener, time_requests
from benchmarks.workloads import BY_NAME, Workload

ROUND_SECONDS = 0.005
MOST_REQUESTS = 50
TOLERANCE = 0.2
LEAST_BYTES = 32 * 1024  # below it, memory is that of a few objects
HELD_PER_1000 = 20  # blocks of memory that may be held for each 1,000 requests
TYPED = ("signette", "fastapi", "starlette")


@dataclass
class Line:
    """The figures of one package in one row: for each size the rounds, in seconds, and the bytes."""

    name: str
    package: str
    sizes: Sequence[int]
    power: float
    holds: float
    seconds: list[list[float]] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)

    @property
    def times(self) -> list[float]:
        return [min(rounds) for rounds in self.seconds]

    def findings(self) -> list[str]:
        """Why this grows faster than its input does."""
        found = []
        if (last := exponent(self.sizes[1:], self.times[1:])) > self.power + TOLERANCE:
            found.append(f"time grows with the exponent {last:.2f}, expected {self.power:g}")
        if (
            max(self.bytes) > LEAST_BYTES
            and (last := exponent(self.sizes[1:], self.bytes[1:])) > self.holds + TOLERANCE
        ):
            found.append(f"memory grows with the exponent {last:.2f}, expected {self.holds:g}")
        return [f"{self.package}, {self.name}: {finding}" for finding in found]


def exponent(sizes: Sequence[int], values: Sequence[float]) -> float:
    """The slope from the first to the last, both as logarithms."""
    if min(values[0], values[-1]) <= 0:
        return math.nan
    return math.log(values[-1] / values[0]) / math.log(sizes[-1] / sizes[0])


async def measure(row: Row, packages: Sequence[str], rounds: int) -> list[Line]:
    """All rounds of a row. Packages and sizes take turns, so that a slow moment of the machine meets all of them."""
    lines = [Line(row.name, package, row.sizes, row.power, row.holds) for package in packages]
    cases = [Case(row, size) for size in row.sizes]
    made = []
    for line in lines:
        line.seconds = [[] for _ in cases]
        for taken, case in zip(line.seconds, cases, strict=True):
            app = row.build(line.package, case.size)
            await check(app, case)
            took = min([await time_requests(app, case, 1) for _ in range(3)])  # type: ignore[arg-type]
            made.append((app, case, max(1, min(MOST_REQUESTS, int(ROUND_SECONDS / took))), taken))
    for _ in range(rounds):
        for app, case, count, taken in made:
            gc.collect(0)
            taken.append(await time_requests(app, case, count))  # type: ignore[arg-type]
    each = iter(made)
    for line in lines:
        line.bytes = [await most_bytes(app, case) for app, case, *_ in islice(each, len(cases))]
    return lines


async def check(app: Any, case: Case) -> None:
    """Raises: RuntimeError if the application does not respond as the row expects."""
    received = await receive_from(app, case)  # type: ignore[arg-type]
    if received.status != case.request.status:
        raise RuntimeError(f"{case.size}: status {received.status} instead of {case.request.status}, {received.body!r}")


async def most_bytes(app: Any, case: Case) -> int:
    """The most memory that one request allocates. Its messages are there before."""
    gc.collect()
    tracemalloc.start()
    try:
        await time_requests(app, case, 1)  # type: ignore[arg-type]
        gc.collect()
        scope, receive = case.scope(), listener(case.messages())
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        await app(scope, receive, drop)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


async def drop(message: Message) -> None:
    """A client that reads as fast as the application sends."""


async def measure_start(row: Row, package: str, rounds: int) -> Line:
    """From the construction of the application to the first response."""
    line = Line(f"{row.name}: start", package, row.sizes, 1.0, 1.0)
    for size in row.sizes:
        case = Case(row, size)
        taken = []
        for _ in range(rounds):
            gc.collect()
            re.purge()  # else the paths of the round before are compiled already, up to 512 of them
            start = perf_counter()
            await check(row.build(package, size), case)
            taken.append(perf_counter() - start)
        line.seconds.append(taken)
        gc.collect()
        tracemalloc.start()
        app = row.build(package, size)
        await check(app, case)
        gc.collect()
        line.bytes.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
    return line


# -- many requests -----------------------------------------------------------------------------------------------------


@dataclass
class Held:
    """What is held after so many requests: for each count the seconds per request, and the blocks of memory."""

    package: str
    counts: list[int]
    seconds: list[float] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)

    @property
    def per_1000(self) -> float:
        return (self.blocks[-1] - self.blocks[0]) / (self.counts[-1] - self.counts[0]) * 1000

    def findings(self) -> list[str]:
        if self.per_1000 <= HELD_PER_1000:
            return []
        return [f"{self.package}, requests: {self.per_1000:.0f} more blocks of memory are held for each 1,000 requests"]


def different(number: int) -> Workload:
    """A request that was not sent before: another path, another query, another status."""
    kind = number % 5
    if kind == 0:
        return Workload("no route", "GET", f"/nowhere/{number}", None)
    if kind == 1:
        return Workload("invalid", "GET", f"/items/x{number}", None, query=b"limit=%d" % (number + 101))
    if kind == 2:
        return BY_NAME["create"]
    return Workload("item", "GET", f"/items/{number}", None, query=b"q=text-%d&limit=20" % number)


async def measure_requests(package: str, app: Any, counts: list[int]) -> Held:
    held = Held(package, counts)
    done = 0
    async with lifespan(app):
        for _ in range(2):  # the first requests fill what is made once
            for number in range(-200, 0):
                workload = different(number)
                await ask(app, workload.scope(), workload.body)
        for count in counts:
            took, begin = 0.0, done
            while done < count:
                workload = different(done)
                scope = workload.scope()
                start = perf_counter()
                await ask(app, scope, workload.body)
                took += perf_counter() - start
                done += 1
            del workload, scope
            gc.collect()
            held.seconds.append(took / (count - begin))
            held.blocks.append(sys.getallocatedblocks())
    return held


# -- tables ------------------------------------------------------------------------------------------------------------


def size_of(size: int) -> str:
    return f"{size // 1024:,} KiB" if size >= 10 * 1024 else f"{size:,}"


def print_lines(lines: list[Line]) -> None:
    table = []
    for line in lines:
        sizes = " ".join(size_of(size) for size in line.sizes)
        times = [number(seconds * 1e6) for seconds in line.times]
        memory = [number(each / 1024) for each in line.bytes]
        slopes = [f"{exponent(line.sizes[at:], line.times[at:]):.2f}" for at in (0, 1)]
        of_bytes = [f"{exponent(line.sizes[at:], line.bytes[at:]):.2f}" for at in (0, 1)]
        table.append((line.name, [line.package, sizes, *times, *slopes, *memory, *of_bytes]))
    columns = ["", "sizes", "us 1x", "10x", "100x", "exponent", "last", "KiB 1x", "10x", "100x", "exponent", "last"]
    print_table("microseconds, and KiB of memory, at 1, 10 and 100 times the size", columns, table)


def print_held(held: list[Held]) -> None:
    if not held:
        return
    counts = [f"{count:,}" for count in held[0].counts]
    table = []
    for each in held:
        times = [number(seconds * 1e6) for seconds in each.seconds]
        table.append((each.package, [*times, *(f"{blocks:,}" for blocks in each.blocks), f"{each.per_1000:+.1f}"]))
    columns = [*counts, *(f"after {count}" for count in counts), "per 1,000"]
    print_table("microseconds per request up to so many, and blocks of memory that are held after them", columns, table)


def sides(lines: list[Line], held: list[Held]) -> dict[str, dict[str, Any]]:
    """Row and size -> package -> the summary of the rounds, and the bytes."""
    rows: dict[str, dict[str, Any]] = {}
    for line in lines:
        for size, rounds, held_bytes in zip(line.sizes, line.seconds, line.bytes, strict=True):
            rows.setdefault(f"{line.name}, {size}", {})[line.package] = summary(rounds) | {"bytes": held_bytes}
    for each in held:
        for count, seconds, blocks in zip(each.counts, each.seconds, each.blocks, strict=True):
            rows.setdefault(f"requests, {count}", {})[each.package] = {"best": seconds, "blocks": blocks}
    return rows


async def run(rows: list[Row], rounds: int, faults: list[str], missing: set[str]) -> list[Line]:
    lines = []
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        for row in rows:
            show_progress(row.name)
            here = [package for package in row.packages if find_spec(package)]
            missing |= {*row.packages} - {*here}
            try:
                lines += await measure(row, here, rounds)
                if row.starts:
                    lines += [await measure_start(row, package, min(rounds, 3)) for package in here]
            except Exception as error:  # noqa: BLE001 - reported under the table
                faults.append(f"{row.name}: {type(error).__name__}: {error}")
            gc.collect()
    finally:
        gc.enable()
        gc.unfreeze()
        show_progress("")
    return lines


async def run_requests(most: int) -> list[Held]:
    found, _ = load(TYPED)
    held = []
    for contender in found:
        show_progress(f"requests {contender.name}")
        held.append(await measure_requests(contender.name, contender.app, [most // 100, most // 10, most]))
    return held


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.growth", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", nargs="+", metavar="WORD", help='only rows with one of these words; "requests" is one'
    )
    parser.add_argument("--rounds", type=int, default=20, help="rounds for each size and package (20)")
    parser.add_argument("--requests", type=int, default=100_000, help="how many different requests are sent (100,000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers here too")
    options = parser.parse_args(arguments)
    if options.rounds < 1 or options.requests < 1000:
        parser.error("--rounds must be at least 1, and --requests at least 1,000")
    rows = [row for row in ROWS if not options.only or any(word in row.name for word in options.only)]
    counted = not options.only or "requests" in options.only
    if not rows and not counted:
        parser.error("--only names no row")
    logging.disable(logging.CRITICAL)
    faults: list[str] = []
    missing: set[str] = set()
    held = asyncio.run(run_requests(options.requests)) if counted else []
    lines = asyncio.run(run(rows, options.rounds, faults, missing))
    print_facts()
    if lines:
        print_lines(lines)
    print_held(held)
    measured: list[Line | Held] = [*lines, *held]
    findings = [finding for each in measured for finding in each.findings()]
    print()
    for finding in findings:
        print(f"> {finding}")
    for line in sorted(missing):
        print(f"- {line} is not installed")
    for line in faults:
        print(f"! {line}")
    more = {"rounds": options.rounds, "findings": findings, "faults": faults}
    write_figures(options.json, "growth", arguments, sides(lines, held), **more)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
