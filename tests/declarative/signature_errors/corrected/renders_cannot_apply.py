from pydantic import BaseModel

from signette import App
from signette.formats import CSV, JSON


class Row(BaseModel):
    id: int


async def rows() -> list[Row]: ...


def declare(app: App) -> None:
    app.get("/rows", renders=[JSON, CSV])(rows)
