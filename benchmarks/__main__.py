"""All parts of the benchmark, one after the other, or those that are named. Figures are also written to build/bench."""

import argparse
from pathlib import Path

from benchmarks import inprocess, server, startup, toolkit

PARTS = {"inprocess": inprocess.main, "toolkit": toolkit.main, "startup": startup.main, "server": server.main}


FIGURES = Path("build/bench")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all where none is named")
    options = parser.parse_args()
    if unknown := [part for part in options.parts if part not in PARTS]:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    FIGURES.mkdir(parents=True, exist_ok=True)
    codes = []
    for part in options.parts or PARTS:
        print(f"== {part}")
        codes.append(PARTS[part](["--json", str(FIGURES / f"{part}.json")]))
        print()
    return max(codes)


if __name__ == "__main__":
    raise SystemExit(main())
