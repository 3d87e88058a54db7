from typing import Annotated

from pydantic import BaseModel

from signette import App, Query


class Filters(BaseModel):
    color: str = ""
    size: str = ""


async def search(filters: Annotated[Filters, Query()]) -> None: ...


def declare(app: App) -> None:
    app.get("/search")(search)
