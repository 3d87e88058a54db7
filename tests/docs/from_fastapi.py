"""The lines of the tables on the page for who comes from FastAPI, made of the data that the tests hold to be so."""

from typing import Any

from tests.examples.topics.beyond import Missing
from tests.examples.topics.imports import RENAMED, Move


def move_line(move: Move) -> str:
    names = [f"`{name}` as `{RENAMED[name]}`" if name in RENAMED else f"`{name}`" for name in move.names]
    return f"| `{move.there}` | {', '.join(names)} | `{move.here}` |"


def difference_line(row: Any) -> str:
    """Of a row that answers show, and of one that they do not."""
    return f"| {row.there} | {row.here} | {row.move} |"


def missing_line(missing: Missing) -> str:
    documented = missing.said.replace("import_('", "").replace("')", "") if "import_" in missing.said else missing.said
    return f"| `{documented}` | {missing.instead} |"
