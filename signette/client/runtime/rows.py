"""CSV (RFC 4180) with a header row, as a format of items: cells to JSON values by the JSON Schema of the item."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_FORMULA_STARTS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_BOOLEAN_CELLS = {"true": True, "false": False}


class RowFraming:
    """Finds the rows in bytes. The first one is the header, which has the `names` of the columns."""

    def __init__(self, delimiter: str = ",") -> None:
        self.names: list[str] = []
        self._delimiter = delimiter
        self._lines: list[bytes] = []
        self._tail = b""
        self._quotes = 0

    def feed(self, data: bytes) -> list[list[str]]:
        """The rows that are complete with these bytes."""
        *lines, self._tail = (self._tail + data).split(b"\n")
        records = []
        for line in lines:
            self._lines.append(line + b"\n")
            self._quotes += line.count(b'"')
            # A line break between an odd number of quotes and the next one is inside of a cell.
            if self._quotes % 2 == 0:
                records.append(b"".join(self._lines))
                self._lines, self._quotes = [], 0
        return self._rows_of(records)

    def end(self) -> list[list[str]]:
        """The last row, if it has no line break."""
        last = b"".join((*self._lines, self._tail))
        self._lines, self._tail = [], b""
        return self._rows_of([last])

    def _rows_of(self, records: list[bytes]) -> list[list[str]]:
        # Spreadsheets write a byte order mark.
        texts = (record.decode("utf-8-sig" if not self.names else "utf-8", "replace") for record in records)
        rows = [
            row for text in texts for row in csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter) if row
        ]
        if not self.names and rows:
            self.names = rows.pop(0)
        return rows


def cell_reader(schema: Mapping[str, Any]) -> Callable[[Mapping[str, str]], dict[str, Any]]:
    """A function from the cells of a row to JSON values, by the JSON Schema of the item."""
    types = column_types(schema)
    anything = frozenset({"string"})

    def read(cells: Mapping[str, str]) -> dict[str, Any]:
        return {name: _json_value(text, types.get(name, anything)) for name, text in cells.items()}

    return read


class RowWriter:
    """Makes the header row and a row for each item, by the JSON Schema of the items.

    Raises:
        ValueError: the schema has no properties, and so no columns.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._names = list(column_types(schema))
        if not self._names:
            raise ValueError("the items have no fields, which are the columns of CSV; send JSON Lines")
        self.header = _row_bytes(self._names)

    def row(self, item: Mapping[str, Any]) -> bytes:
        """The row of an item, as JSON values. Raises TypeError for a value that no cell can have."""
        return _row_bytes([_cell_of(item.get(name)) for name in self._names])


def column_types(schema: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """The JSON types of each property of an object; of all of them, for a union of objects."""
    definitions = schema.get("$defs", {})
    found: dict[str, frozenset[str]] = {}
    for each in _members(schema, definitions):
        for name, member in each.get("properties", {}).items():
            found[name] = found.get(name, frozenset()) | _json_types(member, definitions)
    return found


def _members(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The members of a union, through references."""
    if "$ref" in schema:
        yield from _members(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    elif members := schema.get("anyOf") or schema.get("oneOf"):
        for each in members:
            yield from _members(each, definitions)
    else:
        yield schema


def _json_types(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> frozenset[str]:
    found: set[str] = set()
    for each in _members(schema, definitions):
        if "type" in each:
            found |= {each["type"]} if isinstance(each["type"], str) else set(each["type"])
        else:
            values = each.get("enum", [each["const"]] if "const" in each else [])
            found |= {_json_type(value) for value in values} or {"string"}
    return frozenset(found)


def _json_type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "number"


def _json_value(text: str, types: frozenset[str]) -> Any:
    """The JSON value of a cell. None and an empty text are the same cell: it is None where the column allows it."""
    if not text and "null" in types:
        return None
    if "boolean" in types and text in _BOOLEAN_CELLS:
        return _BOOLEAN_CELLS[text]
    if "string" not in types:
        try:
            return json.loads(text)
        except ValueError:
            return text
    # A text that a spreadsheet could run as a formula is sent after an apostrophe.
    return text[1:] if text[:1] == "'" and text[1:2] in _FORMULA_STARTS and text[1:2] else text


def _cell_of(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        raise TypeError(f"a cell of CSV is a single value, not {value!r}")
    return value


def _row_bytes(cells: list[Any]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()
