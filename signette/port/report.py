"""The report of a run, as text and as JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from signette.port.findings import UNFINISHED, Finding, Kind

HEADINGS = {
    Kind.UNREADABLE: "Not read: these files are as they were",
    Kind.LEFT: "Left: change these yourself",
    Kind.BEHAVIOR: "Behaves differently: look at these",
    Kind.TEXT: "Strings that name modules or classes",
    Kind.PACKAGE: "Packages that import FastAPI or Starlette themselves",
    Kind.REQUIREMENT: "Requirements",
    Kind.NOTEBOOK: "Notebooks: not handled",
}


@dataclass(frozen=True)
class Report:
    """What a run changed and found."""

    changed: Sequence[Path]
    written: bool
    findings: Sequence[Finding]
    dirty: int = 0  # files with uncommitted changes of before that were written

    @property
    def status(self) -> int:
        """The exit status: 0 when nothing is left to port."""
        unfinished = any(finding.kind in UNFINISHED for finding in self.findings)
        return 1 if unfinished or (self.changed and not self.written) else 0


def as_json(report: Report) -> str:
    """The report for other programs."""
    found: list[dict[str, Any]] = [
        {
            "path": str(each.path), "line": each.line, "column": each.column, "kind": each.kind.value,
            "rule": each.rule, "problem": each.problem, "advice": each.advice, "page": each.page,
        }
        for each in report.findings
    ]  # fmt: skip
    value = {"written": report.written, "changed": [str(path) for path in report.changed], "findings": found}
    return json.dumps(value, indent=2, ensure_ascii=False)


def as_text(report: Report) -> Iterator[str]:
    """The report for people, line by line: each advice once, with the places that it is for."""
    verb = "rewrote" if report.written else "would rewrite"
    yield from (f"{verb} {path}" for path in report.changed)
    for kind, heading in HEADINGS.items():
        found = [finding for finding in report.findings if finding.kind is kind]
        if found:
            yield ""
            yield f"{heading} ({len(found)})"
            yield from _grouped(found)
    yield ""
    yield _summary(report)
    if report.dirty:
        yield f"note: {_count(report.dirty, 'file')} had uncommitted changes before; `git diff` shows both"


def _grouped(found: Sequence[Finding]) -> Iterator[str]:
    def advice(finding: Finding) -> tuple[str, str, str]:
        return finding.problem, finding.advice, finding.page or ""

    for (problem, do, page), group in groupby(sorted(found, key=advice), key=advice):
        yield f"  {problem}"
        if do:
            yield f"    hint: {do}" + (f" ({page})" if page else "")
        yield from (f"    {finding.path}:{finding.line}:{finding.column}" for finding in sorted(group))


def _summary(report: Report) -> str:
    verb = "rewritten" if report.written else "to rewrite"
    left = sum(finding.kind in UNFINISHED for finding in report.findings)
    look = sum(finding.kind is Kind.BEHAVIOR for finding in report.findings)
    return f"{_count(len(report.changed), 'file')} {verb}, {left} left to change, {_count(look, 'place')} to look at"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
