"""Sync code in worker threads, next to Starlette and FastAPI, without a server: `python -m benchmarks.threads`.

Each `def` row has an `async def` twin, which shows what the threads cost. Rows that end in "40 at once" are the time of
40 concurrent requests, divided by 40. `--loop uvloop` measures on uvloop, and `--loop trio` signette alone on trio.
"""

import argparse
import asyncio
import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import anyio

from benchmarks.driver import ask
from benchmarks.report import number, print_facts, print_table, show_progress, summary, write_figures
from benchmarks.workloads import Workload

CONCURRENT = 40
ROUND_SECONDS = 0.02
SIDES = ("signette", "starlette", "fastapi")
REQUEST = Workload("threads", "GET", "/", None)
Build = Callable[[str], Any]


@dataclass(frozen=True)
class Row:
    """What one application is asked, one request after the other or `concurrent` at once."""

    name: str
    peer: str
    build: Build
    concurrent: int


# -- applications, written once


def plain(*, sync: bool) -> Build:
    def build(package: str) -> Any:
        response = import_module(f"{package}.responses").PlainTextResponse

        def endpoint(request: Any) -> Any:
            return response("Hello, world!")

        async def twin(request: Any) -> Any:
            return response("Hello, world!")

        kind = "Starlette" if package == "starlette" else "Application"
        route = import_module(f"{package}.routing").Route("/", endpoint if sync else twin)
        return getattr(import_module(f"{package}.applications"), kind)(routes=[route])

    return build


def app_of(package: str) -> tuple[Any, Any]:
    """A typed application, and the `Depends` of its package."""
    module = import_module(package)
    if package != "fastapi":
        return module.App(), module.Depends
    telemetry = dict.fromkeys(("tracing", "metrics", "logs", "operation_spans"), False)
    return module.FastAPI(telemetry=telemetry), module.Depends


def typed(*, sync: bool) -> Build:
    def build(package: str) -> Any:
        app, _ = app_of(package)

        def endpoint() -> dict[str, int]:
            return {"total": 0}

        async def twin() -> dict[str, int]:
            return {"total": 0}

        app.get("/")(endpoint if sync else twin)
        return app

    return build


def dependency(value: int, *, sync: bool, opens: bool) -> Callable[[], Any]:
    """A dependency of one of the four kinds."""

    def call() -> int:
        return value

    async def call_twin() -> int:
        return value

    def generate() -> Iterator[int]:
        yield value

    async def generate_twin() -> Any:
        yield value

    if opens:
        return generate if sync else generate_twin
    return call if sync else call_twin


def dependent(count: int, *, sync: bool, opens: bool = False) -> Build:
    """An `async def` endpoint with one or three dependencies."""

    def build(package: str) -> Any:
        app, depends = app_of(package)
        first, second, third = (depends(dependency(value, sync=sync, opens=opens)) for value in range(3))

        async def one(a: Annotated[int, first]) -> dict[str, int]:
            return {"total": a}

        async def three(
            a: Annotated[int, first], b: Annotated[int, second], c: Annotated[int, third]
        ) -> dict[str, int]:
            return {"total": a + b + c}

        app.get("/")(one if count == 1 else three)
        return app

    return build


def endpoint_with_two(*, sync: bool, opens: bool = False) -> Build:
    """An endpoint with two dependencies, all of one kind. `opens`: the first one is a generator."""

    def build(package: str) -> Any:
        app, depends = app_of(package)
        first = depends(dependency(1, sync=sync, opens=opens))

        def second(a: Annotated[int, first]) -> int:
            return a + 1

        async def second_twin(a: Annotated[int, first]) -> int:
            return a + 1

        taken = depends(second if sync else second_twin)

        def endpoint(a: Annotated[int, first], b: Annotated[int, taken]) -> dict[str, int]:
            return {"total": a + b}

        async def twin(a: Annotated[int, first], b: Annotated[int, taken]) -> dict[str, int]:
            return {"total": a + b}

        app.get("/")(endpoint if sync else twin)
        return app

    return build


def rows() -> Iterator[Row]:
    kinds: tuple[tuple[str, str, Callable[..., Build]], ...] = (
        ("plain endpoint", "starlette", plain),
        ("typed endpoint", "fastapi", typed),
        ("one dependency", "fastapi", lambda **how: dependent(1, **how)),
        ("three dependencies", "fastapi", lambda **how: dependent(3, **how)),
        ("yield dependency", "fastapi", lambda **how: dependent(1, opens=True, **how)),
        ("endpoint, two dependencies", "fastapi", endpoint_with_two),
        ("endpoint, yield dependency, dependency", "fastapi", lambda **how: endpoint_with_two(opens=True, **how)),
    )
    for name, peer, make in kinds:
        for sync in (True, False):
            full = f"{name}, {'def' if sync else 'async def'}"
            yield Row(full, peer, make(sync=sync), 1)
            yield Row(f"{full}, {CONCURRENT} at once", peer, make(sync=sync), CONCURRENT)


