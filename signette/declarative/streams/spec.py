"""`StreamSpec`: what a plan says of a stream, and the function that makes the stream at a request."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from signette._dataclasses import dataclass
from signette._http.media import parse_media_type
from signette.declarative.adapters.validators import check_finite_json, check_json, check_text, every_error
from signette.declarative.signature.items import Items
from signette.declarative.streams.array import MOST_TEXT
from signette.declarative.streams.cells import Rows
from signette.declarative.streams.formats import ARRAY, CSV, StreamFormat, format_sent
from signette.declarative.streams.framing import Framing
from signette.declarative.streams.received import ErrorsOf, InvalidItem, ItemRules, Received
from signette.declarative.streams.stream import NextChunk, Stream
from signette.limits import Limits
from signette.problems import MAX_ERRORS

Headers = Mapping[bytes, bytes]
MakeStream = Callable[[StreamFormat, Headers, NextChunk, Limits, ErrorsOf], Stream[Any]]
Receiver = Callable[[StreamFormat, int | None, ErrorsOf, Headers], Received]


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """The stream of a parameter."""

    item: Any
    """The type of the items."""
    formats: tuple[StreamFormat, ...]
    """The accepted formats."""
    media_types: tuple[str, ...]
    """The accepted media types, which are documented."""
    items: Items

    def format_of(self, content_type: bytes | None, *, strict: bool) -> StreamFormat | None:
        """The format of a body; None if it is not accepted. `strict`: a body requires a Content-Type."""
        if content_type is None:
            return None if strict else self.formats[0]
        found = format_sent(content_type.decode("latin-1"))
        return found if found in self.formats else None

    def maker(self) -> MakeStream:
        """A function that makes the stream of a request."""
        receiver = self.receiver()

        def make(
            found: StreamFormat, headers: Headers, next_chunk: NextChunk, limits: Limits, errors_of: ErrorsOf
        ) -> Stream[Any]:
            received = receiver(found, limits.json_values, errors_of, headers)
            return Stream(received, next_chunk, media_type_of(found, headers))

        return make

    def receiver(self) -> Receiver:
        """A function that makes what finds and validates the items of a body."""
        json_rules = lru_cache(maxsize=8)(self._json_rules)
        check_cells = check_text(self.item) if CSV in self.formats else None

        def received(found: StreamFormat, max_values: int | None, errors_of: ErrorsOf, headers: Headers) -> Received:
            framing = found.framing(self.items.max_item_bytes)
            if isinstance(framing, Rows):
                assert check_cells is not None  # CSV is accepted
                rules = self._rules(_check_row(framing, check_cells), every_error(self.item, json=False))
                rules = replace(rules, sent=lambda row: _named(framing, row))
            else:
                rules = json_rules(max_values)
                if found is not ARRAY:
                    rules = replace(rules, check_text=None, is_separated=True)
            return Received(framing, rules, errors_of, headers)

        return received

    def _json_rules(self, max_values: int | None) -> ItemRules:
        """The rules for items of JSON, in an array."""
        check, finite = check_json(self.item), check_finite_json(self.item)
        rules = self._rules(check, every_error(self.item, json=True))
        # An item has fewer values than bytes.
        if max_values is not None and max_values >= self.items.max_item_bytes:
            max_values = None
        together = max_values is None or max_values >= MOST_TEXT
        whole = check_json(list[self.item]) if together else None  # type: ignore[name-defined]  # a type as a value
        quick = None if finite == check else finite
        return replace(rules, check_finite=quick, check_text=whole, max_values=max_values, is_separated=False)

    def _rules(self, check: Callable[[Any], Any], every: Any) -> ItemRules:
        items = self.items
        return ItemRules(
            check=check,
            check_finite=None,
            check_text=None,
            every_error=every,
            sent=lambda item: item,
            is_separated=True,
            on_error=items.on_error,
            max_errors=MAX_ERRORS if items.max_errors is None else items.max_errors,
            max_items=items.max_items,
            max_values=None,
        )


def media_type_of(found: StreamFormat, headers: Headers) -> str:
    """The media type of a body without its parameters; without a Content-Type that of the format."""
    content_type = headers.get(b"content-type")
    return found.media_type if content_type is None else parse_media_type(content_type.decode("latin-1"))[0]


def _check_row(framing: Rows, check: Callable[[Any], Any]) -> Callable[[list[str]], Any]:
    """Validate the cells of a row by the names in the header. An empty cell counts as missing."""

    def check_row(row: list[str]) -> Any:
        names = framing.names
        if len(row) != len(names):
            text = f"The row has {len(row)} cells, and the header has {len(names)}"
            raise InvalidItem("wrong_number_of_cells", text)
        # PERF: most rows have no empty cell, and need no loop in Python.
        return check(dict(zip(names, row, strict=True)) if "" not in row else _named(framing, row))

    return check_row


def _named(framing: Framing, row: list[str]) -> dict[str, str]:
    names = framing.names if isinstance(framing, Rows) else []
    return {name: cell for name, cell in zip(names, row, strict=True) if cell}
