"""CSV (RFC 4180) with a header row: an item for each row after it."""

import csv
import io

from signette._patterns import lazy_pattern
from signette.declarative.streams.framing import Failure, Framing, too_large

# Cells: without quotes, or in quotes, with each quote in them doubled. RFC 4180 has no quote in a cell without quotes.
_CELL = r'(?:"[^"]*+(?:""[^"]*+)*+"|[^",\r\n]*+)'
_ROWS = lazy_pattern(rf"(?:{_CELL}(?:,{_CELL})*+\r?\n)*+")
_CELLS = lazy_pattern(rf"({_CELL})(?:,|\r?\n)")


class Rows(Framing):
    """Rows as lists of cells, the first of them is the header. Blank lines are ignored."""

    def __init__(self, max_item_bytes: int) -> None:
        super().__init__(max_item_bytes)
        self.names: list[str] = []
        """The header."""
        self._tail: list[bytes] = []
        self._tail_bytes = 0
        self._is_quoted = False  # the tail ends inside of quotes
        self._offset = 0
        self._blocks: list[bytes] = []
        self._ended = False

    def feed(self, data: bytes) -> None:
        quotes = self._is_quoted + data.count(b'"')
        self._is_quoted = quotes % 2 == 1
        # The last line break that is not inside of quotes.
        end = len(data)
        while (cut := data.rfind(b"\n", 0, end)) >= 0:
            quotes -= data.count(b'"', cut, end)
            if quotes % 2 == 0:
                break
            end = cut
        if cut >= 0:
            self._blocks.append(b"".join((*self._tail, data[: cut + 1])))
            self._tail, self._tail_bytes = [], 0
            data = data[cut + 1 :]
        self._tail.append(data)
        self._tail_bytes += len(data)

    def end(self) -> None:
        last = b"".join(self._tail)
        self._tail, self._tail_bytes = [], 0
        self._ended = True
        if last:
            self._blocks.append(last if self._is_quoted else last + b"\n")

    def take(self) -> list[list[str]]:
        rows: list[list[str]] = []
        blocks, self._blocks = self._blocks, []
        for block in blocks:
            if self.failure is None:
                rows += self._rows_of(block)
        if self.failure is None and self._tail_bytes > self.max_item_bytes:
            self.failure = too_large(self.max_item_bytes)
        if not self.names:
            rows = self._after_header(rows)
        return rows

    def _after_header(self, rows: list[list[str]]) -> list[list[str]]:
        """The rows after the header, which is checked."""
        if not rows:
            if self._ended and self.failure is None:
                self.failure = Failure(400, "the header row is missing", 0)
            return rows
        names = rows[0]
        if "" in names or len(set(names)) < len(names):
            self.failure = Failure(400, "the header row needs a different name for each column", 0)
            return []
        self.names = names
        return rows[1:]

    def _rows_of(self, block: bytes) -> list[list[str]]:
        """The rows of a text that ends between rows."""
        if len(block) <= self.max_item_bytes:
            found = _parsed(block)
            if found is not None:
                self._offset += len(block)
                return found
        rows: list[list[str]] = []
        for record in _records(block):
            if len(record) > self.max_item_bytes:
                self.failure = too_large(self.max_item_bytes)
                break
            found = _parsed(record)
            if found is None:
                self.failure = Failure(400, "the row is not valid CSV in UTF-8", self._offset)
                break
            rows += found
            self._offset += len(record)
        return rows


def _parsed(block: bytes) -> list[list[str]] | None:
    """The rows of a text without blank lines; None if it is not valid."""
    try:
        text = block.decode()
    except UnicodeDecodeError:
        return None
    if '"' not in text:
        if "\r" in text:
            text = text.replace("\r\n", "\n")
        if "\r" in text:
            return None
        return [line.split(",") for line in text.split("\n") if line]
    if _ROWS.fullmatch(text) is None:
        return None
    try:
        return [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error:  # a cell over `csv.field_size_limit()`, which is not ours to change
        return [_cells_of(record.decode()) for record in _records(block) if record.strip(b"\r\n")]


def _cells_of(record: str) -> list[str]:
    cells = _CELLS.findall(record)
    return [cell[1:-1].replace('""', '"') if cell.startswith('"') else cell for cell in cells]


def _records(block: bytes) -> list[bytes]:
    """The rows of a text, as they were sent: lines, with those that follow a line break inside of quotes."""
    records: list[bytes] = []
    part: list[bytes] = []
    quotes = 0
    for line in io.BytesIO(block):  # up to each `\n`
        part.append(line)
        quotes += line.count(b'"')
        if quotes % 2 == 0:
            records.append(b"".join(part))
            part, quotes = [], 0
    return [*records, b"".join(part)] if part else records
