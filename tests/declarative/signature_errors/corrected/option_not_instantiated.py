from typing import Annotated

from pydantic import BaseModel

from signette import App, Items, Stream


class Reading(BaseModel):
    value: float


async def readings(rows: Annotated[Stream[Reading], Items(on_error="skip")]) -> int:
    return len([row async for row in rows])


def declare(app: App) -> None:
    app.post("/readings")(readings)
