"""Time per request from ASGI call to ASGI call, without a server: `python -m benchmarks.inprocess`."""

import argparse
import asyncio
import gc
import logging
import statistics
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.contenders import MODULES, Contender, load
from benchmarks.driver import lifespan, nothing, time_requests, verify
from benchmarks.report import (
    geometric_mean,
    number,
    print_facts,
    print_table,
    show_progress,
    summary,
    write_figures,
)
from benchmarks.workloads import BY_NAME, Workload

ROUND_SECONDS = 0.003
MOST_REQUESTS = 100  # a round's scopes should stay in the processor's caches, as one request's would
WARM_UP = 30

Times = dict[str, list[float]]  # workload -> microseconds a request, one a round


@dataclass
class Results:
    times: dict[str, Times] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def best(self, contender: str, workload: str) -> float | None:
        rounds = self.times.get(contender, {}).get(workload)
        return min(rounds) if rounds else None


async def start(stack: AsyncExitStack, contenders: list[Contender], results: Results) -> list[Contender]:
    """Those that come through their start-up."""
    started = []
    for contender in contenders:
        try:
            await stack.enter_async_context(lifespan(contender.app))
        except Exception as error:  # noqa: BLE001 - one broken contender must not stop the others
            results.faults.append(f"{contender.name} does not start: {error}")
        else:
            started.append(contender)
    return started


async def requests_per_round(contender: Contender, workload: Workload) -> int:
    await time_requests(contender.app, workload, WARM_UP)
    took = await time_requests(contender.app, workload, WARM_UP)
    return max(5, min(MOST_REQUESTS, int(ROUND_SECONDS / took)))


async def measure(contenders: list[Contender], workload: Workload, rounds: int, results: Results) -> None:
    """All rounds of one workload: contenders take turns, so that a slow moment meets all of them."""
    counts: dict[str, int] = {}
    fit: list[Contender] = []
    for contender in contenders:
        if not contender.takes(workload.name):
            continue
        if fault := await verify(contender, workload):
            results.faults.append(f"{contender.name}, {workload.name}: {fault}")
            continue
        fit.append(contender)
        counts[contender.name] = await requests_per_round(contender, workload)
    for turn in range(rounds):
        first = turn % len(fit) if fit else 0
        for contender in fit[first:] + fit[:first]:
            gc.collect(0)
            took = await time_requests(contender.app, workload, counts[contender.name])
            results.times[contender.name].setdefault(workload.name, []).append(took * 1e6)
        gc.collect()
    for contender in fit:
        if fault := await verify(contender, workload):
            results.faults.append(f"{contender.name}, {workload.name}, after the rounds: {fault}")


async def driver_price(workload: Workload) -> float:
    return min([await time_requests(nothing, workload, MOST_REQUESTS) for _ in range(50)]) * 1e6


async def run(names: list[str], workloads: list[Workload], rounds: int, *, collect: bool) -> Results:
    results = Results()
    contenders, skipped = load(names)
    results.remarks += [f"{name} is skipped, it cannot be imported: {reason}" for name, reason in skipped.items()]
    async with AsyncExitStack() as stack:
        contenders = await start(stack, contenders, results)
        for contender in contenders:
            results.times[contender.name] = {}
            results.remarks += [f"{contender.name}, {where}: {note}" for where, note in contender.notes.items()]
        gc.collect()
        gc.freeze()
        if not collect:
            gc.disable()
        try:
            for workload in workloads:
                show_progress(workload.name)
                await measure(contenders, workload, rounds, results)
            if workloads:
                price = await driver_price(workloads[0])
                results.remarks.append(f"of each number the driver itself costs {price:.2f} us")
        finally:
            show_progress("")
            gc.enable()
            gc.unfreeze()
    return results


def table(results: Results, workloads: list[str], over: str | None) -> list[tuple[str, list[str]]]:
    rows = []
    for name in results.times:
        values: list[float | None] = []
        for workload in workloads:
            value = results.best(name, workload)
            base = results.best(over, workload) if over else 1.0
            values.append(value / base if value and base else None)
        mean = geometric_mean(value for value in values if value is not None)
        blank = "*" if None in values else ""
        rows.append((name, [number(value) for value in values] + [number(mean) + blank]))
    return rows


def spread(results: Results) -> str:
    parts = []
    for name, times in results.times.items():
        if times:
            over = geometric_mean(statistics.median(rounds) / min(rounds) for rounds in times.values())
            parts.append(f"{name} {over - 1:+.0%}")
    return ", ".join(parts)


def print_results(results: Results, workloads: list[str], rounds: int) -> None:
    columns = [*workloads, "mean"]
    measured = [name for name, times in results.times.items() if times]
    if not measured:
        print("nothing was measured")
    else:
        print_table(f"microseconds per request, the best of {rounds} rounds", columns, table(results, workloads, None))
        for base in ("raw", "signette"):
            if base in measured and len(measured) > 1:
                print_table(f"times the time of {base}", columns, table(results, workloads, base))
        print("\nmean: geometric; * over the measured workloads only")
        print(f"the median round lies over the best by: {spread(results)}")
    for line in results.remarks:
        print(f"- {line}")
    for line in results.faults:
        print(f"! {line}")


def rows_of(results: Results, workloads: list[str]) -> dict[str, dict[str, dict[str, float]]]:
    """Workload -> contender -> the best and the median, in seconds."""
    return {
        workload: {
            name: summary([each / 1e6 for each in times[workload]])
            for name, times in results.times.items()
            if workload in times
        }
        for workload in workloads
    }


def chosen(only: list[str] | None) -> tuple[list[str], list[Workload]]:
    """Contenders and workloads named by `--only`; all of a kind where none of that kind is named."""
    wanted = [name for part in only or () for name in part.split(",") if name]
    if unknown := [name for name in wanted if name not in MODULES and name not in BY_NAME]:
        known = ", ".join((*MODULES, *BY_NAME))
        raise SystemExit(f"--only does not know {', '.join(unknown)}; it knows {known}")
    contenders = [name for name in MODULES if name in wanted] or list(MODULES)
    workloads = [workload for name, workload in BY_NAME.items() if name in wanted] or list(BY_NAME.values())
    return contenders, workloads


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inprocess", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these contenders and/or workloads")
    parser.add_argument("--rounds", type=int, default=100, help="rounds for each contender and workload (100)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers here too")
    parser.add_argument("--gc", action="store_true", help="leave the garbage collector on while timing")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    contenders, workloads = chosen(options.only)
    logging.disable(logging.CRITICAL)  # BlackSheep would log each rejected request; the others log none
    results = asyncio.run(run(contenders, workloads, options.rounds, collect=options.gc))
    print_facts()
    print_results(results, [workload.name for workload in workloads], options.rounds)
    rows = rows_of(results, [workload.name for workload in workloads])
    more = {"rounds": options.rounds, "remarks": results.remarks, "faults": results.faults}
    write_figures(options.json, "inprocess", arguments, rows, **more)
    return 1 if results.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
