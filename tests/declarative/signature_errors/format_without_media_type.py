from typing import Any

from pydantic import BaseModel

from signette import App
from signette.formats import Content, Format


class Row(BaseModel):
    id: int


class Lines(Format):
    def encoder(self, content: Content) -> Any:
        return lambda rows: "\n".join(str(row["id"]) for row in rows).encode()


async def rows() -> list[Row]: ...


def declare(app: App) -> None:
    app.get("/rows", renders=[Lines])(rows)
