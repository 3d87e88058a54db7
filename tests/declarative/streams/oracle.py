"""The items of a body, a second time and in another way: the whole body is parsed by the standard library."""

import csv
import io
import json
from collections.abc import AsyncIterator, Iterator
from math import isfinite
from typing import Any

from pydantic import TypeAdapter, ValidationError


class Malformed(Exception):
    """The body is not of its media type."""


class Invalid(Exception):
    """Some items are not valid. It has the errors of pydantic, and the index of the item for each."""

    def __init__(self, errors: list[tuple[int, Any]]) -> None:
        self.errors = errors


class WholeStream:
    """A `Stream` of a body that has arrived."""

    def __init__(self, spec: Any, media_type: str, body: bytes) -> None:
        self.media_type = media_type
        self.accepted = self.skipped = 0
        self._found: list[tuple[int, Any]] = []
        self._items = self._read(spec, body)

    def __iter__(self) -> Iterator[Any]:
        return self._items

    async def __aiter__(self) -> AsyncIterator[Any]:
        for item in self._items:
            yield item

    def _read(self, spec: Any, body: bytes) -> Iterator[Any]:
        policy, most = spec.items.on_error, spec.items.max_errors or 100
        adapter, is_csv = TypeAdapter(spec.item), self.media_type == "text/csv"
        for index, text in enumerate(texts_of(self.media_type, body)):
            try:
                item = adapter.validate_python(text) if is_csv else adapter.validate_json(text)
            except ValidationError as exc:
                ends = policy == "fail" or self.media_type == "application/json"
                if ends and not is_csv and not all_finite(json.loads(text)):
                    raise Malformed from None
                if policy == "fail":
                    raise Invalid([(index, each) for each in exc.errors()]) from None
                self.skipped += 1
                self._found += [(index, each) for each in exc.errors()]
                if policy == "collect" and len(self._found) >= most:
                    raise Invalid(self._found[:most]) from None
            else:
                self.accepted += 1
                yield item
        if policy == "collect" and self._found:
            raise Invalid(self._found)


def texts_of(media_type: str, body: bytes) -> Iterator[Any]:
    """The items of a body before they are validated. JSON that cannot be parsed ends them."""
    text = body.decode()
    if media_type == "text/csv":
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        if not text.strip():
            raise Malformed
        yield from ({name: cell for name, cell in row.items() if cell} for row in rows)
        return
    try:
        if media_type == "application/json":
            array = json.loads(text)
            if not isinstance(array, list):
                raise Malformed
            yield from (json.dumps(each) for each in array)
            return
        for part in text.split("\n" if media_type == "application/jsonl" else "\x1e"):
            if part.strip():
                json.loads(part)
                yield part
    except ValueError:
        raise Malformed from None


def all_finite(value: Any) -> bool:
    """Whether there is neither NaN nor an infinity in a JSON value."""
    if isinstance(value, float):
        return isfinite(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(map(all_finite, inner))
