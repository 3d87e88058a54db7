from typing import Annotated

from pydantic import BaseModel

from signette import App, Body, Stream


class Reading(BaseModel):
    station: str
    value: float


async def receive(rows: Annotated[Stream[Reading], Body(description="The readings")]) -> int:
    return len([row async for row in rows])


def declare(app: App) -> None:
    app.post("/readings")(receive)
