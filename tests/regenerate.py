"""Writes the documents of the examples to `schemas/`: `make schemas`, or `python -m tests.regenerate`.

OpenAPI documents are in `openapi/`, the AsyncAPI document of the market is in `asyncapi/`, contracts as `signette lock`
writes them are in `contract/`.

The files are contracts: a test holds them to the applications, so that a change of a document is seen in a diff.
"""

import json
import sys
from pathlib import Path

from examples.airports import app as airports
from examples.market import app as market
from examples.scaled import app as scaled
from examples.tour.typed import app as tour
from signette.contract.application import contract_of
from signette.contract.model import text_of as text_of_contract

FOLDER = Path(__file__).parents[1] / "schemas" / "openapi"
ASYNC_FILE = FOLDER.parent / "asyncapi" / "market.json"
CONTRACTS = FOLDER.parent / "contract"
EXAMPLES = {"airports": airports, "market": market, "scaled": scaled, "tour": tour}


def text_of(name: str) -> str:
    """The document of an example as its file holds it: sorted by keys, so that only what it says shows in a diff."""
    return json.dumps(EXAMPLES[name].openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def async_text() -> str:
    """The AsyncAPI document of the market."""
    return json.dumps(market.asyncapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def contract_text(name: str) -> str:
    """The contract of an example."""
    return text_of_contract(contract_of(EXAMPLES[name]))


def main() -> int:
    ASYNC_FILE.parent.mkdir(exist_ok=True)
    ASYNC_FILE.write_text(async_text(), "utf-8")
    sys.stdout.write(f"wrote {ASYNC_FILE.relative_to(FOLDER.parents[1])}\n")
    for name in EXAMPLES:
        for folder, text in ((FOLDER, text_of(name)), (CONTRACTS, contract_text(name))):
            folder.mkdir(exist_ok=True)
            file = folder / f"{name}.json"
            file.write_text(text, "utf-8")
            sys.stdout.write(f"wrote {file.relative_to(FOLDER.parents[1])}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
