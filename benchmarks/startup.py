"""Start-up time and memory with 1, 100 and 1,000 typed routes: `python -m benchmarks.startup`.

Each number comes from new processes, which run this file with `--child`: one kind is timed, the other
counts memory (tracing allocations would slow the first kind down).

All of them share a folder for bytecode, which a process that is not measured has filled: Python would compile what is
imported from a checkout, but not what pip has installed, and with `PYTHONDONTWRITEBYTECODE` it would do so each time.
"""

import argparse
import asyncio
import importlib
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from types import SimpleNamespace as Namespace
from typing import Annotated, Any

from benchmarks.report import print_facts, print_table, write_figures

FRAMEWORKS = {"signette": "App", "fastapi": "FastAPI", "litestar": "Litestar"}
DOCUMENTS = {"signette": "/openapi.json", "fastapi": "/openapi.json", "litestar": "/schema/openapi.json"}
COUNTS = (1, 100, 1000)
STAGES = ("import", "build", "start", "first", "next", "openapi", "total")
COLUMNS = ("routes", "import", "build", "start", "first", "next", "openapi", "total", "RSS MB", "heap MB")


def prepare(framework: str) -> Namespace:
    """The imports an application begins with: the framework's names and a module of models."""
    module = importlib.import_module(framework)
    user = importlib.import_module("benchmarks.models").User
    if framework != "litestar":
        return Namespace(App=getattr(module, FRAMEWORKS[framework]), Constraint=module.Query, User=user)
    constraint = importlib.import_module("litestar.params").Parameter
    return Namespace(App=module.Litestar, Constraint=constraint, User=user, get=module.get, put=module.put)


def build_decorated(names: Namespace, count: int) -> Any:
    """Signette's and FastAPI's applications are written alike. Of five routes one takes a JSON model."""
    app = names.App()
    Limit = Annotated[int, names.Constraint(ge=1, le=100)]  # noqa: N806 - a type
    User = names.User  # noqa: N806 - a type

    def add(index: int) -> None:
        if index % 5 == 4:

            @app.put(f"/things{index}/{{item_id}}")
            async def replace(item_id: int, user: User) -> User:
                return user
        else:

            @app.get(f"/things{index}/{{item_id}}")
            async def read(item_id: int, q: str | None = None, limit: Limit = 20) -> dict[str, Any]:
                return {"item_id": item_id, "q": q, "limit": limit}

    for index in range(count):
        add(index)
    return app


def build_litestar(names: Namespace, count: int) -> Any:
    Limit = Annotated[int, names.Constraint(ge=1, le=100)]  # noqa: N806 - a type
    User = names.User  # noqa: N806 - a type

    def make(index: int) -> Any:
        if index % 5 == 4:

            @names.put(f"/things{index}/{{item_id:int}}")
            async def replace(item_id: int, data: User) -> User:
                return data

            return replace

        @names.get(f"/things{index}/{{item_id:int}}")
        async def read(item_id: int, q: str | None = None, limit: Limit = 20) -> dict[str, Any]:
            return {"item_id": item_id, "q": q, "limit": limit}

        return read

    return names.App([make(index) for index in range(count)])


async def use(framework: str, app: Any, seconds: dict[str, float]) -> None:
    from benchmarks.driver import ask, lifespan  # noqa: PLC0415 - after the framework's own import was timed
    from benchmarks.workloads import Workload  # noqa: PLC0415 - as above

    item = Workload("first", "GET", "/things0/42", None, query=b"q=foo&limit=20")
    document = Workload("openapi", "GET", DOCUMENTS[framework], None)
    clock = perf_counter()

    def lap(name: str) -> None:
        nonlocal clock
        seconds[name] = perf_counter() - clock
        clock = perf_counter()

    async with lifespan(app):
        lap("start")
        for name, workload in (("first", item), ("next", item), ("openapi", document)):
            scope = workload.scope()
            clock = perf_counter()
            status, _, body = await ask(app, scope)
            lap(name)
            if status != 200 or (name == "openapi" and b"things0" not in body):
                raise RuntimeError(f"{name}: status {status}, {body[:200]!r}")


def resident_megabytes() -> float | None:
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def child(framework: str, count: int, *, trace: bool) -> dict[str, float | None]:
    """What one fresh process measures: seconds a stage, or megabytes."""
    seconds: dict[str, float] = {}
    if trace:
        tracemalloc.start()
    clock = perf_counter()
    names = prepare(framework)
    seconds["import"] = perf_counter() - clock
    clock = perf_counter()
    app = build_litestar(names, count) if framework == "litestar" else build_decorated(names, count)
    seconds["build"] = perf_counter() - clock
    asyncio.run(use(framework, app, seconds))
    if trace:
        return {"heap": tracemalloc.get_traced_memory()[0] / 2**20}
    return {**seconds, "total": sum(seconds.values()), "rss": resident_megabytes()}


