"""Charts of the figures in build/bench, as SVG: `python -m benchmarks.chart FOLDER`, after `make bench`.

Each chart has the command, the machine and the versions below it, because only ratios from one run are meaningful.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.report import geometric_mean
from benchmarks.svg import bars, grids

FIGURES = Path("build/bench")
SHOWN = ("python", "pydantic", "orjson", "signette", "starlette", "fastapi", "litestar", "blacksheep", "falcon")
GROWTH = (
    "routes, the last of them",
    "dependencies, a chain",
    "query parameters",
    "JSON body, a list of models",
    "form, a model",
    "multipart fields, plain",
    "upload, bytes",
    "BaseHTTPMiddleware",
    "requests",
)

Figures = Mapping[str, Any]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chart", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("docs/pictures"), help="where to write the charts")
    parser.add_argument("--figures", type=Path, default=FIGURES, help="where the figures are (build/bench)")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    missing = []
    for part, draw in CHARTS.items():
        file: Path = options.figures / f"{part}.json"
        if not file.exists():
            missing.append(part)
            continue
        for name, picture in draw(json.loads(file.read_text("utf-8"))).items():
            (options.folder / f"{name}.svg").write_text(picture, "utf-8")
    if missing:
        print(f"no figures of {', '.join(missing)} in {options.figures}: run `make bench`")
    return 1 if missing else 0


def draw_requests(figures: Figures) -> dict[str, str]:
    """Time per request without a server, as a geometric mean over the workloads, relative to hand-written ASGI."""
    rows = figures["rows"]
    names = list(dict.fromkeys(name for packages in rows.values() for name in packages))
    common = [packages for packages in rows.values() if len(packages) == len(names)]
    ratios = {name: geometric_mean(each[name]["best"] / each["raw"]["best"] for each in common) for name in names}
    title = f"Time per request, hand-written ASGI = 1 (mean of {len(common)} workloads)"
    return {"time-per-request": bars(title, ratios, facts(figures, "inprocess"))}


def draw_startup(figures: Figures) -> dict[str, str]:
    """Start-up time and memory with the most routes that were measured."""
    most = max(int(count) for counts in figures["frameworks"].values() for count in counts)
    runs = {name: counts[str(most)] for name, counts in figures["frameworks"].items()}
    milliseconds = {name: run["total"] * 1e3 for name, run in runs.items()}
    title = f"From import to the first OpenAPI document with {most:,} routes, milliseconds"
    pictures = {"start-up": bars(title, milliseconds, facts(figures, "startup"))}
    if megabytes := {name: run["rss"] for name, run in runs.items() if run["rss"]}:
        title = f"Memory of the process with {most:,} routes, MB"
        pictures["memory"] = bars(title, megabytes, facts(figures, "startup"))
    return pictures


def draw_toolkit(figures: Figures) -> dict[str, str]:
    """Each row of the toolkit, relative to Starlette."""
    ratios = ratios_of(figures, "starlette")
    return {"toolkit": bars("Time of the toolkit, Starlette = 1", ratios, facts(figures, "toolkit"), limit=1.0)}


def draw_bodies(figures: Figures) -> dict[str, str]:
    """Each row of bodies and streams, relative to Starlette."""
    ratios = ratios_of(figures, "starlette")
    return {"bodies": bars("Time of bodies and streams, Starlette = 1", ratios, facts(figures, "bodies"), limit=1.0)}


def draw_growth(figures: Figures) -> dict[str, str]:
    """Time over size, for the rows that show most."""
    found: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for name, packages in figures["rows"].items():
        row, _, size = name.rpartition(", ")
        for package, taken in packages.items():
            found.setdefault(row, {}).setdefault(package, []).append((int(size), taken["best"] * 1e6))
    rows = {row: found[row] for row in GROWTH if row in found}
    return {"growth": grids("Microseconds per request, over the size", rows, facts(figures, "growth"))}


def ratios_of(figures: Figures, peer: str) -> dict[str, float]:
    """Row -> signette's best by that of the peer."""
    return {
        row: packages["signette"]["best"] / packages[peer]["best"]
        for row, packages in figures["rows"].items()
        if {"signette", peer} <= set(packages)
    }


def facts(figures: Figures, part: str) -> str:
    """The command, the machine and the versions."""
    machine = figures["machine"]
    versions = ", ".join(f"{name} {figures['versions'][name]}" for name in SHOWN if name in figures["versions"])
    command = figures.get("command", f"python -m benchmarks.{part}")
    return f"{command} · {machine['python']}, {machine['system']}, {machine['cpus']} CPUs · {versions}"


CHARTS = {
    "inprocess": draw_requests,
    "startup": draw_startup,
    "toolkit": draw_toolkit,
    "bodies": draw_bodies,
    "growth": draw_growth,
}

if __name__ == "__main__":
    raise SystemExit(main())
