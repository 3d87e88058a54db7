"""First steps: paths, their parameters, and values that are one of a few."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from signette import App, Path, Response

app = App(title="Library", version="2.1.0", summary="Books and where they stand.")


class Shelf(StrEnum):
    """The shelves of the reading room."""

    NOVELS = "novels"
    MAPS = "maps"
    SCORES = "scores"


@app.get("/")
async def home() -> dict[str, str]:
    return {"library": "open"}


@app.get("/books/")
async def books() -> list[int]:
    return [3, 4]


@app.head("/books/")
async def how_many() -> Response:
    return Response(headers={"X-Books": "2"})


@app.get("/untyped/{name}")
async def untyped(name):  # type: ignore[no-untyped-def]  # no annotation: the text as it came
    return {"name": name}


@app.get("/books/newest")
async def newest() -> dict[str, int]:
    """Before `/books/{book_id}`, otherwise it would be an invalid number."""
    return {"book_id": 99}


@app.get("/books/{book_id}")
async def book(book_id: int) -> dict[str, int]:
    return {"book_id": book_id}


@app.get("/shelves/{shelf}")
async def shelf(shelf: Shelf) -> dict[str, object]:
    if shelf is Shelf.MAPS:
        return {"shelf": shelf, "floor": 0}
    return {"shelf": shelf, "floor": 1 if shelf.value == "novels" else 2}


@app.get("/scans/{path:path}")
async def scan(path: str) -> dict[str, str]:
    return {"path": path}


@app.get("/rooms/{room}/seats/{seat}")
def seat(
    room: Annotated[str, Path(min_length=2, max_length=3, pattern="^[A-Z]+$")],
    seat: Annotated[int, Path(title="The seat's number", ge=1, lt=40)],
) -> dict[str, object]:
    return {"room": room, "seat": seat}


@app.get("/weights/{grams}")
def weight(grams: Annotated[float, Path(gt=0, le=2500.5)]) -> dict[str, float]:
    return {"grams": grams}


@app.get("/loans/{loan}/{since}")
async def loan(loan: UUID, since: date, late: bool = False) -> dict[str, object]:
    return {"loan": loan, "since": since, "late": late}
