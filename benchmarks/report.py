"""Tables, and the facts a number is worthless without: versions, Python, machine."""

import math
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import metadata

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
