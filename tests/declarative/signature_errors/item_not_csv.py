from typing import Annotated

from pydantic import BaseModel

from signette import App, Items, Stream


class Reading(BaseModel):
    station: str
    values: list[float]


async def receive(rows: Annotated[Stream[Reading], Items(media_types=["text/csv"])]) -> int:
    return len([row async for row in rows])


def declare(app: App) -> None:
    app.post("/readings")(receive)
