"""Streams of items: JSON Lines, JSON text sequences, JSON arrays and CSV, in both directions.

Theory of operation. A framing (`framings`, `rows`) takes chunks of bytes, cut anywhere, and finds the JSON texts of the
items in them. An `ItemReader` makes values of these. `AsyncItems` and `BlockingItems` pull a chunk of the response only
when the reader has no items.
"""

import json
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from functools import partial
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import anyio
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from signette.client.runtime.framings import ArrayFraming, Framing, LineFraming, MalformedItem, SequenceFraming
from signette.client.runtime.rows import RowFraming, RowWriter, cell_reader
from signette.client.runtime.schemas import reason_of
from signette.client.runtime.transport import BlockingReceived, Received, close_chunks

ItemT = TypeVar("ItemT")

# -- formats ----------------------------------------------------------------------------------------------------------

JSON_LINES = "application/jsonl"
JSON_ARRAY = "application/json"
JSON_SEQUENCE = "application/json-seq"
CSV_ROWS = "text/csv"
ITEM_FORMATS = (JSON_LINES, JSON_SEQUENCE, JSON_ARRAY, CSV_ROWS)
"""The media types of items, the best first: JSON Lines need the least memory, CSV loses types."""

_OTHER_NAMES_OF_JSON_LINES = frozenset(
    {"application/x-ndjson", "application/ndjson", "application/jsonlines", "application/x-jsonlines",
     "application/json-lines", "application/x-jsonl", "application/json-l"}
)  # fmt: skip


def item_format(media_type: str) -> str | None:
    """The format of a media type, which may have parameters; None if it is not one of items."""
    name = media_type.partition(";")[0].strip().lower()
    if name in _OTHER_NAMES_OF_JSON_LINES:
        return JSON_LINES
    if name == "application/csv":
        return CSV_ROWS
    return name if name in ITEM_FORMATS else JSON_ARRAY if name.endswith("+json") else None


def best_item_format(media_types: Iterable[str]) -> str | None:
    """The one of these media types that a client should choose for items; None without a format of items."""
    ranked = [
        (ITEM_FORMATS.index(found), position, media_type)
        for position, media_type in enumerate(media_types)
        if (found := item_format(media_type)) is not None
    ]
    return min(ranked)[2] if ranked else None


class ItemReader(Generic[ItemT]):
    """Makes values of the chunks of a response.

    `read` makes the value of a JSON text; without it, the type does.

    Raises:
        MalformedItem: the response does not follow its format, or an item is not of the type.
        ValueError: the media type is not a format of items.
    """

    def __init__(
        self,
        media_type: str,
        item_type: Any,
        read: Callable[[bytes], ItemT] | None = None,
        *,
        by_alias: bool = True,
        delimiter: str = ",",
    ) -> None:
        found = item_format(media_type)
        if found is None:
            raise ValueError(f"`{media_type}` is not a format of items")
        adapter: TypeAdapter[ItemT] = TypeAdapter(item_type)
        self._read = read or adapter.validate_json
        self._count = 0
        self._rows: RowFraming | None = None
        self._framing: Framing = LineFraming()
        if found == CSV_ROWS:
            self._rows = RowFraming(delimiter)
            self._read_cells = cell_reader(adapter.json_schema(by_alias=by_alias, mode="serialization"))
        elif found != JSON_LINES:
            self._framing = ArrayFraming() if found == JSON_ARRAY else SequenceFraming()

    def feed(self, data: bytes) -> Iterator[ItemT]:
        """The items that are complete with these bytes, which are validated one by one."""
        texts = self._framing.feed(data) if self._rows is None else map(self._text_of_row, self._rows.feed(data))
        return map(self._value_of, texts)

    def end(self) -> Iterator[ItemT]:
        """The items that the end of the response completes."""
        texts = self._framing.end() if self._rows is None else map(self._text_of_row, self._rows.end())
        return map(self._value_of, texts)

    def _text_of_row(self, row: list[str]) -> bytes:
        names = [] if self._rows is None else self._rows.names
        if len(row) != len(names):
            raise MalformedItem(f"item {self._count} has {len(row)} cells, and the header has {len(names)}")
        return json.dumps(self._read_cells(dict(zip(names, row, strict=True)))).encode()

    def _value_of(self, text: bytes) -> ItemT:
        try:
            value = self._read(text)
        except ValidationError as exc:
            raise MalformedItem(f"item {self._count} is not valid: {reason_of(exc)}") from exc
        self._count += 1
        return value


# -- results ----------------------------------------------------------------------------------------------------------


