from typing import Annotated

from pydantic import BaseModel

from signette import App, Items


class Reading(BaseModel):
    station: str
    value: float


async def receive(rows: Annotated[list[Reading], Items(max_items=1000)]) -> int:
    return len(rows)


def declare(app: App) -> None:
    app.post("/readings")(receive)
