from typing import Annotated

from pydantic import BaseModel, Json

from signette import App, Header


class Range(BaseModel):
    low: int


class Wanted(BaseModel):
    within: Json[Range]


async def search(wanted: Annotated[Wanted, Header()]) -> None: ...


def declare(app: App) -> None:
    app.get("/search")(search)
