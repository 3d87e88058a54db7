"""Signette before and after a change, next to its peers: `python -m benchmarks.compare`.

Two files of figures, of one part or of `make bench` as a whole:

    python -m benchmarks.compare before/all.json build/bench/all.json

Or two trees of this repository, of which the second is this one where it is not named:

    python -m benchmarks.compare --tree ../before --parts inprocess toolkit --turns 3 -- --rounds 60

The trees take turns in new processes. The benchmarks, and the packages that are compared, are those of this tree for
both; only `signette` is that of the tree. A figure is the best of all turns. A ratio to a peer is that in one process,
the median of the turns, because a whole process may meet a slow moment of the machine. `after / before` is the ratio of
these two, or of the figures if there is no peer. The spread is how far the figures of the turns are apart.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.__main__ import PARTS
from benchmarks.report import geometric_mean, machine, number, print_table, versions

ROOT = Path(__file__).parent.parent
PEERS = ("empty", "raw", "starlette", "fastapi")
SIDES = ("before", "after")
MIB = 2**20

# (row, unit) -> package -> the figure, in the unit: "us", "MiB", or none for a count.
Table = dict[tuple[str, str], dict[str, float]]


# -- figures -----------------------------------------------------------------------------------------------------------


def table_of(figures: Mapping[str, Any]) -> Table:
    """The rows of any part."""
    table: Table = {}
    for row, packages in figures.get("rows", {}).items():
        for package, found in packages.items():
            if "best" in found:
                table.setdefault((row, "us"), {})[package] = found["best"] * 1e6
            if "bytes" in found:
                name = f"{row}, memory" if "best" in found else row
                table.setdefault((name, "MiB"), {})[package] = found["bytes"] / MIB
    for row, packages in figures.get("instructions", {}).items():
        for package, counts in packages.items():
            table.setdefault((f"{row}, thousand instructions", ""), {})[package] = min(counts) / 1e3
    return table


def parts_of(file: Path) -> dict[str, Mapping[str, Any]]:
    """Part -> its figures, of a file that has one part or all."""
    written = json.loads(file.read_text())
    if "parts" not in written:
        return {str(written.get("command", file.stem)).removeprefix("python -m benchmarks.").split()[0]: written}
    return {name: part["figures"] for name, part in written["parts"].items() if part["figures"]}


# -- trees -------------------------------------------------------------------------------------------------------------


def staged(tree: Path, folder: Path) -> Path:
    """A folder with `signette` of that tree and `benchmarks` of this one."""
    folder.mkdir()
    (folder / "signette").symlink_to(tree.resolve() / "signette")
    (folder / "benchmarks").symlink_to(ROOT / "benchmarks")
    # Else the first process of a tree compiles its modules, in the time of its start.
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", folder / "signette"], check=False, stdout=subprocess.DEVNULL
    )
    return folder


def measure(folder: Path, part: str, arguments: Sequence[str]) -> dict[str, Any]:
    """The figures of this part, in a new process. Raises: RuntimeError if it measures nothing."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(folder)
    file = folder / f"{part}.json"
    file.unlink(missing_ok=True)
    command = [sys.executable, "-m", f"benchmarks.{part}", *arguments, "--json", str(file)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if not file.exists():
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise RuntimeError(f"{part}: {lines[-1]}")
    return dict(json.loads(file.read_text()))


def take_turns(
    trees: Sequence[Path], parts: Sequence[str], turns: int, arguments: Sequence[str]
) -> tuple[dict[str, dict[str, list[Table]]], list[str]]:
    """Part -> side -> the table of each turn; and what failed."""
    short = {part.name: part.short for part in PARTS}
    found: dict[str, dict[str, list[Table]]] = {part: {side: [] for side in SIDES} for part in parts}
    faults = []
    with tempfile.TemporaryDirectory(prefix="compare") as folder:
        places = {side: staged(tree, Path(folder, side)) for side, tree in zip(SIDES, trees, strict=True)}
        for part in parts:
            for turn in range(turns):
                for side in SIDES if turn % 2 == 0 else SIDES[::-1]:
                    try:
                        figures = measure(places[side], part, arguments or short.get(part, ()))
                    except RuntimeError as error:
                        faults.append(f"{side}, {error}")
                    else:
                        found[part][side].append(table_of(figures))
    return found, faults


def best_of(tables: Sequence[Table]) -> Table:
    best: Table = {}
    for table in tables:
        for row, packages in table.items():
            for package, value in packages.items():
                known = best.setdefault(row, {})
                known[package] = min(value, known.get(package, value))
    return best


def spread_of(tables: Sequence[Table]) -> float | None:
    """How far the turns are apart, as a geometric mean over the rows of signette."""
    if len(tables) < 2:
        return None
    rows = [[table[row]["signette"] for table in tables if "signette" in table.get(row, {})] for row in tables[0]]
    return geometric_mean(max(values) / min(values) for values in rows if values) - 1


def commit_of(tree: Path) -> str:
    done = subprocess.run(
        ["git", "-C", tree, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "no commit"


# -- the table ---------------------------------------------------------------------------------------------------------


def compared(before: Sequence[Table], after: Sequence[Table], peers: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Each row that one of the two has, of all turns: the figures of signette, of the peers, and the ratios."""
    old, new = best_of(before), best_of(after)
    for key in dict.fromkeys((*old, *new)):
        here, there = old.get(key, {}), new.get(key, {})
        if "signette" not in here and "signette" not in there:
            continue
        found = {peer: best for peer in peers if (best := smallest(here.get(peer), there.get(peer))) is not None}
        peer = next(iter(found), None)
        line: dict[str, Any] = {"row": key[0], "unit": key[1], "peers": found}
        for side, figures, turns in (("before", here, before), ("after", there, after)):
            line[side] = figures.get("signette")
            line[f"{side}_peer"] = ratio_within(turns, key, peer)
        line["ratio"] = ratio(line["after_peer"], line["before_peer"]) or ratio(line["after"], line["before"])
        yield line


def ratio_within(turns: Sequence[Table], row: tuple[str, str], peer: str | None) -> float | None:
    """Signette to the peer in the same process, the median of the turns."""
    pairs = [(table[row].get("signette"), table[row].get(peer or "")) for table in turns if row in table]
    ratios = [value for pair in pairs if (value := ratio(*pair)) is not None]
    return statistics.median(ratios) if ratios else None


def smallest(*values: float | None) -> float | None:
    return min((value for value in values if value is not None), default=None)


def ratio(value: float | None, other: float | None) -> float | None:
    return value / other if value and other else None


def print_compared(part: str, lines: Sequence[Mapping[str, Any]], peers: Sequence[str]) -> None:
    shown = [peer for peer in peers if any(peer in line["peers"] for line in lines)]
    rows = []
    for line in lines:
        times = [number(line[side]) for side in SIDES]
        ratios = [number(line[name]) for name in ("ratio", "before_peer", "after_peer")]
        rows.append(
            (line["row"], [line["unit"], *times, *(number(line["peers"].get(peer)) for peer in shown), *ratios])
        )
    if not rows:
        return
    means = [
        geometric_mean(line[name] for line in lines if line[name]) for name in ("ratio", "before_peer", "after_peer")
    ]
    rows.append(("geometric mean", ["", "", "", *("" for _ in shown), *map(number, means)]))
    columns = ["", *SIDES, *shown, "after / before", "before / peer", "after / peer"]
    print_table(part, columns, rows)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [part.name for part in PARTS]
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="two files of figures: before, after")
    parser.add_argument("--tree", action="append", type=Path, default=[], help="a tree to measure: before, or after")
    parser.add_argument("--parts", nargs="+", choices=names, default=["inprocess", "toolkit"], help="which to measure")
    parser.add_argument("--turns", type=int, default=3, help="processes for each tree and part (3)")
    parser.add_argument(
        "--peers",
        nargs="+",
        default=list(PEERS),
        help="packages to compare with; a ratio is to the first one of the row",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table here too")
    given = list(sys.argv[1:] if arguments is None else arguments)
    own, further = (given[: given.index("--")], given[given.index("--") + 1 :]) if "--" in given else (given, [])
    options = parser.parse_args(own)
    if options.tree and not options.files and len(options.tree) <= 2 and options.turns > 0:
        return compare_trees(options, [*options.tree, ROOT][:2], further, given)
    if len(options.files) != 2 or options.tree or further:
        parser.error("name two files, or one or two trees with --tree")
    before, after = (parts_of(file) for file in options.files)
    tables = {part: ([table_of(before[part])], [table_of(after[part])]) for part in before if part in after}
    if not tables:
        parser.error("the two files have no part in common")
    for side, figures in zip(SIDES, (before, after), strict=True):
        print(f"{side}: {next(iter(figures.values())).get('versions')}")
    print("the files are of two runs: read the ratios to the peers, not the times")
    return show(options, tables, {"command": " ".join(["python -m benchmarks.compare", *given])}, [])


def compare_trees(options: argparse.Namespace, trees: list[Path], further: list[str], given: list[str]) -> int:
    if missing := [str(tree) for tree in trees if not (tree / "signette/__init__.py").exists()]:
        print(f"no signette in {', '.join(missing)}")
        return 2
    found, faults = take_turns(trees, options.parts, options.turns, further)
    facts: dict[str, Any] = {
        "command": " ".join(["python -m benchmarks.compare", *given]),
        "commits": {side: commit_of(tree) for side, tree in zip(SIDES, trees, strict=True)},
        "versions": {name: version for name, version in versions().items() if version != "not installed"},
        "machine": machine(),
        "spread": {part: {side: spread_of(tables) for side, tables in of.items()} for part, of in found.items()},
    }
    print(facts["command"])
    print(", ".join(f"{side} {commit}" for side, commit in facts["commits"].items()))
    here = facts["machine"]
    print(f"{here['python']}, {here['system']}, {here['cpus']} CPUs")
    print(", ".join(f"{name} {version}" for name, version in facts["versions"].items()))
    return show(options, {part: (of["before"], of["after"]) for part, of in found.items()}, facts, faults)


def show(
    options: argparse.Namespace,
    tables: Mapping[str, tuple[Sequence[Table], Sequence[Table]]],
    facts: dict[str, Any],
    faults: list[str],
) -> int:
    lines = {part: list(compared(before, after, options.peers)) for part, (before, after) in tables.items()}
    for part, compared_rows in lines.items():
        print_compared(part, compared_rows, options.peers)
        spreads = facts.get("spread", {}).get(part, {})
        if known := [f"{side} {spread:+.0%}" for side, spread in spreads.items() if spread is not None]:
            print(f"\nthe turns are apart by: {', '.join(known)}")
    for fault in faults:
        print(f"! {fault}")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({**facts, "parts": lines, "faults": faults}, indent=2) + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
