from typing import ClassVar

from pydantic import BaseModel

from signette import App
from signette.formats import Format


class Row(BaseModel):
    id: int


class Lines(Format):
    media_type: ClassVar[str] = "text/plain; charset=utf-8"


async def rows() -> list[Row]: ...


def declare(app: App) -> None:
    app.get("/rows", renders=[Lines])(rows)
