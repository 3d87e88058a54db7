from pydantic import BaseModel

from signette import App


class Row(BaseModel):
    id: int


async def rows() -> list[Row]: ...


def declare(app: App) -> None:
    app.get("/rows", renders=["application/json", "text/csv"])(rows)  # type: ignore[list-item]
