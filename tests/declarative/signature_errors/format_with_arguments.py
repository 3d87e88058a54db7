from typing import Any, ClassVar

from pydantic import BaseModel

from signette import App
from signette.formats import Content, Format


class Row(BaseModel):
    id: int


class Lines(Format):
    media_type: ClassVar[str] = "text/plain; charset=utf-8"

    def __init__(self, separator: str) -> None:
        self.separator = separator

    def encoder(self, content: Content) -> Any:
        return lambda rows: self.separator.join(str(row["id"]) for row in rows).encode()


async def rows() -> list[Row]: ...


def declare(app: App) -> None:
    app.get("/rows", renders=[Lines])(rows)
