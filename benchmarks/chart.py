"""Bar charts of the figures in build/bench, as SVG: `python -m benchmarks.chart FOLDER`, after `make bench`.

Each chart has the command, the machine and the versions below it, because only ratios from one run are meaningful.
"""

import argparse
import json
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt

from benchmarks.report import geometric_mean

FIGURES = Path("build/bench")
OWN, OTHERS = "#3f51b5", "#9fa8da"
SHOWN = ("python", "pydantic", "orjson", "signette", "starlette", "fastapi", "litestar", "blacksheep", "falcon")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chart", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("docs/pictures"), help="where to write the charts")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    plt.rcParams["svg.hashsalt"] = "signette"  # the same figures give the same file
    for name, draw in CHARTS.items():
        file = FIGURES / f"{name}.json"
        if not file.exists():
            print(f"{file} is missing: run `make bench`")
            return 1
        draw(json.loads(file.read_text()), folder)
    return 0


def draw_requests(figures: Mapping[str, Any], folder: Path) -> None:
    """Time per request without a server, as a geometric mean over the workloads, relative to hand-written ASGI."""
    rows = figures["rows"]
    names = list(dict.fromkeys(name for taken in rows.values() for name in taken))
    common = [workload for workload, taken in rows.items() if len(taken) == len(names)]
    ratios = {
        name: geometric_mean(rows[each][name]["best"] / rows[each]["raw"]["best"] for each in common) for name in names
    }
    title = f"Time per request, hand-written ASGI = 1 (mean of {len(common)} workloads)"
    bars(ratios, title, figures, "python -m benchmarks.inprocess", folder / "time-per-request.svg")


def draw_startup(figures: Mapping[str, Any], folder: Path) -> None:
    """Start-up time and memory with the most routes that were measured."""
    command = "python -m benchmarks.startup"
    most = max((int(count) for counts in figures["frameworks"].values() for count in counts), default=0)
    runs = {name: counts[str(most)] for name, counts in figures["frameworks"].items()}
    milliseconds = {name: run["total"] * 1e3 for name, run in runs.items()}
    megabytes = {name: run["rss"] for name, run in runs.items()}
    title = f"From import to the first OpenAPI document with {most:,} routes, milliseconds"
    bars(milliseconds, title, figures, command, folder / "start-up.svg")
    bars(megabytes, f"Memory of the process with {most:,} routes, MB", figures, command, folder / "memory.svg")


def bars(values: Mapping[str, float], title: str, figures: Mapping[str, Any], command: str, file: Path) -> None:
    """Draw one horizontal bar for each name, the shortest first."""
    ranked = sorted(values.items(), key=lambda pair: pair[1], reverse=True)
    names, lengths = [name for name, _ in ranked], [value for _, value in ranked]
    figure, axes = plt.subplots(figsize=(8, 0.45 * len(names) + 1.2), layout="constrained")
    drawn = axes.barh(names, lengths, color=[OWN if name == "signette" else OTHERS for name in names])
    axes.bar_label(drawn, [f"{value:,.2f}" if value < 100 else f"{value:,.0f}" for value in lengths], padding=4)
    axes.set_title(title, loc="left", fontsize=11)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.tick_params(bottom=False, labelbottom=False, left=False)
    axes.margins(x=0.12)
    axes.set_xlabel(facts(figures, command), fontsize=7, loc="left", color="#666666")
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)


def facts(figures: Mapping[str, Any], command: str) -> str:
    """The command, the machine and the versions."""
    machine = figures["machine"]
    versions = ", ".join(f"{name} {figures['versions'][name]}" for name in SHOWN if name in figures["versions"])
    lines = f"{command} · {machine['python']}, {machine['system']}, {machine['cpus']} CPUs · {versions}"
    return "\n".join(textwrap.wrap(lines, 120))


CHARTS = {"inprocess": draw_requests, "startup": draw_startup}

if __name__ == "__main__":
    raise SystemExit(main())