class AsyncItems(Generic[ItemT]):
    """The items of a response, as they arrive: `async for airport in client.export_airports()`.

    The request is sent when the iteration begins. If you may stop before the last item, write
    `async with client.export_airports() as airports`, which closes the response.
    """

    # Not an async generator, which an event loop would have to close when you stop.

    def __init__(self, open_response: Callable[[], Awaitable[tuple[Received, ItemReader[ItemT]]]]) -> None:
        self._open = open_response
        self._response: Received | None = None
        self._chunks: AsyncIterator[bytes] | None = None
        self._reader: ItemReader[ItemT] | None = None
        self._ready: deque[ItemT] = deque()
        self._failure: Exception | None = None
        self._is_over = False

    async def __aenter__(self) -> Self:
        if self._is_over:
            raise RuntimeError("the response is closed; call the operation again")
        if self._reader is None:
            self._response, self._reader = await self._open()
            self._chunks = self._response.aiter_bytes()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the response. Without an effect if it is closed already."""
        self._is_over = True
        response, chunks, self._response, self._chunks = self._response, self._chunks, None, None
        if response is not None:
            with anyio.CancelScope(shield=True):
                await close_chunks(chunks)
                await response.aclose()

    def __aiter__(self) -> AsyncIterator[ItemT]:
        return self

    async def __anext__(self) -> ItemT:
        while not self._ready:
            if self._reader is None:
                await self.__aenter__()
            elif self._failure is not None:
                failure, self._failure = self._failure, None
                raise failure
            elif self._chunks is None:
                raise StopAsyncIteration
            else:
                await self._read(self._chunks, self._reader)
        return self._ready.popleft()

    async def _read(self, chunks: AsyncIterator[bytes], reader: ItemReader[ItemT]) -> None:
        try:
            self._ready.extend(reader.feed(await anext(chunks)))
        except StopAsyncIteration:
            await self.aclose()
            self._end(reader)
        except Exception as exc:  # noqa: BLE001 - raised after the items before it
            await self.aclose()
            self._failure = exc
        except BaseException:
            await self.aclose()
            raise

    def _end(self, reader: ItemReader[ItemT]) -> None:
        try:
            self._ready.extend(reader.end())
        except MalformedItem as exc:
            self._failure = exc


class BlockingItems(Generic[ItemT]):
    """The items of a response, as they arrive, for a client without `async`.

    `for airport in client.export_airports()`. If you may stop before the last item, write
    `with client.export_airports() as airports`, which closes the response.
    """

    def __init__(self, open_response: Callable[[], tuple[BlockingReceived, ItemReader[ItemT]]]) -> None:
        self._open = open_response
        self._response: BlockingReceived | None = None
        self._chunks: Iterator[bytes] | None = None
        self._reader: ItemReader[ItemT] | None = None
        self._ready: deque[ItemT] = deque()
        self._failure: Exception | None = None
        self._is_over = False

    def __enter__(self) -> Self:
        if self._is_over:
            raise RuntimeError("the response is closed; call the operation again")
        if self._reader is None:
            self._response, self._reader = self._open()
            self._chunks = self._response.iter_bytes()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the response. Without an effect if it is closed already."""
        self._is_over = True
        response, self._response, self._chunks = self._response, None, None
        if response is not None:
            response.close()

    def __iter__(self) -> Iterator[ItemT]:
        return self

    def __next__(self) -> ItemT:
        while not self._ready:
            if self._reader is None:
                self.__enter__()
            elif self._failure is not None:
                failure, self._failure = self._failure, None
                raise failure
            elif self._chunks is None:
                raise StopIteration
            else:
                self._read(self._chunks, self._reader)
        return self._ready.popleft()

    def _read(self, chunks: Iterator[bytes], reader: ItemReader[ItemT]) -> None:
        try:
            self._ready.extend(reader.feed(next(chunks)))
        except StopIteration:
            self.close()
            self._end(reader)
        except Exception as exc:  # noqa: BLE001 - raised after the items before it
            self.close()
            self._failure = exc
        except BaseException:
            self.close()
            raise

    def _end(self, reader: ItemReader[ItemT]) -> None:
        try:
            self._ready.extend(reader.end())
        except MalformedItem as exc:
            self._failure = exc


# -- requests ----------------------------------------------------------------------------------------------------------


class ItemWriter:
    """Makes the body of a request of items, in one of the formats: JSON Lines unless you choose another.

    `json_of` makes the JSON value of an item; without it, the type does. `error_of` makes the exception of an item that
    cannot be written, of its number, from 1, and the exception; without it, that one is raised.

    Raises:
        ValueError: the media type is not a format of items.
    """

    def __init__(
        self,
        item_type: Any,
        media_type: str = JSON_LINES,
        json_of: Callable[[Any], Any] | None = None,
        error_of: Callable[[int, Exception], Exception] | None = None,
    ) -> None:
        found = item_format(media_type)
        if found is None:
            raise ValueError(f"`{media_type}` is not a format of items")
        self.media_type = media_type
        self._format = found
        self._error_of = error_of
        adapter: TypeAdapter[Any] = TypeAdapter(item_type)
        self._json_of = json_of or partial(adapter.dump_python, mode="json", by_alias=True)
        self._rows = RowWriter(adapter.json_schema(mode="validation")) if found == CSV_ROWS else None

    def chunks(self, items: Iterable[Any]) -> Iterator[bytes]:
        """A chunk for each item."""
        number = 0
        for number, item in enumerate(items, 1):
            yield self._chunk(item, number)
        yield self._last(is_empty=number == 0)

    async def chunks_async(self, items: AsyncIterable[Any]) -> AsyncIterator[bytes]:
        """The same, of an async iterable."""
        number = 0
        try:
            async for item in items:
                number += 1
                yield self._chunk(item, number)
            yield self._last(is_empty=number == 0)
        finally:
            await close_chunks(items)

    def _chunk(self, item: Any, number: int) -> bytes:
        try:
            return self._written(item, is_first=number == 1)
        except (ValueError, TypeError) as exc:
            if self._error_of is None:
                raise
            raise self._error_of(number, exc) from exc

    def _written(self, item: Any, *, is_first: bool) -> bytes:
        if self._rows is not None:
            row = self._rows.row(self._json_of(item))
            return self._rows.header + row if is_first else row
        text = to_json(self._json_of(item))
        if self._format == JSON_ARRAY:
            return (b"[" if is_first else b",") + text
        return (b"\x1e" if self._format == JSON_SEQUENCE else b"") + text + b"\n"

    def _last(self, *, is_empty: bool) -> bytes:
        if self._rows is not None:
            return self._rows.header if is_empty else b""
        if self._format != JSON_ARRAY:
            return b""
        return b"[]" if is_empty else b"]"
