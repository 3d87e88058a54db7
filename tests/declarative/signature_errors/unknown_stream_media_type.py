from typing import Annotated

from pydantic import BaseModel

from signette import App, Items, Stream


class Reading(BaseModel):
    station: str
    value: float


async def receive(rows: Annotated[Stream[Reading], Items(media_types=["application/jsnol"])]) -> int:
    return len([row async for row in rows])


def declare(app: App) -> None:
    app.post("/readings")(receive)
