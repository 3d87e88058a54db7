"""Streams of lines, chunks and events."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from pydantic import BaseModel

from signette import App, Problem
from signette.events import EventName, Events, LastEventID, ServerSentEvent


class Row(BaseModel):
    number: int


class ShelfNotFound(Problem, status=404):
    """There is no such shelf."""


class Late(BaseModel):
    seconds: float


app = App()


@app.get("/rows")
async def rows(count: int = 3) -> AsyncIterator[Row]:
    for number in range(min(count, 5)):
        yield Row(number=number)


@app.get("/shelves/{shelf}/rows")
async def rows_of_shelf(shelf: int) -> Events[Row | ShelfNotFound]:
    if shelf > 3:
        raise ShelfNotFound
    yield Row(number=shelf)


@app.get("/chunks")
def chunks() -> Iterator[bytes]:
    yield b"tea"
    yield b"milk"


@app.get("/untyped")
async def untyped() -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent({"number": 1}, event="any", id="1")
    yield ServerSentEvent("text")


@app.get("/ticks")
async def ticks(after: LastEventID[int] = None) -> Events[Row | Annotated[Late, EventName("late")]]:
    for number in range(3):
        yield ServerSentEvent(Row(number=number), id=number)
    yield Late(seconds=0.5)


REPORTED: set[tuple[str, str]] = set()
