"""All parts of the benchmark, one after the other, or those that are named: `make bench`, or `python -m benchmarks`.

Each part writes its figures to build/bench/PART.json, and all of them are in build/bench/all.json. By default a part
makes few rounds; `--thorough` leaves each part to its own default.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.report import machine, spread_of, versions


@dataclass(frozen=True)
class Part:
    """A module with `main(arguments)`, the arguments that make it short, and what it measures."""

    name: str
    short: tuple[str, ...]
    measures: str

    def main(self, arguments: list[str]) -> int:
        """Imported when it runs: a part needs packages that another does not."""
        run: Callable[[list[str]], int] = import_module(f"benchmarks.{self.name}").main
        return run(arguments)


PARTS = (
    Part("inprocess", ("--rounds", "60"), "time per request, without a server"),
    Part("toolkit", ("--rounds", "40"), "the toolkit and Starlette, without a server"),
    Part("stacks", ("--rounds", "40"), "stacks of middleware, next to Starlette and FastAPI"),
    Part("bodies", ("--rounds", "20"), "forms, streams, uploads and gzip, next to Starlette and FastAPI"),
    Part("threads", ("--rounds", "20"), "def endpoints and dependencies, next to Starlette and FastAPI"),
    Part("streams", ("--mib", "8", "--rounds", "2"), "the items of request streams: time and memory"),
    Part("growth", ("--rounds", "5"), "time and memory at 1, 10 and 100 times the input"),
    Part("startup", ("--repeat", "2"), "start-up time and memory"),
    Part(
        "cpu",
        ("--rounds", "3", "--instructions", "200", "--only", "raw", "signette", "starlette"),
        "CPU time and instructions per request over a socket",
    ),
    Part("rsgi", ("--rounds", "3"), "ASGI and RSGI of granian, with the same typed handlers"),
    Part("policies", ("--rounds", "20"), "the price of each policy, in memory and in Redis"),
    Part("clients", ("--rounds", "5", "--count", "500"), "calls of a client in process"),
    Part("server", ("--rounds", "2"), "requests per second over a socket"),
)
FIGURES = Path("build/bench")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [part.name for part in PARTS]
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(names)}; all where none is named")
    parser.add_argument("--thorough", action="store_true", help="as many rounds as each part has by default")
    parser.add_argument("--folder", type=Path, default=FIGURES, help="where the figures are written (build/bench)")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.parts if name not in names]:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(names)}")
    options.folder.mkdir(parents=True, exist_ok=True)
    # Without bytecode files a new process compiles all that it imports, and start-up time would be that.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    taken = {
        part.name: run(part, options.folder, thorough=options.thorough)
        for part in PARTS
        if not options.parts or part.name in options.parts
    }
    command = " ".join(["python -m benchmarks", *(sys.argv[1:] if arguments is None else arguments)])
    written = {"command": command, "versions": versions(), "machine": machine(), "parts": taken}
    (options.folder / "all.json").write_text(json.dumps(written, indent=2) + "\n")
    for name, part in taken.items():
        spread = "" if part["spread"] is None else f", the median round lies {part['spread']:.0%} above the best"
        print(f"{name}: {part['seconds']:.0f} s, exit code {part['exit_code']}{spread}")
    return max(int(part["exit_code"]) for part in taken.values())


def run(part: Part, folder: Path, *, thorough: bool) -> Mapping[str, Any]:
    """Run the part, and return its figures with the spread of its rounds."""
    print(f"== {part.name}: {part.measures}")
    file = folder / f"{part.name}.json"
    file.unlink(missing_ok=True)  # the file of an earlier run would hide a failure
    start = perf_counter()
    try:
        code = part.main([*(() if thorough else part.short), "--json", str(file)])
    except ImportError as error:
        print(f"nothing is measured: {error}")
        code = 1
    print()
    figures = json.loads(file.read_text()) if file.exists() else None
    seconds = round(perf_counter() - start, 1)
    return {"exit_code": code, "seconds": seconds, "spread": spread_of(figures), "figures": figures}


if __name__ == "__main__":
    raise SystemExit(main())
