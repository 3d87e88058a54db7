"""Tables, and the facts a number is worthless without: versions, Python, machine."""

import json
import math
import os
import platform
import statistics
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = (
    "signette",
    "pydantic",
    "pydantic-core",
    "orjson",
    "anyio",
    "python-multipart",
    "starlette",
    "fastapi",
    "litestar",
    "msgspec",
    "blacksheep",
    "falcon",
    "uvicorn",
    "granian",
    "uvloop",
    "httptools",
    "limits",
    "redis",
    "slowapi",
)


def versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def machine() -> dict[str, str]:
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": str(os.cpu_count()),
    }


def summary(rounds: Sequence[float]) -> dict[str, float]:
    """The best round and the median round, in seconds."""
    return {"best": min(rounds), "median": statistics.median(rounds)}


def write_figures(
    file: Path | None,
    part: str,
    arguments: Sequence[str] | None,
    rows: Mapping[str, Mapping[str, Mapping[str, float]]],
    **more: Any,
) -> None:
    """Write what `--json FILE` of each part has: row -> package -> `summary`, and the facts that belong to it."""
    if file is None:
        return
    figures = {"command": command_of(part, arguments), "versions": versions(), "machine": machine()}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({**figures, **more, "rows": rows}, indent=2) + "\n")


def command_of(part: str, arguments: Sequence[str] | None) -> str:
    """The command that measures the same again, without the file that it writes."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if "--json" in given:
        at = given.index("--json")
        del given[at : at + 2]
    return " ".join(["python -m", f"benchmarks.{part}", *given])


def spread_of(figures: Any) -> float | None:
    """How far the median round lies above the best, as a geometric mean over all rows; None if no row says so."""
    ratios = [found["median"] / found["best"] for found in summaries(figures) if found["best"]]
    return geometric_mean(ratios) - 1 if ratios else None


def summaries(figures: Any) -> Iterator[Mapping[str, float]]:
    """Each `summary` somewhere in these figures."""
    if not isinstance(figures, Mapping):
        return
    if {"best", "median"} <= set(figures):
        yield figures
    for value in figures.values():
        yield from summaries(value)


@cache
def print_facts() -> None:
    """Printed once in a process, however many parts of the benchmark run in it."""
    here = machine()
    print(f"{here['python']}, {here['system']}, {here['cpus']} CPUs")
    print(", ".join(f"{package} {version}" for package, version in versions().items()))


def show_progress(text: str) -> None:
    """What is being measured now, on a line that the next one overwrites; nothing where no one watches."""
    if sys.stderr.isatty():
        print(f"\r{text:24}\r", end="", file=sys.stderr, flush=True)


def geometric_mean(values: Iterable[float]) -> float:
    logs = [math.log(value) for value in values]
    return math.exp(sum(logs) / len(logs)) if logs else math.nan


def number(value: float | None) -> str:
    """Three digits that say something; a blank for what was not measured."""
    if value is None or math.isnan(value):
        return ""
    if value >= 99.5:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 9.95 else f"{value:.2f}"


def print_table(title: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> None:
    print(f"\n{title}")
    first = max([len(name) for name, _ in rows] + [4])
    widths = [max(len(column), *(len(cells[i]) for _, cells in rows)) for i, column in enumerate(columns)]
    print("  ".join([" " * first, *(column.rjust(width) for column, width in zip(columns, widths, strict=True))]))
    for name, cells in rows:
        print("  ".join([name.ljust(first), *(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))]))
