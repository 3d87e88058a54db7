from pydantic import BaseModel

from signette import App


class Row(BaseModel):
    id: int


async def row() -> list[Row]:
    return []


def declare(app: App) -> None:
    app.get("/row")(row)
