"""The toolkit and Starlette, with the same applications, in process: `python -m benchmarks.toolkit`."""

import argparse
import asyncio
import gc
import gzip
import statistics
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.driver import nothing
from benchmarks.report import (
    geometric_mean,
    number,
    print_facts,
    print_table,
    show_progress,
    summary,
    write_figures,
)
from benchmarks.toolkit_apps import APPLICATIONS, Files, Kit
from benchmarks.toolkit_rows import ROWS, Message, Received, Row

ROUND_SECONDS = 0.003
MOST_REQUESTS = 100
WARM_UP = 20
SLOWEST_SECONDS = 10  # a request that takes so long waits for what will never come


@dataclass
class Results:
    # Row -> package -> microseconds a request, one a round.
    times: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    driver: float = 0.0

    def ratio(self, row: str) -> float:
        """Signette's best round by that of the other package."""
        times = self.times[row]
        (other,) = (taken for package, taken in times.items() if package != "signette")
        return min(times["signette"]) / min(other)


def listener(messages: list[Message]) -> Callable[[], Awaitable[Message]]:
    """A `receive` that gives these messages, and then waits: the client stays."""
    left = iter(messages)

    async def receive() -> Message:
        for message in left:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    return receive


async def ask(app: Any, row: Row) -> Received:
    """The response of the application."""
    received = Received()

    async def send(message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            received.status, received.headers = message["status"], dict(message["headers"])
        elif kind == "http.response.body":
            received.body += message.get("body", b"")
        elif kind == "websocket.accept":
            received.status = 101
        elif kind == "websocket.send":
            text = message.get("text")
            received.texts.append(message["bytes"] if text is None else text)

    async with asyncio.timeout(SLOWEST_SECONDS):
        await app(row.scope(), listener(row.messages()), send)
    if received.headers.get(b"content-encoding") == b"gzip":
        received.body = gzip.decompress(received.body)
    return received


async def prepared(app: Any, row: Row) -> Row:
    """The row with the request for this application."""
    if not row.revalidates:
        return row
    return row.with_tag((await ask(app, row)).headers[b"etag"].decode())


async def disagreement(apps: dict[str, Any], rows: dict[str, Row]) -> str | None:
    """Why the responses are wrong or differ; None if they are right and equal."""
    received = {}
    for package, app in apps.items():
        try:
            received[package] = await ask(app, rows[package])
        except Exception as error:  # noqa: BLE001 - reported under the table
            return f"{package}: {type(error).__name__}: {error}"
        expected = rows[package].request.status
        if received[package].status != expected:
            return f"{package}: status {received[package].status} instead of {expected}"
    first, *others = received.values()
    for other in others:
        if (first.body, first.texts) != (other.body, other.texts):
            return f"bodies differ: {first.body[:80]!r} and {other.body[:80]!r}"
        if not (first.body or first.texts or first.status == 304):
            return "the bodies are empty"
    return None


async def time_requests(app: Any, row: Row, count: int) -> float:
    """Seconds per request, on average; all that a request brings is made before the clock starts."""
    arriving = [(row.scope(), listener(row.messages())) for _ in range(count)]

    async def send(message: Message) -> None:
        pass

    start = perf_counter()
    for scope, receive in arriving:
        await app(scope, receive, send)
    return (perf_counter() - start) / count


async def requests_per_round(app: Any, row: Row) -> int:
    await time_requests(app, row, WARM_UP)
    return max(3, min(MOST_REQUESTS, int(ROUND_SECONDS / await time_requests(app, row, WARM_UP))))


async def measure(row: Row, kits: Sequence[Kit], files: Files, rounds: int, results: Results) -> None:
    """All rounds of one row. The packages take turns, so that a slow moment of the machine meets both."""
    apps = {kit.package: row.build(kit, files) for kit in kits}
    rows = {package: await prepared(app, row) for package, app in apps.items()}
    if fault := await disagreement(apps, rows):
        results.faults.append(f"{row.name}: {fault}")
        return
    counts = {package: await requests_per_round(app, rows[package]) for package, app in apps.items()}
    times: dict[str, list[float]] = {package: [] for package in apps}
    for turn in range(rounds):
        order = list(apps) if turn % 2 else list(apps)[::-1]
        for package in order:
            gc.collect(0)
            times[package].append(await time_requests(apps[package], rows[package], counts[package]) * 1e6)
        gc.collect()
    if fault := await disagreement(apps, rows):
        results.faults.append(f"{row.name}, after the rounds: {fault}")
        return
    results.times[row.name] = times


async def run(rows: list[Row], rounds: int, folder: Path) -> Results:
    results = Results()
    kits = [Kit(package) for package in APPLICATIONS]
    files = Files(folder)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        for row in rows:
            show_progress(row.name)
            await measure(row, kits, files, rounds, results)
        results.driver = min([await time_requests(nothing, ROWS[0], MOST_REQUESTS) for _ in range(50)]) * 1e6
    finally:
        show_progress("")
        gc.enable()
        gc.unfreeze()
    return results


def spread(results: Results, package: str) -> float:
    """How far the median round lies above the best, over all rows."""
    rounds = [times[package] for times in results.times.values() if package in times]
    return geometric_mean(statistics.median(taken) / min(taken) for taken in rounds) - 1


def print_spread(results: Results) -> None:
    packages = dict.fromkeys(package for times in results.times.values() for package in times)
    parts = [f"{package} {spread(results, package):+.0%}" for package in packages]
    print(f"\nthe median round lies over the best by: {', '.join(parts)}")


def without_routing(results: Results) -> list[str]:
    """The rows that say nothing of how many routes there are: a list of 500 would outweigh all else in a mean."""
    return [row for row in results.times if " routes, " not in row]


def print_results(results: Results, rounds: int) -> None:
    if results.times:
        table = [
            (row, [*(number(min(times[package])) for package in APPLICATIONS), f"{results.ratio(row):.2f}"])
            for row, times in results.times.items()
        ]
        for name, rows in (("geometric mean", list(results.times)), ("without routing", without_routing(results))):
            table.append((name, ["", "", f"{geometric_mean(map(results.ratio, rows)):.2f}"]))
        print_table(f"microseconds per request, the best of {rounds} rounds", [*APPLICATIONS, "ratio"], table)
        print_spread(results)
        print(f"- of each number the driver itself costs {results.driver:.2f} us")
    for line in results.faults:
        print(f"! {line}")


def rows_of(results: Results) -> dict[str, dict[str, dict[str, float]]]:
    """Row -> package -> the best and the median, in seconds."""
    return {
        row: {package: summary([each / 1e6 for each in taken]) for package, taken in times.items()}
        for row, times in results.times.items()
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.toolkit", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="WORD", help="only rows whose name has one of these words")
    parser.add_argument("--rounds", type=int, default=100, help="rounds for each row and package (100)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers here too")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    rows = [row for row in ROWS if not options.only or any(word in row.name for word in options.only)]
    if not rows:
        parser.error("--only names no row")
    with tempfile.TemporaryDirectory() as folder:
        try:
            results = asyncio.run(run(rows, options.rounds, Path(folder)))
        except ModuleNotFoundError as missing:
            print(f"nothing is measured: {missing}")
            return 1
    print_facts()
    print_results(results, options.rounds)
    more = {"rounds": options.rounds, "faults": results.faults}
    write_figures(options.json, "toolkit", arguments, rows_of(results), **more)
    return 1 if results.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