ROWS = tuple(rows())


# -- measuring


@dataclass
class Results:
    # Row -> package -> seconds per request, one a round.
    times: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


async def one_request(app: Any) -> None:
    messages = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Any:
        for message in messages:
            return message
        await anyio.sleep_forever()
        raise AssertionError

    async def send(message: Any) -> None:
        pass

    await app(REQUEST.scope(), receive, send)


async def time_requests(app: Any, concurrent: int, count: int) -> float:
    """Seconds per request, on average over so many times `concurrent` requests."""
    start = perf_counter()
    if concurrent == 1:
        for _ in range(count):
            await one_request(app)
    else:
        for _ in range(count):
            async with anyio.create_task_group() as group:
                for _ in range(concurrent):
                    group.start_soon(one_request, app)
    return (perf_counter() - start) / (count * concurrent)


async def measure(row: Row, packages: list[str], rounds: int, results: Results) -> None:
    """All rounds of one row. The packages take turns, so that a slow moment of the machine meets both."""
    apps = {package: row.build(package) for package in packages}
    received = {package: await ask(app, REQUEST.scope()) for package, app in apps.items()}
    if len({(status, body) for status, _, body in received.values()}) != 1 or received["signette"][0] != 200:
        results.faults.append(f"{row.name}: the responses are wrong or differ: {received}")
        return
    counts = {}
    for package, app in apps.items():
        await time_requests(app, row.concurrent, 5)
        seconds = await time_requests(app, row.concurrent, 5) * row.concurrent
        counts[package] = max(2, min(100, int(ROUND_SECONDS / seconds)))
    times: dict[str, list[float]] = {package: [] for package in apps}
    for turn in range(rounds):
        for package in packages if turn % 2 else packages[::-1]:
            gc.collect(0)
            times[package].append(await time_requests(apps[package], row.concurrent, counts[package]))
    results.times[row.name] = times


async def run(chosen: list[Row], rounds: int, loop: str) -> tuple[Results, list[str]]:
    """The rounds of these rows, and what is not installed."""
    results, missing = Results(), set()
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        for row in chosen:
            show_progress(row.name)
            packages = ["signette"]
            if loop != "trio":  # neither of the peers is measured there
                try:
                    import_module(row.peer)
                    packages.append(row.peer)
                except ModuleNotFoundError as error:
                    missing.add(f"{row.peer}: {error}")
            await measure(row, packages, rounds, results)
    finally:
        show_progress("")
        gc.enable()
        gc.unfreeze()
    return results, sorted(missing)


def run_on(loop: str, chosen: list[Row], rounds: int) -> tuple[Results, list[str]]:
    if loop == "trio":
        return anyio.run(run, chosen, rounds, loop, backend="trio")
    factory = import_module("uvloop").new_event_loop if loop == "uvloop" else None
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(run(chosen, rounds, loop))


def print_results(results: Results, rounds: int, loop: str) -> None:
    table = []
    for row, times in results.times.items():
        best = {side: min(taken) for side, taken in times.items()}
        others = [seconds for side, seconds in best.items() if side != "signette"]
        cells = [number(best[side] * 1e6) if side in best else "" for side in SIDES]
        table.append((row, [*cells, f"{best['signette'] / others[0]:.2f}" if others else ""]))
    if table:
        title = f"microseconds per request on {loop}, the best of {rounds} rounds"
        print_table(title, [*SIDES, "ratio"], table)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.threads", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="WORD", help="only rows whose name has one of these words")
    parser.add_argument("--rounds", type=int, default=60, help="rounds for each row and package (60)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers here too")
    parser.add_argument("--loop", choices=("asyncio", "uvloop", "trio"), default="asyncio")
    options = parser.parse_args(arguments)
    chosen = [row for row in ROWS if not options.only or any(word in row.name for word in options.only)]
    if not chosen or options.rounds < 1:
        parser.error("--only names no row, or --rounds is less than 1")
    results, missing = run_on(options.loop, chosen, options.rounds)
    print_facts()
    print_results(results, options.rounds, options.loop)
    for line in missing:
        print(f"- not measured, {line}")
    for line in results.faults:
        print(f"! {line}")
    figures = {row: {side: summary(taken) for side, taken in sides.items()} for row, sides in results.times.items()}
    more = {"rounds": options.rounds, "loop": options.loop, "faults": results.faults}
    write_figures(options.json, "threads", arguments, figures, **more)
    return 1 if results.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
