"""Rows in several formats, by `Accept`."""

from pydantic import BaseModel

from signette import App
from signette.formats import CSV, JSON


class Row(BaseModel):
    number: int
    name: str | None = None


app = App()


@app.get("/rows", renders=[JSON, CSV])
async def rows() -> list[Row]:
    return [Row(number=1, name="tea, black"), Row(number=2)]


@app.get("/none.csv", renders=[CSV])
async def no_rows() -> list[Row]:
    return []


REPORTED: set[tuple[str, str]] = set()
