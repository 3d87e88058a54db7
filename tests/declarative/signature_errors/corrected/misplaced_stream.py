from typing import Annotated

from pydantic import BaseModel
from typing_extensions import Doc

from signette import App, Stream


class Reading(BaseModel):
    station: str
    value: float


async def receive(rows: Annotated[Stream[Reading], Doc("The readings")]) -> int:
    return len([row async for row in rows])


def declare(app: App) -> None:
    app.post("/readings")(receive)
