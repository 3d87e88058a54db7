"""Tables of the reference that are written from the code. Cells that only a person can write are kept as they are.

`SIGNETTE_KEEP=1 pytest tests/docs/test_generated_tables.py` writes them again; read the difference before you commit
it.
"""

import ast
import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import partial

from signette.contract.diff.findings import Rule
from signette.contract.diff.rules import GROUPS
from signette.declarative.returns import table as returns_table
from signette.declarative.returns.table import RETURNS
from signette.declarative.signature.outcomes import Accepted, Created, NoContent, Ok
from signette.declarative.sources import table as sources_table
from signette.declarative.sources.source import Phase
from signette.declarative.sources.table import SOURCES
from signette.limits import Limits
from signette.prove.declared import DECLARED
from signette.prove.laws.table import LAWS
from tests.docs.pages import ROOT
from tests.docs.tables import table_of

KEPT = None
"""A cell that the page has, and the code does not."""

Cells = list[str | None]


@dataclass(frozen=True)
class Table:
    """A table of a page: its name, and its rows. The first cell of a row is its key."""

    page: str
    name: str
    rows: Callable[[], list[Cells]]

    def completed(self) -> list[list[str]]:
        """The rows, with the kept cells from the page. Those of a new row are empty."""
        before = {row[0]: row for row in table_of(self.page, self.name)}
        return [
            [cell if cell is not None else before.get(str(row[0]), [""] * len(row))[at] for at, cell in enumerate(row)]
            for row in self.rows()
        ]

    def written(self) -> str:
        """The page with this table as the code has it."""
        text = (ROOT / "docs" / f"{self.page}.md").read_text(encoding="utf-8")
        head = re.search(rf"<!-- table: {self.name} -->\n\n\|.*\n\|.*\n", text)
        assert head is not None
        rows = "".join(row_of(cells) for cells in self.completed())
        return text[: head.end()] + rows + re.sub(r"\A(?:\|.*\n)*", "", text[head.end() :])


def row_of(cells: Sequence[str]) -> str:
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells) + "\n"


def name_of(module: object, row: object) -> str:
    return next(f"`{name}`" for name, value in vars(module).items() if value is row)


def sources() -> list[Cells]:
    return [
        [
            name_of(sources_table, row),
            f"`{row.marker.__name__}`" if row.marker is not None else "",
            KEPT,
            row.place,
            "yes" if row.has_lists else "no",
            "body" if row.phase is Phase.BODY else "head",
            ", ".join(map(str, sorted(row.statuses))),
        ]
        for row in SOURCES
    ]


def returns() -> list[Cells]:
    return [
        [name_of(returns_table, kind), kind.name, KEPT, str(kind.status), kind.media_type or ""] for kind in RETURNS
    ]


def outcomes() -> list[Cells]:
    return [[f"`{one.__name__}`", str(one.status_code)] for one in (Ok, Created, Accepted, NoContent)]


def limits() -> list[Cells]:
    """From the docstring below each field: what it limits, and what happens if it is exceeded."""
    texts = docstrings_of_fields(Limits)
    found: list[Cells] = []
    for field in fields(Limits):
        limited, _, exceeded = texts[field.name].partition(" If exceeded: ")
        assert exceeded, f"the docstring of `Limits.{field.name}` has no `If exceeded: ...`"
        found.append(
            [
                f"`{field.name}`",
                limited.removesuffix("."),
                amount(field.name, field.default),
                exceeded.removesuffix("."),
            ]
        )
    return found


def amount(name: str, value: int) -> str:
    """A default with its unit: 64 KiB, 1,000."""
    if not name.endswith("_bytes"):
        return f"{value:,}"
    for unit, size in (("MiB", 1024 * 1024), ("KiB", 1024)):
        if value % size == 0:
            return f"{value // size} {unit}"
    return f"{value:,} bytes"


def docstrings_of_fields(cls: type) -> dict[str, str]:
    """The text below each annotated name in the body of a class, on one line."""
    (body,) = ast.parse(inspect.getsource(cls)).body
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            found[ast.unparse(field.target)] = inspect.cleandoc(str(text.value.value)).replace("\n", " ")
    return found


def rules_of(group: str) -> list[Cells]:
    """The rules of `signette diff`. The last cell compares the verdict with that of oasdiff."""
    return [_rule(rule) for rule in GROUPS[group]]


def _rule(rule: Rule) -> Cells:
    return [f"`{rule.id}`", rule.change.replace("|", "\\|"), rule.verdict, KEPT]


def laws() -> list[Cells]:
    """The source of a law is its docstring; the checks of the OpenAPI document have it in the page alone."""
    found: list[Cells] = [[f"`{law.name}`", law.summary, KEPT] for law in DECLARED]
    for make in LAWS:
        law = make()
        source = (inspect.getdoc(type(law)) or "").partition("\n")[0]
        found.append([f"`{law.name}`", law.summary, source.removesuffix(".")])
    return found


TABLES = [
    Table("reference/sources", "sources", sources),
    Table("reference/returns", "returns", returns),
    Table("reference/returns", "outcomes", outcomes),
    Table("reference/limits", "limits", limits),
    *(Table("reference/contract-changes", f"rules of {group.lower()}", partial(rules_of, group)) for group in GROUPS),
    Table("reference/laws", "laws", laws),
]
