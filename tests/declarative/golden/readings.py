"""A stream of items, of which invalid ones are skipped."""

from typing import Annotated

from pydantic import BaseModel

from signette import App, Items, Stream

app = App(openapi_url=None)


class Reading(BaseModel):
    station: str
    value: float


@app.post("/readings")
async def receive(rows: Annotated[Stream[Reading], Items(on_error="skip", max_items=1000)]) -> int:
    return len([row async for row in rows])
