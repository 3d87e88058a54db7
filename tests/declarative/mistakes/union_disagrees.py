from typing import Annotated

from pydantic import BaseModel

from signette import App, Form


class ByName(BaseModel):
    name: str


class ByNames(BaseModel):
    name: list[str]


async def search(wanted: Annotated[ByName | ByNames, Form()]) -> None: ...


def declare(app: App) -> None:
    app.post("/search")(search)
