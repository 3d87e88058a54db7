"""Asks each package each question, and writes the JSON and the tables of docs/explanation/comparison.md.

python -m benchmarks.comparison             # all packages; needs the group `benchmarks` of pyproject.toml
python -m benchmarks.comparison fastapi     # prints the cells of one, and writes nothing
"""

import argparse
import json
import logging

from benchmarks.comparison.asking import PACKAGES, cells_of
from benchmarks.comparison.page import FACTS, gathered, write


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.comparison", description=__doc__)
    parser.add_argument("packages", nargs="*", choices=[[], *PACKAGES], help="print the cells of these; all if none")
    names: list[str] = parser.parse_args().packages
    logging.disable(logging.CRITICAL)
    if names:
        for name in names:
            print(json.dumps(cells_of(name), indent=2))
        return 0
    FACTS.write_text(json.dumps(gathered(), indent=1) + "\n", encoding="utf-8")
    write()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
