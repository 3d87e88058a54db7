"""Reads the tables of the pages. `<!-- table: NAME -->` above a table says that a test compares it with the code."""

import re
from functools import cache

from tests.docs.pages import ROOT

MARK = re.compile(r"<!-- table: (?P<name>[\w ]+) -->")
NAME = re.compile(r"`(\w+)")
UNITS = {"": 1, "bytes": 1, "KiB": 1024, "MiB": 1024 * 1024}


@cache
def tables_of(page: str) -> dict[str, list[list[str]]]:
    """The named tables of a page below docs/, as rows of cells without the head."""
    lines = iter((ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8").splitlines())
    found: dict[str, list[list[str]]] = {}
    for line in lines:
        if mark := MARK.fullmatch(line):
            assert mark["name"] not in found, f"{page}.md has two tables named {mark['name']!r}"
            assert next(lines) == "", f"{page}.md: a blank line goes between the comment and its table"
            found[mark["name"]] = [cells_of(row) for row in iter(lambda: next(lines, ""), "")][2:]
    return found


def cells_of(line: str) -> list[str]:
    assert line.startswith("|"), f"this is no row of a table: {line!r}"
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))]


def table_of(page: str, name: str) -> list[list[str]]:
    """The rows of one table."""
    tables = tables_of(page)
    assert name in tables, f"docs/{page}.md has no `<!-- table: {name} -->`"
    return tables[name]


def names_in(text: str) -> list[str]:
    """The names in backticks in a text, each without what follows it there."""
    return NAME.findall(text)


def first_names(page: str, name: str) -> list[str]:
    """The names in the first column of a table, several where a row is about several."""
    return [each for row in table_of(page, name) for each in names_in(row[0])]


def amount_of(cell: str) -> int:
    """The number that a cell has: `1,000`, `64 KiB`."""
    number, _, unit = cell.replace(",", "").partition(" ")
    return int(number) * UNITS[unit]