def environment(bytecode: str) -> dict[str, str]:
    """The environment of a process whose imports are compiled once, into this folder."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": bytecode}


def spawn(framework: str, count: int, bytecode: str, *, trace: bool) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.startup", "--child", framework, str(count), *["--trace"] * trace]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment(bytecode))
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no reason given")
    return json.loads(done.stdout.splitlines()[-1])


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:,.0f}" if seconds >= 0.01 else f"{seconds * 1e3:.2f}"


def best_of(framework: str, count: int, repeat: int, bytecode: str) -> dict[str, Any]:
    """Times are the best of the repeats, stage by stage, in seconds; `total` is the best whole. Memory is in MB."""
    runs = [spawn(framework, count, bytecode, trace=False) for _ in range(repeat)]
    best: dict[str, Any] = {stage: min(run[stage] for run in runs) for stage in STAGES}
    best["rss"] = min((run["rss"] for run in runs if run["rss"] is not None), default=None)
    best["heap"] = spawn(framework, count, bytecode, trace=True)["heap"]
    return best


def cells_of(count: str, best: dict[str, Any]) -> list[str]:
    rss = "" if best["rss"] is None else f"{best['rss']:.0f}"
    return [f"{int(count):,}", *(milliseconds(best[stage]) for stage in STAGES), rss, f"{best['heap']:.1f}"]


def ratios_of(measured: dict[str, dict[str, dict[str, Any]]]) -> list[tuple[str, list[str]]]:
    """Signette's figures divided by FastAPI's: rows of time and of memory, for each number of routes."""
    ours, theirs = measured.get("signette"), measured.get("fastapi")
    if ours is None or theirs is None:
        return []
    rows = []
    for title, figure in (("total / fastapi", "total"), ("RSS / fastapi", "rss"), ("heap / fastapi", "heap")):
        pairs = [(ours[str(count)][figure], theirs[str(count)][figure]) for count in COUNTS]
        rows.append((title, ["" if None in pair else f"{pair[0] / pair[1]:.2f}" for pair in pairs]))
    return rows


def sides_of(measured: dict[str, dict[str, dict[str, Any]]]) -> dict[str, dict[str, dict[str, float]]]:
    """Row -> framework -> seconds, and bytes."""
    rows: dict[str, dict[str, dict[str, float]]] = {}
    for framework, counts in measured.items():
        for count, best in counts.items():
            sides = {
                f"{count} routes": {"best": best["total"]},
                f"{count} routes, heap": {"bytes": best["heap"] * 2**20},
            }
            if best["rss"] is not None:
                sides[f"{count} routes, process"] = {"bytes": best["rss"] * 2**20}
            for row, figures in sides.items():
                rows.setdefault(row, {})[framework] = figures
    return rows


def measure(frameworks: Sequence[str], repeat: int) -> tuple[dict[str, dict[str, dict[str, Any]]], list[str], int]:
    """The figures of each framework, a remark on each one without, and the exit code."""
    measured: dict[str, dict[str, dict[str, Any]]] = {}
    remarks = []
    code = 0
    with TemporaryDirectory() as bytecode:
        for framework in frameworks:
            try:
                spawn(framework, 1, bytecode, trace=False)
                measured[framework] = {str(count): best_of(framework, count, repeat, bytecode) for count in COUNTS}
            except RuntimeError as error:
                absent = str(error).startswith(("ModuleNotFoundError", "ImportError"))
                code = code if absent else 1
                remarks.append(f"- {framework} is skipped: {error}" if absent else f"! {framework}: {error}")
    return measured, remarks, code


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(FRAMEWORKS), help="only these frameworks")
    parser.add_argument("--repeat", type=int, default=3, help="processes for each number (3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers here too")
    parser.add_argument("--child", nargs=2, metavar=("NAME", "COUNT"), help=argparse.SUPPRESS)
    parser.add_argument("--trace", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.child:
        name, count = options.child
        print(json.dumps(child(name, int(count), trace=options.trace)))
        return 0
    measured, remarks, code = measure(options.only or list(FRAMEWORKS), options.repeat)
    print_facts()
    rows = [(name, cells_of(count, best)) for name, counts in measured.items() for count, best in counts.items()]
    if rows:
        print_table("start-up in milliseconds, and memory at the end", COLUMNS, rows)
        print(f"\nbest of {options.repeat} processes; next: the first request again; total: all that was timed")
        print("heap: what tracemalloc counts, in a separate process")
    if ratios := ratios_of(measured):
        print_table("signette divided by fastapi", [f"{count:,} routes" for count in COUNTS], ratios)
    for line in remarks:
        print(line)
    more = {"repeat": options.repeat, "frameworks": measured}
    write_figures(options.json, "startup", arguments, sides_of(measured), **more)
    return code


if __name__ == "__main__":
    raise SystemExit(main())
