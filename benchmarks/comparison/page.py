"""The facts of the comparison as JSON, and as the tables of docs/explanation/comparison.md."""

import json
import re
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.comparison.asking import PACKAGES, cells_of
from benchmarks.comparison.questions import QUESTIONS
from benchmarks.report import geometric_mean

ROOT = Path(__file__).parents[2]
FACTS = Path(__file__).with_name("facts.json")
PAGE = ROOT / "docs/explanation/comparison.md"
MARK = re.compile(r"(?P<mark><!-- comparison: (?P<group>[\w ]+) -->\n\n)(?P<table>(?:\|.*\n)*)")
RELATED = ("django", "pydantic", "msgspec")


def gathered() -> dict[str, Any]:
    """Ask all packages, and add what their metadata has."""
    return {
        "versions": {name: metadata.version(name) for name in (*PACKAGES, *RELATED)},
        "status": {name: status_of(name) for name in PACKAGES},
        "speed": speed(),
        "cells": {name: cells_of(name) for name in PACKAGES},
    }


def status_of(package: str) -> str:
    """The development status that the classifiers of a distribution have."""
    classifiers = metadata.metadata(package).get_all("Classifier") or []
    statuses = [each.rpartition(" - ")[2] for each in classifiers if each.startswith("Development Status")]
    return statuses[0] if statuses else "not declared"


def speed() -> dict[str, str]:
    """Time per request as a multiple of hand-written ASGI: of `make bench`, or of benchmarks/README.md."""
    figures = ROOT / "build/bench/inprocess.json"
    if figures.exists():
        times = {
            name: {workload: taken["best"] for workload, taken in workloads.items()}
            for name, workloads in json.loads(figures.read_text())["microseconds"].items()
        }
        common = set.intersection(*(set(workloads) for workloads in times.values()))
        means = {name: geometric_mean(each[one] / times["raw"][one] for one in common) for name, each in times.items()}
        return {name: f"{mean:.1f}" for name, mean in means.items() if name in PACKAGES}
    rows = re.findall(r"^\| \**(\w+)\** \|.*\| ([\d.]+) \|$", (ROOT / "benchmarks/README.md").read_text(), re.MULTILINE)
    return {name: f"{float(mean):.1f}" for name, mean in rows if name in PACKAGES}


def table_of(group: str, facts: dict[str, Any]) -> str:
    """A table as Markdown: a column for each package, a row for each question of the group."""
    rows = [["", *PACKAGES], ["---", *["---"] * len(PACKAGES)]]
    if group == "Versions":
        django = f"{facts['versions']['django-ninja']}, Django {facts['versions']['django']}"
        versions = facts["versions"] | {"django-ninja": django}
        rows.append(["version", *(versions[name] for name in PACKAGES)])
        rows.append(["development status, by its own classifier", *(facts["status"][name] for name in PACKAGES)])
        speed = [facts["speed"].get(name, "*not measured*") for name in PACKAGES]
        rows.append(["time per request, hand-written ASGI = 1", *speed])
    rows += [
        [question.row, *(facts["cells"][name][question.name] for name in PACKAGES)]
        for question in QUESTIONS
        if question.group == group
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def rendered(text: str, facts: dict[str, Any]) -> str:
    """The page with the tables of these facts."""
    return MARK.sub(lambda found: found["mark"] + table_of(found["group"], facts), text)


def write() -> None:
    facts = json.loads(FACTS.read_text(encoding="utf-8"))
    PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8"), facts), encoding="utf-8")
