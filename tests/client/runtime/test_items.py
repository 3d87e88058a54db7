"""Streams of items: read, written, and closed."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from signette.client.runtime.framings import MalformedItem
from signette.client.runtime.items import (
    ITEM_FORMATS,
    AsyncItems,
    BlockingItems,
    ItemReader,
    ItemWriter,
    best_item_format,
    item_format,
)
from tests.volume import examples

pytestmark = pytest.mark.anyio


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Reading(BaseModel):
    """Every kind of cell."""

    station: str
    value: float = 0
    count: Annotated[int, Field(alias="n")]
    note: str | None = None
    ok: bool
    day: date
    price: Decimal
    level: Level = Level.LOW
    unit: Literal["C", "F"] = "C"
    batch: Literal[1, 2] = 1


READINGS = st.builds(
    Reading,
    station=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8).filter(
        lambda text: not text.startswith("'")
    ),
    value=st.floats(allow_nan=False, allow_infinity=False),
    n=st.integers(-(2**53), 2**53),
    note=st.none() | st.text("ab,\"\n'", min_size=1, max_size=5).filter(lambda text: not text.startswith("'")),
    ok=st.booleans(),
    day=st.dates(),
    price=st.decimals(allow_nan=False, allow_infinity=False, places=2),
    level=st.sampled_from(Level),
    unit=st.sampled_from(["C", "F"]),
    batch=st.sampled_from([1, 2]),
)


def read(media_type: str, data: bytes, size: int, item_type: Any = Reading) -> list[Any]:
    reader: ItemReader[Any] = ItemReader(media_type, item_type)
    chunks = [data[start : start + size] for start in range(0, len(data), size)]
    return [*(item for chunk in chunks for item in reader.feed(chunk)), *reader.end()]


@pytest.mark.parametrize("media_type", ITEM_FORMATS)
@settings(max_examples=examples(30))
@given(readings=st.lists(READINGS, max_size=4), size=st.integers(1, 200))
def test_what_is_written_is_read(media_type: str, readings: list[Reading], size: int) -> None:
    written = b"".join(ItemWriter(Reading, media_type).chunks(readings))
    assert read(media_type, written, size) == readings


@pytest.mark.parametrize("media_type", ITEM_FORMATS)
async def test_async_items_are_written_in_the_same_way(media_type: str) -> None:
    readings = [Reading(station="a", n=1, ok=True, day=date(2026, 1, 2), price=Decimal("1.50"))] * 2

    async def items(count: int) -> AsyncIterator[Reading]:
        for reading in readings[:count]:
            yield reading

    for count in range(3):
        writer = ItemWriter(Reading, media_type)
        chunks = [chunk async for chunk in writer.chunks_async(items(count))]
        assert b"".join(chunks) == b"".join(writer.chunks(readings[:count]))


def test_cells_that_a_spreadsheet_could_run_are_read_without_their_apostrophe() -> None:
    assert read("text/csv", b"a,b\r\n'=1+1,'text\r\n", 3, dict[str, str]) == [{"a": "=1+1", "b": "'text"}]


def test_an_empty_cell_is_none_where_the_column_has_no_text() -> None:
    class Row(BaseModel):
        name: str
        count: int | None
        note: str | None

    assert read("text/csv; charset=utf-8", b"\xef\xbb\xbfname,count,note\n,,\n", 4, Row) == [
        Row(name="", count=None, note=None)
    ]


@pytest.mark.parametrize(
    ("media_type", "data", "message"),
    [
        ("application/jsonl", b'{"a": 1}\n{"a": "x"}\n', "item 1 is not valid: a: Input should be a valid integer"),
        ("application/jsonl", b'{"a"\n', "item 0 is not valid: Invalid JSON"),
        ("application/json", b'{"a": 1}', "not a JSON array"),
        ("text/csv", b"a\n1\n1,2\n", "item 1 has 2 cells, and the header has 1"),
    ],
)
def test_an_item_that_is_not_valid_is_named_by_its_number(media_type: str, data: bytes, message: str) -> None:
    class Row(BaseModel):
        a: int

    with pytest.raises(MalformedItem, match=message):
        read(media_type, data, 100, Row)


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("application/x-ndjson; charset=utf-8", "application/jsonl"),
        ("Application/JSON", "application/json"),
        ("application/vnd.shop+json", "application/json"),
        ("application/csv", "text/csv"),
        ("text/html", None),
    ],
)
def test_formats_have_several_names(media_type: str, expected: str | None) -> None:
    assert item_format(media_type) == expected


def test_the_best_format_is_json_lines_and_the_last_one_csv() -> None:
    assert best_item_format(["text/csv", "application/json", "application/x-ndjson"]) == "application/x-ndjson"
    assert best_item_format(["text/csv", "text/html"]) == "text/csv"
    assert best_item_format(["text/html"]) is None


def test_another_media_type_has_no_items() -> None:
    with pytest.raises(ValueError, match="`text/html` is not a format of items"):
        ItemReader("text/html", int)
    with pytest.raises(ValueError, match="`text/html` is not a format of items"):
        ItemWriter(int, "text/html")


def test_items_of_csv_have_fields_with_single_values() -> None:
    class Row(BaseModel):
        a: list[int]

    with pytest.raises(TypeError, match="a single value"):
        list(ItemWriter(Row, "text/csv").chunks([Row(a=[1])]))
    with pytest.raises(ValueError, match="no fields"):
        ItemWriter(dict[str, int], "text/csv")


# -- results -----------------------------------------------------------------------------------------------------------


@dataclass
class Body:
    """A response that keeps how far it was read."""

    chunks: list[bytes]
    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    was_read: int = 0
    is_closed: bool = False

    def iter_bytes(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            self.was_read += 1
            yield chunk

    async def aiter_bytes(self) -> AsyncIterator[bytes]:
        for chunk in self.iter_bytes():
            yield chunk

    def read(self) -> bytes:
        return b"".join(self.chunks)

    async def aread(self) -> bytes:
        return self.read()

    def close(self) -> None:
        self.is_closed = True

    async def aclose(self) -> None:
        self.is_closed = True


def async_items(body: Body) -> AsyncItems[int]:
    async def open_response() -> tuple[Body, ItemReader[int]]:
        return body, ItemReader("application/jsonl", int)

    return AsyncItems(open_response)


def blocking_items(body: Body) -> BlockingItems[int]:
    return BlockingItems(lambda: (body, ItemReader("application/jsonl", int)))


async def test_items_are_pulled_and_the_response_is_closed_at_the_end() -> None:
    body = Body([b"1\n2\n", b"3\n"])
    items = async_items(body)
    assert body.was_read == 0
    assert await anext(items) == 1
    assert (body.was_read, body.is_closed) == (1, False)
    assert [item async for item in items] == [2, 3]
    assert body.is_closed
    with pytest.raises(StopAsyncIteration):
        await anext(items)


async def test_a_block_closes_the_response_before_the_last_item() -> None:
    body = Body([b"1\n", b"2\n"])
    async with async_items(body) as items:
        async for item in items:
            assert item == 1
            break
    assert (body.was_read, body.is_closed) == (1, True)


async def test_an_item_that_is_not_valid_closes_the_response_after_the_items_before_it() -> None:
    body = Body([b"1\nx\n", b"2\n"])
    items = async_items(body)
    assert await anext(items) == 1
    assert body.is_closed
    with pytest.raises(MalformedItem):
        await anext(items)
    with pytest.raises(StopAsyncIteration):
        await anext(items)


async def test_closed_items_are_not_iterated() -> None:
    items = async_items(Body([]))
    await items.aclose()
    with pytest.raises(RuntimeError, match="call the operation again"):
        await anext(items)


def test_items_without_async_are_pulled_and_closed() -> None:
    body = Body([b"1\n2\n", b"3\n"])
    with blocking_items(body) as items:
        assert next(items) == 1
        assert (body.was_read, body.is_closed) == (1, False)
        assert list(items) == [2, 3]
    assert body.is_closed
    body = Body([b"1\n", b"2\n"])
    with blocking_items(body) as items:
        assert next(iter(items)) == 1
    assert (body.was_read, body.is_closed) == (1, True)
    with pytest.raises(MalformedItem):
        list(blocking_items(broken := Body([b"1\nx\n"])))
    assert broken.is_closed
    closed = blocking_items(Body([]))
    closed.close()
    with pytest.raises(RuntimeError, match="call the operation again"):
        next(closed)
