"""Runs `signette port`: reads the files, writes the changed ones, and reports."""

import argparse
import difflib
import re
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from signette.port.files import PYTHON, SourceText, UnreadableSource, decode, files_below
from signette.port.findings import Finding, Kind
from signette.port.inspecting import findings_of
from signette.port.lines import LineMap
from signette.port.report import Report, as_json, as_text
from signette.port.requirements import is_requirements, lines_of
from signette.port.rewriting import rewrite
from signette.port.shared_names import OLD_NAMES, shared_names
from signette.port.tree import Tree

MENTIONS = re.compile(rb"fastapi|starlette", re.IGNORECASE)
# What rules look at is in files of the application, and in tests that read its errors.
WORTH_READING = re.compile(rb"fastapi|starlette|signette|[\"']detail[\"']", re.IGNORECASE)


def port(args: argparse.Namespace) -> int:
    """Rewrite the imports of FastAPI and Starlette to signette, and list what is left to do."""
    report = run(args.paths, write=not (args.check or args.diff), diff=args.diff, keep_names=args.keep_names,
                 quiet=args.format == "json")  # fmt: skip
    if args.format == "json":
        print(as_json(report))
    else:
        # As a diff may be applied, nothing else goes to where it goes.
        print("\n".join(as_text(report)), file=sys.stderr if args.diff else sys.stdout)
    return report.status


def run(
    paths: Sequence[Path], *, write: bool, diff: bool = False, keep_names: bool = False, quiet: bool = False
) -> Report:
    """Port the files that the paths name. With `diff`, print the changes."""
    contents = {path: path.read_bytes() for path in files_below(paths) if _is_read(path)}
    findings = [finding for path, content in contents.items() if path.suffix not in PYTHON
                for finding in _of_other_file(path, content)]  # fmt: skip
    sources: dict[Path, SourceText] = {}
    for path, content in contents.items():
        if path.suffix in PYTHON and WORTH_READING.search(content):
            try:
                sources[path] = decode(content)
            except UnreadableSource as exc:
                findings += _unreadable(path, content, exc)
    own = _own_modules(contents)
    shared = shared_names({path: source.text for path, source in sources.items()})
    changed: dict[Path, str] = {}
    for path, source in sources.items():
        try:
            tree = Tree(source.text)
        except UnreadableSource as exc:
            findings += _unreadable(path, contents[path], exc)
            continue
        new = rewrite(tree, OLD_NAMES if keep_names else shared[path])
        text = new.text
        found = findings_of(path, tree, new.left, own)
        findings += _moved(found, LineMap(source.text, text)) if write else found
        if text != source.text:
            changed[path] = text
            if diff and not quiet:
                sys.stdout.writelines(_diff(path, source.text, text))
    dirty = _uncommitted(changed) if write else 0
    if write:
        for path, text in changed.items():
            path.write_bytes(sources[path].encode(text))
    return Report(list(changed), write, sorted(findings), dirty)


def _moved(findings: Iterator[Finding], lines: LineMap) -> Iterator[Finding]:
    """The findings by the lines of the written text."""
    for each in findings:
        word = each.problem.partition("`")[2].partition("`")[0].rpartition(".")[2]
        yield replace(each, line=lines(each.line, word))


def _is_read(path: Path) -> bool:
    return path.suffix in PYTHON or path.suffix == ".ipynb" or is_requirements(path)


def _of_other_file(path: Path, content: bytes) -> Iterator[Finding]:
    if not MENTIONS.search(content):
        return
    if path.suffix == ".ipynb":
        advice = "change its imports yourself"
        yield Finding(path, 1, 1, Kind.NOTEBOOK, "notebook", "a notebook is not rewritten", advice)
        return
    advice = "require `signette`, with the extras that you use: `server`, `testclient`, `templates`, `sessions`"
    for line, column, name in lines_of(content.decode("utf-8", "replace")):
        yield Finding(path, line, column, Kind.REQUIREMENT, "requirement", f"`{name}` is required here", advice)


def _unreadable(path: Path, content: bytes, exc: UnreadableSource) -> list[Finding]:
    """Nothing, where the file has nothing to port."""
    if not MENTIONS.search(content):
        return []
    return [Finding(path, exc.line, 1, Kind.UNREADABLE, "unreadable", exc.problem, "fix the file, or leave it out")]


def _own_modules(paths: Collection[Path]) -> set[str]:
    """First names by which the code base imports its own modules."""
    return {path.stem for path in paths} | {part for path in paths for part in path.parent.parts}


def _diff(path: Path, before: str, after: str) -> Iterator[str]:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), str(path), str(path)
    )
    return (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _uncommitted(paths: Collection[Path]) -> int:
    """How many of the files had changes that git does not have; 0 without git."""
    count = 0
    for folder in {path.parent for path in paths}:
        names = [path.name for path in paths if path.parent == folder]
        command = ["git", "-C", str(folder), "status", "--porcelain", "--", *names]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed command
        except OSError:
            return 0
        count += len(done.stdout.splitlines()) if done.returncode == 0 else 0
    return count
