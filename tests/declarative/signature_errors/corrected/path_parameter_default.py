from typing import Annotated

from signette import App, Path


async def item(item_id: Annotated[int, Path()]) -> None: ...


def declare(app: App) -> None:
    app.get("/items/{item_id}")(item)
